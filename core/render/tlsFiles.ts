/** Where certificates and keys lie on a server's tls volume, and what names their directory. */
import { createHash } from "node:crypto";

export const TLS_FILE_NAMES = [
  "cluster.key",
  "cluster.pem",
  "cluster-ca.pem",
  "driver.key",
  "driver.pem",
  "driver-ca.pem",
] as const;

/** Only where clients need certificates: who signs them, and the server's own, for its health check. */
export const CLIENT_FILE_NAMES = ["client-ca.pem", "client.key", "client.pem"] as const;

export type TlsFileName = (typeof TLS_FILE_NAMES)[number];
export type ClientFileName = (typeof CLIENT_FILE_NAMES)[number];

export interface TlsPaths {
  readonly clusterKey: string;
  readonly clusterCert: string;
  readonly clusterCa: string;
  readonly driverKey: string;
  readonly driverCert: string;
  readonly driverCa: string;
  readonly clientCa: string;
  readonly clientKey: string;
  readonly clientCert: string;
}

export function tlsFiles(fingerprint: string): TlsPaths {
  const path = (name: TlsFileName | ClientFileName): string => `/tls/${fingerprint}/${name}`;
  return {
    clusterKey: path("cluster.key"),
    clusterCert: path("cluster.pem"),
    clusterCa: path("cluster-ca.pem"),
    driverKey: path("driver.key"),
    driverCert: path("driver.pem"),
    driverCa: path("driver-ca.pem"),
    clientCa: path("client-ca.pem"),
    clientKey: path("client.key"),
    clientCert: path("client.pem"),
  };
}

/** Only public parts count: a certificate names its key. So the fingerprint is no secret and a preview can show it. */
export function fingerprintTls(publicParts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of publicParts) hash.update(part.trim()).update("\0");
  return hash.digest("hex").slice(0, 16);
}
