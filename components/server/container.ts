/** What a server's container is made from. */
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { STOP_SECONDS } from "../../args/constants";
import type { ClusterPlan } from "../../core/plan/cluster";
import type { ServerPlan } from "../../core/plan/server";
import { ENTRY_SCRIPT, volumeIdentity } from "../../core/render/entryScript";
import { renderHealthcheck } from "../../core/render/healthcheck";
import { LABELS } from "../../core/render/labels";
import { limitMemory } from "../../core/render/memory";
import { renderServerFlags } from "../../core/render/serverFlags";

/** Everything a container is made from. Peers' outputs are never among it: a replaced peer would drag this one along. */
export function containerSpec(
  plan: ClusterPlan,
  server: ServerPlan,
  identity: pulumi.Output<string>,
  fingerprint: pulumi.Output<string>,
): SpecArgs {
  const user = String(plan.runAsUid);
  return {
    name: server.container,
    hostname: server.container,
    image: plan.image,
    user: `${user}:${user}`,
    entrypoints: ["bash", "-c", ENTRY_SCRIPT, "rethinkdb"],
    command: [
      identity.apply((id) => volumeIdentity(id, server.name, server.incarnation)),
      ...wordsWith(fingerprint, (print) => renderServerFlags(server, print)),
    ],
    networkMode: "bridge",
    networksAdvanced: [
      { name: plan.network.name, ipv4Address: server.address },
      ...server.driverNetworks.map((network) => ({ name: network })),
    ],
    ports: server.ports.map(({ internal, protocol, at }) => ({
      ip: at.address,
      internal,
      external: at.port,
      protocol,
    })),
    volumes: [
      { volumeName: server.dataVolume, containerPath: "/data" },
      { volumeName: server.tlsVolume, containerPath: "/tls", readOnly: true },
    ],
    readOnly: true,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges"],
    privileged: false,
    init: false,
    ...limitMemory(server.memoryMib, plan.limitSwap),
    restart: "unless-stopped",
    stopTimeout: STOP_SECONDS,
    destroyGraceSeconds: STOP_SECONDS,
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    healthcheck: {
      tests: [...wordsWith(fingerprint, (print) => renderHealthcheck(server, print))],
      interval: "10s",
      timeout: "10s",
      startPeriod: "30s",
      retries: 3,
    },
    labels: [
      { label: LABELS.identity, value: identity },
      { label: LABELS.clusterName, value: plan.clusterName },
      { label: LABELS.server, value: server.name },
      { label: LABELS.clusterCaIssue, value: String(plan.clusterCa.issue) },
      { label: LABELS.clusterCaTrust, value: plan.clusterCa.trust.join(",") },
      { label: LABELS.driverCaIssue, value: String(plan.driverCa.issue) },
      { label: LABELS.driverCaTrust, value: plan.driverCa.trust.join(",") },
      ...(server.demandsClientCertificate
        ? [
            { label: LABELS.clientCaIssue, value: String(plan.clientCa.issue) },
            { label: LABELS.clientCaTrust, value: plan.clientCa.trust.join(",") },
          ]
        : []),
    ],
  };
}

/** Word by word, so that a preview that does not know the certificates yet shows every word that does not name them. */
function wordsWith(
  fingerprint: pulumi.Output<string>,
  render: (fingerprint: string) => readonly string[],
): readonly pulumi.Input<string>[] {
  const place = "<fingerprint>";
  return render(place).map((word) =>
    word.includes(place) ? fingerprint.apply((print) => word.replaceAll(place, print)) : word,
  );
}

type SpecArgs = Omit<docker.ContainerArgs, "labels"> & {
  readonly labels: readonly { readonly label: string; readonly value: pulumi.Input<string> }[];
};
