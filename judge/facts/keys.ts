/** How strong the keys of CAs and certificates are, and what each is for. */
import { type Grade, neutral, NONE, type Note } from "../model/fact";
import { type Family, held } from "../model/property";
import type { Place } from "../model/places";
import { hasUnknown, text } from "../model/resources";
import { mandatory } from "../model/rule";

const STRONG = mandatory(
  "strong-keys",
  "Keys of CAs and servers are P-256, or RSA of 2048 bits or more; RethinkDB offers no other curve before TLS 1.3.",
  { rsaBits: 2048 },
);

export const KEYS: Family = {
  "key/strength": held(
    {
      title: "key",
      why: "A weak key can be computed, and RethinkDB offers no other curve than P-256 before TLS 1.3.",
      ...{ anchor: "tls", args: [], absent: NONE, promise: 0 },
    },
    {
      rule: STRONG,
      // Seeds are read by nothing but this project.
      keeps: ({ place, grade, config: { rsaBits = 2048 } }) =>
        purposeOf(place.role || place.resource.name) === "" ||
        (grade.amount === undefined ? grade.rank === 0 : grade.amount >= rsaBits),
      says: ({ config: { rsaBits = 2048 } }) =>
        `the key is neither ECDSA P256 nor RSA of ${String(rsaBits)} bits or more. Use algorithm ECDSA with ecdsaCurve P256.`,
    },
  ),
};

/** `cluster`, `driver` or `client`, from the name of a key or certificate of this project; else empty. */
export function purposeOf(name: string): string {
  return /(?:^|-)(cluster|driver|client)-(ca-g\d+|key|request|certificate)/.exec(name)?.[1] ?? "";
}

export function readKey({ role, resource }: Place, note: Note): void {
  const { algorithm, ecdsaCurve, rsaBits } = resource.inputs;
  if (hasUnknown([algorithm, ecdsaCurve, rsaBits])) note("key/strength", null);
  else
    note("key/strength", strength(text(algorithm), text(ecdsaCurve), rsaBits, purposeOf(role || resource.name) !== ""));
}

/** Absent curve and bits are the provider's own defaults. */
function strength(algorithm: string, curve: string, bits: unknown, serves: boolean): Grade {
  if (algorithm === "RSA") {
    const size = typeof bits === "number" ? bits : 2048;
    return { text: `RSA of ${String(size)} bits`, rank: size >= 2048 ? 0 : 1, amount: size };
  }
  if (algorithm === "ED25519") return serves ? { text: algorithm, rank: 1 } : neutral(algorithm);
  const offered = curve === "P256" || (!serves && (curve === "P384" || curve === "P521"));
  return { text: algorithm === "ECDSA" ? `ECDSA ${curve || "P224"}` : "another algorithm", rank: offered ? 0 : 1 };
}
