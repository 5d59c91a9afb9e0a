/** Finds a stack's secrets in a text, as they stand, as JSON, as a URL and in base64. */
import type { Secret } from "./declared";

/** Shorter ones stand in many texts by chance. */
const SHORTEST = 8;

export interface Needle {
  readonly what: string;
  readonly forms: readonly string[];
}

/** @returns needles, and what is too short to be searched for. */
export function needlesOf(secrets: readonly Secret[]): {
  readonly needles: readonly Needle[];
  readonly tooShort: readonly string[];
} {
  const long = secrets.filter(({ text }) => bodyOf(text).length >= SHORTEST);
  return {
    needles: long.map(({ what, text }) => ({ what, forms: formsOf(bodyOf(text)) })),
    tooShort: secrets.filter((secret) => !long.includes(secret)).map(({ what }) => what),
  };
}

/** The first line of a key's PEM holds the private part; the last is the public key, which stands elsewhere in clear. */
function bodyOf(text: string): string {
  return text.startsWith("-----BEGIN") ? (text.split("\n")[1] ?? "") : text;
}

function formsOf(text: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) => {
    // In base64 a text looks different at each of three offsets; its edges belong to what stands around it.
    const encoded = Buffer.from("\0".repeat(shift) + text, "utf8")
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice(shift === 0 ? 0 : shift + 1, -2);
  });
  const all = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), ...base64];
  return [...new Set(all)].filter((form) => form.length >= SHORTEST);
}

/** @returns what was found, in words and never itself. */
export function findSecrets(text: string, needles: readonly Needle[]): readonly string[] {
  return needles.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ what }) => what);
}

/** The text with every secret taken out. */
export function withoutSecrets(text: string, needles: readonly Needle[]): string {
  let clean = text;
  for (const { what, forms } of needles) {
    for (const form of [...forms].sort((a, b) => b.length - a.length)) {
      clean = clean.replaceAll(form, `<${what}>`);
    }
  }
  return clean;
}
