/** The docker command on one engine: the only way in which programs reach Docker. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { STOP_SECONDS } from "../../args/constants";
import { resolveEngine } from "../../core/plan/endpoint";
import { LABELS } from "../../core/render/labels";
import type { HostRef } from "../../core/programs/parts/shared";
import { ExecChannel } from "./channel";
import { type Outcome, outcomeOf } from "../lib/child";
import { Failure } from "../lib/failure";
import { within } from "../lib/poll";
import { engineTrouble } from "./engineTrouble";
import { helperCommand, type RunHelper } from "./helper";
import { sshEnvironment } from "./ssh";
import { firstLine } from "../lib/text";

/** Seconds for which a docker command may run, by its first word. */
const LIMIT_SECONDS: Readonly<Record<string, number>> = {
  version: 30,
  ps: 30,
  pull: 3600,
  run: 120,
  stop: STOP_SECONDS + 60,
};
/** Of all others: each asks or changes one thing. */
const OTHER_LIMIT_SECONDS = 60;
/** Of a helper that goes over all data of a server. */
export const DATA_LIMIT_SECONDS = 4 * 3600;

/** What Docker's versions say of an object that is not there; a missing file or host is another matter. */
const NO_SUCH_OBJECT =
  /no such (container|network|volume|image|object)|(container|network|volume|image) \S+ not found/i;

export interface CommandOptions {
  /** Ends it, and then it fails. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds after which it is ended; by default what its kind may take. */
  readonly seconds?: number | undefined;
}

export interface LiveServer {
  /** Where it runs. */
  readonly engine: Engine;
  /** Server name: `n0`. */
  readonly name: string;
  readonly container: string;
  readonly state: string;
}

export class Engine {
  readonly endpoint: string;
  private readonly env: NodeJS.ProcessEnv;

  /**
   * @param dockerHost as written by the user; null is the ambient engine.
   * @param host of several; its name begins the sentence of a failure.
   */
  constructor(
    dockerHost: string | null,
    private readonly host?: Pick<HostRef, "name" | "certPath">,
  ) {
    const folder = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
    let certPath = host?.certPath;
    try {
      const found = resolveEngine(dockerHost, { env: process.env, readConfig: (path) => read(join(folder, path)) });
      this.endpoint = found.endpoint;
      if (found.tls !== null) certPath = join(folder, found.tls);
    } catch (error) {
      throw new Failure((error as Error).message);
    }
    // Secrets of the deployment are nothing to the docker command and its helpers.
    const kept = Object.entries(process.env).filter(([key]) => key !== "DOCKER_CONTEXT" && !key.startsWith("PULUMI_"));
    this.env = {
      ...Object.fromEntries(kept),
      ...(this.isBehindSsh ? sshEnvironment(process.env) : {}),
      ...(certPath ? { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certPath } : {}),
      DOCKER_HOST: this.endpoint,
    };
  }

  get isLocal(): boolean {
    return this.endpoint.startsWith("unix://");
  }

  get isBehindSsh(): boolean {
    return this.endpoint.startsWith("ssh://");
  }

  /** Whether the docker command shows a certificate and verifies the engine's. */
  get verifiesTls(): boolean {
    return Boolean(this.env["DOCKER_TLS_VERIFY"]) && Boolean(this.env["DOCKER_CERT_PATH"]);
  }

  /** Begins a sentence about this host among several. */
  private get who(): string {
    return this.host === undefined ? "" : `hosts.${this.host.name}: `;
  }

  /** A child whose stdin and stdout are the caller's to use. */
  spawn(args: readonly string[], signal?: AbortSignal): ChildProcessWithoutNullStreams {
    return spawn("docker", [...args], { env: this.env, stdio: "pipe", ...(signal && { signal }) });
  }

  /** A connection to a port on a container's loopback. @param patienceSeconds how long the port may stay closed. */
  channel(container: string, port: number, patienceSeconds: number): Duplex {
    return new ExecChannel(this, container, port, patienceSeconds);
  }

  /**
   * Runs to the end, whatever the exit code.
   * @throws Failure that names the command and the engine, when it does not end in its time or cannot reach the engine.
   */
  async try(args: readonly string[], stdin = "", options: CommandOptions = {}): Promise<Outcome> {
    const seconds = options.seconds ?? LIMIT_SECONDS[args[0] ?? ""] ?? OTHER_LIMIT_SECONDS;
    const child = this.spawn(args, options.signal);
    let isLate = false;
    const outcome = await within(seconds, outcomeOf(child, stdin), () => {
      isLate = true;
      // It would hand a softer signal on to the container and go on waiting.
      child.kill("SIGKILL");
    }).catch((error: unknown) => {
      if (isLate) throw new Failure(this.tooLate(args, seconds));
      throw (error as NodeJS.ErrnoException).code === "ENOENT"
        ? new Failure("the docker command is not installed: install Docker's CLI")
        : error;
    });
    if (outcome.code !== 0) {
      const trouble = engineTrouble(await this.reasonOf(outcome.stderr), this.endpoint, this.host?.certPath);
      if (trouble !== undefined) throw new Failure(this.who + trouble);
    }
    return outcome;
  }

  /** Runs to a successful end. */
  async run(args: readonly string[], stdin = "", options: CommandOptions = {}): Promise<string> {
    const outcome = await this.try(args, stdin, options);
    if (outcome.code !== 0) {
      throw new Failure(
        `docker ${args[0] ?? ""} failed: ${firstLine(outcome.stderr) || `exit code ${String(outcome.code)}`}`,
      );
    }
    return outcome.stdout;
  }

  async lines(args: readonly string[]): Promise<readonly string[]> {
    return (await this.run(args)).split("\n").filter((line) => line !== "");
  }

  /** One `docker inspect`; undefined when there is no such object. */
  async inspect<T>(kind: "container" | "network" | "volume" | "image", name: string): Promise<T | undefined> {
    const outcome = await this.try([kind, "inspect", name]);
    if (outcome.code === 0) return (JSON.parse(outcome.stdout) as readonly T[])[0];
    if (NO_SUCH_OBJECT.test(outcome.stderr)) return undefined;
    throw new Failure(`docker ${kind} inspect ${name} failed: ${firstLine(outcome.stderr)}`);
  }

  /** All servers of a cluster that Docker has, running or not. */
  async servers(identity: string): Promise<readonly LiveServer[]> {
    const format = `{{.Label "${LABELS.server}"}}\t{{.Names}}\t{{.State}}`;
    const rows = await this.lines(["ps", "-a", "--filter", `label=${LABELS.identity}=${identity}`, "--format", format]);
    return rows
      .map((row) => row.split("\t"))
      .filter(([name]) => name !== undefined && name !== "")
      .map(([name = "", container = "", state = ""]) => ({ engine: this, name, container, state }))
      .sort((a, b) => byOrdinal(a.name, b.name));
  }

  /** A throw-away container without network that is root over nothing but the mounted volumes. */
  async runHelper(task: RunHelper): Promise<Outcome> {
    return this.try(helperCommand(task), task.stdin, { seconds: task.seconds });
  }

  private tooLate(args: readonly string[], seconds: number): string {
    return (
      `${this.who}docker ${nameOf(args)} did not end in ${String(seconds)} seconds at ${this.endpoint}: the Docker engine hangs, ` +
      `or the way to it; nothing more was done; when docker version answers there, run the same command again`
    );
  }

  /** Of an engine behind ssh the docker command says no more than that it does not answer: asked again, ssh tells why. */
  private async reasonOf(stderr: string): Promise<string> {
    if (!this.isBehindSsh || !/cannot connect to the docker daemon/i.test(stderr)) return stderr;
    const options = { env: this.env, timeout: OTHER_LIMIT_SECONDS * 1000, killSignal: "SIGKILL" } as const;
    const asked = outcomeOf(spawn("ssh", ["--", this.endpoint, "docker", "version"], options));
    return asked.then((said) => `${said.stderr}\n${stderr}`).catch(() => stderr);
  }
}

/** A command without what may be long or secret: its words up to the object that it is about. */
function nameOf(args: readonly string[]): string {
  const [verb = "", ...rest] = args;
  if (verb !== "exec")
    return [verb, ...rest.filter((word) => /^[\w.:-]+$/.test(word) && !word.startsWith("-"))].slice(0, 3).join(" ");
  const container = rest.find((word, index) => !word.startsWith("-") && rest[index - 1] !== "--user");
  return `exec in ${container ?? ""}`;
}

/** Orders server names, n10 after n9. */
export function byOrdinal(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}

export { firstLine };

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
