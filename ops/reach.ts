/** Finds a server of a cluster that answers and opens a channel to its driver port; moves on when that one is away. */
import { setTimeout as sleep } from "node:timers/promises";
import { DRIVER_PORT } from "../core/defaults";
import { ExecChannel } from "./channel";
import type { ClusterRef } from "../core/requests";
import type { Engine, LiveServer } from "./engine";
import { describe, Failure } from "./failure";
import { serversOf } from "./hosts";

/** Seconds for which one server's port may stay closed before the next is tried. */
const PATIENCE = 2;
/** Milliseconds for which all of them may be away. */
const GIVE_UP_MS = 60_000;

export type ReachTarget = Pick<ClusterRef, "clusterName" | "identity" | "dockerHost" | "hosts">;

export interface Reached {
  readonly channel: ExecChannel;
  /** Server name. */
  readonly server: string;
}

export class Reach {
  private last: LiveServer | undefined;

  /** @param moved is told the name of the server that is asked first from now on. */
  constructor(
    private readonly target: ReachTarget,
    private readonly moved: (server: string) => void,
  ) {}

  /** @throws Failure that says why, when no server answered for a minute. */
  async open(signal?: AbortSignal): Promise<Reached> {
    const until = Date.now() + GIVE_UP_MS;
    for (;;) {
      const reasons: string[] = [];
      for (const server of await this.candidates()) {
        signal?.throwIfAborted();
        try {
          const channel = await openChannel(server.engine, server.container, DRIVER_PORT, signal);
          // One that was slow to open must not lead the others back to where they came from.
          if (this.last === undefined) {
            this.moved(server.name);
            this.last = server;
          }
          return { channel, server: server.name };
        } catch (error) {
          signal?.throwIfAborted();
          if (this.last?.name === server.name) this.last = undefined;
          reasons.push(`${server.name}: ${describe(error)}`);
        }
      }
      if (Date.now() > until) {
        throw new Failure(
          `no server of ${this.target.clusterName} answers (${reasons.join("; ") || "none runs"}); ` +
            `look at docker logs ${this.target.clusterName}-n0`,
        );
      }
      await sleep(200, undefined, signal ? { signal } : {});
    }
  }

  /** The one that answered last, without asking Docker; all that run when there is none. */
  private async candidates(): Promise<readonly LiveServer[]> {
    if (this.last) return [this.last];
    return (await serversOf(this.target)).filter(({ state }) => state === "running");
  }
}

/** Settles when the port is open; rejects with the reason when it stays closed. */
export async function openChannel(
  engine: Engine,
  container: string,
  port: number,
  signal?: AbortSignal,
): Promise<ExecChannel> {
  const channel = new ExecChannel(engine, container, port, PATIENCE);
  const abort = (): void => {
    channel.destroy(new Error("aborted"));
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      channel.once("open", resolve);
      channel.once("error", reject);
      channel.once("close", () => {
        reject(new Error("it closed the connection"));
      });
    });
    return channel;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
