/**
 * The fields of a request or a result: one description gives its type, its check where it arrives, and what of it is a
 * secret.
 */

export type Field =
  | { readonly kind: "text"; readonly secret?: true }
  | { readonly kind: "number" }
  | { readonly kind: "flag" }
  | { readonly kind: "oneOf"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly of: Field }
  | { readonly kind: "map"; readonly of: Field }
  | { readonly kind: "object"; readonly fields: Fields }
  | { readonly kind: "nullable"; readonly of: Field }
  | { readonly kind: "orNull"; readonly of: Field }
  | { readonly kind: "optional"; readonly of: Field };

export type Fields = Readonly<Record<string, Field>>;

export const text = { kind: "text" } as const;
/** Never part of a message, a preview or a review. */
export const secret = { kind: "text", secret: true } as const;
export const number = { kind: "number" } as const;
export const flag = { kind: "flag" } as const;

export function oneOf<const V extends readonly string[]>(...values: V): { readonly kind: "oneOf"; readonly values: V } {
  return { kind: "oneOf", values };
}

export function list<F extends Field>(of: F): { readonly kind: "list"; readonly of: F } {
  return { kind: "list", of };
}

/** Of names to values. */
export function map<F extends Field>(of: F): { readonly kind: "map"; readonly of: F } {
  return { kind: "map", of };
}

export function object<F extends Fields>(fields: F): { readonly kind: "object"; readonly fields: F } {
  return { kind: "object", fields };
}

export function nullable<F extends Field>(of: F): { readonly kind: "nullable"; readonly of: F } {
  return { kind: "nullable", of };
}

/** Null also where it is missing: requests of earlier versions did not say it. */
export function orNull<F extends Field>(of: F): { readonly kind: "orNull"; readonly of: F } {
  return { kind: "orNull", of };
}

/** Not said at all where it is not needed: so the request of a cluster that has no use for it stays as it was. */
export function optional<F extends Field>(of: F): { readonly kind: "optional"; readonly of: F } {
  return { kind: "optional", of };
}

type OptionalKeys<F> = { [K in keyof F]: F[K] extends { readonly kind: "optional" } ? K : never }[keyof F];

/** Of fields that are not known one by one, nothing is known of the values: so TypeScript comes to an end. */
export type ValuesOf<F> = string extends keyof F
  ? Readonly<Record<string, unknown>>
  : { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[K]> } & {
      readonly [K in OptionalKeys<F>]?: ValueOf<F[K]>;
    };

export type ValueOf<F> = F extends { readonly kind: "text" }
  ? string
  : F extends { readonly kind: "number" }
    ? number
    : F extends { readonly kind: "flag" }
      ? boolean
      : F extends { readonly kind: "oneOf"; readonly values: readonly (infer V)[] }
        ? V
        : F extends { readonly kind: "list"; readonly of: infer Of }
          ? readonly ValueOf<Of>[]
          : F extends { readonly kind: "map"; readonly of: infer Of }
            ? Readonly<Record<string, ValueOf<Of>>>
            : F extends { readonly kind: "object"; readonly fields: infer Of }
              ? ValuesOf<Of>
              : F extends { readonly kind: "nullable" | "orNull"; readonly of: infer Of }
                ? ValueOf<Of> | null
                : F extends { readonly kind: "optional"; readonly of: infer Of }
                  ? ValueOf<Of>
                  : never;

/**
 * The fields that are described, and no others: an older version may have been asked more.
 * @throws Error that names what is missing or of another kind, and never a value.
 */
export function readFields<F extends Fields>(fields: F, value: unknown): ValuesOf<F> {
  return read({ kind: "object", fields }, value, "") as ValuesOf<F>;
}

function read(field: Field, value: unknown, path: string): unknown {
  switch (field.kind) {
    case "optional":
      return value === undefined ? undefined : read(field.of, value, path);
    case "nullable":
      return value === null ? null : read(field.of, value, path);
    case "orNull":
      return value === null || value === undefined ? null : read(field.of, value, path);
    case "text":
      return typeof value === "string" ? value : fail(path, value, "a text");
    case "number":
      return typeof value === "number" ? value : fail(path, value, "a number");
    case "flag":
      return typeof value === "boolean" ? value : fail(path, value, "true or false");
    case "oneOf":
      return typeof value === "string" && field.values.includes(value)
        ? value
        : fail(path, value, `one of ${field.values.join(", ")}`);
    case "list":
      return Array.isArray(value)
        ? value.map((inner: unknown, index) => read(field.of, inner, `${path}[${String(index)}]`))
        : fail(path, value, "a list");
    case "map":
      return mapEntries(path, value, (key, inner) => read(field.of, inner, `${path}["${key}"]`));
    case "object": {
      const known = Object.keys(field.fields);
      const given = mapEntries(path, value, (_, inner) => inner);
      const entries = known.map((key): [string, unknown] => {
        const inner = field.fields[key] ?? text;
        return [key, read(inner, given[key], path === "" ? key : `${path}.${key}`)];
      });
      return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
    }
  }
}

function mapEntries(
  path: string,
  value: unknown,
  change: (key: string, inner: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(path, value, "an object");
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(key, inner)]));
}

function fail(path: string, value: unknown, what: string): never {
  throw new Error(`${path || "it"} ${value === undefined ? "is missing" : `is not ${what}`}`);
}
