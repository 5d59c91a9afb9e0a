/** Reads what a program of this project is asked: every field but the secret ones. */
import { PROGRAMS } from "../../core/programs/all";
import type { Field } from "../../core/programs/parts/fields";
import { specHash } from "../../core/render/specHash";
import { INTERPRETER, NOTHING } from "../../core/programs/parts/locator";
import { canonical, type Inputs, isUnknown, record, SECRET, text, UNKNOWN } from "./resources";

/** Of earlier states: in a checkout, or the package, from the folder of the program and wherever packages are borrowed. */
const BY_PATH =
  /^node '(?:dist|(?!\/)(?:[^/'\s]+\/)*node_modules\/pulumi-rethinkdb\/dist)\/ops\/main\.js' ([a-zA-Z]+)$/;

/**
 * @param when `create`, `update` or `delete`.
 * @returns which program of this project a Command runs then, or `NOTHING`; undefined where it runs something else.
 */
export function verbOf(inputs: Inputs, when: string): string | undefined {
  const command = text(inputs[when]);
  const isFound = canonical(inputs["interpreter"]) === canonical(INTERPRETER);
  if (!isFound && inputs["interpreter"] !== undefined) return undefined;
  if (command === NOTHING) return NOTHING;
  const verb = isFound ? command : (BY_PATH.exec(command)?.[1] ?? "");
  return Object.hasOwn(PROGRAMS, verb) ? verb : undefined;
}

/**
 * @param stdin of a Command, in clear.
 * @returns undefined where it is no request of a program that this reader knows.
 */
export function readRequest(inputs: Inputs, stdin: string): Inputs | undefined {
  const verb = verbOf(inputs, "update") ?? verbOf(inputs, "create");
  const fields = Object.entries(PROGRAMS).find(([name]) => name === verb)?.[1].request;
  if (fields === undefined) return undefined;
  try {
    return record(redact({ kind: "object", fields }, JSON.parse(stdin)));
  } catch {
    return undefined;
  }
}

/** What is not described may be a secret. */
function redact(field: Field | undefined, value: unknown): unknown {
  if (value === null || isUnknown(value)) return value;
  switch (field?.kind) {
    case "optional":
    case "nullable":
    case "orNull":
      return redact(field.of, value);
    case "list":
      return Array.isArray(value) ? value.map((inner: unknown) => redact(field.of, inner)) : SECRET;
    case "map":
      return mapValues(value, () => field.of);
    case "object":
      return mapValues(value, (key) => field.fields[key]);
    case "text":
      return field.secret === true || typeof value !== "string" ? SECRET : withoutPem(value);
    case "oneOf":
    case "number":
    case "flag":
      return typeof value === "object" ? SECRET : value;
    case undefined:
      return SECRET;
  }
}

function mapValues(value: unknown, fieldOf: (key: string) => Field | undefined): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(fieldOf(key), inner)]));
}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/** Certificates by their digests; a key that stands where none belongs is not shown at all. */
function withoutPem(value: string): string {
  if (value.includes(UNKNOWN)) return UNKNOWN;
  if (/PRIVATE KEY-----/.test(value)) return SECRET;
  const digests = pemDigests(value);
  return digests.length === 0 ? value : `${PEM_MARK}${digests.join(" ")}`;
}

export const PEM_MARK = "certificates: ";

export function pemDigests(value: unknown): readonly string[] {
  return [...text(value).matchAll(PEM)].map(([, , body = ""]) => specHash(body.replace(/\s/g, "")));
}
