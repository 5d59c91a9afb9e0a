/** What comes, goes and restarts: servers, their data, the CAs and the network. */
import type { Anchor } from "./fact";
import { shortType } from "./facts/volumes";
import { byNumber, type Direction, type Line } from "./line";
import { isOfWebUi, type Place, type Places } from "./places";
import type { Posture } from "./posture";
import { canonical, record, type Resource, TYPES, UNKNOWN } from "./resources";
import { differences, type Step, withoutFingerprint } from "./steps";

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
}

interface Moved {
  readonly step: Step;
  readonly place: Place;
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
  const lines = [...once(destructions(moved, name)), ...restarts(moved, renewals, name), ...inPlace(moved, name)];
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
    notJudged: [
      ...liveOnly(
        restarting.filter(({ why }) => why !== UI_WAITS),
        moved,
        name,
      ),
      ...askedOtherwise(moved),
    ],
  };
}

function placeOf(step: Step, before: Posture, after: Posture): Place {
  const find = (places: Places, resource: Resource | undefined): Place | undefined =>
    resource && places.all.find((place) => place.resource === resource);
  const place = find(after.places, step.after) ?? find(before.places, step.before);
  if (place === undefined) throw new Error("a step is about a resource of one of the sets");
  return place;
}

function serversOf(places: Places, name: (place: Place) => string): ReadonlySet<string> {
  return new Set(
    places
      .ofType(TYPES.container)
      .filter((p) => /^n\d+$/.test(p.role))
      .map(name),
  );
}

const nameOf = (place: Place): string => place.role || place.resource.name;
/** What restarts and renews as one: a server, or the web UI. */
const unitOf = (place: Place): string => (isOfWebUi(place) ? "ui" : place.server);
const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort(byNumber);

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

/** A program that runs again with another request compares with the live state, and touches what is not so. */
function runsAgain({ step, place }: Moved): boolean {
  const inputs = ["stdin", "environment"];
  return place.resource.type === TYPES.command && step.op === "update" && step.changed.every((i) => inputs.includes(i));
}

const line = (
  direction: Direction,
  rule: string,
  subjects: readonly string[],
  sentence: string,
  why: string,
  anchor: Anchor,
  moved: readonly Moved[],
): Line => ({
  ...{ direction, rule, subjects, before: "", after: "", sentence, why, anchor, facts: [], args: ARGS[rule] ?? [] },
  urns: moved.map(({ place }) => place.resource.urn).sort(),
});

const ARGS: Readonly<Record<string, readonly string[]>> = {
  "gone/server": ["nodes"],
  "gone/volume": ["nodes"],
  "replaced/network": ["subnet"],
};

const LOST = "What is not moved or copied before is gone.";

function destructions(moved: readonly Moved[], name: (place: Place) => string): readonly Line[] {
  return moved.flatMap((m): readonly Line[] => {
    const { step, place } = m;
    if (step.op !== "delete" && step.op !== "replace") return [];
    const { type } = place.resource;
    const say = (rule: string, sentence: string, why: string, anchor: Anchor): readonly Line[] => [
      line("destroyed", rule, [place.server === "" ? nameOf(place) : name(place)], sentence, why, anchor, [m]),
    ];
    const verb = step.op === "delete" ? "deleted" : "replaced by a new one";
    // It holds nothing but what the next run makes again.
    if (isOfWebUi(place)) return [];
    if (type === TYPES.volume) return destroyedVolume(m, name, say);
    if (type === TYPES.container && step.op === "delete" && place.cluster !== "") {
      const who = place.server === "" ? `container ${nameOf(place)}` : name(place);
      return say("gone/server", `${who} is removed from the cluster`, LOST, "mounts-and-volumes");
    }
    if (type === TYPES.network) {
      return say(
        `${verbOf(step)}/network`,
        `network ${nameOf(place)} is ${verb}: everything on it stops`,
        "No server can run without its network.",
        "the-network",
      );
    }
    if (place.cluster === "" || place.server !== "") return foreign(m, verb);
    const kept = KEPT.find(([pattern]) => pattern.test(place.role));
    return kept === undefined
      ? foreign(m, verb)
      : say(
          `${step.op}/${place.role}`,
          `${kept[1]} is ${verb}: ${kept[2]}`,
          "It is made once, for the cluster's life.",
          "tls",
        );
  });
}

/** A key and its certificate are one thing to a person. */
function once(lines: readonly Line[]): readonly Line[] {
  const found = new Map<string, Line>();
  for (const line of lines) {
    const same = found.get(line.sentence);
    found.set(line.sentence, { ...line, urns: [...(same?.urns ?? []), ...line.urns].sort() });
  }
  return [...found.values()];
}

const verbOf = (step: Step): string => (step.op === "delete" ? "gone" : "replaced");

/** What a cluster keeps for life, and what happens without it. */
const KEPT: readonly (readonly [RegExp, string, string])[] = [
  [/^cluster-ca-g\d+/, "the cluster CA", "servers with certificates of the old one and of the new one cannot talk"],
  [/^driver-ca-g\d+/, "the driver CA", "clients that trust the old one are refused"],
  [/^identity$/, "the cluster's identity", "every data volume becomes a stranger's, and servers refuse to start"],
  [/^operator-g\d+$/, "the operator's password", "programs cannot log in until admin has set the new one"],
];

function destroyedVolume(
  { step, place }: Moved,
  name: (place: Place) => string,
  say: (rule: string, sentence: string, why: string, anchor: Anchor) => readonly Line[],
): readonly Line[] {
  const isData = place.cluster === "" || /^n\d+-data/.test(place.role);
  if (!isData)
    return step.op === "delete"
      ? []
      : say("replaced/volume", `volume ${nameOf(place)} is replaced by an empty one`, LOST, "mounts-and-volumes");
  const what = place.server === "" ? `volume ${nameOf(place)}` : `the data volume of ${name(place)}`;
  const kept = step.before?.options.retainOnDelete === true;
  const fate = kept ? "stays on the host and nobody manages it any more" : "is deleted with its data";
  if (step.op === "delete")
    return say(
      "gone/volume",
      `${what} ${fate}`,
      kept ? "A volume left behind can be adopted, or has to be deleted by hand." : LOST,
      "mounts-and-volumes",
    );
  const old = kept ? "the old one stays on the host" : "the old one is deleted with its data";
  return say("replaced/volume", `${what} is replaced by an empty one; ${old}`, LOST, "mounts-and-volumes");
}

/** Of what nobody of ours declares, only things that hold something are lost. */
function foreign(m: Moved, verb: string): readonly Line[] {
  if (m.place.cluster !== "") return [];
  if (m.place.resource.type === TYPES.container) {
    return [
      line(
        m.step.op === "delete" ? "destroyed" : "disrupted",
        `${verbOf(m.step)}/foreign`,
        [nameOf(m.place)],
        `container ${nameOf(m.place)} is ${verb}`,
        LOST,
        "what-nobody-declares",
        [m],
      ),
    ];
  }
  return [
    line(
      "destroyed",
      `${verbOf(m.step)}/foreign`,
      [nameOf(m.place)],
      `${nameOf(m.place)} (${shortType(m.place)}) is ${verb}`,
      LOST,
      "what-nobody-declares",
      [m],
    ),
  ];
}

/** Servers restart one after the other, by ordinal: each waits until the one below it is a member again. */
function restarts(
  moved: readonly Moved[],
  renewals: ReadonlySet<Moved>,
  name: (place: Place) => string,
): readonly Line[] {
  const byCause = new Map<string, Moved[]>();
  for (const m of moved) {
    const { step, place } = m;
    if (place.resource.type !== TYPES.container || place.cluster === "" || step.op !== "replace") continue;
    // Its directory is named after the user, the password and the configuration, too.
    const found = causeOf(step) === NEW_FILES && isOfWebUi(place) ? "new files of the web UI" : causeOf(step);
    const cause = renewals.has(m) ? "certificates fall due" : found;
    const key = isOfWebUi(place) ? `${cause}\0ui` : cause;
    byCause.set(key, [...(byCause.get(key) ?? []), m]);
  }
  return [...byCause].map(([key, group]) => {
    const [cause = "", ui] = key.split("\0");
    const servers = group.map(({ place }) => (place.server === "" ? nameOf(place) : name(place))).sort(byNumber);
    const rule = cause === "certificates fall due" ? "restart/renewal" : "restart/change";
    const order =
      servers.length === 1
        ? `${servers.join()} restarts`
        : `${servers.join(", ")} restart${ui === undefined ? " in this order, one at a time" : ""}`;
    return line(
      "disrupted",
      rule,
      servers,
      `${order} (${cause})`,
      ui === undefined ? "Clients of a server that restarts have to connect again." : UI_WAITS,
      "update-order",
      group,
    );
  });
}

const UI_WAITS = "Whoever looks at the web UI waits for some seconds.";
const NEW_FILES = "new certificates";

/** The inputs that differ by more than the directory of the certificates. */
function causeOf(step: Step): string {
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

/** The provider changes some inputs of a container where it runs, all servers at once and past every guard. */
function inPlace(moved: readonly Moved[], name: (place: Place) => string): readonly Line[] {
  const byInputs = new Map<string, Moved[]>();
  for (const m of moved) {
    const { step, place } = m;
    if (place.resource.type !== TYPES.container || place.server === "" || step.op !== "update") continue;
    const key = step.changed.join(", ");
    byInputs.set(key, [...(byInputs.get(key) ?? []), m]);
  }
  return [...byInputs].map(([inputs, group]) => {
    const servers = group.map(({ place }) => name(place)).sort(byNumber);
    const harmless = inputs === "destroyGraceSeconds";
    return line(
      harmless ? "changed" : "disrupted",
      "in-place",
      servers,
      `${servers.join(", ")}: ${inputs} changed in place${harmless ? "" : ", on all of them at once"}`,
      "No guard is asked before a change in place.",
      "update-order",
      group,
    );
  });
}

/** Everything that happens to a server because a certificate of its own is inside its early-renewal window. */
function renewedOnly(moved: readonly Moved[]): ReadonlySet<Moved> {
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

function liveOnly(
  restarting: readonly Line[],
  moved: readonly Moved[],
  name: (place: Place) => string,
): readonly string[] {
  const sentences: string[] = [];
  const servers = unique(restarting.flatMap(({ subjects }) => subjects));
  if (servers.length > 0)
    sentences.push(
      `whether every table stays available while ${servers.join(", ")} restart${servers.length === 1 ? "s" : ""}: only the live cluster knows`,
    );
  const leaving = unique(
    moved
      .filter(({ step, place }) => step.op === "delete" && /^n\d+$/.test(place.role))
      .map(({ place }) => name(place)),
  );
  if (leaving.length > 0)
    sentences.push(`whether the data of ${leaving.join(", ")} can move to the others: only the live cluster knows`);
  return sentences;
}

/** A preview shows that a request changed and, rightly, not how. */
function askedOtherwise(moved: readonly Moved[]): readonly string[] {
  const changed = moved.some(({ step, place }) => place.role === "admin" && step.changed.includes("stdin"));
  return changed
    ? ["what admin is asked to set changes (its password, the operator's, the image or the uid): it is a secret"]
    : [];
}
