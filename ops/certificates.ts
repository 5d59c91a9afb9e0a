/** Certificates that the servers of a cluster were made to start with, read from where they lie. */
import { X509Certificate } from "node:crypto";
import { CA_OF, type ServedCertificate } from "../core/certificates";
import { splitPems } from "../core/ownCa";
import type { ClusterRef } from "../core/requests";
import type { LiveServer } from "./engine";
import { readLiveCas } from "./fleet/cas";
import { serversOf } from "./hosts";
import { readTlsVolume } from "./tlsVolume";

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

/** Names of the running servers that nobody can join any more: their certificate has ended, or every CA that they trust. */
export async function withEndedCertificate(servers: readonly LiveServer[]): Promise<readonly string[]> {
  const verdicts = await Promise.all(
    servers
      .filter(({ state }) => state === "running")
      .map(async ({ engine, name, container }) => {
        const files = await readTlsVolume(engine, container);
        const ends = (file: string): readonly boolean[] =>
          splitPems(files.find((found) => found.name === file)?.text ?? "").map(
            (pem) => Date.parse(endOf(pem)) < Date.now(),
          );
        const [own] = ends("cluster.pem");
        const cas = ends("cluster-ca.pem");
        return own === true || (cas.length > 0 && !cas.includes(false)) ? [name] : [];
      }),
  );
  return verdicts.flat();
}

function endOf(pem: string): string {
  return new Date(new X509Certificate(pem).validTo).toISOString();
}
