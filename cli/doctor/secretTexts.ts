/** What of a state is secret, and what is not. */
import type { Secret } from "../../core/decide/audit/declared";
import { type ExportedState, resourcesOf } from "../stack/state";

/** Marks a secret in a state: https://www.pulumi.com/docs/iac/concepts/secrets/ */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Private keys of the stack. */
export function secretTextsOf(state: ExportedState): readonly Secret[] {
  return resourcesOf(state, "tls:index/privateKey:PrivateKey").flatMap(({ urn, outputs }) => {
    const text = plain(outputs?.["privateKeyPem"]);
    const name = urn.slice(urn.lastIndexOf("::") + 2);
    return text === "" ? [] : [{ what: `the key ${name}`, text }];
  });
}

function plain(value: unknown): string {
  if (typeof value === "string") return value;
  const wrapped = (value as { readonly plaintext?: string } | undefined)?.plaintext;
  return wrapped === undefined ? "" : (JSON.parse(wrapped) as string);
}

/** The state as text, every secret value of it left out. */
export function openPartsOf(state: ExportedState): string {
  return JSON.stringify(state, (_, value: unknown) =>
    typeof value === "object" && value !== null && SIGNATURE in value ? "[secret]" : value,
  );
}
