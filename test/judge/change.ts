/** One change of the corpus: what was, what is, and every line that a review has to say about it. */
import type { RethinkdbClusterArgs } from "../../components/index";
import type { MadeUp } from "../../cli/offline/recorder";
import { Places } from "../../judge/model/places";
import type { Options, Resource, ResourceSet } from "../../judge/model/resources";
import { cluster, type Declare, recordHere } from "../support/recorded";

export interface Change {
  readonly name: string;
  readonly base?: Side;
  readonly head: Side;
  /** `direction: sentence`; all of them, in any order. */
  readonly expect: readonly string[];
}

/** A program, then edits by hand of what it declares. */
export interface Side {
  readonly declare?: Declare;
  /** Programs with the same key declare the same. */
  readonly key?: string;
  readonly edits?: readonly Edit[];
}

export type Edit = (set: ResourceSet) => ResourceSet;

type Args = Partial<RethinkdbClusterArgs>;

export const args = (given: Args, ...edits: readonly Edit[]): Side => ({
  declare: cluster(given),
  key: JSON.stringify(given),
  edits,
});
export const hand = (...edits: readonly Edit[]): Side => ({ edits });

/** Inputs of any resource, to be edited by hand. */
export interface Inputs {
  [input: string]: unknown;
  ports: { ip?: string; internal: number; external?: number; protocol?: string }[];
  volumes: { volumeName?: string; hostPath?: string; containerPath: string; readOnly?: boolean }[];
  labels: { label: string; value: string }[];
  networksAdvanced: { name: string; ipv4Address?: string }[];
  capabilities: { adds?: string[]; drops?: string[] };
  securityOpts: string[];
  command?: string[] | undefined;
  healthcheck?: { tests: string[] };
  environment: Record<string, string>;
  allowedUses: string[];
}

const SERVER = /^n\d+$/;

/** Edits the inputs of every resource of one role, servers' containers by default. */
export function inputs(edit: (inputs: Inputs) => unknown, role: RegExp | string = SERVER, type?: string): Edit {
  return eachOf(role, type, (resource) => {
    const copy = structuredClone(resource.inputs) as Inputs;
    const shown = JSON.stringify(copy.environment);
    edit(copy);
    // What is shown is all that an edit by hand knows of.
    const { request, ...rest } = resource;
    const kept = request !== undefined && JSON.stringify(copy.environment) === shown ? { request } : {};
    return { ...rest, ...kept, inputs: copy };
  });
}

export function options(edit: (options: Options) => Partial<Options>, role: RegExp | string = SERVER): Edit {
  return eachOf(role, undefined, (resource) => ({
    ...resource,
    options: { ...resource.options, ...edit(resource.options) },
  }));
}

export function remove(role: RegExp | string): Edit {
  return (set) => ({ ...set, resources: set.resources.filter((resource) => !matches(set, resource, role)) });
}

export function add(...resources: readonly Resource[]): Edit {
  return (set) => ({ ...set, resources: [...set.resources, ...resources] });
}

function eachOf(role: RegExp | string, type: string | undefined, edit: (resource: Resource) => Resource): Edit {
  return (set) => ({
    ...set,
    resources: set.resources.map((resource) =>
      matches(set, resource, role) && (type === undefined || resource.type === type) ? edit(resource) : resource,
    ),
  });
}

function matches(set: ResourceSet, resource: Resource, role: RegExp | string): boolean {
  const found = placesOf(set).all.find((place) => place.resource === resource)?.role ?? "";
  return typeof role === "string" ? found === role : role.test(found);
}

const PLACES = new WeakMap<ResourceSet, Places>();

function placesOf(set: ResourceSet): Places {
  const places = PLACES.get(set) ?? new Places(set);
  PLACES.set(set, places);
  return places;
}

/** Edits the command line of servers: sets, adds or drops options. */
export function argv(edit: (words: string[]) => string[], role: RegExp | string = SERVER): Edit {
  return inputs((i) => {
    i.command = edit(i.command ?? []);
  }, role);
}

export const without =
  (...names: readonly string[]) =>
  (words: string[]): string[] => {
    const bare = ["--no-http-admin", "--no-update-check"];
    return words.filter(
      (word, at) =>
        !names.includes(word) && !(names.includes(words[at - 1] ?? "") && !bare.includes(words[at - 1] ?? "")),
    );
  };

export const withWords =
  (...more: readonly string[]) =>
  (words: string[]): string[] => [...words, ...more];

export const set =
  (name: string, value: string) =>
  (words: string[]): string[] => [...without(name)(words), name, value];

/** Both sets, the head made the way the engine would see it after the base. */
export async function realize(change: Change): Promise<{ readonly before: ResourceSet; readonly after: ResourceSet }> {
  const base = await sideOf(change.base ?? {});
  const head =
    change.head.declare === undefined ? base.plain : (await recordHere(change.head.declare, base.madeUp)).set;
  const edits = change.head.edits ?? [];
  return { before: base.set, after: edits.reduce((given, edit) => edit(given), head) };
}

interface Base {
  readonly set: ResourceSet;
  readonly plain: ResourceSet;
  readonly madeUp: MadeUp;
}

const BASES = new Map<string, Promise<Base>>();

/** Each base is declared once; edits by hand of a base are edits of the head, too, where it has no program. */
async function sideOf(side: Side): Promise<Base> {
  const { declare = cluster(), key = side.declare === undefined ? "{}" : undefined } = side;
  const known = key === undefined ? undefined : BASES.get(key);
  const made = known ?? declared(declare);
  if (key !== undefined) BASES.set(key, made);
  const plain = await made;
  const edited = (side.edits ?? []).reduce((given, edit) => edit(given), plain.set);
  return { ...plain, set: edited };
}

async function declared(declare: Declare): Promise<Base> {
  const { set: plain, madeUp } = await recordHere(declare);
  return { set: plain, plain, madeUp };
}

export function first<T>(list: readonly T[]): T {
  const [found] = list;
  if (found === undefined) throw new Error("there is nothing to edit");
  return found;
}
