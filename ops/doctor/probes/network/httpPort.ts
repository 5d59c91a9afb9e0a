/** RethinkDB's web API: everyone who reaches it is admin. */
import { CLUSTER_PORT } from "../../../../args/constants";
import type { Attempt } from "../../../../core/decide/audit/report";
import { found, held, needless, onServers, type Probe, tryEach, UP } from "../../probe";
import { NotTried, type Scene } from "../../scene/scene";
import { httpGet } from "../../wire/clear";
import type { Vantage } from "../../wire/vantage";
import { printable } from "../../wire/clientHello";
import { addressOf } from "./positions";

const HTTP_PORT = 8080;

export const HTTP_PORT_PROBE: Probe = {
  id: "port-8080",
  line: "http-port",
  tried: "connected to port 8080 from the cluster's network, the host, another Docker network and inside each server",
  run: async (scene) => {
    const servers = await onServers(scene, async (server) => {
      const address = addressOf(server, scene);
      const { host } = scene.server(server);
      const [network, machine, foreign, inside] = await Promise.all([
        scene.onClusterNetwork(host),
        scene.onHost(host),
        scene.onForeignNetwork(host).catch(() => null),
        scene.insideOf(server),
      ]);
      return Promise.all([
        tryHttp(network, server.name, address, true),
        tryHttp(machine, server.name, address, true),
        ...(foreign === null ? [] : [tryHttp(foreign, server.name, address, false)]),
        tryHttp(inside, server.name, "127.0.0.1", false),
      ]);
    });
    return [...servers, ...(await ofPeer(scene))];
  },
};

/** The web UI's peer serves it to a socket that only nginx mounts. */
async function ofPeer(scene: Scene): Promise<readonly Attempt[]> {
  const peers = scene.declared.containers.filter(({ role }) => role === "ui-peer");
  return tryEach(
    peers,
    ({ name }) => name,
    async (peer) => {
      const { container, host } = scene.findRunning(peer);
      const address = container.NetworkSettings.Networks[scene.declared.network]?.IPAddress ?? "";
      return tryHttp(await scene.onClusterNetwork(host), peer.name, address, true);
    },
  );
}

/** @param control whether the cluster port must be reached from there: without it "closed" says nothing. */
async function tryHttp(vantage: Vantage, name: string, address: string, control: boolean): Promise<Attempt> {
  const subject = `${name} from ${vantage.name}`;
  if (control) {
    const reached = await vantage.attempt(address, CLUSTER_PORT, (dialled) => Promise.resolve("socket" in dialled));
    if (!reached) return needless(subject, `nothing of ${address} is reached from there, the cluster port neither`);
  }
  return vantage.attempt(address, HTTP_PORT, async (dialled) => {
    if ("closed" in dialled) return held(subject, `port 8080 is closed: ${dialled.closed}`);
    const { status, heard } = await httpGet(dialled.socket, "/", [`Host: ${address}`]);
    const says = status === 0 ? printable(heard) : `HTTP ${String(status)}`;
    return found(subject, "critical", `port 8080 is open and answers ${says}`, UP);
  });
}

export const HTTP_FLAG: Probe = {
  id: "http-flag",
  line: "http-port",
  tried: "looked for --no-http-admin in the command line of each running server",
  run: async (scene) =>
    onServers(scene, async (server) => {
      const { processes } = await scene.inside({ name: server.container, host: server.host });
      const own = processes.find(({ pid }) => pid === 1);
      if (own === undefined) throw new NotTried("its first process is not seen");
      return own.argv.includes("--no-http-admin")
        ? held(server.name, "its process was started with --no-http-admin")
        : found(server.name, "critical", "its process was started without --no-http-admin", UP);
    }),
};
