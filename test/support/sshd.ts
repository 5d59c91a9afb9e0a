/** A host behind ssh: sshd in a network namespace, with keys made for it. No port listens but the SOCKS proxy of the client. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SSH_OPTIONS } from "../../core/render/sshOptions";

/** @returns why no sshd can be run here, for a test's `skip`; false when one can. */
export function missingSshd(): string | false {
  const found = spawnSync("sh", ["-c", "test -x /usr/sbin/sshd && command -v ssh ssh-keygen"]).status === 0;
  return found ? false : "openssh-server is not installed";
}

/** Makes keys of these names in the folder. */
export function prepareSshd(folder: string, ...names: readonly string[]): void {
  for (const name of names) {
    const args = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)];
    if (spawnSync("ssh-keygen", args).status !== 0) throw new Error("ssh-keygen failed");
  }
  // Where Debian's sshd locks its unprivileged half in.
  mkdirSync("/run/sshd", { recursive: true });
}

/** Ends the connection that runs share and keep. @param login words of ssh that name it: `user@address`, and a port. */
export function endSharedConnection(...login: readonly string[]): void {
  spawnSync("ssh", [...SSH_OPTIONS, "-O", "exit", ...login], { stdio: "ignore" });
}

/** `ssh -D` to the host that the namespace stands for. */
export class SocksProxy {
  private constructor(
    private readonly folder: string,
    private readonly ssh: ChildProcess,
  ) {}

  static async start(netns: string, port: number): Promise<SocksProxy> {
    const folder = mkdtempSync(join(tmpdir(), "ssh-"));
    const at = (name: string): string => join(folder, name);
    prepareSshd(folder, "host", "client");
    writeFileSync(at("known_hosts"), `host ${readFileSync(at("host.pub"), "utf8")}`);
    const server = [
      ...[`HostKey=${at("host")}`, `AuthorizedKeysFile=${at("client.pub")}`, "StrictModes=no", "UsePAM=no"],
      ...["PasswordAuthentication=no", "KbdInteractiveAuthentication=no", "PermitRootLogin=prohibit-password"],
    ].flatMap((option) => ["-o", option]);
    const sshd = ["nsenter", `--net=/run/netns/${netns}`, "/usr/sbin/sshd", "-i", "-f", "/dev/null", ...server];
    const client = [
      ...[`ProxyCommand=${sshd.join(" ")}`, `UserKnownHostsFile=${at("known_hosts")}`, "StrictHostKeyChecking=yes"],
      ...[`IdentityFile=${at("client")}`, "IdentitiesOnly=yes", "BatchMode=yes", "ExitOnForwardFailure=yes"],
    ].flatMap((option) => ["-o", option]);
    const args = ["-F", "/dev/null", "-N", "-D", `127.0.0.1:${String(port)}`, ...client, "root@host"];
    const ssh = spawn("ssh", args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    ssh.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    const proxy = new SocksProxy(folder, ssh);
    const listens = (): boolean =>
      spawnSync("bash", ["-c", `exec 3<>/dev/tcp/127.0.0.1/${String(port)}`], { stdio: "ignore" }).status === 0;
    for (const end = Date.now() + 20_000; !listens();) {
      if (ssh.exitCode !== null || Date.now() > end) {
        await proxy.dispose();
        throw new Error(`ssh -D does not start: ${said}`);
      }
      await sleep(100);
    }
    return proxy;
  }

  async dispose(): Promise<void> {
    if (this.ssh.exitCode === null && this.ssh.signalCode === null) {
      const closed = once(this.ssh, "close");
      this.ssh.kill();
      await closed;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
