/** A certificate that no one trusts: what a stranger, or a server in the middle, would show. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { der, distinguishedName, extension, oid, signed, TAG, toBeSigned } from "../../../core/pki/der";
import type { Pair } from "./tls";

const time = (text: string): Buffer => der(TAG.generalizedTime, Buffer.from(text));

/** A CA that signed itself, usable as its own leaf. */
export function madeUpPair(): Pair {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const keyPem = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const algorithm = der(TAG.sequence, oid("ecdsaSha256"));
  const subject = distinguishedName(`stranger ${randomBytes(4).toString("hex")}`);
  const body = toBeSigned({
    algorithm,
    issuer: subject,
    subject,
    validity: [time("20000101000000Z"), time("99991231235959Z")],
    publicKey: createPublicKey(createPrivateKey(keyPem)).export({ type: "spki", format: "der" }),
    extensions: [extension("basicConstraints", der(TAG.sequence, der(TAG.boolean, Buffer.from([0xff]))), true)],
  });
  const certificate = signed(body, algorithm, sign("sha256", body, privateKey));
  return { certPem: new X509Certificate(certificate).toString(), keyPem };
}
