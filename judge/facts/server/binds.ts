/** Which addresses a server listens on inside its network, and how its peers know it. */
import { describeAddress, exposureOf, exposureRank } from "../../../args/values/exposure";
import type { Flags } from "../../../core/render/flagReader";
import { type Grade, neutral, NONE, type Note, required } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import type { Part } from "../../model/places";
import { type Breach, mandatory, RETHINKDB, SERVERS } from "../../model/rule";
import { hasUnknown, type Inputs, list, record } from "../../model/resources";
import { type Argv, values } from "../../../core/render/argv";

const bind = (what: string, why: string, args: readonly string[]): Property => ({
  title: `address the ${what} port binds`,
  why,
  anchor: "addresses-a-server-binds",
  args,
  absent: NONE,
  promise: 2,
});

const OWN_ADDRESS = mandatory(
  "binds-its-own-address",
  "The cluster and driver ports are bound to the server's own address, not to all.",
);
const LOOPBACK = mandatory(
  "loopback-is-canonical",
  "Loopback is bound and among the canonical addresses of every server (rethinkdb#6880).",
);
const NO_JOIN = mandatory(
  "no-join-in-argv",
  "Peers stand in join.conf, not in argv: a count bump must not restart every server.",
);

export const ownAddress = (port: string, ...of: readonly Part[]): Breach => ({
  ...{ rule: OWN_ADDRESS, of },
  // Addresses on other networks are Docker's to choose.
  keeps: ({ grade, place }) =>
    grade.rank < exposureRank("every") ||
    (port === "driver" && list(place.resource.inputs["networksAdvanced"]).length > 1),
  says: `the ${port} port is bound to every address of the container. Name its address with --bind-${port}.`,
});

export const BINDS: Family = {
  "bind/cluster": held(
    bind("cluster", "A peer is admin: the port belongs on the cluster's own network and nowhere else.", []),
    // A proxy that binds all keeps loopback among its canonical addresses, and stands on its cluster's network alone.
    ownAddress("cluster", ...SERVERS),
  ),
  "bind/driver": held(
    bind("driver", "Every address that is bound is one more from which clients can try to log in.", ["driverPublish"]),
    ownAddress("driver", ...RETHINKDB),
  ),
  "bind/loopback": held(
    {
      title: "loopback stays bound",
      why: "The deployment and the health check reach a server on its loopback.",
      anchor: "addresses-a-server-binds",
      args: [],
      absent: required(true),
      promise: 0,
    },
    {
      ...{ rule: LOOPBACK, of: ["server"] },
      says: "loopback is not bound, and the deployment and the health check need it. Take --no-default-bind out.",
    },
  ),
  "bind/loopback-canonical": held(
    {
      title: "loopback among the canonical addresses",
      why: "Without it a stranger on the address of a lost peer ends every other server (rethinkdb#6880).",
      anchor: "addresses-a-server-binds",
      args: [],
      absent: required(false),
      promise: 0,
    },
    {
      ...{ rule: LOOPBACK, of: ["server"] },
      keeps: ({ grade, other }) => grade.rank === 0 || other("bind/loopback")?.rank !== 0,
      says: "loopback is not among the canonical addresses, so a stranger on the address of a lost peer ends every other server (rethinkdb#6880). Add --canonical-address 127.0.0.1.",
    },
  ),
  "bind/canonical": {
    title: "canonical addresses",
    why: "Peers dial these and refuse a server that answers from others.",
    anchor: "addresses-a-server-binds",
    args: ["subnet"],
    absent: NONE,
    promise: 0,
  },
  "bind/join-in-argv": held(
    {
      ungraded: true,
      title: "peers to join on the command line",
      why: "A list of peers in argv restarts every server whenever a server is added.",
      anchor: "addresses-a-server-binds",
      args: [],
      absent: NONE,
      promise: 0,
    },
    {
      ...{ rule: NO_JOIN, of: SERVERS },
      says: "peers to join stand on the command line, so every new server restarts this one. Leave them to join.conf.",
    },
  ),
  "bind/port": {
    title: "port of the % listener",
    why: "Peers, clients and checks expect it where it was.",
    anchor: "addresses-a-server-binds",
    args: [],
    absent: NONE,
    promise: 0,
  },
};

const PORT_OPTIONS = ["cluster-port", "driver-port", "http-port", "port-offset"];

/** @param inputs of the container, which say what its own addresses are */
export function readBinds(argv: Argv, inputs: Inputs, note: Note): void {
  for (const port of ["cluster", "driver"]) note(`bind/${port}`, argv === "unknown" ? null : bindGrade(argv, port));
  const known = argv === "unknown" ? null : argv;
  note("bind/loopback", known && required(!known.options.has("no-default-bind")));
  const canonical = known ? values(known, "canonical-address") : [];
  const clear = known !== null && !hasUnknown(canonical);
  note("bind/loopback-canonical", clear ? required(loopbackIsCanonical(known, canonical)) : null);
  note("bind/canonical", clear ? canonicalGrade(canonical, inputs) : null);
  const joins = known ? values(known, "join") : [];
  note("bind/join-in-argv", known && { text: [...joins].sort().join(", ") || "none", rank: joins.length > 0 ? 1 : 0 });
  if (known === null) return;
  for (const option of PORT_OPTIONS) {
    if (known.options.has(option)) note("bind/port", neutral(values(known, option).join(", ")), option);
  }
}

/** Its own are those on its networks, and the one on which its cluster port is published. */
function canonicalGrade(canonical: readonly string[], inputs: Inputs): Grade {
  const of = (key: string, part: string): readonly unknown[] => list(inputs[key]).map((entry) => record(entry)[part]);
  const own = [...of("networksAdvanced", "ipv4Address"), ...of("ports", "ip")];
  const isOwn = (address: string): boolean => own.includes(address) || exposureOf(address) === "loopback";
  const strange = !hasUnknown(own) && canonical.some((address) => !isOwn(address.replace(/:\d+$/, "")));
  return { text: [...canonical].sort().join(", ") || "all local addresses", rank: strange ? 1 : 0 };
}

/** Without any canonical address all local ones count, and loopback is among them as long as it is bound. */
function loopbackIsCanonical(argv: Flags, canonical: readonly string[]): boolean {
  if (canonical.length === 0) return !argv.options.has("no-default-bind");
  return canonical.some((address) => exposureOf(address.replace(/:\d+$/, "")) === "loopback");
}

/** `--bind-X` wins over `--bind`; without either only loopback is bound. */
export function bindGrade(argv: Flags, port: string): Grade | null {
  const own = values(argv, `bind-${port}`);
  const bound = own.length > 0 ? own : values(argv, "bind");
  const known = bound.filter((address) => !hasUnknown(address));
  const addresses = bound.length > 0 ? known : ["127.0.0.1"];
  const rank = Math.max(...addresses.map((address) => exposureRank(exposureOf(address))));
  // What is not known can make it no wider than every address.
  if (known.length < bound.length && rank < exposureRank("every")) return null;
  return { text: [...new Set(addresses)].sort().map(describeAddress).join(", "), rank };
}
