/** Takes a stack's secrets out of what a helper is given. */
import type { Secret } from "../../core/decide/audit/declared";
import { findSecrets, needlesOf, withoutSecrets } from "../../core/decide/audit/secretSearch";
import { Failure } from "../../ops/lib/failure";
import type { TarFile } from "./tar";

const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/g;
const ONE_TIME = /(Generated random admin password: )\S+/g;

/** @throws Failure when something secret is left all the same: then nothing is handed out. */
export function redact(files: readonly TarFile[], secrets: readonly Secret[]): readonly TarFile[] {
  const { needles } = needlesOf(secrets);
  // Shorter than what is searched for elsewhere: as words of their own.
  const short = secrets
    .filter(({ text }) => text.length > 0 && text.length < 8)
    .map(({ what, text }) => ({
      what,
      word: new RegExp(`(?<![A-Za-z0-9_])${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![A-Za-z0-9_])`, "g"),
    }));
  const clean = files.map(({ name, text }): TarFile => {
    let out = text.replace(KEY, "<a private key>").replace(ONE_TIME, "$1<a one-time password>");
    for (const { what, word } of short) out = out.replace(word, `<${what}>`);
    return { name, text: withoutSecrets(out, needles) };
  });
  const left = clean.flatMap(({ name, text }) => findSecrets(text, needles).map((what) => `${name} holds ${what}`));
  if (left.length > 0) throw new Failure(`--bundle: nothing was written, because ${left.join(", ")}`);
  return clean;
}
