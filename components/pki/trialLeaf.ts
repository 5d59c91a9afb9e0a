/** A certificate that a CA signs only to see whether clients accept it. It is never used. */
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";
import { isAddress, toBytes } from "../../args/values/addresses";
import { der, distinguishedName, extension, oid, signed, subjectOf, TAG, toBeSigned } from "../../core/pki/der";
import type { SanPlan } from "../../core/plan/publish";

export interface TrialLeaf {
  readonly certPem: string;
  readonly keyPem: string;
}

const HOUR_MS = 3600 * 1000;

/** With the same kind of key, names and uses as a server's certificate. */
export function signTrialLeaf(ca: X509Certificate, key: KeyObject, commonName: string, sans: SanPlan): TrialLeaf {
  const leaf = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = der(TAG.sequence, oid(key.asymmetricKeyType === "rsa" ? "rsaSha256" : "ecdsaSha256"));
  const names = [...sans.dnsNames, ...sans.ipAddresses].map(generalName);
  const body = toBeSigned({
    algorithm,
    issuer: subjectOf(ca.raw),
    subject: distinguishedName(commonName),
    validity: [time(Date.now() - HOUR_MS), time(Date.now() + HOUR_MS)],
    publicKey: leaf.publicKey.export({ type: "spki", format: "der" }),
    extensions: [
      extension("extendedKeyUsage", der(TAG.sequence, oid("serverAuth"))),
      extension("subjectAltName", der(TAG.sequence, ...names)),
    ],
  });
  return {
    certPem: new X509Certificate(signed(body, algorithm, sign("sha256", body, key))).toString(),
    keyPem: leaf.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function generalName(name: string): Buffer {
  return isAddress(name) ? der(TAG.ipAddress, Buffer.from(toBytes(name))) : der(TAG.dnsName, Buffer.from(name));
}

function time(at: number): Buffer {
  return der(TAG.utcTime, Buffer.from(new Date(at).toISOString().replace(/^..|[-:T]|\.\d+/g, "")));
}
