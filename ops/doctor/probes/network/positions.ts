/** From where a server's ports are tried. */
import { CLUSTER_PORT, DRIVER_PORT } from "../../../../args/constants";
import type { DeclaredServer } from "../../../../core/decide/audit/declared";
import type { Attempt } from "../../../../core/decide/audit/report";
import { type Answer, onServers, tryEach } from "../../probe";
import { NotTried, type Scene } from "../../scene/scene";
import type { HostScene } from "../../scene/hostScene";
import type { Dialled, Vantage } from "../../wire/vantage";
import type { Duplex } from "node:stream";

export interface Position {
  readonly vantage: Vantage;
  readonly host: string;
  readonly port: number;
}

/** `n0 from the cluster's network`. */
export function subjectOf(server: Pick<DeclaredServer, "name">, { vantage }: Pick<Position, "vantage">): string {
  return `${server.name} from ${vantage.name}`;
}

export function addressOf(server: DeclaredServer, scene: Scene): string {
  const { container } = scene.server(server);
  const address = container.NetworkSettings.Networks[scene.declared.network]?.IPAddress;
  if (!address) throw new NotTried(`it has no address on ${scene.declared.network}`);
  return address;
}

export async function clusterPosition(scene: Scene, server: DeclaredServer): Promise<Position> {
  const host = addressOf(server, scene);
  return { vantage: await scene.onClusterNetwork(scene.server(server).host), host, port: CLUSTER_PORT };
}

/** Where it is bound beyond loopback, the cluster's network; else the inside of the server. */
export async function driverPosition(scene: Scene, server: DeclaredServer): Promise<Position> {
  const { host, container } = scene.server(server);
  if (isBound(container.Args)) {
    return { vantage: await scene.onClusterNetwork(host), host: addressOf(server, scene), port: DRIVER_PORT };
  }
  return { vantage: await scene.insideOf(server), host: "127.0.0.1", port: DRIVER_PORT };
}

function isBound(args: readonly string[]): boolean {
  return (
    args.some((word, index) => word === "--bind-driver" && args[index + 1] !== "127.0.0.1") ||
    !args.includes("--bind-driver")
  );
}

/** Also where clients on the host or on other hosts would dial it. */
export async function driverPositions(scene: Scene, server: DeclaredServer): Promise<readonly Position[]> {
  const { publish } = server;
  const inner = await driverPosition(scene, server);
  if (publish === null) return [inner];
  return [
    inner,
    {
      vantage: await nearTo(scene, scene.server(server).host, publish.address),
      host: publish.address,
      port: publish.port,
    },
  ];
}

/** This machine where it reaches the address, else the host itself. */
export async function nearTo(scene: Scene, host: HostScene, address: string): Promise<Vantage> {
  const isLoopback = /^127\.|^::1$/.test(address);
  return host.engine.isLocal || !isLoopback ? scene.here : scene.onHost(host);
}

/** @throws NotTried when nothing listens there. */
export async function onOpen<T>({ vantage, host, port }: Position, act: (socket: Duplex) => Promise<T>): Promise<T> {
  return vantage.attempt(host, port, async (dialled: Dialled) => {
    if ("closed" in dialled) throw new NotTried(`port ${String(port)} of ${host} is not reached: ${dialled.closed}`);
    return act(dialled.socket);
  });
}

/** Tries each server's driver port from each of them. */
export function atDriverPositions(
  scene: Scene,
  act: (position: Position, server: DeclaredServer, subject: string) => Promise<Answer> | Answer,
): Promise<readonly Attempt[]> {
  return onServers(scene, async (server) =>
    tryEach(
      await driverPositions(scene, server),
      (position) => subjectOf(server, position),
      (position) => act(position, server, subjectOf(server, position)),
    ),
  );
}
