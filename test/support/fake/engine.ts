/** An engine whose docker command is answered in this process; its channels lead to fake servers. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { EventEmitter } from "node:events";
import { Duplex, PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { HostRef } from "../../../core/programs/parts/shared";
import { Engine } from "../../../ops/docker/engine";
import { type Answer, fail, type FakeDockerHost } from "./docker";

/** What a driver port does with a client that connects; an answer ends the attempt. */
export type Port = (stream: Duplex) => Answer | undefined;

export class FakeEngine extends Engine {
  constructor(
    private readonly docker: FakeDockerHost,
    private readonly portOf: (container: string, args: readonly string[]) => Port,
    private readonly stir: () => void,
    dockerHost: string | null,
    host?: HostRef,
  ) {
    super(dockerHost, host);
  }

  override spawn(args: readonly string[], signal?: AbortSignal): ChildProcessWithoutNullStreams {
    const child = new FakeChild(this.stir);
    signal?.addEventListener("abort", () => {
      child.emit("error", new Error("The operation was aborted"));
    });
    const container = channelOf(args);
    if (container === undefined) void this.obey(child, args);
    else this.connect(child, args, container);
    return child as unknown as ChildProcessWithoutNullStreams;
  }

  private async obey(child: FakeChild, args: readonly string[]): Promise<void> {
    const answer = this.docker.answer(args, await text(child.stdin));
    if (answer !== "hang") child.end(answer);
  }

  /** As the script of a channel does it. */
  private connect(child: FakeChild, args: readonly string[], container: string): void {
    setImmediate(() => {
      const rule = this.docker.answer([...args.slice(0, 3), "channel"], "");
      if (rule === "hang") return;
      const found = this.docker.container(container);
      const isKnown = rule.stderr.startsWith("the fake does not know exec");
      if (!isKnown || found?.state !== "running") {
        child.end(isKnown ? fail(`container ${container} is not running`) : rule);
        return;
      }
      const stream = new ServerEnd(child);
      stream.on("error", () => undefined);
      const refusal = this.portOf(container, args)(stream);
      if (refusal !== undefined) {
        child.end(refusal);
        return;
      }
      child.stderr.write("channel is open\n");
      stream.once("close", () => {
        child.end({ code: 0, stdout: "", stderr: "" });
      });
    });
  }
}

/** The container that a channel leads into. */
function channelOf(args: readonly string[]): string | undefined {
  const [verb, flag, container, shell] = args;
  return verb === "exec" && flag === "-i" && shell === "bash" && args.at(-3) === "bash" ? container : undefined;
}

/** What a server has of a channel. */
class ServerEnd extends Duplex {
  constructor(private readonly child: FakeChild) {
    super();
    child.stdin.on("data", (chunk: Buffer) => {
      child.stir();
      this.push(chunk);
    });
    child.stdin.once("end", () => this.push(null));
    child.stdin.once("close", () => this.destroy());
  }

  override _read(): void {
    // Everything is pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.child.stir();
    this.child.stdout.write(chunk);
    done();
  }
}

class FakeChild extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  private isOver = false;

  constructor(readonly stir: () => void) {
    super();
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.on("error", () => undefined);
  }

  end({ code, stdout, stderr }: Answer): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stir();
    this.stderr.write(stderr);
    if (stdout !== "") this.stdout.write(stdout);
    setImmediate(() => {
      this.stdout.end();
      this.stderr.end();
      setImmediate(() => this.emit("close", code));
    });
  }

  kill(): boolean {
    this.stdin.destroy();
    this.end({ code: 143, stdout: "", stderr: "" });
    return true;
  }
}
