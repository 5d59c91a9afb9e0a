/** Finds out what each resource is in its cluster: by its type, its parents and its name. */
import type { Kind, Subject } from "./fact";
import { isUnknown, type Resource, type ResourceSet, text, TYPES } from "./resources";

export interface Place {
  readonly resource: Resource;
  /** Docker's name of the cluster whose component declares it; empty outside of one. */
  readonly cluster: string;
  /** Name below the cluster's: `n0-data`. */
  readonly role: string;
  /** `n0`, for what belongs to one server. */
  readonly server: string;
}

export class Places {
  readonly all: readonly Place[];
  private readonly byUrn: ReadonlyMap<string, Resource>;

  constructor(readonly set: ResourceSet) {
    this.byUrn = new Map(set.resources.map((resource) => [resource.urn, resource]));
    this.all = set.resources.map((resource) => this.place(resource));
  }

  ofType(type: string): readonly Place[] {
    return this.all.filter(({ resource }) => resource.type === type);
  }

  get clusters(): readonly string[] {
    return this.ofType(TYPES.cluster).map(({ cluster }) => cluster);
  }

  /** The resource of one cluster with one role, if it is there. */
  find(cluster: string, role: string): Place | undefined {
    return this.all.find((place) => place.cluster === cluster && place.role === role);
  }

  private place(resource: Resource): Place {
    const owner = this.owner(resource);
    if (owner === undefined) return { resource, cluster: "", role: "", server: "" };
    const prefix = `${owner.name}-`;
    const role = resource.name.startsWith(prefix) ? resource.name.slice(prefix.length) : "";
    const given = owner.inputs["clusterName"];
    const cluster = (isUnknown(given) ? "" : text(given)) || owner.name;
    return { resource, cluster, role, server: /^n\d+(?=-|$)/.exec(role)?.[0] ?? "" };
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

/** The web UI as a whole: nginx, the proxy behind it, and their files. */
export const UI_SUBJECT = (cluster: string): Subject => ({ kind: "ui", cluster, name: "web UI" });

/** What is part of the web UI, by its role. */
export function isOfWebUi({ cluster, role }: Place): boolean {
  return cluster !== "" && /^ui(-|$)/.test(role);
}

export const STACK: Subject = { kind: "resource", cluster: "", name: "stack" };
