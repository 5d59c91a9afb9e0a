/** What the programs are asked: whether it fits what is declared beside them, and which CA's certificates go where. */
import {
  createHashText,
  type Fact,
  type Grade,
  neutral,
  NONE,
  type Note,
  noteInto,
  required,
  subjectId,
} from "../model/fact";
import { mountsOf, ownerOf, type Place, type Places } from "../model/places";
import type { Family, Property } from "../model/property";
import { type Inputs, isUnknown, list, record, SECRET, text, TYPES } from "../model/resources";
import { PEM_MARK } from "../model/request";

const request = (title: string, why: string, absent: Grade): Property => ({
  ...{ title, why, absent },
  anchor: "update-order",
  args: [],
  promise: 0,
});

export const REQUESTS: Family = {
  "request/fits": request(
    "% that programs are told fits what is declared",
    "A guard that is told something else guards something else.",
    required(true),
  ),
  "request/stranger": {
    ...request(
      "% that programs are told, and that is declared nowhere else",
      "Nothing beside the request says what it is.",
      NONE,
    ),
    ungraded: true,
  },
  "request/value": {
    ...request("% that programs are told", "It decides what a guard lets pass.", NONE),
    ...{ silent: true, ungraded: true },
  },
  "request/given-up": {
    ...request("% given up", "Nothing asks it, and its data is not waited for.", NONE),
    args: ["hosts"],
  },
  "request/seeds": request(
    "first start joins other servers",
    "A server that joins none becomes a cluster of its own.",
    required(true),
  ),
  "trust/file": {
    ...request("certificates in %", "Who holds a certificate of a CA that stands there is believed.", NONE),
    ...{ anchor: "tls", silent: true, ungraded: true },
  },
  "account/operator-right": {
    ...request("% granted to the operator", "The programs' own account can do that much more.", {
      text: "no",
      rank: 0,
    }),
    ...{ anchor: "passwords-and-accounts", promise: 1 },
  },
};

export function readRequests(places: Places, facts: Fact[]): void {
  const owners = new Map<string, { readonly note: Note; readonly told: Told }>();
  // The same facts, in whatever order resources stand.
  const commands = [...places.ofType(TYPES.command)].sort((a, b) => (a.resource.urn < b.resource.urn ? -1 : 1));
  for (const place of commands) {
    const { resource, cluster } = place;
    if (cluster === "" || resource.request === undefined) continue;
    const owner = ownerOf(place);
    const known = owners.get(subjectId(owner)) ?? { note: noteInto(facts, owner, resource.urn), told: new Map() };
    owners.set(subjectId(owner), known);
    readTold(place, resource.request, places, known.told);
    readLost(resource.request["lost"], known.told);
    readSeeds(place, resource.request, places, known.told);
    for (const right of list(resource.request["operatorRights"]).map(record)) {
      for (const [word, given] of Object.entries(record(right["rights"]))) {
        const detail = `${word} on ${text(right["table"])}`;
        if (given === true) known.note("account/operator-right", { text: "yes", rank: 1 }, detail);
      }
    }
  }
  for (const { note, told } of owners.values()) {
    for (const { property, path, grade } of told.values()) note(property, grade, path);
  }
}

/** What several programs are told of one thing: the weakest of it. */
type Told = Map<string, { readonly property: string; readonly path: string; readonly grade: Grade | null }>;

function tell(told: Told, property: string, path: string, grade: Grade | null): void {
  const key = `${property} ${path}`;
  const known = told.get(key)?.grade;
  if (known === null) return;
  const both = known !== undefined && grade !== null && known.rank === grade.rank && known.text !== grade.text;
  // Of things that are equally good, but not the same, each counts.
  if (both) {
    const texts = [...new Set([...known.text.split(" or "), grade.text])].sort();
    told.set(key, { property, path, grade: { text: texts.join(" or "), rank: grade.rank } });
  } else if (known === undefined || grade === null || grade.rank > known.rank) told.set(key, { property, path, grade });
}

/** Hosts and servers that are not asked any more. */
function readLost(lost: unknown, told: Told): void {
  const names = Array.isArray(lost) ? list(lost) : Object.values(record(lost)).flatMap(list);
  for (const name of names.map(String)) tell(told, "request/given-up", name, { text: "yes", rank: 1 });
}

/** The first server of a cluster has none to join. */
function readSeeds({ server, cluster, role }: Place, request: Inputs, places: Places, told: Told): void {
  const isFirst = server === "n0" || places.find(cluster, "n0") === undefined;
  if (isFirst || role !== `${server}-prepare`) return;
  tell(told, "request/seeds", "", required(list(request["seeds"]).length > 0));
}

function readTold(place: Place, request: Inputs, places: Places, told: Told): void {
  const expected = expectedOf(place, places);
  const strangers = new Map<string, string[]>();
  for (const { path, value } of leavesOf(request)) {
    if (value === SECRET && /^files\..*\.pem$/.test(path))
      tell(told, "trust/file", path, { text: "something secret", rank: 1 });
    if (value === SECRET || isUnknown(value)) continue;
    if (text(value).startsWith(PEM_MARK)) tell(told, "trust/file", path, fileGrade(path, text(value), place, places));
    else if (path in expected) {
      const fits = isUnknown(expected[path]) ? null : required(expected[path] === value);
      tell(told, "request/fits", path, fits);
    } else if (DERIVED.test(path)) continue;
    else if (typeof value === "boolean") tell(told, "request/value", path, neutral(String(value)));
    else if (!isDeclared(String(value), places.declaredIn(place.cluster)))
      strangers.set(path, [...(strangers.get(path) ?? []), String(value)]);
  }
  const engines = new Map(hostsOf(place.cluster, places).map((host) => [host["name"], host["dockerHost"]]));
  const given = list(request["hosts"]).map(record);
  const names = new Set(list(request["servers"]).map((asked) => text(record(asked)["name"])));
  const own = places.all.filter((p) => p.cluster === place.cluster && p.part === "server");
  const missing = own.filter((p) => !p.resource.options.ignoreChanges.includes("*") && !names.has(p.server));
  if (/^(fleet|peers)$/.test(place.role)) tell(told, "request/fits", "servers", required(missing.length === 0));
  if (given.length > 0)
    tell(told, "request/fits", "hosts", required(given.every((h) => engines.get(h["name"]) === h["dockerHost"])));
  for (const [path, values] of strangers) {
    tell(told, "request/stranger", path, { text: `value ${createHashText([...values].sort())}`, rank: 1 });
  }
}

/** Made from the rest, or judged by facts of their own. */
const DERIVED =
  /^(prepared|judged|operatorRights|users|allow|passwordAccepted|limitSwap|user)(\.|\[|$)|(^|\.)(fingerprint|peerFingerprint|run|missing)(\[|$)/;

interface Leaf {
  /** Without places in lists: `servers[].peer`. */
  readonly path: string;
  readonly value: unknown;
}

function leavesOf(value: unknown, path = ""): readonly Leaf[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((inner) => leavesOf(inner, `${path}[]`));
  if (typeof value !== "object") return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === "" ? key : `${path}.${key}`));
}

const argsOf = (cluster: string, places: Places): Inputs =>
  places.ofType(TYPES.cluster).find((place) => place.cluster === cluster)?.resource.inputs ?? {};

const hostsOf = (cluster: string, places: Places): readonly Inputs[] =>
  list(argsOf(cluster, places)["hosts"]).map(record);

/** The folder of keys and certificates with which a container starts. */
const folderOf = (place: Place | undefined): string | undefined =>
  list(place?.resource.inputs["command"])
    .map((word) => /^\/tls\/([0-9a-f]{16})\//.exec(text(word))?.[1])
    .find((folder) => folder !== undefined);

/** What the containers and the args say of the same; what they do not say is left out. */
function expectedOf(place: Place, places: Places): Inputs {
  const { cluster, server, role } = place;
  const of = server === "" ? places.find(cluster, "n0") : places.find(cluster, server);
  const args = argsOf(cluster, places);
  const inputs = of?.resource.inputs ?? {};
  const labels = new Map(list(inputs["labels"]).map((entry) => [text(record(entry)["label"]), record(entry)["value"]]));
  const known: Record<string, unknown> = {
    clusterName: cluster,
    identity: labels.get("pulumi-rethinkdb.identity"),
    image: inputs["image"],
    protectSingleReplicaTables: args["protectSingleReplicaTables"],
    strictInterruption: args["strictInterruption"],
    uid: of === undefined ? undefined : Number(text(inputs["user"]).split(":")[0]),
    adopt: Array.isArray(args["allow"]) ? list(args["allow"]).includes("adopt-data") : undefined,
  };
  if (server !== "" && of !== undefined) {
    const mounted = (path: string): unknown =>
      mountsOf(of.resource.inputs).find(({ containerPath }) => containerPath === path)?.["volumeName"];
    Object.assign(known, {
      server,
      container: inputs["name"],
      dataVolume: mounted("/data"),
      tlsVolume: mounted("/tls"),
      fingerprint: folderOf(of),
      dockerHost: places.named(cluster, of.resource.options.provider)?.resource.inputs["host"],
      spec: labels.get("pulumi-rethinkdb.spec"),
    });
  }
  if (role === "ui-prepare") {
    const [nginx, proxy] = [places.find(cluster, "ui"), places.find(cluster, "ui-peer")];
    const user = record(place.resource.inputs["environment"])["USER"];
    Object.assign(known, { user, fingerprint: folderOf(nginx), peerFingerprint: folderOf(proxy) });
  }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

/** A text, or an address and a port of it. */
function isDeclared(value: string, declared: ReadonlySet<string>): boolean {
  return declared.has(value) || declared.has(value.replace(/:\d+$/, "")) || value === "";
}

/** The CA that the name of a file or a field promises. */
const PROMISED: readonly (readonly [RegExp, string])[] = [
  [/cluster-ca\.pem$/, "cluster CA"],
  [/driver-?ca(\.pem)?$/i, "driver CA"],
  [/client-ca\.pem$/, "client CA"],
];

function fileGrade(path: string, value: string, place: Place, places: Places): Grade {
  const promised = PROMISED.find(([pattern]) => pattern.test(path))?.[1];
  const digests = value.slice(PEM_MARK.length).split(" ");
  const issuers = [...new Set(digests.map((digest) => nameOf(digest, place, places)))];
  // A certificate of its own, in which the reader of certificates looks.
  if (promised === undefined) return neutral(issuers.join(" and "));
  const others = issuers.filter((issuer) => issuer !== promised);
  if (others.length === 0) return neutral(`of the ${promised}`);
  // CAs of one's own are declared by the args alone.
  const isOwn = others.every((other) => other.startsWith("another"));
  return { text: `of ${issuers.join(" and ")}`, rank: isOwn ? 0 : 1 };
}

function nameOf(digest: string, { server, cluster }: Place, places: Places): string {
  const role = places.issuing(cluster, digest)?.role;
  if (role === undefined) return `another CA ${digest.slice(0, 8)}`;
  const ca = /^(cluster|driver|client)-ca-g\d+$/.exec(role)?.[1];
  if (ca !== undefined) return `${ca} CA`;
  return role.startsWith(`${server}-`) ? `its own ${role.slice(server.length + 1)}` : role;
}
