/** How a deployer gets into test hosts: sshd on each, keys made for it, host keys checked, and users that are on no machine. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endSharedConnection } from "./sshd";

/** Beside root: `deploy` is in the group docker, `guest` is not. */
const USERS = { deploy: 28901, guest: 28902 };

export class HostLogins {
  private readonly folder = mkdtempSync(join(tmpdir(), "hosts-"));
  private readonly daemons: ChildProcess[] = [];
  private readonly path = process.env["PATH"] ?? "";

  /** From now on this process finds an `ssh` with a configuration of the test's own, as a user has one in `~/.ssh`. */
  constructor() {
    // Users read their authorized keys here.
    chmodSync(this.folder, 0o711);
    for (const name of ["key", "other"]) this.makeKey(name);
    this.useKey("key");
    this.knowOnly({});
    this.makeUsers();
    mkdirSync(this.at("bin"));
    const ssh = must("sh", "-c", "command -v ssh").trim();
    writeFileSync(this.at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${this.at("config")} "$@"\n`);
    chmodSync(this.at("bin/ssh"), 0o755);
    process.env["PATH"] = `${this.at("bin")}${delimiter}${this.path}`;
  }

  /** @param key `other` is one that no host knows. */
  useKey(key: "key" | "other"): void {
    const lines = [
      ...[`IdentityFile ${this.at(key)}`, "IdentitiesOnly yes"],
      ...[`UserKnownHostsFile ${this.at("known_hosts")}`, "GlobalKnownHostsFile /dev/null", ""],
    ];
    writeFileSync(this.at("config"), lines.join("\n"));
  }

  /** @param keys of hosts by address, as {@link hostKey} has them. */
  knowOnly(keys: Readonly<Record<string, string>>): void {
    const lines = Object.entries(keys).map(([address, key]) => `${address} ${key}`);
    writeFileSync(this.at("known_hosts"), lines.join(""));
  }

  /** Public half of a host's key. */
  hostKey(name: string): string {
    return readFileSync(this.at(`host-${name}.pub`), "utf8");
  }

  /** Public half of the deployer's, which no host shows. */
  get deployerKey(): string {
    return readFileSync(this.at("key.pub"), "utf8");
  }

  /** Starts sshd of a host, and knows its key. @param dockerHost of the host's engine. */
  async open(name: string, address: string, netns: string, dockerHost: string): Promise<void> {
    this.makeKey(`host-${name}`);
    writeFileSync(this.at("known_hosts"), `${address} ${this.hostKey(name)}`, { flag: "a" });
    // Where Debian's sshd locks its unprivileged half in.
    mkdirSync("/run/sshd", { recursive: true });
    const options = [
      ...[`ListenAddress=${address}`, `HostKey=${this.at(`host-${name}`)}`, "PidFile=none"],
      ...[`AuthorizedKeysFile=${this.at("key.pub")}`, "StrictModes=no", "UsePAM=no", "PasswordAuthentication=no"],
      ...["KbdInteractiveAuthentication=no", "PermitRootLogin=prohibit-password"],
      // Its docker command finds the engine of this host; the machine's own stands at the usual place.
      `SetEnv=DOCKER_HOST=${dockerHost}`,
    ].flatMap((option) => ["-o", option]);
    const binds = ["passwd", "group"].map((file) => `mount --bind ${this.at(file)} /etc/${file}`).join(" && ");
    const daemon = spawn("nsenter", [
      ...[`--net=/run/netns/${netns}`, "unshare", "--mount", "sh", "-c", `${binds} && exec "$@"`, "sh"],
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

  /** Ends connections that runs share and keep. @param logins `user@address` each. */
  disconnect(logins: readonly string[]): void {
    for (const login of logins) endSharedConnection(login);
  }

  async dispose(): Promise<void> {
    process.env["PATH"] = this.path;
    for (const daemon of this.daemons) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const closed = once(daemon, "exit");
      daemon.kill();
      await closed;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private at(name: string): string {
    return join(this.folder, name);
  }

  private makeKey(name: string): void {
    must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", this.at(name));
  }

  /** In files that only the hosts' sshd sees in place of this machine's. */
  private makeUsers(): void {
    const users = Object.entries(USERS).map(([name, id]) => {
      mkdirSync(this.at(`home-${name}`), { mode: 0o755 });
      return `${name}:x:${String(id)}:${String(id)}::${this.at(`home-${name}`)}:/bin/sh\n`;
    });
    writeFileSync(this.at("passwd"), readFileSync("/etc/passwd", "utf8") + users.join(""));
    const groups = readFileSync("/etc/group", "utf8").replace(/^(docker:.*:)$/m, "$1deploy");
    writeFileSync(this.at("group"), groups);
  }
}

function must(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, [...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}
