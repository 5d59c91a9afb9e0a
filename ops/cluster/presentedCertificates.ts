/** What the servers of a cluster present to a client, seen in our own handshake. */
import { X509Certificate } from "node:crypto";
import { CLUSTER_PORT, DRIVER_PORT } from "../../args/constants";
import { splitPems } from "../../core/pki/readCa";
import type { ClusterRef } from "../../core/programs/parts/shared";
import type { LiveServer } from "../docker/engine";
import { serversOf } from "./hosts";
import { readTlsVolume } from "../docker/tlsVolume";

const PORTS = { cluster: CLUSTER_PORT, driver: DRIVER_PORT } as const;

/**
 * @returns servers, with the reason, that were not seen to present a certificate of the newest CA that they trust
 * themselves. No server presents a certificate of the client CA, so none is named.
 */
export async function behindNewestCa(
  request: Pick<ClusterRef, "clusterName" | "identity" | "dockerHost" | "hosts">,
  purpose: "cluster" | "driver" | "client",
): Promise<readonly string[]> {
  if (purpose === "client") return [];
  const servers = await serversOf(request);
  const verdicts = await Promise.all(
    servers.map(async (server) => {
      if (server.state !== "running") return [`${server.name} is ${server.state}`];
      const [anchor] = splitPems(
        (await readTlsVolume(server.engine, server.container)).find(({ name }) => name === `${purpose}-ca.pem`)?.text ??
          "",
      ).slice(-1);
      const presented = await presentedBy(server, request.clusterName, PORTS[purpose]);
      const [leaf] = presented;
      if (anchor === undefined || leaf === undefined) return [`${server.name} does not answer`];
      return leadsTo(presented, anchor) ? [] : [`${server.name} presents one of "${issuerOf(leaf)}"`];
    }),
  );
  return verdicts.flat();
}

interface Inspected {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** Seen before the server asks who calls: no certificate of a peer is needed for that. */
async function presentedBy(
  { engine, container }: LiveServer,
  network: string,
  port: number,
): Promise<readonly string[]> {
  // Peers are listened for on the cluster's own network alone, and a container may have more addresses.
  const found = await engine.inspect<Inspected>("container", container);
  const address = port === DRIVER_PORT ? "127.0.0.1" : found?.NetworkSettings.Networks[network]?.IPAddress;
  if (!address) return [];
  const script = `timeout 10 openssl s_client -showcerts -connect "$1" </dev/null 2>/dev/null`;
  const outcome = await engine.try(["exec", container, "bash", "-c", script, "bash", `${address}:${String(port)}`]);
  return splitPems(outcome.stdout);
}

function leadsTo(chain: readonly string[], anchor: string): boolean {
  const certificates = [...chain, anchor].map((pem) => new X509Certificate(pem));
  return certificates.slice(0, -1).every((certificate, index) => {
    const issuer = certificates[index + 1];
    return issuer !== undefined && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  });
}

function issuerOf(pem: string): string {
  return new X509Certificate(pem).issuer.split("\n").join(", ");
}
