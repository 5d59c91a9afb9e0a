/** A host that is reached over ssh alone: sshd on loopback, with keys made for it, and host-key checking on. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endSharedConnection, prepareSshd } from "./sshd";

export class SshHost {
  readonly endpoint: string;
  /** Holds `ssh` with the keys and the known hosts of this host alone; to stand first in PATH. */
  readonly path: string;
  /** The log of sshd. */
  said = "";

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly sshd: ChildProcess,
  ) {
    this.endpoint = `ssh://root@127.0.0.1:${String(port)}`;
    this.path = join(folder, "bin");
  }

  /** sshd with Debian's defaults, `MaxStartups 10:30:100` too, but for the ways to log in: a key is the only one. */
  static async start(port: number): Promise<SshHost> {
    const folder = mkdtempSync(join(tmpdir(), "ssh-host-"));
    const at = (name: string): string => join(folder, name);
    prepareSshd(folder, "host", "client", "other");
    const options = [
      ...[`Port=${String(port)}`, "ListenAddress=127.0.0.1", `HostKey=${at("host")}`, `PidFile=${at("pid")}`],
      ...[`AuthorizedKeysFile=${at("client.pub")}`, "StrictModes=no", "UsePAM=no", "PermitRootLogin=prohibit-password"],
      ...["PasswordAuthentication=no", "KbdInteractiveAuthentication=no", "LogLevel=INFO"],
    ].flatMap((option) => ["-o", option]);
    const sshd = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", "/dev/null", ...options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const host = new SshHost(folder, port, sshd);
    sshd.stderr.on("data", (chunk: Buffer) => (host.said += chunk.toString("utf8")));
    host.knowHost("host");
    writeFileSync(
      at("config"),
      [
        ...["Host *", `UserKnownHostsFile ${at("known_hosts")}`, "GlobalKnownHostsFile /dev/null"],
        ...["StrictHostKeyChecking yes", `IdentityFile ${at("client")}`, "IdentitiesOnly yes", "BatchMode yes", ""],
      ].join("\n"),
    );
    mkdirSync(host.path);
    writeFileSync(join(host.path, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${at("config")} "$@"\n`);
    chmodSync(join(host.path, "ssh"), 0o755);
    for (const end = Date.now() + 20_000; !host.said.includes("Server listening");) {
      if (sshd.exitCode !== null || Date.now() > end) {
        await host.dispose();
        throw new Error(`sshd does not start: ${host.said}`);
      }
      await sleep(50);
    }
    return host;
  }

  /** From the next connection on. @param key the host's own, or that of another one that stands in its place. */
  knowHost(key: "host" | "other"): void {
    this.disconnect();
    const known = readFileSync(join(this.folder, `${key}.pub`), "utf8");
    writeFileSync(join(this.folder, "known_hosts"), `[127.0.0.1]:${String(this.port)} ${known}`);
  }

  /** Ends the connection that runs share and keep: no host key is looked at while it stands. */
  private disconnect(): void {
    endSharedConnection("-p", String(this.port), "root@127.0.0.1");
  }

  async dispose(): Promise<void> {
    this.disconnect();
    if (this.sshd.exitCode === null && this.sshd.signalCode === null) {
      const closed = once(this.sshd, "close");
      this.sshd.kill();
      await closed;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
