/** Connections that begin somewhere else: inside a container, carried by one docker command. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Duplex } from "node:stream";
import { Failure } from "../../lib/failure";
import { within } from "../../lib/poll";
import { firstLine } from "../../lib/text";

/** A connection could not be made: the word of the system there, such as `Connection refused`. */
export class DialFailed extends Error {
  override readonly name = "DialFailed";
}

const HEAD = 9;
/** Seconds in which Docker starts a container or a command. */
const START_SECONDS = 10;

/** One process with `DIALER_SCRIPT`, for as many connections as are asked. */
export class Dialer {
  private readonly lines = new Map<number, Line>();
  private readonly scans = new Map<number, (ports: readonly number[]) => void>();
  private next = 1;
  private heard: Buffer = Buffer.alloc(0);
  private complaint = "";
  private dead: Failure | undefined;
  private started: () => void = () => undefined;

  /** @param where it runs, in words. */
  constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly where: string,
  ) {
    child.stdout.on("data", (chunk: Buffer) => {
      this.hear(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => (this.complaint = (this.complaint + chunk.toString()).slice(0, 500)));
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => {
      this.die(error.message);
    });
    child.once("close", () => {
      this.die(firstLine(this.complaint) || "it ended");
    });
  }

  /** @throws Failure when it cannot be started, or does not answer in time. */
  async ready(): Promise<void> {
    await within(
      START_SECONDS,
      new Promise<void>((resolve, reject) => {
        this.started = resolve;
        this.child.once("close", () => {
          reject(this.dead ?? new Failure(this.where));
        });
      }),
    ).catch((error: unknown) => {
      this.close();
      throw error instanceof Failure ? error : new Failure(`${this.where}: ${(error as Error).message}`);
    });
  }

  /** @throws DialFailed when there is no connection. */
  async dial(host: string, port: number): Promise<Duplex> {
    if (this.dead !== undefined) throw this.dead;
    const id = this.next++;
    const line = new Line((letter, payload) => {
      this.send(letter, id, payload);
    });
    this.lines.set(id, line);
    line.once("close", () => this.lines.delete(id));
    this.send("C", id, Buffer.from(`${host} ${String(port)}`));
    await line.opened;
    return line;
  }

  /** Open TCP ports of a host, by connecting to each. */
  async scan(host: string, first: number, last: number): Promise<readonly number[]> {
    if (this.dead !== undefined) throw this.dead;
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.scans.set(id, resolve);
      this.child.once("close", () => {
        reject(new Failure(`${this.where}: ${firstLine(this.complaint) || "it ended"}`));
      });
      this.send("S", id, Buffer.from(`${host} ${String(first)} ${String(last)}`));
    });
  }

  close(): void {
    this.child.stdin.end();
  }

  private send(letter: string, id: number, payload: Buffer): void {
    const head = Buffer.alloc(HEAD);
    head.write(letter, 0, "latin1");
    head.writeUInt32BE(id, 1);
    head.writeUInt32BE(payload.length, 5);
    if (this.child.stdin.writable) this.child.stdin.write(Buffer.concat([head, payload]));
  }

  private hear(chunk: Buffer): void {
    this.heard = Buffer.concat([this.heard, chunk]);
    while (this.heard.length >= HEAD) {
      const length = this.heard.readUInt32BE(5);
      if (this.heard.length < HEAD + length) return;
      const letter = String.fromCharCode(this.heard[0] ?? 0);
      const id = this.heard.readUInt32BE(1);
      const payload = this.heard.subarray(HEAD, HEAD + length);
      this.heard = this.heard.subarray(HEAD + length);
      if (letter === "B") this.started();
      else if (letter === "R") this.scans.get(id)?.(payload.toString().split(" ").filter(Boolean).map(Number));
      else this.lines.get(id)?.hear(letter, Buffer.from(payload));
    }
  }

  private die(why: string): void {
    this.dead ??= new Failure(`${this.where}: ${why}`);
    for (const line of this.lines.values()) line.hear("F", Buffer.from(this.dead.message));
  }
}

class Line extends Duplex {
  readonly opened: Promise<void>;
  private settle: { readonly yes: () => void; readonly no: (error: Error) => void } | undefined;

  constructor(private readonly tell: (letter: string, payload: Buffer) => void) {
    super();
    this.opened = new Promise((yes, no) => (this.settle = { yes, no }));
    this.opened.catch(() => undefined);
  }

  hear(letter: string, payload: Buffer): void {
    if (letter === "O") this.settle?.yes();
    else if (letter === "D") this.push(payload);
    else if (letter === "E") this.push(null);
    else if (letter === "F") {
      this.settle?.no(new DialFailed(payload.toString()));
      // The caller that waits for it was told; no other error is thrown.
      this.destroy();
    }
  }

  override _read(): void {
    // Frames come by themselves: what a port sends to an attacker is short.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.tell("D", chunk);
    done();
  }

  override _final(done: () => void): void {
    this.tell("E", Buffer.alloc(0));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.tell("X", Buffer.alloc(0));
    this.settle?.no(error ?? new DialFailed("closed"));
    done(error);
  }
}
