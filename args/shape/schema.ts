/** What `schema.json` says of the args: the shape of each, its default, and how it stands in a stack's config. */
import schema from "../../schema.json";
import type { RethinkdbClusterArgs } from "../args";
import type { Complete, WithoutDefault } from "./complete";
import type { Field, Shape } from "./shape";

/** One property of a Pulumi package schema: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/ */
export interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
  /** A plain value; without this it may be an Output. */
  readonly plain?: boolean;
  readonly language?: { readonly rethinkdb?: Extra };
}

/** What a Pulumi schema has no place for. */
interface Extra {
  /** A default that is a list, a map or an object. */
  readonly default?: unknown;
  /** What stands in `Pulumi.yaml`, where every listed key has a value; null for a key that is not listed. */
  readonly config?: unknown;
  /** A plain map whose values are secrets. */
  readonly secret?: boolean;
  /** Where to read on, below `docs/`. */
  readonly see?: string;
}

interface ObjectType {
  readonly properties: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly language?: { readonly rethinkdb?: { readonly partial?: boolean } };
}

const TYPES = schema.types as unknown as Readonly<Record<string, ObjectType>>;
const CLUSTER = schema.resources["rethinkdb:index:RethinkdbCluster"];
/** By name. */
export const PROPERTIES = CLUSTER.inputProperties as unknown as Readonly<Record<string, Property>>;

export const ARGS = objectShape({ properties: PROPERTIES, required: CLUSTER.requiredInputs });

export function shapeOfArg(name: keyof RethinkdbClusterArgs): Shape {
  return shapeOf(propertyOf(name));
}

type Defaults = Omit<Complete<RethinkdbClusterArgs>, "clusterName" | "adminPassword" | WithoutDefault>;

export const DEFAULTS = defaultsOf(PROPERTIES) as unknown as Defaults;

/** Generations of a CA that was never rotated. */
export const FIRST_CA = DEFAULTS.clusterCa;

/** Every arg with a default has a value afterwards. A field that is undefined was not said. */
export function fillArgs(args: RethinkdbClusterArgs): Complete<RethinkdbClusterArgs> {
  const webUi = { ...DEFAULTS.webUi, ...withoutUndefined({ ...args.webUi }) };
  const backups = { ...DEFAULTS.backups, ...withoutUndefined({ ...args.backups }) };
  const hosts = (args.hosts ?? DEFAULTS.hosts).map((host) => withoutUndefined({ ...host }));
  return {
    ...DEFAULTS,
    ...withoutUndefined({ ...args }),
    webUi,
    backups,
    hosts,
  } as unknown as Complete<RethinkdbClusterArgs>;
}

export interface ConfigKey {
  readonly name: string;
  readonly kind: Shape["kind"];
  readonly isSecret: boolean;
  /** What stands in `Pulumi.yaml`; null for a key that is not listed there, since nothing stands for its absence. */
  readonly placeholder: unknown;
  /** Whether the placeholder only says that nothing was set. */
  readonly isCalculated: boolean;
}

/** How each arg stands in the config of a stack. */
export const CONFIG_KEYS: readonly ConfigKey[] = Object.entries(PROPERTIES)
  .map(([name, property]): ConfigKey => {
    const extra = property.language?.rethinkdb ?? {};
    const byDefault = property.default ?? extra.default;
    const placeholder = "config" in extra ? extra.config : byDefault;
    return {
      name,
      kind: shapeOf(property).kind,
      isSecret: isSecretProperty(property),
      placeholder: placeholder ?? null,
      isCalculated: byDefault === undefined,
    };
  })
  .filter(({ name }) => name !== "dockerHost");

function propertyOf(name: string): Property {
  const found = PROPERTIES[name];
  if (found === undefined) throw new Error(`schema.json has no arg "${name}"`);
  return found;
}

function shapeOf(property: Property, isSecret = isSecretProperty(property)): Shape {
  const late = property.plain === true ? {} : ({ late: true } as const);
  const secret = isSecret ? ({ secret: true } as const) : {};
  if (property.$ref !== undefined) return { ...objectShape(typeOf(property.$ref)), ...secret };
  switch (property.type) {
    case "string":
      return { kind: "text", ...late, ...secret };
    case "integer":
      return { kind: "number" };
    case "boolean":
      return { kind: "boolean" };
    case "array":
      return { kind: "list", of: shapeOf(property.items ?? {}, isSecret), ...secret };
    case "object":
      return { kind: "map", of: shapeOf(property.additionalProperties ?? {}, isSecret), ...late, ...secret };
    case undefined:
    default:
      throw new Error(`schema.json has a property of type "${String(property.type)}"`);
  }
}

function isSecretProperty({ secret, language }: Property): boolean {
  return secret === true || language?.rethinkdb?.secret === true;
}

function objectShape(type: ObjectType): Extract<Shape, { kind: "object" }> {
  // Checks of their own say what is missing, with the cure.
  const required = type.language?.rethinkdb?.partial === true ? [] : (type.required ?? []);
  const fields = Object.entries(type.properties).map(([name, property]): [string, Field] => [
    name,
    required.includes(name) ? { ...shapeOf(property), required: true } : shapeOf(property),
  ]);
  return { kind: "object", fields: Object.fromEntries(fields) };
}

function typeOf(ref: string): ObjectType {
  const found = TYPES[ref.replace("#/types/", "")];
  if (found === undefined) throw new Error(`schema.json has no type "${ref}"`);
  return found;
}

/** Those of an object's own fields stand under what its own default says. */
function defaultsOf(properties: Readonly<Record<string, Property>>): Readonly<Record<string, unknown>> {
  const found = Object.entries(properties).flatMap(([name, property]) => {
    const own = property.default ?? property.language?.rethinkdb?.default;
    if (own === undefined) return [];
    const fields = property.$ref === undefined ? {} : defaultsOf(typeOf(property.$ref).properties);
    return [[name, property.$ref === undefined ? own : { ...fields, ...(own as object) }] as const];
  });
  return Object.fromEntries(found);
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
