/** A Docker engine of the test's own, in a network namespace of its own: one that may be restarted and broken. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_IMAGE } from "../../args/constants";

/** @returns why no engine can be started here; undefined where it can. */
export function whyNoPrivateEngine(): string | undefined {
  if (process.getuid?.() !== 0) return "a Docker engine of the test's own needs root";
  for (const command of ["dockerd", "ip", "nsenter"]) {
    if (spawnSync("sh", ["-c", `command -v ${command}`]).status !== 0) return `the command ${command} is not installed`;
  }
  return undefined;
}

export interface EngineSettings {
  /** Of the engine outside that it has too; the server's by default. */
  readonly images?: readonly string[];
  /** Further ones of dockerd. */
  readonly flags?: readonly string[];
}

export class PrivateEngine {
  readonly host: string;
  private readonly folder = mkdtempSync(join(tmpdir(), "engine-"));
  private daemon: ChildProcess | undefined;

  private constructor(
    readonly netns: string,
    private readonly flags: readonly string[],
  ) {
    // Who is in the group docker reaches the socket.
    chmodSync(this.folder, 0o711);
    this.host = `unix://${this.folder}/docker.sock`;
  }

  static async start(
    name: string,
    { images = [DEFAULT_IMAGE], flags = [] }: EngineSettings = {},
  ): Promise<PrivateEngine> {
    const engine = new PrivateEngine(name, flags);
    must("ip", ["netns", "add", name]);
    must("ip", ["-n", name, "link", "set", "lo", "up"]);
    await engine.run();
    must("sh", ["-c", `docker save ${images.join(" ")} | docker --host ${engine.host} load`]);
    return engine;
  }

  /** Stops the engine the way a host's shutdown does, with all its containers, and starts it again. */
  async restart(): Promise<void> {
    await this.end();
    await this.run();
  }

  /** Ends the engine as a fault does, and with it what its containers run. */
  async crash(): Promise<void> {
    const { daemon } = this;
    if (daemon === undefined) return;
    const closed = once(daemon, "close");
    // Containers outlive their engine; those of a host that is gone do not.
    const ids = spawnSync("docker", ["--host", this.host, "ps", "-q"], { encoding: "utf8" }).stdout.split("\n");
    const format = ["inspect", "--format", "{{.State.Pid}}", ...ids.filter(Boolean)];
    const pids = spawnSync("docker", ["--host", this.host, ...format], { encoding: "utf8" }).stdout.split("\n");
    daemon.kill("SIGKILL");
    for (const pid of pids.filter(Boolean)) process.kill(Number(pid), "SIGKILL");
    await closed;
  }

  /** To the engine alone: its containers go on. */
  signal(name: NodeJS.Signals): void {
    this.daemon?.kill(name);
  }

  /** After a crash. */
  async revive(): Promise<void> {
    rmSync(join(this.folder, "pid"), { force: true });
    await this.run();
  }

  async dispose(): Promise<void> {
    await this.end();
    // Sessions of sshd whose link was cut wait for their peer, with the pipes of this process.
    const left = spawnSync("ip", ["netns", "pids", this.netns], { encoding: "utf8" }).stdout.split("\n");
    for (const pid of left.filter(Boolean)) spawnSync("kill", ["-KILL", pid]);
    // Left behind by containers on the host's network.
    spawnSync("umount", [join(this.folder, "exec", "netns", "default")]);
    // The same of an engine that was killed.
    spawnSync("umount", ["--lazy", join(this.folder, "data")]);
    spawnSync("ip", ["netns", "del", this.netns]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(): Promise<void> {
    const at = (name: string): string => join(this.folder, name);
    this.daemon = spawn(
      "nsenter",
      [
        ...[`--net=/run/netns/${this.netns}`, "dockerd", "--host", this.host, "--bridge", "none"],
        ...["--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("pid")],
        ...this.flags,
      ],
      { stdio: "ignore" },
    );
    for (let tries = 0; ; tries++) {
      if (spawnSync("docker", ["--host", this.host, "version"]).status === 0) return;
      if (tries > 300) throw new Error("the test's own Docker engine does not start");
      await sleep(100);
    }
  }

  private async end(): Promise<void> {
    const { daemon } = this;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const closed = once(daemon, "close");
    daemon.kill("SIGTERM");
    await closed;
  }
}

function must(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, [...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
}
