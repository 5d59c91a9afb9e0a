/**
 * Several hosts on one machine: Docker engines in network namespaces of their own, joined by a switch, and reached as a
 * deployer reaches them: over ssh with a key, host keys checked.
 */
import { spawnSync } from "node:child_process";
import { HostLogins } from "./hostLogins";
import { type EngineSettings, PrivateEngine, whyNoPrivateEngine } from "./privateEngine";
import { type Disturbance, SlowSwitch } from "./slowSwitch";
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
  readonly logins = new HostLogins();

  private constructor(
    /** Begins the name of every namespace and link; at most 8 characters. */
    private readonly prefix: string,
    /** First three numbers of the addresses: the deployer has 1, hosts follow from 11 on. */
    private readonly network: string,
    private readonly engines: EngineSettings,
  ) {}

  /**
   * @param names of the hosts. From now on this process reaches them with ssh.
   */
  static async start(
    prefix: string,
    network: string,
    names: readonly string[],
    engines: EngineSettings = {},
  ): Promise<TestHosts> {
    const all = new TestHosts(prefix, network, engines);
    try {
      all.makeSwitch();
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
    const engine = await PrivateEngine.start(netns, this.engines);
    const host = { name, address, engine, dockerHost: `ssh://root@${address}` };
    this.hosts.push(host);
    must("ip", "link", "add", netns, "netns", this.switch, "type", "veth", "peer", "name", "eth0", "netns", netns);
    must("ip", "-n", this.switch, "link", "set", netns, "master", "br0", "up");
    must("ip", "-n", netns, "addr", "add", `${address}/24`, "dev", "eth0");
    must("ip", "-n", netns, "link", "set", "eth0", "up");
    must("ip", "-n", netns, "route", "add", "default", "via", `${this.network}.1`);
    await this.logins.open(name, address, netns, engine.host);
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

  /** From now on every frame between hosts, and between them and the deployer, is held up, and some are lost. */
  async disturb(how: Disturbance): Promise<SlowSwitch> {
    const cables = this.hosts.map(({ engine: { netns } }) => ({ link: netns, device: "eth0", netns }));
    return SlowSwitch.start(this.switch, [{ link: "deployer", device: this.uplink }, ...cables], how);
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

  /** Ends the connections that runs share: from now on each is made anew. */
  disconnect(): void {
    this.logins.disconnect(
      this.hosts.flatMap(({ address }) => ["root", "deploy", "guest"].map((user) => `${user}@${address}`)),
    );
  }

  async dispose(): Promise<void> {
    this.disconnect();
    await this.logins.dispose();
    for (const { engine } of this.hosts) {
      const ids = spawnSync("docker", ["--host", engine.host, "ps", "-aq"], { encoding: "utf8" }).stdout.split("\n");
      spawnSync("docker", ["--host", engine.host, "rm", "--force", ...ids.filter(Boolean)]);
      await engine.dispose();
    }
    spawnSync("ip", ["netns", "del", this.switch]);
    spawnSync("ip", ["link", "del", this.uplink]);
  }

  private get switch(): string {
    return `${this.prefix}-switch`;
  }

  private get uplink(): string {
    return `${this.prefix}-up`;
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
}

function must(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, [...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}
