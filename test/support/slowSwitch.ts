/** A slow and lossy network between test hosts, in user space: not every kernel can hold packets up. */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Readable, Writable } from "node:stream";

const SCRIPT = join(__dirname, "slowSwitch.py");

/** Between the switch and what sends through it. */
export interface Cable {
  /** End in the namespace of the switch. */
  readonly link: string;
  /** The other end, and its namespace; this machine's own when undefined. */
  readonly device: string;
  readonly netns?: string;
}

export interface Disturbance {
  /** Of each frame, one way. */
  readonly delayMs: number;
  /** Part of the frames that is lost: 0.01 is one of a hundred. */
  readonly loss: number;
}

export interface Forwarded {
  readonly forwarded: number;
  /** On purpose. */
  readonly lost: number;
  /** For want of room; part of what the clients saw too. */
  readonly unsent: number;
  /** What the latest frame waited beyond its delay. */
  readonly latestMs: number;
}

export class SlowSwitch {
  private said = "";

  private constructor(
    private readonly netns: string,
    private readonly cables: readonly Cable[],
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
  ) {
    child.stdout.on("data", (chunk: Buffer) => (this.said += chunk.toString("utf8")));
  }

  /** Takes the place of the bridge `br0` in the namespace. */
  static async start(netns: string, cables: readonly Cable[], { delayMs, loss }: Disturbance): Promise<SlowSwitch> {
    // A segment of 64 KiB without a checksum is for a driver to finish, and here comes none.
    for (const { device, netns: at } of cables) inside(at, "python3", SCRIPT, "plain", device);
    for (const { link } of cables) inside(netns, "ip", "link", "set", link, "nomaster");
    const args = [SCRIPT, String(delayMs), String(loss), ...cables.map(({ link }) => link)];
    const child = spawn("nsenter", [`--net=/run/netns/${netns}`, "python3", ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const made = new SlowSwitch(netns, cables, child);
    while (!made.said.startsWith("started\n")) {
      if (child.exitCode !== null) throw new Error(`the slow switch does not start: ${made.said}`);
      await sleep(20);
    }
    return made;
  }

  /** Gives the bridge its place back. */
  async stop(): Promise<Forwarded> {
    const closed = once(this.child, "close");
    this.child.stdin.end();
    await closed;
    for (const { link } of this.cables) inside(this.netns, "ip", "link", "set", link, "master", "br0");
    return JSON.parse(this.said.replace("started\n", "")) as Forwarded;
  }
}

/** Shortest of five round trips of ICMP, in milliseconds. */
export function roundTripMs(from: string | undefined, address: string): number {
  return Number(inside(from, "python3", SCRIPT, "ping", address));
}

function inside(netns: string | undefined, command: string, ...args: readonly string[]): string {
  const argv = netns === undefined ? [command, ...args] : ["nsenter", `--net=/run/netns/${netns}`, command, ...args];
  const { status, stdout, stderr } = spawnSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")} failed: ${stderr}`);
  return stdout;
}
