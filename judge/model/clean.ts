/** Text of others on its way to a person: no control characters, no change of direction, not without end. */

// C0, C1, zero-width and bidirectional controls: they can hide text or drive a terminal.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const LONGEST = 600;

export function clean(text: string): string {
  const plain = text.replace(CONTROL, "\ufffd");
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST)}…`;
}

/** Cleans every string of a value made of plain data. */
export function cleanAll<T>(value: T): T {
  if (typeof value === "string") return clean(value) as T;
  if (Array.isArray(value)) return value.map((inner: unknown) => cleanAll(inner)) as T;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanAll(inner as unknown)])) as T;
  }
  return value;
}
