/** Whether the cluster's Docker network has its name and its subnet for itself. */
import { networkInterfaces } from "node:os";
import { overlaps } from "../../args/values/addresses";
import { LABELS } from "../../core/render/labels";
import type { FleetRequest } from "../../core/programs/fleet";
import type { Engine } from "../docker/engine";

interface NetworkInspect {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string }[] | null };
}

/** @param which engine, in words. */
export async function checkNetworks(engine: Engine, request: FleetRequest, which: string): Promise<readonly string[]> {
  const ids = await engine.lines(["network", "ls", "-q"]);
  const networks =
    ids.length === 0 ? [] : (JSON.parse(await engine.run(["network", "inspect", ...ids])) as NetworkInspect[]);
  const problems: string[] = [];
  const isMine = (network: NetworkInspect): boolean => network.Labels?.[LABELS.identity] === request.identity;
  const sameName = networks.find((network) => network.Name === request.network);
  if (sameName && !isMine(sameName)) {
    problems.push(
      `clusterName: ${which} already has a network "${request.network}" that is not this cluster's; choose another clusterName`,
    );
  }
  for (const network of networks) {
    const subnet = network.IPAM.Config?.find((config) => overlaps(config.Subnet ?? "", request.subnet))?.Subnet;
    if (subnet !== undefined && network !== sameName) {
      problems.push(
        `subnet: ${request.subnet} overlaps Docker network "${network.Name}" (${subnet})${request.hosts ? ` of ${which}` : ""}; choose another subnet`,
      );
    }
  }
  request.driverNetworks.forEach((name, index) => {
    if (networks.some((network) => network.Name === name)) return;
    problems.push(
      `driverNetworks[${String(index)}]: ${which} has no network "${name}"; make it with docker network create ${name}, or take it out`,
    );
  });
  if (request.hosts === undefined && engine.isLocal && sameName === undefined && problems.length === 0) {
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      const hit = addresses?.find((address) => overlaps(address.cidr ?? "", request.subnet));
      if (hit)
        problems.push(
          `subnet: ${request.subnet} overlaps ${name} of this host (${hit.cidr ?? ""}); choose another subnet`,
        );
    }
  }
  return problems;
}
