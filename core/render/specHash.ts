/** One short name for everything a container is made from. */
import { createHash } from "node:crypto";

export function specHash(spec: unknown): string {
  return createHash("sha256").update(canonical(spec)).digest("hex").slice(0, 16);
}

/** JSON with sorted keys, so that the order in which a spec was written down does not count. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
