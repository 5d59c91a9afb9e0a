/** What kind of value stands where in the args: a misspelt field must never be one that is missing, at any depth. */
import { nearest } from "../values/nearest";

/** `late` values may be an Output; a `secret` is never part of a message. */
export type Shape =
  | { readonly kind: "text"; readonly late?: true; readonly secret?: true }
  | { readonly kind: "number" }
  | { readonly kind: "boolean" }
  | { readonly kind: "list"; readonly of: Shape; readonly secret?: true }
  | { readonly kind: "map"; readonly of: Shape; readonly late?: true; readonly secret?: true }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, Field>>; readonly secret?: true };

export type Field = Shape & { readonly required?: true };

export interface Shaped<T> {
  /** The same, with whole numbers as text where text is meant: `pulumi config set --path` makes a number of each `1`. */
  readonly value: T;
  /** Unknown fields. The rest can be checked. */
  readonly unknown: readonly string[];
  /** Values of another kind. Nothing else can be said of them. */
  readonly wrong: readonly string[];
}

/** @param path of the value in messages; empty for the args themselves. */
export function readShape<T>(shape: Shape, value: T, path = ""): Shaped<T> {
  const found = { unknown: [] as string[], wrong: [] as string[] };
  return { value: read(shape, value, path, found) as T, ...found };
}

interface Found {
  readonly unknown: string[];
  readonly wrong: string[];
}

function read(shape: Shape, value: unknown, path: string, found: Found): unknown {
  if (isLate(value)) {
    if (!("late" in shape)) {
      found.wrong.push(`${path}: is an Output, known only while resources are made; give a plain value`);
    }
    return value;
  }
  switch (shape.kind) {
    case "text":
      if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
      if (typeof value !== "string") found.wrong.push(wrong(path, shape, value, "a text"));
      return value;
    case "number":
      if (typeof value !== "number") {
        const hint = isDigits(value) ? "; write it without quotes" : "";
        found.wrong.push(wrong(path, shape, value, "a number") + hint);
      }
      return value;
    case "boolean":
      if (typeof value !== "boolean") {
        const hint = value === "true" || value === "false" ? "; write it without quotes" : "";
        found.wrong.push(`${path}: ${shown(value)} is neither true nor false${hint}`);
      }
      return value;
    case "list":
      if (Array.isArray(value)) {
        return value.map((inner: unknown, index) => read(shape.of, inner, `${path}[${String(index)}]`, found));
      }
      found.wrong.push(wrong(path, shape, value, "a list"));
      return value;
    case "map":
      if (isRecord(value)) {
        return mapValues(value, (key, inner) => read(shape.of, inner, keyPath(path, key), found));
      }
      found.wrong.push(wrong(path, shape, value, "a map of names to values"));
      return value;
    case "object":
      if (isRecord(value)) return readFields(shape.fields, value, path, found);
      found.wrong.push(wrong(path, shape, value, `an object of ${Object.keys(shape.fields).join(", ")}`));
      return value;
  }
}

function readFields(
  fields: Readonly<Record<string, Field>>,
  value: Readonly<Record<string, unknown>>,
  path: string,
  found: Found,
): unknown {
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const [name, field] of Object.entries(fields)) {
    if (field.required === true && value[name] === undefined) found.wrong.push(`${at(name)}: is missing`);
  }
  return mapValues(value, (name, inner) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      found.unknown.push(`${at(name)}: is no field; ${meant(name, Object.keys(fields))}`);
      return inner;
    }
    return inner === undefined ? undefined : read(field, inner, at(name), found);
  });
}

/** What to say of a name that is not known. */
export function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? `known are ${known.join(", ")}` : `do you mean "${near}"?`;
}

function wrong(path: string, shape: Shape, value: unknown, what: string): string {
  if ("secret" in shape) return `${path}: is not ${what}`;
  return value === null
    ? `${path}: has no value; give ${what}, or take it out`
    : `${path}: ${shown(value)} is not ${what}`;
}

function shown(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function isDigits(value: unknown): boolean {
  return typeof value === "string" && /^\d+$/.test(value);
}

/** A name that could be mistaken for a path stands in brackets. */
function keyPath(path: string, key: string): string {
  return /^[A-Za-z]\w*$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An Output of Pulumi, or a promise. */
function isLate(value: unknown): boolean {
  return isRecord(value) && (value["__pulumiOutput"] === true || typeof value["then"] === "function");
}

function mapValues(
  value: Readonly<Record<string, unknown>>,
  change: (key: string, inner: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(key, inner)]));
}
