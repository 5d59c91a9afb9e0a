/** What is a secret, or must be taken for one. */
import { SECRET } from "./resources";

/** What the engine or a run of the program marks as a secret, and private keys in clear. */
export function holdsSecret(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes(SECRET) || holdsPrivateKey(value);
}

export function holdsPrivateKey(value: unknown): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(JSON.stringify(value ?? null));
}

export function namesSecret(name: string): boolean {
  return /pass(word|wd|phrase)?|secret|token|private|credential|api_?key/i.test(name);
}
