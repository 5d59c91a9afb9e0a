/** The parts of a CA of the user's own: who signs, what goes along, what is trusted. */
import { createHash, X509Certificate } from "node:crypto";
import { extensionOf } from "./der";

export interface OwnCa {
  /** The CA that signs. */
  readonly certPem: string;
  /** What goes along with each certificate that it signs: itself and its issuers, without the root. Empty for a root. */
  readonly chainPem: string;
  /** What is trusted: a verifier wants a root. */
  readonly anchorPem: string;
  /** Names its key, its name, its subject key identifier and the same of what is trusted: under one generation all of it stays. */
  readonly keyId: string;
  /** Key and name of the CA that signs, and of what is trusted. */
  readonly identities: readonly string[];
}

export function splitPems(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

/**
 * The private key alone, as openssl prints it: whatever stands around it in the file (a certificate, EC PARAMETERS, a byte
 * order mark) and however its lines end. The tls provider reads the first PEM block of a text and no other, and issues
 * everything anew when the text changes; so what is as openssl prints it already is not touched.
 */
export function normalKey(text: string): string {
  const [, label = "", body = ""] = KEY.exec(text) ?? [];
  const lines = body.replace(/\s/g, "").match(/.{1,64}/g);
  if (lines === null) return text;
  const end = /\n$/.test(text) ? "\n" : "";
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join("\n") + end;
}

const KEY = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]*)-----END \1-----/;

/** One certificate, in the same text however it was encoded. */
function normalCertificate(pem: string): string {
  return `${new X509Certificate(pem).toString().trim()}\n`;
}

/** @param certPem as `checkOwnCa` accepts it. */
export function readOwnCa(certPem: string): OwnCa {
  const pems = splitPems(certPem).map(normalCertificate);
  const [first = ""] = pems;
  return {
    certPem: first,
    chainPem: pems.slice(0, -1).join(""),
    anchorPem: pems.at(-1) ?? "",
    keyId: shortHash(...[first, pems.at(-1) ?? ""].flatMap((pem) => [...identitiesOf(pem), keyIdentifierOf(pem)])),
    identities: [...new Set([...identitiesOf(first), ...identitiesOf(pems.at(-1) ?? "")])],
  };
}

function identitiesOf(pem: string): readonly string[] {
  const { publicKey, subject } = new X509Certificate(pem);
  return [`key ${shortHash(publicKey.export({ type: "spki", format: "der" }))}`, `name ${oneLine(subject)}`];
}

/** Issuers are found by it, besides by name: without it in the hash, a CA with another one would count as the same CA. */
function keyIdentifierOf(pem: string): string {
  return extensionOf(new X509Certificate(pem).raw, "subjectKeyIdentifier")?.content.toString("hex") ?? "";
}

function shortHash(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}

/** A distinguished name in one line. */
export function oneLine(name: string): string {
  return name.split("\n").join(", ");
}
