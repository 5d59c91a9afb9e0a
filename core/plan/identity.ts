/** What is derived from a cluster's two random seeds. */
import { createHash, createHmac } from "node:crypto";

/** The cluster's identity: random, public, and the same for the cluster's whole life. */
export function identityOf(publicKeyPem: string): string {
  return createHash("sha256").update(publicKeyPem.trim()).digest("hex").slice(0, 24);
}

/** The operator's password: 256 bits that only who reads the stack's secrets can compute. */
export function operatorPassword(privateKeyPem: string): string {
  return derive(privateKeyPem, "operator");
}

/** Seed of the web UI's salt and session; the same for the life of the cluster. */
export function uiSeed(privateKeyPem: string): string {
  return derive(privateKeyPem, "web UI");
}

function derive(privateKeyPem: string, purpose: string): string {
  return createHmac("sha256", privateKeyPem.trim()).update(`pulumi-rethinkdb ${purpose}`).digest("base64url");
}
