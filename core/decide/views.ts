/** Judges a cluster by what each of its servers sees, never by one of them alone. */
import { type ClusterStatus, judgeStop, type StopVerdict } from "./availability";

/** What one server says. */
export interface View {
  /** Name of the server that was asked. */
  readonly server: string;
  readonly status: ClusterStatus;
}

export function seenIn({ status }: View): readonly string[] {
  return status.servers.map(({ name }) => name);
}

/** Names of all servers that any view has. */
export function seenByAny(views: readonly View[]): ReadonlySet<string> {
  return new Set(views.flatMap(seenIn));
}

/**
 * The view of the largest part of the cluster; the first of several.
 * @param preferred only views that see this server, where there is one.
 */
export function bestView<V extends View>(views: readonly V[], preferred?: string): V | undefined {
  const fitting = views.filter((view) => preferred !== undefined && seenIn(view).includes(preferred));
  const [first, ...rest] = fitting.length > 0 ? fitting : views;
  return rest.reduce((best, view) => (seenIn(view).length > seenIn(best ?? view).length ? view : best), first);
}

/** @returns what each server sees, in words, where they do not all see the same servers; undefined where they do. */
export function describePartition(views: readonly View[]): string | undefined {
  const sights = new Map<string, string[]>();
  for (const view of views) {
    const seen = [...seenIn(view)].sort(byNumber).join(", ");
    sights.set(seen, [...(sights.get(seen) ?? []), view.server]);
  }
  if (sights.size < 2) return undefined;
  return [...sights]
    .map(([seen, servers]) => `${servers.join(", ")} ${servers.length === 1 ? "sees" : "see"} ${seen}`)
    .join("; ");
}

/**
 * Whether a server is outside the cluster: other servers answer, none of them sees it, and it sees none of them. By its own
 * view alone nothing is outside.
 */
export function isOutside(server: string, views: readonly View[]): boolean {
  const others = views.filter((view) => view.server !== server);
  const own = views.find((view) => view.server === server);
  return (
    others.length > 0 &&
    !others.some((view) => seenIn(view).includes(server)) &&
    (own === undefined || seenIn(own).every((name) => name === server))
  );
}

/** Refuses what any view refuses. */
export function judgeStopByAll(server: string, views: readonly View[]): StopVerdict {
  const verdicts = views.map(({ status }) => judgeStop(server, status));
  const refused = [...new Set(verdicts.flatMap((verdict) => verdict.refused))];
  const interrupted = [...new Set(verdicts.flatMap((verdict) => verdict.interrupted))];
  return { refused, interrupted: interrupted.filter((table) => !refused.includes(table)) };
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}
