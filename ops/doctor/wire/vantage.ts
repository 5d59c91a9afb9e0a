/** A place from which an attacker would try: this machine, a host, a network, the inside of a server. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Turns } from "../../connect/limiter";
import { Failure } from "../../lib/failure";
import { clock, within } from "../../lib/poll";
import { DialFailed, type Dialer } from "./dialer";

/** Connections at once from one place. */
const AT_ONCE = 8;
/** Seconds until a connection that is neither made nor refused counts as not made. */
const DIAL_SECONDS = 3;

/** What came of an attempt to connect. */
export type Dialled = { readonly socket: Duplex } | { readonly closed: string };

export class Vantage {
  connections = 0;
  private readonly turns = new Turns(AT_ONCE);

  /** @param name in words, behind `from`: `the cluster's network`. */
  constructor(
    readonly name: string,
    private readonly dial: (host: string, port: number) => Promise<Duplex>,
    private readonly scan: ((host: string, first: number, last: number) => Promise<readonly number[]>) | null,
    readonly close: () => void,
  ) {}

  static through(dialer: Dialer, name: string): Vantage {
    return new Vantage(
      name,
      (host, port) => dialer.dial(host, port),
      (host, first, last) => dialer.scan(host, first, last),
      () => {
        dialer.close();
      },
    );
  }

  static here(name = "this machine"): Vantage {
    return new Vantage(name, dialHere, null, () => undefined);
  }

  /** All TCP ports that are open. */
  async scanAll(host: string): Promise<readonly number[]> {
    if (this.scan === null) throw new Failure(`no port is scanned from ${this.name}`);
    return this.scan(host, 1, 65_535);
  }

  /** One connection, closed when the attempt ends. */
  async attempt<T>(host: string, port: number, act: (dialled: Dialled) => Promise<T>): Promise<T> {
    return this.turns.take(async () => {
      const dialled = await this.tryDial(host, port);
      try {
        return await act(dialled);
      } finally {
        if ("socket" in dialled) dialled.socket.destroy();
      }
    });
  }

  private async tryDial(host: string, port: number): Promise<Dialled> {
    this.connections++;
    const dialling = this.dial(host, port);
    try {
      const socket = await within(DIAL_SECONDS, dialling, () => {
        dialling.then(
          (late) => late.destroy(),
          () => undefined,
        );
      });
      // Every attempt looks at what it hears; an error is one of the answers.
      socket.on("error", () => undefined);
      return { socket };
    } catch (error) {
      if (error instanceof DialFailed) return { closed: error.message };
      if (error instanceof Error && error.message.startsWith("no answer in")) return { closed: error.message };
      throw error;
    }
  }
}

async function dialHere(host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, host, () => {
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      reject(new DialFailed(error.code ?? error.message));
    });
  });
}

export interface Listened {
  readonly heard: Buffer;
  /** The time ran out: the other side neither said enough nor closed. */
  readonly timedOut: boolean;
}

/** What comes back within a time, or until the other side closes. */
export async function listen(
  socket: Duplex,
  milliseconds: number,
  enough: (heard: Buffer) => boolean,
): Promise<Listened> {
  let heard: Buffer = Buffer.alloc(0);
  const timer = new AbortController();
  let timedOut = true;
  const done = new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      if (heard.length > 65_536 || enough(heard)) resolve();
    });
    for (const event of ["end", "close", "error"]) {
      socket.once(event, () => {
        resolve();
      });
    }
  });
  const answered = done.then(() => (timedOut = false));
  const alarm = clock.sleep(milliseconds, timer.signal).catch(() => undefined);
  await Promise.race([answered, alarm]);
  timer.abort();
  return { heard, timedOut };
}
