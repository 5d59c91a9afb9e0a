/** A local port that leads into a container, over docker exec: nothing is published for it. */
import { setMaxListeners } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import type { ExecChannel } from "../docker/channel";
import type { Engine } from "../docker/engine";
import { describe, Failure } from "../lib/failure";
import { enginesOf } from "../cluster/hosts";
import { openChannel, Reach, type ReachTarget } from "./findServer";
import { Turns } from "./limiter";

export const TUNNEL_ADDRESS = "127.0.0.1";
/** sshd's `MaxStartups` refuses from ten sessions on that have not logged in yet; each channel opens one after the other. */
const OPENING_OVER_SSH = 5;

export interface TunnelOptions {
  /** Local port; 0 is any free one. */
  readonly port: number;
  /** What happens, one line each. */
  readonly say: (line: string) => void;
  /** Opens what one connection goes through. */
  readonly open: (signal?: AbortSignal) => Promise<ExecChannel>;
}

/** To the driver port of any server that answers: the one that did last, or another. */
export function toDriver(target: ReachTarget, say: (line: string) => void): TunnelOptions["open"] {
  const reach = new Reach(target, (name) => {
    say(`connections go to ${name}`);
  });
  const engines = enginesOf(target).map(({ engine }) => engine);
  return gently(engines, async (signal) => (await reach.open(signal)).channel);
}

export function toContainer(engine: Engine, container: string, port: number): TunnelOptions["open"] {
  return gently([engine], (signal) => openChannel(engine, container, port, signal));
}

function gently(engines: readonly Engine[], open: TunnelOptions["open"]): TunnelOptions["open"] {
  if (!engines.some(({ isBehindSsh }) => isBehindSsh)) return open;
  const turns = new Turns(OPENING_OVER_SSH);
  return (signal) => turns.take(() => open(signal), signal);
}

/** Each connection gets a channel of its own. */
export class Tunnel {
  private readonly channels = new Set<ExecChannel>();
  private readonly clients = new Set<Socket>();
  private readonly ending = new AbortController();

  private constructor(
    private readonly server: Server,
    private readonly options: TunnelOptions,
  ) {
    // Each connection that is being opened listens, however many they are.
    setMaxListeners(0, this.ending.signal);
    server.on("connection", (client) => {
      this.serve(client).catch((error: unknown) => {
        client.destroy();
        if (!this.ending.signal.aborted) options.say(describe(error));
      });
    });
  }

  /** @throws Failure when the port is taken; whatever the first channel fails with. */
  static async start(options: TunnelOptions): Promise<Tunnel> {
    // A client that waits for its channel loses nothing: its bytes stay in its socket.
    const server = createServer({ pauseOnConnect: true });
    const tunnel = new Tunnel(server, options);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        reject(error.code === "EADDRINUSE" ? new Failure(taken(options.port)) : error);
      });
      server.listen({ host: TUNNEL_ADDRESS, port: options.port, exclusive: true }, resolve);
    });
    try {
      // Better one sentence now than a broken connection later.
      (await options.open()).destroy();
    } catch (error) {
      await tunnel.close();
      throw error;
    }
    return tunnel;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Settles when nothing of the tunnel is left: no listener, no connection, no docker process. */
  async close(): Promise<void> {
    this.ending.abort();
    const closed = new Promise<void>((resolve) =>
      this.server.close(() => {
        resolve();
      }),
    );
    for (const client of this.clients) client.destroy();
    const channels = [...this.channels];
    for (const channel of channels) channel.destroy();
    await Promise.all([closed, ...channels.map((channel) => channel.gone)]);
  }

  private async serve(client: Socket): Promise<void> {
    this.clients.add(client);
    client.once("close", () => this.clients.delete(client));
    // Told by the pipes below; until they stand, nothing else listens.
    client.on("error", () => undefined);
    client.setNoDelay(true);
    const channel = await this.options.open(this.ending.signal);
    this.channels.add(channel);
    void channel.gone.then(() => this.channels.delete(channel));
    if (client.destroyed) {
      channel.destroy();
      return;
    }
    // The side that ends first ends both; the client opens a new connection.
    await pipeline(client, channel, client).catch(() => undefined);
    channel.destroy();
    client.destroy();
  }
}

function taken(port: number): string {
  return `--port: ${TUNNEL_ADDRESS}:${String(port)} is in use by another program; choose another one`;
}
