/** ssh as the docker command calls it: with one shared connection a host, and its troubles in a sentence each. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { SSH_OPTIONS } from "../../core/render/sshOptions";
import { firstLine } from "../lib/text";

/** The docker command takes no options for ssh; it calls the first `ssh` on its PATH, which is this. */
const WRAPPER = [
  `#!/bin/sh`,
  `# Written by pulumi-rethinkdb: ssh with one shared connection a host.`,
  `PATH="$RETHINKDB_SSH_PATH" exec ssh ${SSH_OPTIONS.join(" ")} "$@"`,
  ``,
].join("\n");

/** Environment in which the docker command shares connections. */
export function sshEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "pulumi-rethinkdb", "ssh");
  const path = env["PATH"] ?? "";
  keepWrapper(folder);
  // For the socket of the shared connection.
  mkdirSync(join(homedir(), ".ssh"), { recursive: true, mode: 0o700 });
  return { PATH: `${folder}${delimiter}${path}`, RETHINKDB_SSH_PATH: path };
}

/** By a rename: others may be starting the one that is there. */
function keepWrapper(folder: string): void {
  const file = join(folder, "ssh");
  if (existsSync(file) && readFileSync(file, "utf8") === WRAPPER) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = `${file}.${String(process.pid)}`;
  writeFileSync(made, WRAPPER);
  chmodSync(made, 0o700);
  renameSync(made, file);
}

/** @returns what stands between us and the engine, and what to do; undefined when it is something else. */
export function sshTrouble(stderr: string, endpoint: string): string | undefined {
  const host = endpoint.replace(/^ssh:\/\//, "");
  const by = `ssh ${endpoint}`;
  if (/remote host identification has changed/i.test(stderr)) {
    return `the host key of ${host} is another one than before, or another machine answers there; find out which, then correct known_hosts`;
  }
  if (/host key verification failed|no \S+ host key is known/i.test(stderr)) {
    return `the host key of ${host} is not known here; log in once with ${by}, compare its fingerprint, and say yes`;
  }
  if (/permission denied \((publickey|keyboard|password|gssapi)/i.test(stderr)) {
    return `${host} refuses our key; put the public key into authorized_keys there, or load its private key with ssh-add`;
  }
  if (/permission denied.*(docker\.sock|docker daemon|daemon socket|docker api)/is.test(stderr)) {
    return `the ssh user may not use the Docker engine of ${host}: add it to the group "docker" there`;
  }
  if (
    /(docker: (command )?not found|not found: docker|command not found: docker|exit(ed)? (with )?(exit )?(status|code) 127)/i.test(
      stderr,
    )
  ) {
    return `${host} has no docker command for its ssh user; install Docker there`;
  }
  if (/cannot connect to the docker daemon/i.test(stderr)) {
    return `${host} answers and its Docker engine does not: start it there (systemctl start docker)`;
  }
  const cause =
    /ssh: (?:connect to host )?(.*)|(Connection (?:closed|reset|timed out).*|.*not responding.*|.*[Bb]roken pipe.*)/.exec(
      stderr,
    );
  if (cause !== null || /error during connect|dial-stdio/i.test(stderr)) {
    const reason = (cause?.[1] ?? cause?.[2] ?? firstLine(stderr)).trim();
    return `${host} cannot be reached: ${reason}`;
  }
  return undefined;
}
