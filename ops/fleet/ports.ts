/** Whether what is to be published can be. */
import { createServer } from "node:net";
import { endpoint } from "../../args/values/addresses";
import type { PublishPlan } from "../../core/plan/publish";
import { portNamed, WEB_UI_PORT } from "../../core/plan/ports";
import { type FleetRequest, type FleetServer, portsOf } from "../../core/programs/fleet";
import type { Engine } from "../docker/engine";

/** What a container of this engine publishes. */
export interface Publisher {
  readonly name: string;
  /** As `docker ps` prints them. */
  readonly ports: string;
  readonly state: string;
}

/** What is to be published, and by which container. */
interface Wanted {
  readonly owner: string;
  readonly container: string;
  /** Of `PORTS`. */
  readonly name: string;
  readonly at: PublishPlan;
}

type Bindings = Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>;

/**
 * A port that a server has already is its own; one that another server of ours has is taken: servers are replaced one
 * after the other, so ports cannot be exchanged between them.
 * @param isThisMachine whether a port of its own may be tried; on several hosts a helper looks.
 */
export async function checkPorts(
  engine: Engine,
  servers: readonly FleetServer[],
  containers: readonly Publisher[],
  isThisMachine: boolean,
  webUi?: FleetRequest["webUi"],
): Promise<readonly string[]> {
  const wanted: readonly Wanted[] = [
    ...servers.flatMap((server) =>
      portsOf(server).map((port) => ({ ...port, owner: server.name, container: server.container })),
    ),
    ...(webUi === undefined
      ? []
      : [{ owner: "the web UI", container: webUi.container, name: WEB_UI_PORT.name, at: webUi.publish }]),
  ];
  const problems: string[] = [];
  const isOwn = async (own: Publisher, { address, port }: PublishPlan): Promise<boolean> => {
    if (publishes(own.ports, address, port)) return true;
    // Docker lists no ports of a container that starts over and over, and binds them all the same.
    if (own.state !== "restarting") return false;
    const found = await engine.inspect<{ readonly HostConfig: { readonly PortBindings: Bindings | null } }>(
      "container",
      own.name,
    );
    const bindings = Object.values(found?.HostConfig.PortBindings ?? {}).flat();
    return bindings.some(({ HostIp, HostPort }) => HostIp === address && HostPort === String(port));
  };
  for (const { owner, container, name, at: publish } of wanted) {
    const { args } = portNamed(name);
    // One without args is only published on several hosts, where a helper looks.
    if (args === null) continue;
    const [addressArg, portArg] = args;
    const own = containers.find((c) => c.name === container);
    if (own && (await isOwn(own, publish))) continue;
    const where = endpoint(publish.address, publish.port);
    const holder = containers.find((c) => c.name !== container && publishes(c.ports, publish.address, publish.port));
    const busy = holder
      ? `container "${holder.name}"`
      : isThisMachine && engine.isLocal
        ? await whyNotFree(publish.address, publish.port)
        : undefined;
    if (busy === "no such address") {
      problems.push(`${addressArg}: ${publish.address} is not an address of this host; name one of its own, or "none"`);
      break;
    }
    if (busy !== undefined)
      problems.push(`${portArg}: ${where} for ${owner} is in use by ${busy}; choose another ${portArg}`);
  }
  return problems;
}

/** @param ports as `docker ps` prints them: `127.0.0.1:28015->28015/tcp, …` */
export function publishes(ports: string, address: string, port: number): boolean {
  return ports.split(", ").some((entry) => {
    // Newer engines print IPv6 addresses in brackets.
    const match = /^\[?(.*?)\]?:(\d+)(?:-(\d+))?->/.exec(entry);
    if (!match) return false;
    const [, host = "", low = "", high = low] = match;
    const every = ["0.0.0.0", "::", ""];
    const sameAddress = host === address || every.includes(host) || every.includes(address);
    return sameAddress && port >= Number(low) && port <= Number(high);
  });
}

async function whyNotFree(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve("another program");
      // Ports below 1024 are not ours to try, and the engine's to publish.
      else if (error.code === "EACCES") resolve(undefined);
      else if (error.code === "EADDRNOTAVAIL" || error.code === "EINVAL") resolve("no such address");
      else reject(error);
    });
    server.listen({ host: address, port, exclusive: true }, () =>
      server.close(() => {
        resolve(undefined);
      }),
    );
  });
}
