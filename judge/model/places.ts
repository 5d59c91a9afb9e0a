/** Finds out what each resource is in its cluster: by its type, its parents and its name. */
import { type Argv, argvOf } from "../../core/render/argv";
import { LABELS } from "../../core/render/labels";
import type { Kind, Subject } from "./fact";
import { type Inputs, isUnknown, list, record, type Resource, type ResourceSet, text, TYPES } from "./resources";

/** What a container is for; `rethinkdb` runs RethinkDB and is no server of this project. */
export type Part = "server" | "proxy" | "nginx" | "rethinkdb" | "other";

export interface Place {
  readonly resource: Resource;
  /** Docker's name of the cluster whose component declares it; empty outside of one. */
  readonly cluster: string;
  /** Name below the cluster's: `n0-data`. */
  readonly role: string;
  /** `n0`, for what belongs to one server. */
  readonly server: string;
  /** `other` for what is no container. */
  readonly part: Part;
  /** RethinkDB's command line, where it runs that. */
  readonly argv: Argv | undefined;
}

export class Places {
  readonly all: readonly Place[];
  private readonly byUrn: ReadonlyMap<string, Resource>;
  private readonly placesByUrn: ReadonlyMap<string, Place>;
  private readonly byName: ReadonlyMap<string, Place>;
  private readonly byRole: ReadonlyMap<string, Place>;
  private readonly byDigest: ReadonlyMap<string, Place>;
  private readonly users = new Map<string, Place[]>();
  private readonly words = new Map<string, ReadonlySet<string>>();
  private readonly declared = new Map<string, ReadonlySet<string>>();

  constructor(readonly set: ResourceSet) {
    this.byUrn = new Map(set.resources.map((resource) => [resource.urn, resource]));
    this.all = set.resources.map((resource) => this.place(resource));
    this.placesByUrn = new Map(this.all.map((place) => [place.resource.urn, place]));
    const first = [...this.all].reverse();
    this.byName = new Map(first.map((place) => [`${place.cluster}/${place.resource.name}`, place]));
    this.byRole = new Map(first.map((place) => [`${place.cluster}/${place.role}`, place]));
    this.byDigest = new Map(
      first.flatMap((place) =>
        (place.resource.pem ?? []).map((digest) => [`${place.cluster}/${digest}`, place] as const),
      ),
    );
    for (const place of this.ofType(TYPES.container)) {
      const mounted = mountsOf(place.resource.inputs).map(({ volumeName }) => text(volumeName));
      for (const volume of new Set(mounted)) this.users.set(volume, [...(this.users.get(volume) ?? []), place]);
    }
  }

  ofType(type: string): readonly Place[] {
    return this.all.filter(({ resource }) => resource.type === type);
  }

  get clusters(): readonly string[] {
    return this.ofType(TYPES.cluster).map(({ cluster }) => cluster);
  }

  at(urn: string): Place | undefined {
    return this.placesByUrn.get(urn);
  }

  /** The resource of one name that a cluster declares; without a cluster, that no cluster does. */
  named(cluster: string, name: string): Place | undefined {
    return this.byName.get(`${cluster}/${name}`);
  }

  /** Every text that stands in the containers and hosts of a cluster: its own names and addresses. */
  wordsOf(cluster: string): ReadonlySet<string> {
    const known = this.words.get(cluster);
    if (known !== undefined) return known;
    const words = new Set(["localhost", "127.0.0.1", "::1"]);
    for (const { resource, cluster: owner } of this.all) {
      if (owner !== cluster || cluster === "") continue;
      if (resource.type === TYPES.container) collectTexts(resource.inputs, words);
      if (resource.type === TYPES.cluster) collectTexts(resource.inputs["hosts"], words);
    }
    this.words.set(cluster, words);
    return words;
  }

  /** The certificate of a cluster that has this digest. */
  issuing(cluster: string, digest: string): Place | undefined {
    return this.byDigest.get(`${cluster}/${digest}`);
  }

  /** Every word that stands in what a cluster declares, the requests of its programs apart. */
  declaredIn(cluster: string): ReadonlySet<string> {
    const known = this.declared.get(cluster);
    if (known !== undefined) return known;
    const words = new Set<string>(this.wordsOf(cluster));
    for (const { resource, role, cluster: owner } of this.all) {
      if (owner !== cluster || resource.type === TYPES.command) continue;
      collectWords(resource.inputs, words);
      for (const part of role.split("-")) words.add(part.replace(/^g(?=\d+$)/, ""));
    }
    this.declared.set(cluster, words);
    return words;
  }

  /** Containers that mount one volume. */
  usersOf(volume: string): readonly Place[] {
    return this.users.get(volume) ?? [];
  }

  /** The resource of one cluster with one role, if it is there. */
  find(cluster: string, role: string): Place | undefined {
    return this.byRole.get(`${cluster}/${role}`);
  }

  private place(resource: Resource): Place {
    const owner = this.owner(resource);
    const prefix = `${owner?.name ?? ""}-`;
    const role = owner !== undefined && resource.name.startsWith(prefix) ? resource.name.slice(prefix.length) : "";
    const given = owner?.inputs["clusterName"];
    const cluster = (isUnknown(given) ? "" : text(given)) || (owner?.name ?? "");
    const place = { resource, cluster, role, server: /^n\d+(?=-|$)/.exec(role)?.[0] ?? "" };
    return { ...place, ...partOf(resource, cluster, role) };
  }

  /** The nearest cluster that the resource is, or is a child of. */
  private owner(resource: Resource): Resource | undefined {
    const seen = new Set<string>();
    let current: Resource | undefined = resource;
    while (current !== undefined && !seen.has(current.urn)) {
      if (current.type === TYPES.cluster) return current;
      seen.add(current.urn);
      current = this.byUrn.get(current.parent);
    }
    return undefined;
  }
}

function collectTexts(value: unknown, into: Set<string>): void {
  if (typeof value === "string") into.add(value);
  else if (typeof value === "object" && value !== null)
    for (const inner of Object.values(value)) collectTexts(inner, into);
}

function collectWords(value: unknown, into: Set<string>): void {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      into.add(key);
      collectWords(inner, into);
    }
  } else if (typeof value === "string" || typeof value === "number") {
    const all = String(value);
    into.add(all);
    for (const word of all.split(/[\s:,/]+/)) into.add(word);
  }
}

/** What a container mounts, in the provider's older words. */
export function mountsOf(inputs: Inputs): readonly Inputs[] {
  return [...list(inputs["volumes"]).map(record), ...list(inputs["mounts"]).map(fromMount)];
}

function fromMount(entry: unknown): Inputs {
  const { type, source, target, readOnly } = record(entry);
  return { containerPath: target, readOnly, [type === "bind" ? "hostPath" : "volumeName"]: source };
}

/** By its role in a cluster; outside of one by what it runs, its labels and its name. */
function partOf(resource: Resource, cluster: string, role: string): Pick<Place, "part" | "argv"> {
  if (resource.type !== TYPES.container) return { part: "other", argv: undefined };
  const { name, inputs } = resource;
  const inCluster = cluster !== "";
  const labels = list(inputs["labels"]).map((entry) => text(record(entry)["label"]));
  const isServer = inCluster ? /^n\d+$/.test(role) : labels.includes(LABELS.server) || /-n\d+$/.test(name);
  const isPeer = inCluster ? role === "ui-peer" : /-ui-peer$/.test(name);
  const argv = argvOf(inputs) ?? (isServer || (inCluster && isPeer) ? "unknown" : undefined);
  if (isServer) return { part: "server", argv };
  const isNginx = inCluster ? role === "ui" : /-ui$/.test(name) && labels.includes(LABELS.clusterName);
  if (isNginx) return { part: "nginx", argv };
  if (argv === undefined) return { part: "other", argv };
  const proxy = isPeer && (inCluster || argv === "unknown");
  return { part: proxy || (argv !== "unknown" && argv.subcommand === "proxy") ? "proxy" : "rethinkdb", argv };
}

export function clusterSubject(cluster: string): Subject {
  return { kind: "cluster", cluster, name: cluster };
}

/** What a line about this resource is about. */
export function subjectOf(place: Place, kind: Kind): Subject {
  return { kind, cluster: place.cluster, name: place.server || place.role || place.resource.name };
}

export function containerSubject(place: Place): Subject {
  if (/^n\d+$/.test(place.role)) return subjectOf(place, "server");
  return { kind: "container", cluster: place.cluster, name: place.role || place.resource.name };
}

/** A resource as such: what its options and its unread inputs say. */
export function resourceSubject({ resource, role, cluster }: Place): Subject {
  const type = resource.type.slice(resource.type.lastIndexOf(":") + 1);
  return { kind: "resource", cluster, name: `${role || resource.name} (${type})` };
}

/** What a program is about. */
export function ownerOf(place: Place): Subject {
  if (place.server !== "") return subjectOf(place, "server");
  if (isOfWebUi(place)) return UI_SUBJECT(place.cluster);
  return place.cluster === "" ? subjectOf(place, "resource") : clusterSubject(place.cluster);
}

/** The web UI as a whole: nginx, the proxy behind it, and their files. */
export const UI_SUBJECT = (cluster: string): Subject => ({ kind: "ui", cluster, name: "web UI" });

/** What is part of the web UI, by its role. */
export function isOfWebUi({ cluster, role }: Place): boolean {
  return cluster !== "" && /^ui(-|$)/.test(role);
}

export const STACK: Subject = { kind: "resource", cluster: "", name: "stack" };
