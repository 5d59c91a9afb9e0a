/** What a cluster stands on: its network, and how many servers it has. */
import { type Fact, type Grade, neutral, NONE, NO, noteInto, required, unwanted } from "../model/fact";
import { type Family, held, type Property } from "../model/property";
import { clusterSubject, type Place, type Places, subjectOf } from "../model/places";
import { advisory } from "../model/rule";
import { canonical, hasSecret, hasUnknown, isUnknown, list, record, text, TYPES } from "../model/resources";
import { OWN_NETWORK } from "./server/hardening";

const around = (
  title: string,
  why: string,
  anchor: Property["anchor"],
  absent: Grade,
  args: readonly string[] = [],
): Property => ({
  title,
  why,
  anchor,
  args,
  absent,
  promise: 0,
});

const MAJORITY = advisory(
  "majority",
  "A cluster has an odd number of servers, three or more: two survive no failure.",
  { servers: 3 },
);

export const SURROUNDINGS: Family = {
  "network/subnet": around(
    "subnet",
    "Every address of every server follows from it; it is fixed for life.",
    "the-network",
    NONE,
    ["subnet"],
  ),
  "network/driver": around(
    "network driver",
    "A bridge keeps the cluster's traffic on the host.",
    "the-network",
    neutral("bridge"),
  ),
  "network/internal": {
    ...around("network without a way out", "What cannot get out cannot carry data out.", "the-network", {
      text: "no",
      rank: 1,
    }),
    promise: 1,
  },
  "network/attachable": around(
    "open to containers started by hand",
    "A neighbour on the network reaches every bound port.",
    "the-network",
    NO,
  ),
  "network/option": {
    ...around("network option %", "It changes who reaches whom.", "the-network", NONE),
    ungraded: true,
  },
  "network/member": around(
    "on the network %",
    "A neighbour on the network reaches every bound port.",
    "the-network",
    NONE,
  ),
  "network/own": held(
    around("stands on its cluster's network", "Its peers find it nowhere else.", "the-network", required(true)),
    { rule: OWN_NETWORK, says: "it stands on no network of its cluster. Name that one." },
  ),
  "network/fixed-address": held(
    around(
      "fixed address on its cluster's network",
      "Peers lose a server that comes back with another.",
      "the-network",
      required(true),
    ),
    {
      rule: OWN_NETWORK,
      says: "it has no fixed address, so its peers lose it when it comes back with another. Give it ipv4Address.",
    },
  ),
  "cluster/servers": {
    ...held(around("number of servers", "A majority has to be left when one fails.", "update-order", NONE, ["nodes"]), {
      rule: MAJORITY,
      keeps: ({ grade: { amount = 0 }, config: { servers = 3 } }) => amount >= servers && amount % 2 === 1,
      says: ({ grade, config: { servers = 3 } }) =>
        `it has ${grade.text} servers. Use an odd number, ${String(servers)} or more, so that a majority is left when one fails.`,
    }),
    unreviewed: true,
  },
};

export function readSurroundings(places: Places, facts: Fact[]): void {
  for (const { resource, cluster } of places.ofType(TYPES.cluster)) {
    const servers = places.all.filter((place) => place.cluster === cluster && place.part === "server").length;
    const count = { text: String(servers), rank: 0, amount: servers };
    noteInto(facts, clusterSubject(cluster), resource.urn)("cluster/servers", count);
  }
  for (const place of places.ofType(TYPES.network)) readNetwork(place, facts);
}

function readNetwork(place: Place, facts: Fact[]): void {
  const { inputs, urn } = place.resource;
  const note = noteInto(facts, subjectOf(place, "network"), urn);
  const subnets = list(inputs["ipamConfigs"]).map((entry) => record(entry)["subnet"]);
  const ipam = hasUnknown(subnets) || isUnknown(inputs["ipamConfigs"]);
  note("network/subnet", ipam ? null : neutral(subnets.map(String).join(", ") || "Docker's choice"));
  const driver = text(inputs["driver"]) || "bridge";
  note("network/driver", isUnknown(inputs["driver"]) ? null : { text: driver, rank: driver === "bridge" ? 0 : 1 });
  const internal = inputs["internal"] === true;
  note(
    "network/internal",
    isUnknown(inputs["internal"]) ? null : { text: internal ? "yes" : "no", rank: internal ? 0 : 1 },
  );
  note("network/attachable", isUnknown(inputs["attachable"]) ? null : unwanted(inputs["attachable"] === true));
  for (const [name, value] of Object.entries(record(inputs["options"]))) {
    if (hasUnknown(value)) note("network/option", null, name);
    else note("network/option", neutral(hasSecret(value) ? "a secret" : canonical(value)), name);
  }
  if (inputs["ipv6"] === true) note("network/option", neutral("yes"), "ipv6");
}

/** Which networks a container is on; its own cluster's is no news. */
export function readMemberships(place: Place, note: ReturnType<typeof noteInto>): void {
  const networks = place.resource.inputs["networksAdvanced"];
  if (isUnknown(networks)) note("network/member", null, "(all)");
  if (place.part === "server") readOwnNetwork(networks, place.resource.inputs["networkMode"], note);
  for (const entry of list(networks).map(record)) {
    const name = text(entry["name"]);
    const address = isUnknown(entry["ipv4Address"]) ? "unknown" : text(entry["ipv4Address"]) || "any";
    const own = name === place.cluster && place.cluster !== "";
    note(
      "network/member",
      { text: own && /^n\d+$/.test(place.role) ? `as ${address}` : "yes", rank: own ? 0 : 1 },
      name,
    );
  }
}

/** A server that shares another network has that said of its mode. */
function readOwnNetwork(networks: unknown, mode: unknown, note: ReturnType<typeof noteInto>): void {
  if (isUnknown(networks) || /^(host$|container:)/.test(text(mode))) return;
  const [first] = list(networks).map(record);
  note("network/own", required(first !== undefined));
  const address = first?.["ipv4Address"];
  if (first !== undefined) note("network/fixed-address", isUnknown(address) ? null : required(text(address) !== ""));
}
