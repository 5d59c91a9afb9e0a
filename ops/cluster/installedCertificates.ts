/** Certificates that the servers of a cluster were made to start with, read from where they lie. */
import { X509Certificate } from "node:crypto";
import { CA_OF, type ServedCertificate } from "../../core/pki/expiry";
import { splitPems } from "../../core/pki/readCa";
import type { ClusterRef } from "../../core/programs/parts/shared";
import type { LiveServer } from "../docker/engine";
import { readLiveCas } from "../fleet/cas";
import { serversOf } from "./hosts";
import { lookIntoTlsVolume, readTlsVolume } from "../docker/tlsVolume";

export async function servedCertificates(
  request: Pick<ClusterRef, "identity" | "dockerHost" | "hosts">,
): Promise<readonly ServedCertificate[]> {
  const [servers, cas] = await Promise.all([serversOf(request), readLiveCas(request)]);
  const found = await Promise.all(
    servers.map(async ({ engine, name, container }) => {
      const files = await readTlsVolume(engine, container);
      return Object.entries(CA_OF).flatMap(([purpose, arg]): readonly ServedCertificate[] => {
        const [own] = splitPems(files.find((file) => file.name === `${purpose}.pem`)?.text ?? "");
        if (own === undefined) return [];
        const generation = cas[arg].find((live) => live.server === name)?.issue ?? 0;
        return [{ server: name, purpose, generation, notAfter: endOf(own) }];
      });
    }),
  );
  return found.flat();
}

/** Names of the running servers that no peer can join any more: by their host's clock their certificate has expired, or every CA that they trust. */
export async function withExpiredCertificate(servers: readonly LiveServer[]): Promise<readonly string[]> {
  const verdicts = await Promise.all(
    servers
      .filter(({ state }) => state === "running")
      .map(async (server) => ((await expiryOf(server, "cluster")) === true ? [server.name] : [])),
  );
  return verdicts.flat();
}

/** Whether a server's driver certificate has expired by the clock of its own host; this machine's may be wrong. */
export async function proveExpired(
  server: LiveServer,
): Promise<{ readonly expired: boolean; readonly reason: string }> {
  const expired = await expiryOf(server, "driver");
  if (expired === undefined) return { expired: false, reason: "its certificate cannot be read" };
  return expired
    ? { expired, reason: "its certificate has expired" }
    : { expired, reason: "its certificate is valid by the clock of its host" };
}

/** @returns undefined when it cannot be read. */
async function expiryOf(
  { engine, container }: LiveServer,
  purpose: "cluster" | "driver",
): Promise<boolean | undefined> {
  const volume = await lookIntoTlsVolume(engine, container);
  const ends = (file: string): readonly boolean[] =>
    splitPems(volume?.files.find(({ name }) => name === file)?.text ?? "").map(
      (pem) => Date.parse(endOf(pem)) < (volume?.hostTime ?? NaN),
    );
  const [own] = ends(`${purpose}.pem`);
  const cas = ends(`${purpose}-ca.pem`);
  if (own === undefined || cas.length === 0) return undefined;
  return own || !cas.includes(false);
}

function endOf(pem: string): string {
  return new Date(new X509Certificate(pem).validTo).toISOString();
}
