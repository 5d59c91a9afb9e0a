/** Why a container is replaced, and whether that is only because certificates fall due. */
import { canonical, record, TYPES, UNKNOWN } from "../model/resources";
import { differences, type Step, withoutFingerprint } from "../model/steps";
import { type Moved, runsAgain, unitOf } from "./moved";

export const NEW_FILES = "new certificates";

/** The inputs that differ by more than the directory of the certificates. */
export function causeOf(step: Step): string {
  const [was, is] = [withoutFingerprint(step.before?.inputs ?? {}), withoutFingerprint(step.after?.inputs ?? {})];
  const real = differences(was, is).filter(
    (input) => step.changed.includes(input) && !sameButUnknown(was[input], is[input]),
  );
  return real.length === 0 ? NEW_FILES : real.join(", ");
}

/** A preview that does not know the new certificates does not know their directory either. */
function sameButUnknown(was: unknown, is: unknown): boolean {
  if (is === UNKNOWN) return true;
  if (Array.isArray(was) && Array.isArray(is)) {
    return was.length === is.length && was.every((value, index) => sameButUnknown(value, is[index]));
  }
  if (typeof was === "object" && was !== null && typeof is === "object" && is !== null) {
    const [a, b] = [record(was), record(is)];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameButUnknown(a[key], b[key]));
  }
  return canonical(was) === canonical(is);
}

/** Everything that happens to a server because a certificate of its own is inside its early-renewal window. */
export function renewedOnly(moved: readonly Moved[]): ReadonlySet<Moved> {
  const due = moved.filter(({ step }) => step.renewal);
  const servers = new Set(due.map(({ place }) => `${place.cluster}/${unitOf(place)}`));
  const followers = new Map<string, Moved[]>();
  for (const m of moved) {
    const key = `${m.place.cluster}/${unitOf(m.place)}`;
    if (unitOf(m.place) !== "" && servers.has(key)) followers.set(key, [...(followers.get(key) ?? []), m]);
  }
  const only = [...followers.values()].filter((group) => group.every(followsRenewal));
  return new Set(only.flat());
}

function followsRenewal({ step, place }: Moved): boolean {
  if (step.renewal || runsAgain({ step, place })) return true;
  const { type } = place.resource;
  return type === TYPES.container && step.op === "replace" && causeOf(step) === NEW_FILES;
}
