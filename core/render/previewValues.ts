/** Plain data of resources, in which markers stand for what is not known yet and for what is secret. */

/** Stands where a preview does not know a value yet; Pulumi's own marker. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Stands where a secret was; no secret ever gets further than the two readers of sets. */
export const SECRET = "[secret]";

export type Inputs = Readonly<Record<string, unknown>>;

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** A secret, or something that has one anywhere in it. */
export function hasSecret(value: unknown): boolean {
  return value === SECRET || children(value).some(hasSecret);
}

export function hasUnknown(value: unknown): boolean {
  return value === UNKNOWN || children(value).some(hasUnknown);
}

function children(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function record(value: unknown): Inputs {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Inputs) : {};
}

/** JSON with sorted keys: equal texts are equal values. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined && v !== null);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
  }
  return value === undefined ? "null" : JSON.stringify(value);
}
