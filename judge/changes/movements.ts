/** What comes, goes and restarts: servers, their data, the CAs and the network. */
import { byNumber, type Line } from "../model/line";
import { renewedOnly } from "./cause";
import { destructions, once } from "./destructions";
import { liveOnly } from "./liveOnly";
import { type Moved, nameOf, runsAgain, unique } from "./moved";
import { inPlace, restarts } from "./restarts";
import { isOfWebUi, type Place, type Places } from "../model/places";
import type { Posture } from "../model/posture";
import { whyNotJudged } from "../facts/foreign";
import { canonical, isUnknown, type Resource, TYPES } from "../model/resources";
import type { Step } from "../model/steps";

export interface Movements {
  readonly lines: readonly Line[];
  /** Servers that are made, and those there before that anything happens to. */
  readonly added: readonly string[];
  readonly touched: readonly string[];
  /** Servers that only a due renewal touches. */
  readonly renewed: readonly string[];
  /** What else of the cluster is changed, apart from the records that grow with it. */
  readonly others: readonly string[];
  /** Sentences. */
  readonly notJudged: readonly string[];
  readonly limits: readonly string[];
}

export function readMovements(steps: readonly Step[], before: Posture, after: Posture): Movements {
  const moved = steps.filter(({ op }) => op !== "same").map((step) => ({ step, place: placeOf(step, before, after) }));
  const clusters = Math.max(before.places.clusters.length, after.places.clusters.length);
  const name = (place: Place): string => (clusters > 1 ? `${place.cluster}/${place.server}` : place.server);
  const existing = serversOf(before.places, name);
  const renewals = renewedOnly(moved);
  const ofServers = moved.filter((m) => m.place.server !== "" && existing.has(name(m.place)) && !runsAgain(m));
  const touched = unique(ofServers.filter((m) => !renewals.has(m)).map(({ place }) => name(place)));
  const renewed = unique(ofServers.map(({ place }) => name(place))).filter((server) => !touched.includes(server));
  const retired = (m: Moved): boolean => isRetired(m, before.places, after.places);
  const lines = [
    ...once(destructions(moved, name, retired)),
    ...restarts(moved, renewals, name),
    ...inPlace(moved, name),
  ];
  const restarting = lines.filter(({ direction, rule }) => direction === "disrupted" && rule.startsWith("restart"));
  return {
    lines,
    added: [...serversOf(after.places, name)].filter((server) => !existing.has(server)).sort(byNumber),
    touched,
    renewed: [...renewed, ...([...renewals].some(({ place }) => isOfWebUi(place)) ? ["web UI"] : [])],
    others: unique(
      moved
        .filter((m) => isOther(m) && !isNew(m, before) && !renewals.has(m))
        .map(({ place }) => (isOfWebUi(place) ? "web UI" : nameOf(place))),
    ),
    notJudged: [...new Set([...moved.flatMap(({ place }) => whyNotJudged(place)), ...unreadRequests(moved)])].sort(),
    limits: [
      ...liveOnly(restarting, moved, name),
      ...steps
        .filter(({ op }) => op === "same")
        .flatMap((step) => whyNotJudged(placeOf(step, before, after)))
        .map((sentence) => `${sentence}; it stays as it is`)
        .sort(),
    ],
  };
}

/** A preview that masks secrets masks requests as a whole. */
function unreadRequests(moved: readonly Moved[]): readonly string[] {
  const unread = moved.filter(
    ({ step, place }) =>
      place.resource.type === TYPES.command &&
      place.cluster !== "" &&
      step.op !== "delete" &&
      !isRead(step.after, step.before),
  );
  if (unread.length === 0) return [];
  const names = unique(unread.map(({ place }) => nameOf(place))).join(", ");
  return [`what is asked of ${names}: it is masked; make the preview with --show-secrets, or review offline`];
}

function isRead(after: Resource | undefined, before: Resource | undefined): boolean {
  // What a preview does not know yet stands in the next one.
  if (after === undefined || isUnknown(after.inputs["stdin"])) return true;
  return after.request !== undefined || (before !== undefined && canonical(before.inputs) === canonical(after.inputs));
}

function placeOf(step: Step, before: Posture, after: Posture): Place {
  const find = (places: Places, resource: Resource | undefined): Place | undefined =>
    resource && places.at(resource.urn);
  const place = find(after.places, step.after) ?? find(before.places, step.before);
  if (place === undefined) throw new Error("a step is about a resource of one of the sets");
  return place;
}

/** A CA that issued nothing any more, or a password that a newer generation follows. */
function isRetired({ step, place }: Moved, before: Places, after: Places): boolean {
  if (step.op !== "delete") return false;
  const [, ca] = /^((?:cluster|driver|client)-ca-g\d+)(?:-key)?$/.exec(place.role) ?? [];
  if (ca !== undefined) {
    const authority = before.ofType(TYPES.ca).find(({ role, cluster }) => role === ca && cluster === place.cluster);
    const issued = before
      .ofType(TYPES.certificate)
      .flatMap(({ resource }) => resource.options.propertyDependencies["caCertPem"] ?? []);
    return authority !== undefined && !issued.includes(authority.resource.urn);
  }
  const [, generation] = /^operator-g(\d+)$/.exec(place.role) ?? [];
  if (generation === undefined) return false;
  return after.all.some(({ role, cluster }) => {
    const [, other] = /^operator-g(\d+)$/.exec(role) ?? [];
    return cluster === place.cluster && Number(other) > Number(generation);
  });
}

function serversOf(places: Places, name: (place: Place) => string): ReadonlySet<string> {
  return new Set(
    places
      .ofType(TYPES.container)
      .filter((p) => /^n\d+$/.test(p.role))
      .map(name),
  );
}

/** The programs of a cluster run again when it grows; nothing else may change when a server is added. */
function isOther({ step, place }: Moved): boolean {
  const { type } = place.resource;
  if (place.server !== "") return false;
  if (/^pulumi:providers:/.test(type)) return step.op !== "create";
  if (([TYPES.stack, TYPES.cluster, TYPES.pki] as readonly string[]).includes(type)) {
    return step.op === "delete" || step.op === "replace";
  }
  return !(place.cluster !== "" && runsAgain({ step, place }));
}

/** A cluster that is made is made with everything it has. */
function isNew({ step, place }: Moved, before: Posture): boolean {
  return step.op === "create" && place.cluster !== "" && !before.places.clusters.includes(place.cluster);
}
