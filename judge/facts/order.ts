/** In which order servers change, and which programs of this project stand guard over it. */
import {
  type Fact,
  type Family,
  type Grade,
  neutral,
  NO,
  NONE,
  noteInto,
  type Property,
  required,
  type Subject,
  createHashText,
} from "../model/fact";
import { guardsOf, PROGRAMS } from "../../core/programs/all";
import { clusterSubject, isOfWebUi, type Place, type Places, subjectOf, UI_SUBJECT } from "../model/places";
import { hasSecret, isUnknown, record, type Resource, SECRET, text, TYPES } from "../model/resources";

const order = (title: string, why: string, absent: Grade = required(false)): Property => ({
  title,
  why,
  anchor: "update-order",
  args: [],
  absent,
  promise: 0,
});

const together = "Servers that change together are an outage.";

export const ORDER: Family = {
  "order/after-lower": order("waits for the server below it", together),
  "order/after-guards": order(
    "waits for its files and its permit",
    "It could start on half-changed files, or stop while a table needs it.",
  ),
  "order/admin-first": order("joins after the accounts are set", "The oldest first password would win over admin's."),
  "order/replaced-on": order(
    "a change of % replaces the container",
    "The provider changes it in place, all servers at once, or reports a change and does nothing.",
  ),
  "order/clears-leftovers": order(
    "hook that clears leftovers of a killed run",
    "After a kill the name is taken for ever, or another cluster's container is.",
  ),
  "program/declared": order("guard %", "Nothing judges, prepares or waits in its place."),
  "program/command": order(
    "what the deployment runs to %",
    "It runs on the deployer's machine, with the stack's secrets.",
    NONE,
  ),
  "program/request-secret": {
    ...order("request of % is a secret", "It holds keys and passwords."),
    anchor: "secrets",
    silent: true,
  },
  "program/logging": {
    ...order("output of % shown", "A program's stdout may hold a result that is secret.", NONE),
    anchor: "secrets",
    silent: true,
  },
  "program/previous-output": {
    ...order("% gets its last output in the environment", "Local users may read it.", NO),
    anchor: "secrets",
    silent: true,
  },
  "restart/strict": {
    ...order(
      "restarts that interrupt a table are refused",
      "A table of one or two replicas is away while its server restarts.",
    ),
    args: ["strictInterruption"],
    promise: 1,
  },
  "restart/single-replica": {
    ...order("tables of one replica are copied before a restart", "Such a table is away while its server restarts."),
    args: ["protectSingleReplicaTables"],
    promise: 1,
  },
  "override/allowed": {
    title: "guard overridden: %",
    why: "An override switches a refusal off for as long as it stands there.",
    anchor: "overrides",
    args: ["allow"],
    absent: NO,
    promise: 0,
  },
};

const REPLACED_ON = ["healthcheck", "init", "memory", "memorySwap", "restart", "tmpfs"];
const CLUSTER_PROGRAMS = guardsOf("cluster");
const SERVER_PROGRAMS = guardsOf("server");

export function readOrder(places: Places, facts: Fact[]): void {
  const reach = reachability(places.set.resources);
  for (const place of places.all) {
    if (place.resource.type === TYPES.container && /^n\d+$/.test(place.role)) readServer(place, places, reach, facts);
    if (place.resource.type === TYPES.command) readProgram(place, facts);
    if (place.resource.type === TYPES.cluster) readCluster(place, places, facts);
  }
}

type Reach = (from: string, to: string | undefined) => boolean;

function readServer(place: Place, places: Places, reach: Reach, facts: Fact[]): void {
  const { cluster, server, resource } = place;
  const note = noteInto(facts, subjectOf(place, "server"), resource.urn);
  const urnOf = (role: string): string | undefined => places.find(cluster, role)?.resource.urn;
  const ordinal = Number(server.slice(1));
  const below =
    places.find(cluster, `n${String(ordinal - 1)}-member`) ?? places.find(cluster, `n${String(ordinal - 1)}`);
  const afterAny = (): boolean =>
    places.all.some(
      (other) => other.cluster === cluster && isOtherMember(other, server) && reach(resource.urn, other.resource.urn),
    );
  if (ordinal > 0) {
    const waits = reach(resource.urn, below?.resource.urn) || (places.set.isApplied === true && afterAny());
    note("order/after-lower", required(waits));
    note("order/admin-first", required(reach(resource.urn, urnOf("admin"))));
  }
  const guards = ["prepare", "permit"].map((program) => urnOf(`${server}-${program}`));
  note("order/after-guards", required(guards.every((urn) => reach(resource.urn, urn))));
  note("order/clears-leftovers", required(resource.options.hooks.includes("beforeCreate")));
  for (const key of REPLACED_ON) {
    const on = resource.options.replaceOnChanges;
    note("order/replaced-on", required(on.includes(key) || on.includes("*")), key);
  }
  for (const program of SERVER_PROGRAMS)
    note("program/declared", required(urnOf(`${server}-${program}`) !== undefined), program);
}

function isOtherMember({ role, server }: Place, than: string): boolean {
  return server !== than && role === `${server}-member`;
}

function readCluster(place: Place, places: Places, facts: Fact[]): void {
  const note = noteInto(facts, clusterSubject(place.cluster), place.resource.urn);
  for (const program of CLUSTER_PROGRAMS) {
    note("program/declared", required(places.find(place.cluster, program) !== undefined), program);
  }
  const args = place.resource.inputs;
  note("restart/strict", isUnknown(args["strictInterruption"]) ? null : required(args["strictInterruption"] === true));
  const copied = args["protectSingleReplicaTables"];
  note("restart/single-replica", isUnknown(copied) ? null : required(copied === true));
  const allow = record(places.find(place.cluster, "fleet")?.resource.inputs["environment"])["ALLOW"];
  if (isUnknown(allow)) note("override/allowed", null, "(all)");
  else
    for (const name of text(allow).split(" ").filter(Boolean)) note("override/allowed", { text: "yes", rank: 1 }, name);
}

function readProgram(place: Place, facts: Fact[]): void {
  const { inputs, urn } = place.resource;
  const ours = place.cluster !== "";
  const note = noteInto(facts, ownerOf(place), urn);
  const name = place.server === "" ? place.role || place.resource.name : place.role.slice(place.server.length + 1);
  for (const when of ["create", "update", "delete"]) {
    const command = inputs[when];
    const what = `${when === "create" ? "make" : when} ${name}`;
    if (command !== undefined) note("program/command", isUnknown(command) ? null : commandGrade(command, ours), what);
  }
  // What others run, and whether it holds secrets, is theirs to know.
  if (!ours) return;
  const stdin = inputs["stdin"];
  // A preview that does not know a value yet does not say whether it is a secret; the next one does.
  if (!isUnknown(stdin)) note("program/request-secret", required(stdin === undefined || hasSecret(stdin)), name);
  note("program/logging", logging(inputs["logging"]), name);
  note("program/previous-output", neutral(inputs["addPreviousOutputInEnv"] === true ? "yes" : "no"), name);
}

function ownerOf(place: Place): Subject {
  if (place.server !== "") return subjectOf(place, "server");
  if (isOfWebUi(place)) return UI_SUBJECT(place.cluster);
  return place.cluster === "" ? subjectOf(place, "resource") : clusterSubject(place.cluster);
}

/** Our own programs are named; other text is only told apart, since nobody knows what stands in it. */
function commandGrade(command: unknown, ours: boolean): Grade {
  if (command === ":") return neutral("nothing");
  if (command === SECRET) return { text: "a secret command", rank: ours ? 1 : 0 };
  const own = /^node '[^']*dist\/ops\/main\.js' ([a-zA-Z]+)$/.exec(text(command))?.[1];
  if (own !== undefined && Object.hasOwn(PROGRAMS, own)) return neutral(`ops ${own}`);
  return { text: `another command, ${createHashText(command)}`, rank: ours ? 1 : 0 };
}

function logging(value: unknown): Grade | null {
  if (isUnknown(value)) return null;
  const mode = text(value) || "stdoutAndStderr";
  return { text: mode, rank: mode === "none" || mode === "stderr" ? 0 : 1 };
}

/** Whether one resource waits for another, through any chain of others. */
function reachability(resources: readonly Resource[]): Reach {
  const next = new Map(resources.map(({ urn, options }) => [urn, options.dependencies]));
  const known = new Map<string, ReadonlySet<string>>();
  const from = (start: string): ReadonlySet<string> => {
    const found = known.get(start);
    if (found !== undefined) return found;
    const seen = new Set<string>();
    const stack = [...(next.get(start) ?? [])];
    for (let urn = stack.pop(); urn !== undefined; urn = stack.pop()) {
      if (seen.has(urn)) continue;
      seen.add(urn);
      stack.push(...(next.get(urn) ?? []));
    }
    known.set(start, seen);
    return seen;
  };
  return (start, to) => to !== undefined && from(start).has(to);
}
