/** Cases of the gate: a weakening, with the direction a person would give it, or a change that must not stop it. */
import { FAIL_ON, failures, report } from "../../../judge/changes/report";
import type { Direction } from "../../../judge/model/line";
import type { Resource } from "../../../judge/model/resources";
import { review, type Review } from "../../../judge/changes/review";
import { type Change, type Edit, realize, type Side } from "../change";

export type Stop = Extract<Direction, "weakened" | "destroyed" | "unknown"> | "not judged";

export interface Weakening extends Pick<Change, "name" | "base" | "head"> {
  readonly stop: Stop;
  /** How the rule of the line begins; for what is not judged, a part of the sentence. */
  readonly about: string;
}

export type Harmless = Pick<Change, "name" | "base" | "head">;

export const weak = (name: string, stop: Stop, about: string, head: Side, base?: Side): Weakening => ({
  ...{ name, stop, about, head },
  ...(base === undefined ? {} : { base }),
});

export const fine = (name: string, head: Side, base?: Side): Harmless => ({
  ...{ name, head },
  ...(base === undefined ? {} : { base }),
});

/** As the workflows name it. */
export const GATE = FAIL_ON.filter((what) => ["weakened", "destroyed", "unknown", "not-judged"].includes(what));

/** What stops the gate, as a person reads it. */
export function stopsOf(found: Review): readonly string[] {
  return [
    ...found.lines
      .filter(({ direction }) => GATE.some((what) => what === direction))
      .map(({ direction, rule, sentence }) => `${direction} ${rule}: ${sentence}`),
    ...found.notJudged.map((sentence) => `not judged ${sentence}`),
  ];
}

export function isStopped(found: Review): boolean {
  return failures(report([found], [], "2030-01-01"), GATE).length > 0;
}

export async function judged(change: Pick<Change, "name" | "base" | "head">): Promise<Review> {
  const { before, after } = await realize({ ...change, expect: [] });
  return review({ before, after, source: "offline" });
}

/** What a program is asked, in clear; other programs than those of the role are left alone. */
export interface Asked {
  [field: string]: unknown;
}

/** Edits what the programs of one role are asked, as a tampered component would ask them. */
export function asked(edit: (request: Asked) => unknown, role: RegExp): Edit {
  return changed(role, (resource) => {
    if (resource.request === undefined) return resource;
    const request = structuredClone(resource.request) as Asked;
    edit(request);
    return { ...resource, request };
  });
}

/** Edits every resource whose name below the cluster's fits. */
export function changed(role: RegExp, edit: (resource: Resource, all: readonly Resource[]) => Resource): Edit {
  return (set) => ({
    ...set,
    resources: set.resources.map((resource) =>
      role.test(resource.name.replace(/^db-/, "")) ? edit(resource, set.resources) : resource,
    ),
  });
}

/** A resource of the cluster that another program would declare beside the component's own. */
export function inCluster(type: string, name: string, inputs: Resource["inputs"], more: Partial<Resource> = {}): Edit {
  return (set) => {
    const like = set.resources.find((resource) => resource.type === type) ?? set.resources[0];
    const owner = set.resources.find(({ name: other }) => other === "db");
    if (like === undefined || owner === undefined) throw new Error("there is no cluster");
    const urn = `urn:pulumi:test::rethinkdb::${owner.type}$${type}::${name}`;
    const resource: Resource = { ...like, ...{ urn, type, name, parent: owner.urn, inputs }, ...more };
    return { ...set, resources: [...set.resources, resource] };
  };
}

export const outside = (type: string, name: string, inputs: Resource["inputs"]): Edit =>
  inCluster(type, name, inputs, { parent: "", urn: `urn:pulumi:test::rethinkdb::${type}::${name}` });

/** URN of a resource of one name, in the set that is edited. */
export function urnIn(all: readonly Resource[], name: string): string {
  const found = all.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.urn;
}

export const words = (given: unknown): string[] => (Array.isArray(given) ? given.map(String) : []);
