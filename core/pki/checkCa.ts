/** Whether a CA of the user's own can be used: its keys, its chain, what it may sign. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { numberIn, TAG } from "./der";
import { normalKey, oneLine, splitPems } from "./readCa";

/** What it signs for: on the cluster port a server is also a client of its peers. */
export type OwnCaPurpose = "cluster" | "driver";

const SERVER = ["1.3.6.1.5.5.7.3.1", "serverAuth"] as const;
const CLIENT = ["1.3.6.1.5.5.7.3.2", "clientAuth"] as const;
const USES = { cluster: [SERVER, CLIENT], driver: [SERVER] } as const;
const ANY_USE = "2.5.29.37.0";

/**
 * @param path begins each message.
 * @param purpose says what it has to be allowed to sign.
 * @param certValidityDays of what it signs from now on; null where it signs nothing or is on its way out.
 * @param daysLeft of the end of a certificate, as Node writes it.
 */
export function checkOwnCa(
  path: string,
  purpose: OwnCaPurpose,
  { certPem, keyPem }: { readonly certPem: string; readonly keyPem: string },
  certValidityDays: number | null,
  daysLeft: (time: string) => number,
): { readonly errors: readonly string[]; readonly warnings: readonly string[] } {
  const chain = readChain(certPem);
  if (typeof chain === "string") return failing(`${path}.certPem: ${chain}`);
  const key = readKey(keyPem);
  if (typeof key === "string") return failing(`${path}.keyPem: ${key}`);
  const [ca, ...issuers] = chain;
  if (ca === undefined) return failing(`${path}.certPem: holds no certificate`);
  const errors: string[] = [];
  if (!ca.ca) {
    errors.push(
      `${path}.certPem: "${nameOf(ca)}" is not a CA (basic constraints say so); give the certificate of one that may sign`,
    );
  }
  if (!ca.checkPrivateKey(key)) errors.push(`${path}.keyPem: is not the key of "${nameOf(ca)}"; give the one that is`);
  const weak = weaknessOf(key);
  if (weak !== undefined) errors.push(`${path}.keyPem: ${weak}; use P-256, or RSA of at least 2048 bits`);
  errors.push(...checkChain(path, chain));
  const leaf = issuers.find((issuer) => !issuer.ca);
  if (leaf !== undefined) errors.push(`${path}.certPem: "${nameOf(leaf)}" is not a CA and cannot stand in its chain`);
  errors.push(...checkIssuerKeys(path, issuers));
  errors.push(...checkPathLengths(path, chain), ...checkUses(path, purpose, chain), ...checkPolicies(path, chain));
  const early = chain.find((cert) => daysLeft(cert.validFrom) > 0);
  if (early !== undefined)
    errors.push(
      `${path}.certPem: "${nameOf(early)}" is valid only from ${early.validFrom} on; wait, or give another one`,
    );
  for (const cert of chain) {
    const days = daysLeft(cert.validTo);
    if (certValidityDays === null || days >= certValidityDays) continue;
    errors.push(
      days < 0
        ? `${path}.certPem: "${nameOf(cert)}" expired on ${cert.validTo}; give a renewed one, of the same key`
        : `${path}.certPem: "${nameOf(cert)}" ends on ${cert.validTo}, in ${String(Math.floor(days))} days, before certificates of ` +
            `${String(certValidityDays)} days that it signs; give a renewed one, of the same key, or lower certValidityDays`,
    );
  }
  const root = issuers.at(-1);
  const warnings =
    root === undefined
      ? []
      : [
          `${path}: "${nameOf(ca)}" is trusted through "${nameOf(root)}": so is everything else that "${nameOf(root)}" signs for`,
        ];
  return { errors, warnings: errors.length === 0 ? warnings : [] };
}

function failing(error: string): { readonly errors: readonly string[]; readonly warnings: readonly string[] } {
  return { errors: [error], warnings: [] };
}

function readChain(text: string): readonly X509Certificate[] | string {
  const pems = splitPems(text);
  if (pems.length === 0) return "holds no certificate in PEM, -----BEGIN CERTIFICATE-----";
  try {
    return pems.map((pem) => new X509Certificate(pem));
  } catch {
    return "holds a certificate that cannot be read; give PEM as openssl x509 prints it";
  }
}

/** What was given is never part of a message. */
function readKey(text: string): KeyObject | string {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text))
    return "is encrypted; decrypt it first: openssl pkey -in key.pem";
  try {
    return createPrivateKey(normalKey(text));
  } catch {
    return "is no private key in PEM, -----BEGIN PRIVATE KEY-----";
  }
}

/** RethinkDB offers one elliptic curve, P-256: https://github.com/rethinkdb/rethinkdb/blob/v2.4.x/src/clustering/administration/main/command_line.cc */
function weaknessOf(key: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa") {
    return modulusLength < 2048 ? `is RSA of ${String(modulusLength)} bits` : undefined;
  }
  if (key.asymmetricKeyType !== "ec") return `is of the kind ${String(key.asymmetricKeyType)}`;
  return namedCurve === "prime256v1" ? undefined : `is of the curve ${namedCurve}`;
}

function checkChain(path: string, chain: readonly X509Certificate[]): readonly string[] {
  for (const [index, cert] of chain.entries()) {
    const issuer = chain[index + 1] ?? cert;
    if (cert.checkIssued(issuer) && cert.verify(issuer.publicKey)) continue;
    return [
      issuer === cert
        ? `${path}.certPem: the chain ends at "${nameOf(cert)}", which "${oneLine(cert.issuer)}" issued; append the certificates up to the root`
        : `${path}.certPem: "${nameOf(cert)}" was not issued by "${nameOf(issuer)}", which follows it; put each issuer after what it issued`,
    ];
  }
  return [];
}

/** Clients refuse the whole chain for one short key in it. */
function checkIssuerKeys(path: string, issuers: readonly X509Certificate[]): readonly string[] {
  return issuers.flatMap((cert) => {
    const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0 } = {} } = cert.publicKey;
    if (type !== "rsa" || modulusLength >= 2048) return [];
    return [
      `${path}.certPem: the key of "${nameOf(cert)}" is RSA of ${String(modulusLength)} bits, which clients refuse; ` +
        `give a chain whose RSA keys have at least 2048 bits`,
    ];
  });
}

/** Java and Go take this seriously: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.11 */
function checkPolicies(path: string, chain: readonly X509Certificate[]): readonly string[] {
  return chain.flatMap((cert, index) => {
    const after = numberIn(cert.raw, "policyConstraints", TAG.requireExplicitPolicy);
    // So many certificates may still follow: the CAs below it, and the one that is signed.
    if (after === undefined || after > index + 1) return [];
    return [
      `${path}.certPem: "${nameOf(cert)}" demands a certificate policy in all that it signs (requireExplicitPolicy), ` +
        `and a server's certificate has none; give a CA without that restriction`,
    ];
  });
}

/** What a CA is restricted to is what it may sign for. */
function checkUses(path: string, purpose: OwnCaPurpose, chain: readonly X509Certificate[]): readonly string[] {
  return chain.flatMap((cert) => {
    const uses = cert.keyUsage as readonly string[] | undefined;
    const missing = USES[purpose].filter(([oid]) => uses?.includes(oid) === false && !uses.includes(ANY_USE));
    if (missing.length === 0) return [];
    return [
      `${path}.certPem: "${nameOf(cert)}" may not sign for ${missing.map(([, name]) => name).join(" and ")} (extended key usage); ` +
        `give one without such a restriction`,
    ];
  });
}

function checkPathLengths(path: string, chain: readonly X509Certificate[]): readonly string[] {
  return chain.flatMap((cert, below) => {
    const allowed = numberIn(cert.raw, "basicConstraints", TAG.integer);
    if (allowed === undefined || allowed >= below) return [];
    return [
      `${path}.certPem: "${nameOf(cert)}" allows ${String(allowed)} CAs below it (its path length) and ${String(below)} stand there; ` +
        `give a chain that it allows`,
    ];
  });
}

function nameOf(cert: X509Certificate): string {
  return oneLine(cert.subject);
}
