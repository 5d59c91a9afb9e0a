/** Finds a server of a cluster that answers and opens a channel to its driver port; moves on when that one is away. */
import { DRIVER_PORT } from "../../args/constants";
import { ExecChannel } from "../docker/channel";
import type { ClusterRef } from "../../core/programs/parts/shared";
import type { Engine, LiveServer } from "../docker/engine";
import { describe, Failure } from "../lib/failure";
import { serversOf } from "../cluster/hosts";
import { poll, within } from "../lib/poll";

/** Seconds for which one server's port may stay closed before the next is tried. */
const PATIENCE = 2;
/** Seconds for which all of them may be away. */
const GIVE_UP_SECONDS = 60;
/** Seconds for docker to get there, beside that. */
const OPEN_SECONDS = 15;

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
    let reasons: readonly string[] = [];
    return poll(
      async () => {
        const tried = await this.tryAll(signal);
        if ("channel" in tried) return { done: tried };
        reasons = tried.reasons;
        return { waiting: "" };
      },
      {
        everyMs: 200,
        limitSeconds: GIVE_UP_SECONDS,
        ...(signal ? { signal } : {}),
        giveUp: () =>
          new Failure(
            `no server of ${this.target.clusterName} answers (${reasons.join("; ") || "none runs"}); ` +
              `look at docker logs ${this.target.clusterName}-n0`,
          ),
      },
    );
  }

  private async tryAll(signal?: AbortSignal): Promise<Reached | { readonly reasons: readonly string[] }> {
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
    return { reasons };
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
    const opened = new Promise<void>((resolve, reject) => {
      channel.once("open", resolve);
      channel.once("error", reject);
      channel.once("close", () => {
        reject(new Error("it closed the connection"));
      });
    });
    await within(PATIENCE + OPEN_SECONDS, opened, () => {
      // Told by the failure; nothing listens to the channel any more.
      channel.on("error", () => undefined);
      channel.destroy();
    });
    return channel;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
