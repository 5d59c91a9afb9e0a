/** In which order servers change, and which refusals are switched off. */
import { isOverride, OVERRIDES } from "../../args/overrides";
import { type Fact, type Grade, NO, noteInto, required } from "../model/fact";
import { clusterSubject, containerSubject, isOfWebUi, type Place, type Places, subjectOf } from "../model/places";
import { type Family, held, type Property } from "../model/property";
import { isUnknown, record, type Resource, text, TYPES } from "../model/resources";
import { words } from "../model/readSet";
import { advisory, mandatory } from "../model/rule";

const order = (title: string, why: string, absent: Grade = required(false)): Property => ({
  title,
  why,
  anchor: "update-order",
  args: [],
  absent,
  promise: 0,
});

const together = "Servers that change together are an outage.";

const ONE_AT_A_TIME = mandatory(
  "one-at-a-time",
  "A server changes only after its permit, and after the server below it is a member again.",
);
const NO_OVERRIDE = advisory("no-override", "No guard is overridden for longer than it takes.");

export const ORDER: Family = {
  "order/after-lower": held(order("waits for the server below it", together), {
    rule: ONE_AT_A_TIME,
    says: "it does not wait until the server below it is a member, so both change side by side. Name that member in dependsOn.",
  }),
  "order/after-files": order("waits for its files", "It could start on half-changed files."),
  "order/after-permit": held(order("waits for its permit", "It could stop while a table needs it."), {
    rule: ONE_AT_A_TIME,
    says: "it does not wait for its permit, so it stops while a table may need it. Name the permit in dependsOn.",
  }),
  "order/after-judge": order(
    "waits until the fleet is judged",
    "What the judge refuses would have happened before.",
    required(true),
  ),
  "order/member-after": order(
    "its membership is waited for after it is made",
    "The next server would change while this one is away.",
    required(true),
  ),
  "order/program-after": order(
    "% waits for the servers that it is about",
    "It would find servers that are not there yet.",
    required(true),
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
  "override/allowed": held(
    {
      title: "guard overridden: %",
      why: "An override switches a refusal off for as long as it stands there.",
      anchor: "overrides",
      args: ["allow"],
      absent: NO,
      promise: 0,
    },
    {
      rule: NO_OVERRIDE,
      // Any other word overrides nothing.
      keeps: ({ fact: { detail } }) => !isOverride(detail),
      says: ({ fact: { detail } }) =>
        `allow has "${detail}", which ${isOverride(detail) ? OVERRIDES[detail] : ""}, at every run. Take it out as soon as it is done.`,
    },
  ),
};

const REPLACED_ON = ["healthcheck", "init", "memory", "memorySwap", "restart", "tmpfs"];
export function readOrder(places: Places, facts: Fact[]): void {
  const reach = reachability(places.set.resources);
  for (const place of places.all) {
    if (place.part === "server") readServer(place, places, reach, facts);
    if (place.resource.type === TYPES.cluster) {
      readCluster(place, places, facts);
      readProgramOrder(place.cluster, places, reach, facts);
    }
    if (place.cluster !== "" && (place.resource.type === TYPES.network || isUiContainer(place))) {
      const subject = isUiContainer(place) ? containerSubject(place) : subjectOf(place, "network");
      const clears = place.resource.options.hooks.includes("beforeCreate");
      noteInto(facts, subject, place.resource.urn)("order/clears-leftovers", required(clears));
    }
  }
}

const isUiContainer = (place: Place): boolean => place.resource.type === TYPES.container && isOfWebUi(place);

/** What sets up accounts and peers does so when the servers are there. */
function readProgramOrder(cluster: string, places: Places, reach: Reach, facts: Fact[]): void {
  const note = noteInto(facts, clusterSubject(cluster), "");
  const members = places.all.filter((place) => place.cluster === cluster && /^n\d+-member$/.test(place.role));
  const first = places.find(cluster, "n0");
  for (const [role, servers] of [
    ["admin", first === undefined ? [] : [first]],
    ["peers", members],
    ["accounts", members],
  ] as const) {
    const program = places.find(cluster, role)?.resource.urn;
    if (program === undefined) continue;
    note("order/program-after", required(servers.every(({ resource }) => reach(program, resource.urn))), role);
  }
}

type Reach = (from: string, to: string | undefined) => boolean;

function readServer(place: Place, places: Places, reach: Reach, facts: Fact[]): void {
  const { cluster, resource } = place;
  const note = noteInto(facts, containerSubject(place), resource.urn);
  const urnOf = (name: string): string | undefined => places.named(cluster, name)?.resource.urn;
  const [, prefix, ordinal] = /^(.*-n)(\d+)$/.exec(resource.name) ?? [];
  if (prefix !== undefined && Number(ordinal) > 0) {
    const lower = `${prefix}${String(Number(ordinal) - 1)}`;
    // The permit is what stops it.
    const below = urnOf(`${lower}-member`) ?? urnOf(lower);
    const strict = stopsOf(place, places).every((urn) => reach(urn, below));
    note("order/after-lower", required(strict || waitsAsApplied(place, places, reach)));
    if (cluster !== "") {
      note("order/admin-first", required(reach(resource.urn, places.find(cluster, "admin")?.resource.urn)));
    }
  }
  const part = (role: string): string | undefined => urnOf(`${resource.name}-${role}`);
  const [permit, member] = [part("permit"), part("member")];
  const filled = [resource.urn, permit ?? resource.urn].every((urn) => reach(urn, part("prepare")));
  note("order/after-files", required(filled));
  note("order/after-permit", required(reach(resource.urn, permit)));
  if (member !== undefined) note("order/member-after", required(reach(member, resource.urn)));
  const [fleet, departure] = ["fleet", "departure"].map((role) => places.find(cluster, role)?.resource.urn);
  if (cluster !== "" && fleet !== undefined && departure !== undefined) {
    const own = [resource.urn, permit, part("prepare"), part("tls")].filter((urn) => urn !== undefined);
    note("order/after-judge", required(reach(departure, fleet) && own.every((urn) => reach(urn, departure))));
  }
  note("order/clears-leftovers", required(resource.options.hooks.includes("beforeCreate")));
  for (const key of REPLACED_ON) {
    const on = resource.options.replaceOnChanges;
    note("order/replaced-on", required(on.includes(key) || on.includes("*")), key);
  }
}

/** What touches a server: its container, and the permit that stops it before. */
function stopsOf({ cluster, resource }: Pick<Place, "cluster" | "resource">, places: Places): readonly string[] {
  return [resource.urn, places.named(cluster, `${resource.name}-permit`)?.resource.urn ?? resource.urn];
}

/** What an up made: servers that did not exist started side by side, and those that were down went first. */
function waitsAsApplied(place: Place, places: Places, reach: Reach): boolean {
  if (places.set.isApplied !== true) return false;
  const servers = places.all.filter(({ part, cluster }) => part === "server" && cluster === place.cluster);
  const waits = ({ resource }: Place): boolean =>
    servers.some((other) => {
      const member = places.named(place.cluster, `${other.resource.name}-member`);
      const stops = stopsOf({ cluster: place.cluster, resource }, places);
      return other.resource !== resource && stops.every((urn) => reach(urn, member?.resource.urn));
    });
  // One of them waits for no other, and no more than one.
  return waits(place) || servers.filter((server) => !waits(server)).length === 1;
}

function readCluster(place: Place, places: Places, facts: Fact[]): void {
  const note = noteInto(facts, clusterSubject(place.cluster), place.resource.urn);
  const args = place.resource.inputs;
  note("restart/strict", isUnknown(args["strictInterruption"]) ? null : required(args["strictInterruption"] === true));
  const copied = args["protectSingleReplicaTables"];
  note("restart/single-replica", isUnknown(copied) ? null : required(copied === true));
  const fleet = places.find(place.cluster, "fleet")?.resource;
  const allow = record(fleet?.inputs["environment"])["ALLOW"];
  const noteAllowed = noteInto(facts, clusterSubject(place.cluster), fleet?.urn ?? place.resource.urn);
  if (isUnknown(allow)) noteAllowed("override/allowed", null, "(all)");
  const names = isUnknown(allow) ? [] : text(allow).split(" ").filter(Boolean);
  for (const name of names) noteAllowed("override/allowed", { text: "yes", rank: 1 }, name);
  // What is asked counts, whatever is shown.
  for (const { resource, cluster } of places.ofType(TYPES.command)) {
    if (cluster !== place.cluster) continue;
    for (const name of words(resource.request?.["allow"])) {
      if (!names.includes(name))
        noteInto(facts, clusterSubject(cluster), resource.urn)("override/allowed", { text: "yes", rank: 1 }, name);
    }
  }
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
