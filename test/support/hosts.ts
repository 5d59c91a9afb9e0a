/**
 * Several hosts on one machine: Docker engines in network namespaces of their own, joined by a switch, and reached as a
 * deployer reaches them: over ssh with a key, host keys checked.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PrivateEngine, whyNoPrivateEngine } from "./privateEngine";
import { missingSshd } from "./sshd";

/** @returns why no hosts can be made here; undefined where they can. */
export function whyNoHosts(): string | undefined {
  return whyNoPrivateEngine() ?? (missingSshd() || undefined);
}

export interface TestHost {
  readonly name: string;
  readonly address: string;
  readonly dockerHost: string;
  readonly engine: PrivateEngine;
}

export class TestHosts {
  readonly hosts: TestHost[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "hosts-"));
  private readonly daemons: ChildProcess[] = [];
  private readonly path = process.env["PATH"] ?? "";

  private constructor(
    /** Begins the name of every namespace and link; at most 8 characters. */
    private readonly prefix: string,
    /** First three numbers of the addresses: the deployer has 1, hosts follow from 11 on. */
    private readonly network: string,
  ) {}

  /** @param names of the hosts. From now on this process reaches them with ssh. */
  static async start(prefix: string, network: string, names: readonly string[]): Promise<TestHosts> {
    const all = new TestHosts(prefix, network);
    try {
      all.makeSwitch();
      all.makeClient();
      for (const name of names) await all.add(name);
    } catch (error) {
      await all.dispose();
      throw error;
    }
    return all;
  }

  get(name: string): TestHost {
    const host = this.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new Error(`there is no host ${name}`);
    return host;
  }

  /** As they stand in a stack's config. */
  args(zones: Readonly<Record<string, string>> = {}): readonly object[] {
    return this.hosts.map(({ name, address, dockerHost }) => ({
      ...{ name, address, dockerHost },
      ...(zones[name] === undefined ? {} : { zone: zones[name] }),
    }));
  }

  async add(name: string): Promise<TestHost> {
    const address = `${this.network}.${String(11 + this.hosts.length)}`;
    const netns = `${this.prefix}-${name}`;
    const engine = await PrivateEngine.start(netns);
    const host = { name, address, engine, dockerHost: `ssh://root@${address}` };
    this.hosts.push(host);
    must("ip", "link", "add", netns, "netns", this.switch, "type", "veth", "peer", "name", "eth0", "netns", netns);
    must("ip", "-n", this.switch, "link", "set", netns, "master", "br0", "up");
    must("ip", "-n", netns, "addr", "add", `${address}/24`, "dev", "eth0");
    must("ip", "-n", netns, "link", "set", "eth0", "up");
    must("ip", "-n", netns, "route", "add", "default", "via", `${this.network}.1`);
    await this.startSshd(host);
    return host;
  }

  /** Pulls the plug of a host, or puts it back. */
  link(name: string, state: "up" | "down"): void {
    must("ip", "-n", this.switch, "link", "set", `${this.prefix}-${name}`, state);
  }

  async crash(name: string): Promise<void> {
    await this.get(name).engine.crash();
  }

  async revive(name: string): Promise<void> {
    await this.get(name).engine.revive();
  }

  /** Whether packets can be held up: not every kernel has netem. */
  get canDelay(): boolean {
    const { netns } = this.hosts[0]?.engine ?? { netns: "" };
    const made = spawnSync("tc", ["-n", netns, "qdisc", "add", "dev", "eth0", "root", "netem", "delay", "1ms"]);
    spawnSync("tc", ["-n", netns, "qdisc", "del", "dev", "eth0", "root"]);
    return made.status === 0;
  }

  /** Loses one of a hundred packets that reach a host, and holds up those that it sends where the kernel can. */
  disturb(delayMs: number): void {
    for (const { engine } of this.hosts) {
      this.filter(engine.netns, "-I");
      if (this.canDelay) must("tc", ...netem(engine.netns, "add"), "delay", `${String(delayMs)}ms`);
    }
  }

  /** Ends the disturbance. */
  calm(): void {
    for (const { engine } of this.hosts) {
      this.filter(engine.netns, "-D");
      spawnSync("tc", [...netem(engine.netns, "del")]);
    }
  }

  private filter(netns: string, action: "-I" | "-D"): void {
    const lose = ["-m", "statistic", "--mode", "random", "--probability", "0.01", "-j", "DROP"];
    for (const chain of ["INPUT", "FORWARD"]) {
      must("nsenter", `--net=/run/netns/${netns}`, "iptables", action, chain, "-i", "eth0", ...lose);
    }
  }

  /** The docker command on a host's own socket. */
  docker(name: string, ...args: readonly string[]): string {
    return must("docker", "--host", this.get(name).engine.host, ...args).trim();
  }

  /** `address:port` of everything that listens in a host's namespace, but for what sshd and Docker's own name service need. */
  listeners(name: string): readonly string[] {
    const { netns } = this.get(name).engine;
    return must("nsenter", `--net=/run/netns/${netns}`, "ss", "-Hltn")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.trim().split(/\s+/)[3] ?? "")
      .sort();
  }

  async dispose(): Promise<void> {
    for (const { dockerHost } of this.hosts) {
      const control = ["-o", "ControlPath=~/.ssh/rethinkdb-%C", "-O", "exit", dockerHost.replace("ssh://", "")];
      spawnSync("ssh", control, { stdio: "ignore" });
    }
    process.env["PATH"] = this.path;
    for (const daemon of this.daemons) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const closed = once(daemon, "exit");
      daemon.kill();
      await closed;
    }
    for (const { engine } of this.hosts) {
      const ids = spawnSync("docker", ["--host", engine.host, "ps", "-aq"], { encoding: "utf8" }).stdout.split("\n");
      spawnSync("docker", ["--host", engine.host, "rm", "--force", ...ids.filter(Boolean)]);
      await engine.dispose();
    }
    spawnSync("ip", ["netns", "del", this.switch]);
    spawnSync("ip", ["link", "del", this.uplink]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get switch(): string {
    return `${this.prefix}-switch`;
  }

  private get uplink(): string {
    return `${this.prefix}-up`;
  }

  private at(name: string): string {
    return join(this.folder, name);
  }

  /** In a namespace of its own, past the packet filter of this machine's Docker engine. */
  private makeSwitch(): void {
    must("ip", "netns", "add", this.switch);
    must("ip", "-n", this.switch, "link", "add", "br0", "type", "bridge");
    must("ip", "-n", this.switch, "link", "set", "br0", "up");
    must("ip", "link", "add", this.uplink, "type", "veth", "peer", "name", "deployer", "netns", this.switch);
    must("ip", "-n", this.switch, "link", "set", "deployer", "master", "br0", "up");
    must("ip", "addr", "add", `${this.network}.1/24`, "dev", this.uplink);
    must("ip", "link", "set", this.uplink, "up");
  }

  /** ssh with a configuration of the test's own, as a user has one in `~/.ssh`. */
  private makeClient(): void {
    must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "deployer", "-f", this.at("key"));
    writeFileSync(this.at("known_hosts"), "");
    writeFileSync(
      this.at("config"),
      [
        `IdentityFile ${this.at("key")}`,
        "IdentitiesOnly yes",
        `UserKnownHostsFile ${this.at("known_hosts")}`,
        "GlobalKnownHostsFile /dev/null",
        "",
      ].join("\n"),
    );
    mkdirSync(this.at("bin"));
    const ssh = must("sh", "-c", "command -v ssh").trim();
    writeFileSync(this.at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${this.at("config")} "$@"\n`);
    chmodSync(this.at("bin/ssh"), 0o755);
    process.env["PATH"] = `${this.at("bin")}${delimiter}${this.path}`;
  }

  private async startSshd({ name, address, engine }: TestHost): Promise<void> {
    must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", this.at(`host-${name}`));
    const key = readFileSync(this.at(`host-${name}.pub`), "utf8");
    writeFileSync(this.at("known_hosts"), `${address} ${key}`, { flag: "a" });
    // Where Debian's sshd locks its unprivileged half in.
    mkdirSync("/run/sshd", { recursive: true });
    const options = [
      ...[`ListenAddress=${address}`, `HostKey=${this.at(`host-${name}`)}`, "PidFile=none"],
      ...[`AuthorizedKeysFile=${this.at("key.pub")}`, "StrictModes=no", "UsePAM=no", "PasswordAuthentication=no"],
      ...["KbdInteractiveAuthentication=no", "PermitRootLogin=prohibit-password"],
      // Its docker command finds the engine of this host; the machine's own stands at the usual place.
      `SetEnv=DOCKER_HOST=${engine.host}`,
    ].flatMap((option) => ["-o", option]);
    const daemon = spawn("nsenter", [
      `--net=/run/netns/${engine.netns}`,
      ...["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", ...options],
    ]);
    this.daemons.push(daemon);
    let said = "";
    daemon.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    for (let tries = 0; !said.includes("Server listening"); tries++) {
      if (daemon.exitCode !== null || tries > 100) throw new Error(`sshd does not start: ${said}`);
      await sleep(50);
    }
  }
}

function netem(netns: string, action: "add" | "del"): readonly string[] {
  return ["-n", netns, "qdisc", action, "dev", "eth0", "root", ...(action === "add" ? ["netem"] : [])];
}

function must(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, [...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}
