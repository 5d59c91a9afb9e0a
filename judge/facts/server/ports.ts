/** Every published port of a container, and on which addresses of the host. */
import { describeAddress, exposureOf, exposureRank } from "../../../args/values/exposure";
import { PORTS as KNOWN } from "../../../core/plan/ports";
import { type Grade, neutral, type Note, NO, NONE, unwanted } from "../../model/fact";
import { type Family, held } from "../../model/property";
import { type Breach, mandatory, RETHINKDB, SERVERS } from "../../model/rule";
import { canonical, hasUnknown, type Inputs, isUnknown, list, record, text } from "../../model/resources";

const why = "Docker publishes past the host's firewall: anyone who reaches the address reaches the port.";

const DRIVER = mandatory(
  "driver-port-not-on-every-address",
  "A driver port is published on one named address, never on all of them.",
);
const CLUSTER = mandatory(
  "cluster-port-private",
  "The cluster port is published on a private address or not at all: a peer is admin.",
);
const HTTP = mandatory(
  "web-port-not-published",
  "RethinkDB's own http port is never published: it asks for no password.",
);
const PROXY = mandatory("ui-proxy-not-published", "A proxy publishes no port: nginx reaches it by a socket.");
const UI = mandatory("ui-not-on-every-address", "The web UI is published on one named address, never on all of them.");

/** Of one port that is published, and of all of them at once, which is on every address. */
const published = (port: string, given: Breach): readonly [Breach, Breach] => [
  {
    ...given,
    keeps: (one) => !one.fact.detail.startsWith(`${port}/`) || given.keeps?.(one) === true,
  },
  { ...given, keeps: (one) => one.grade.rank === 0 || (port === "28015" && one.allows("public-driver")) },
];

const RULES = [
  published("28015", {
    ...{ rule: DRIVER, of: SERVERS },
    keeps: ({ grade, allows }) => grade.rank < exposureRank("every") || allows("public-driver"),
    says: 'the driver port is published on every address of the host, past its firewall. Name one address in driverPublish, or add "public-driver" to allow.',
  }),
  published("29015", {
    ...{ rule: CLUSTER, of: RETHINKDB },
    keeps: ({ grade }) => grade.rank <= exposureRank("private"),
    says: ({ fact, grade }) =>
      `the cluster port is published on ${fact.property === "port/published" ? grade.text : "every address"}, and anyone who joins is admin. Publish it on the host's private address, or not at all.`,
  }),
  published("8080", {
    ...{ rule: HTTP, of: RETHINKDB },
    says: "port 8080 of RethinkDB is published, and it is admin without a password. Take it out; people use a tunnel or a proxy that asks for one.",
  }),
];

/** Whatever the port is. */
const every = (given: Breach): readonly [Breach, Breach] => [
  given,
  { ...given, keeps: ({ grade }) => grade.rank === 0 },
];

const ANY = [
  every({
    ...{ rule: PROXY, of: ["proxy"] },
    keeps: () => false,
    says: "the proxy of the web UI publishes a port, past nginx and its password. Take ports and publishAllPorts out.",
  }),
  every({
    ...{ rule: UI, of: ["nginx"] },
    keeps: ({ grade }) => grade.rank < exposureRank("every"),
    says: "the web UI, which is admin, is published on every address of the host, past its firewall. Name one address in webUi.publish.",
  }),
];

export const PORTS: Family = {
  "port/published": held(
    {
      title: "address on which port % is published",
      why,
      anchor: "published-ports",
      args: ["driverPublish", "driverPort", "nodes", "hosts", "webUi"],
      absent: NONE,
      promise: 1,
    },
    ...[...RULES, ...ANY].map(([one]) => one),
  ),
  "port/host-port": {
    title: "host port of port %",
    why: "Clients have to dial another port.",
    anchor: "published-ports",
    args: ["driverPort", "webUi"],
    absent: NONE,
    promise: 0,
  },
  "port/publish-all": held(
    {
      title: "publishing of every exposed port",
      why,
      anchor: "published-ports",
      args: [],
      absent: NO,
      promise: 0,
    },
    ...[...RULES, ...ANY].map(([, all]) => all),
  ),
};

/** RethinkDB's own ports, by what speaks on them. */
const NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(KNOWN.map(({ internal, title }) => [internal, title])),
  "8080": "http",
};

export function readPorts(inputs: Inputs, note: Note): void {
  const ports = inputs["ports"];
  note("port/publish-all", isUnknown(inputs["publishAllPorts"]) ? null : unwanted(inputs["publishAllPorts"] === true));
  if (isUnknown(ports)) {
    note("port/published", null, "(all)");
    return;
  }
  const byPort = new Map<string, Inputs[]>();
  for (const entry of list(ports).map(record)) {
    const internal = isUnknown(entry["internal"]) ? "?" : String(entry["internal"]);
    const name = NAMES[internal];
    const protocol = text(entry["protocol"]) || "tcp";
    const key = `${internal}/${protocol}${name === undefined ? "" : ` (${name})`}`;
    byPort.set(key, [...(byPort.get(key) ?? []), entry]);
  }
  for (const [key, entries] of byPort) {
    note("port/published", grade(entries), key);
    const hostPorts = entries.map((entry) => entry["external"]);
    note(
      "port/host-port",
      hasUnknown(hostPorts) ? null : neutral(join(hostPorts.map((p) => canonical(p ?? "any")))),
      key,
    );
  }
}

/** What is not known can make it no wider than every address. */
function grade(entries: readonly Inputs[]): Grade | null {
  const known = entries.filter((entry) => !hasUnknown(entry["ip"])).map((entry) => text(entry["ip"]));
  const rank = Math.max(...known.map((address) => exposureRank(exposureOf(address))));
  if (known.length < entries.length && rank < exposureRank("every")) return null;
  return { text: join(known.map(describeAddress)), rank };
}

function join(values: readonly string[]): string {
  return [...new Set(values)].sort().join(", ");
}
