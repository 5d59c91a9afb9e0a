/** What listens, what is published, and what a foreign network reaches, against what is declared. */
import { CLUSTER_PORT, DRIVER_PORT } from "../../../../args/constants";
import type { DeclaredContainer } from "../../../../core/decide/audit/declared";
import { publishedPorts, portDrift } from "../../../../core/decide/audit/portDrift";
import { found, held, needless, onServers, type Probe, tryEach, UP } from "../../probe";
import { clock, within } from "../../../lib/poll";
import { NotTried, type Scene } from "../../scene/scene";
import { addressOf } from "./positions";
import type { Listening } from "../../scene/inside";

/** Of each kind of container; loopback is reached by the container itself alone. */
const LISTENS: Readonly<Record<DeclaredContainer["role"], readonly number[]>> = {
  server: [DRIVER_PORT, CLUSTER_PORT],
  "ui-peer": [CLUSTER_PORT],
  ui: [8443],
};
const LOOPBACK_OF_PEER = [8080, DRIVER_PORT];

const nameOf = ({ name }: DeclaredContainer): string => name;

export const LISTENING: Probe = {
  id: "listening-ports",
  line: "open-ports",
  tried: "read from the kernel, which knows all 65535, on which ports each container listens",
  run: async (scene) =>
    tryEach(scene.declared.containers, nameOf, async (declared) => {
      const { sockets } = await scene.inside(declared);
      const beyond = sockets.filter((socket) => !isExpected(declared.role, socket));
      const words = (list: readonly Listening[]): string =>
        [...new Set(list.map(({ protocol, address, port }) => `${protocol} ${address}:${String(port)}`))]
          .sort()
          .join(", ");
      return beyond.length === 0
        ? held(declared.name, `it listens on ${words(sockets)}`)
        : found(
            declared.name,
            "high",
            `it also listens on ${words(beyond)}`,
            `find the process with docker top ${declared.name}, then ${UP}`,
          );
    }),
};

function isExpected(role: DeclaredContainer["role"], { protocol, address, port }: Listening): boolean {
  if (protocol !== "tcp") return false;
  if (LISTENS[role].includes(port)) return true;
  return role === "ui-peer" && address === "127.0.0.1" && LOOPBACK_OF_PEER.includes(port);
}

/** Seconds for all scans: they have the lowest priority, and on a busy machine they take long. */
const SCAN_SECONDS = 12;

export const SCANNED: Probe = {
  id: "port-scan",
  line: "open-ports",
  tried: "connected to all 65535 TCP ports of each container from the cluster's network",
  run: async (scene) => {
    const end = clock.now() + SCAN_SECONDS * 1000;
    // One after the other: a scan must not be felt.
    const attempts = [];
    for (const declared of scene.declared.containers) {
      const seconds = Math.max(0.1, (end - clock.now()) / 1000);
      attempts.push(...(await tryEach([declared], nameOf, (one) => scan(scene, one, seconds))));
    }
    return attempts;
  },
};

async function scan(scene: Scene, declared: DeclaredContainer, seconds: number): ReturnType<typeof tryEach> {
  const { host, container } = scene.findRunning(declared);
  const address = container.NetworkSettings.Networks[scene.declared.network]?.IPAddress;
  if (!address) throw new NotTried(`it has no address on ${scene.declared.network}`);
  const vantage = await scene.onClusterNetwork(host);
  const open = await within(seconds, vantage.scanAll(address)).catch((error: unknown) => {
    if (!(error instanceof Error) || !error.message.startsWith("no answer in")) throw error;
    throw new NotTried("the machine is busy, and a scan must not be felt; listening-ports knows all ports", false);
  });
  const own = LISTENS[declared.role];
  if (!open.some((port) => own.includes(port)))
    throw new NotTried("its own ports are not reached either, so the rest says nothing");
  const beyond = open.filter((port) => !own.includes(port));
  return [
    beyond.length === 0
      ? held(declared.name, `open: ${open.join(", ")}`)
      : found(declared.name, "high", `port ${beyond.join(", ")} is open and not declared`, UP),
  ];
}

export const PUBLISHED: Probe = {
  id: "published-ports",
  line: "open-ports",
  tried: "compared what Docker publishes of each container with what is declared",
  run: (scene) =>
    tryEach(scene.declared.containers, nameOf, (declared) => {
      const { container } = scene.find(declared);
      const bound = container.HostConfig["PortBindings"] as Parameters<typeof publishedPorts>[0];
      const live = [...new Set([...publishedPorts(bound), ...publishedPorts(container.NetworkSettings.Ports)])];
      const { beyond, missing } = portDrift(declared.ports, live);
      if (beyond.length > 0) {
        const wide = beyond.some((port) => /\s(0\.0\.0\.0|::|\[::\]):/.test(port));
        return found(declared.name, wide ? "critical" : "high", `it also publishes ${beyond.join(", ")}`, UP);
      }
      if (missing.length > 0 && container.State.Status === "running") {
        return found(declared.name, "low", `it does not publish ${missing.join(", ")}`, UP);
      }
      return held(
        declared.name,
        declared.ports.length === 0 ? "nothing is published" : `published: ${declared.ports.join(", ")}`,
      );
    }),
};

export const FOREIGN_NETWORK: Probe = {
  id: "foreign-network",
  line: "open-ports",
  tried: "connected to the driver and cluster port of each server from a container on Docker's default network",
  run: async (scene) =>
    onServers(scene, async (server) => {
      const address = addressOf(server, scene);
      const vantage = await scene.onForeignNetwork(scene.server(server).host);
      const own = scene.server(server).container.NetworkSettings.Networks["bridge"];
      const open = await Promise.all(
        [DRIVER_PORT, CLUSTER_PORT].map(async (port) => ({
          port,
          isOpen: await vantage.attempt(address, port, (dialled) => Promise.resolve("socket" in dialled)),
        })),
      );
      const reached = open.filter(({ isOpen }) => isOpen).map(({ port }) => port);
      const subject = `${server.name} from ${vantage.name}`;
      if (reached.length === 0) return held(subject, "both are closed");
      if (own !== undefined) return needless(subject, "the server is on this network itself; see container-drift");
      return found(
        subject,
        "high",
        `port ${reached.join(" and ")} of ${address} is reached`,
        "find out why Docker does not keep its networks apart on this host: docker info, iptables -S DOCKER-ISOLATION-STAGE-1",
      );
    }),
};

export const DRIVER_NETWORKS: Probe = {
  id: "driver-networks",
  line: "open-ports",
  tried: "connected to the cluster port and to 8080 of each server from each network of driverNetworks",
  run: async (scene) => {
    const { driverNetworks } = scene.declared;
    if (driverNetworks.length === 0) return [needless("the cluster", "driverNetworks names none")];
    return onServers(scene, async (server) =>
      Promise.all(
        driverNetworks.map(async (network) => {
          const { host, container } = scene.server(server);
          const address = container.NetworkSettings.Networks[network]?.IPAddress ?? "";
          const subject = `${server.name} from the network ${network}`;
          const vantage = await scene.onNetwork(host, network);
          const open = async (port: number): Promise<boolean> =>
            vantage.attempt(address, port, (dialled) => Promise.resolve("socket" in dialled));
          if (!(await open(DRIVER_PORT))) return needless(subject, "the driver port is not reached from there");
          const beyond = [];
          for (const port of [CLUSTER_PORT, 8080]) if (await open(port)) beyond.push(port);
          return beyond.length === 0
            ? held(subject, "the driver port alone is open")
            : found(subject, "high", `port ${beyond.join(" and ")} is open there, too`, UP);
        }),
      ),
    );
  },
};
