/** What is a secret, or must be taken for one. */
import { record, SECRET, text } from "./resources";

/** The engine writes a secret as an object with this key and value. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

const isSecret = (value: unknown): boolean => record(value)[SIGNATURE] === SECRET_SIGNATURE;

/** Whether the engine marked it, or a part of it, as a secret. */
export function isMarked(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes(SIGNATURE);
}

/** From here on a secret is only known to be one. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return SECRET;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

/** What is secret, where a provider is told it as it is. */
export function secretValue(value: unknown): unknown {
  return isSecret(value) ? record(value)["value"] : undefined;
}

/** The text that is secret, where it is told: by `--show-secrets` as JSON, to a provider as it is. */
export function secretText(value: unknown): string {
  if (!isSecret(value)) return "";
  const { plaintext, value: plain } = record(value);
  try {
    return text(plain) || text(JSON.parse(text(plaintext)));
  } catch {
    return "";
  }
}

/** What stands offline in the place of each secret that the config keeps. */
export const PLACEHOLDER = "not-known-offline-";
const MADE_UP_KEY = /MADE UP PRIVATE KEY/;

/** A secret whose value was made up, in clear: its mark was lost on the way. */
export function holdsPlaceholder(value: unknown): boolean {
  const all = JSON.stringify(value ?? null);
  return all.includes(PLACEHOLDER) || MADE_UP_KEY.test(all);
}

/** What the engine or a run of the program marks as a secret, and private keys in clear. */
export function holdsSecret(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes(SECRET) || holdsPlaceholder(value) || holdsPrivateKey(value);
}

export function holdsPrivateKey(value: unknown): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(JSON.stringify(value ?? null));
}

export function namesSecret(name: string): boolean {
  return /pass(word|wd|phrase)?|secret|token|private|credential|api_?key/i.test(name);
}
