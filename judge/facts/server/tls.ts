/** TLS of a server's two ports, from its command line. */
import { type Grade, neutral, NONE, type Note, required } from "../../model/fact";
import { type Family, held, type Property } from "../../model/property";
import { exposureRank } from "../../../args/values/exposure";
import { type Breach, mandatory } from "../../model/rule";
import { hasUnknown, isUnknown } from "../../model/resources";
import type { Flags } from "../../../core/render/flagReader";
import { type Argv, values } from "../../../core/render/argv";

const tls = (title: string, why: string, absent: Grade): Property => ({
  title,
  why,
  anchor: "tls",
  args: [],
  absent,
  promise: 0,
});

const CLUSTER_TLS = mandatory(
  "cluster-tls",
  "The cluster port speaks mutual TLS: key, certificate and CA are all named.",
);
const DRIVER_TLS = mandatory("driver-tls", "The driver port speaks TLS.");
const MODERN_TLS = mandatory(
  "modern-tls",
  "TLS 1.2 or newer, with RethinkDB's own ciphers or others that are as strong.",
);

export const driverTls: Breach = {
  rule: DRIVER_TLS,
  // The driver port of a proxy on loopback leads nowhere.
  keeps: ({ grade, place, other }) =>
    grade.rank === 0 || (place.part === "proxy" && (other("bind/driver")?.rank ?? 0) <= exposureRank("loopback")),
  says: "the driver port speaks in clear, queries and answers too. Name --driver-tls-key and --driver-tls-cert.",
};

export const TLS: Family = {
  "tls/cluster": held(
    tls(
      "mutual TLS on the cluster port",
      "Without it anyone who reaches the port joins the cluster, and a peer is admin.",
      required(false),
    ),
    {
      rule: CLUSTER_TLS,
      says: "the cluster port is open to anyone, since --cluster-tls-key, --cluster-tls-cert and --cluster-tls-ca are not all there; a peer is admin. Turning cluster TLS on or off cannot be rolled: stop all servers first.",
    },
  ),
  "tls/driver": held(
    tls(
      "TLS on the driver port",
      "Without it queries and their answers are in clear, and a server in the middle is not noticed.",
      required(false),
    ),
    driverTls,
  ),
  "tls/client-certificates": {
    title: "clients need a certificate",
    why: "A password alone lets a client in; with client certificates it also needs a key.",
    anchor: "tls",
    args: ["driverClients"],
    absent: required(false),
    // An offer, no promise.
    promise: 1,
  },
  "tls/min-protocol": held(tls("oldest TLS version", "Versions before 1.2 are broken.", neutral("TLSv1.2")), {
    rule: MODERN_TLS,
    says: "versions of TLS before 1.2 are accepted, and they are broken. Write --tls-min-protocol TLSv1.2.",
  }),
  "tls/ciphers": held(
    tls("ciphers", "Weak ciphers can be read by who records the traffic.", neutral("RethinkDB's own")),
    { rule: MODERN_TLS, says: "weak ciphers are accepted. Leave --tls-ciphers out." },
  ),
  "tls/curve": {
    ...tls("curve of the key exchange", "Clients must offer it.", neutral("prime256v1")),
    ungraded: true,
  },
  "tls/dh": { ...tls("Diffie-Hellman parameters", "Weak ones can be broken.", NONE), ungraded: true },
  "tls/cluster-ca-file": {
    ...tls(
      "file of the CA that verifies peers",
      "Every holder of a certificate of that CA is a member of the cluster, and a member is admin.",
      NONE,
    ),
    silent: true,
  },
  "tls/one-folder": tls(
    "keys and certificates from one folder",
    "Files of another folder are of another time: a CA that is trusted no more, for one.",
    required(true),
  ),
  "tls/file": {
    ...tls("file of the % option", "It names what a server presents or trusts.", NONE),
    ...{ silent: true, ungraded: true },
  },
};

const VERSIONS: Readonly<Record<string, number>> = { "TLSv1.2": 0, "TLSv1.1": 1, TLSv1: 2 };
const STRONG = /^(EECDH|ECDHE)[A-Z0-9+-]*(AESGCM|GCM|CHACHA20|POLY1305)[A-Z0-9+-]*$/i;
const FILE_OPTIONS = ["cluster-tls-key", "cluster-tls-cert", "driver-tls-key", "driver-tls-cert", "driver-tls-ca"];

export function readTls(argv: Argv, note: Note): void {
  if (argv === "unknown") {
    for (const name of ["cluster", "driver", "client-certificates", "min-protocol"]) note(`tls/${name}`, null);
    return;
  }
  const has = (...names: readonly string[]): boolean => names.every((name) => argv.options.has(name));
  note("tls/cluster", required(has("cluster-tls-key", "cluster-tls-cert", "cluster-tls-ca")));
  note("tls/driver", required(has("driver-tls-key", "driver-tls-cert")));
  note("tls/client-certificates", required(has("driver-tls-ca")));
  note("tls/min-protocol", version(argv));
  note("tls/ciphers", ciphers(argv));
  const curve = values(argv, "tls-ecdh-curve");
  if (curve.length > 0) note("tls/curve", hasUnknown(curve) ? null : neutral(curve.join(", ")));
  if (has("tls-dhparams")) note("tls/dh", neutral(steady(values(argv, "tls-dhparams").join(", "))));
  if (has("cluster-tls-ca")) note("tls/cluster-ca-file", caFile(values(argv, "cluster-tls-ca")));
  const files = [...FILE_OPTIONS, "cluster-tls-ca"].flatMap((option) => values(argv, option));
  const folders = new Set(files.map((file) => file.slice(0, file.lastIndexOf("/"))));
  if (files.length > 0) note("tls/one-folder", hasUnknown(files) ? null : required(folders.size === 1));
  for (const option of FILE_OPTIONS) {
    const files = values(argv, option);
    if (files.length > 0) note("tls/file", hasUnknown(files) ? null : neutral(steady(files.join(", "))), option);
  }
}

/** Of several the weakest: which one counts is RethinkDB's to say. */
function version(argv: Flags): Grade | null {
  const given = values(argv, "tls-min-protocol");
  const known = given.filter((value) => !isUnknown(value));
  const rankOf = (value: string): number => VERSIONS[value] ?? 3;
  const [value = "TLSv1.2"] = [...known].sort((a, b) => rankOf(b) - rankOf(a));
  if (known.length < given.length && rankOf(value) === 0) return null;
  return { text: value, rank: rankOf(value) };
}

function ciphers(argv: Flags): Grade | null {
  const given = values(argv, "tls-ciphers");
  const known = given.filter((value) => !isUnknown(value));
  const weak = known.some((value) => !value.split(/[:, ]/).every((cipher) => STRONG.test(cipher)));
  if (known.length < given.length && !weak) return null;
  const own = known.every((value) => value === "EECDH+AESGCM");
  return own ? neutral("RethinkDB's own") : { text: known.join(", "), rank: weak ? 1 : 0 };
}

function caFile(files: readonly string[]): Grade | null {
  if (hasUnknown(files)) return null;
  const value = steady(files.join(", "));
  return { text: value, rank: value === "/tls/…/cluster-ca.pem" ? 0 : 1 };
}

/** The directory of the certificates changes with each of them, and says nothing. */
export function steady(path: string): string {
  return path.replace(/\/tls\/[0-9a-f]{16}\//g, "/tls/…/");
}
