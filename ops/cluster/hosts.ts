/** The engines of a cluster's hosts, and its servers on all of them. */
import type { ClusterRef, HostRef } from "../../core/programs/parts/shared";
import { byOrdinal, Engine, type LiveServer } from "../docker/engine";

type Hosted = Pick<ClusterRef, "dockerHost" | "hosts">;

export interface HostEngine {
  readonly name: string;
  readonly engine: Engine;
}

/** How programs get to an engine; tests put another way in its place. */
export const engines = {
  connect: (dockerHost: string | null, host?: HostRef): Engine => new Engine(dockerHost, host),
};

/** Of the host that a request is about. */
export function ownEngine({ dockerHost, hosts }: Hosted): Engine {
  return engines.connect(
    dockerHost,
    hosts?.find((host) => host.dockerHost === dockerHost),
  );
}

/** Of all hosts. */
export function enginesOf(request: Hosted): readonly HostEngine[] {
  const { dockerHost, hosts } = request;
  const all: readonly HostRef[] = hosts ?? [];
  if (all.length === 0) return [{ name: "", engine: engines.connect(dockerHost) }];
  return all.map((host) => ({ name: host.name, engine: engines.connect(host.dockerHost, host) }));
}

/** All servers of a cluster that Docker has on any host, running or not. */
export async function serversOf(request: Hosted & Pick<ClusterRef, "identity">): Promise<readonly LiveServer[]> {
  const found = await Promise.all(enginesOf(request).map(({ engine }) => engine.servers(request.identity)));
  return found.flat().sort((a, b) => byOrdinal(a.name, b.name));
}

/** With hosts that are declared no more and whose servers have not gone yet. */
export function allHosts(request: Hosted, others: readonly HostRef[] = []): { readonly hosts?: readonly HostRef[] } {
  const { hosts } = request;
  if (hosts === undefined) return {};
  return { hosts: [...hosts, ...others.filter(({ name }) => !hosts.some((host) => host.name === name))] };
}
