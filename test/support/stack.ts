/** A stack of this project in a folder of its own, driven by the real Pulumi CLI: what a user does, with nothing shared. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LABELS } from "../../core/render/labels";
import { copyProject } from "./checkout";
import { PULUMI_BIN } from "./prerequisites";

export interface Finished {
  readonly code: number | null;
  /** stdout and stderr together, in order of arrival. */
  readonly output: string;
  readonly stdout: string;
}

export interface StackSettings {
  readonly clusterName: string;
  readonly subnet: string;
  readonly driverPort: number;
  readonly adminPassword: string;
  readonly nodes: number;
}

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Names of clusters that a stack of this process had. */
const used = new Set<string>();

export class TestStack {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;

  private constructor(
    readonly settings: StackSettings,
    stack: string,
  ) {
    this.folder = copyProject();
    mkdirSync(join(this.folder, "state"));
    this.env = {
      ...process.env,
      PATH: `${PULUMI_BIN}:${process.env["PATH"] ?? ""}`,
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_STACK: stack,
      NO_COLOR: "1",
    };
  }

  static create(
    settings: Partial<StackSettings> & Pick<StackSettings, "clusterName" | "subnet" | "driverPort">,
  ): TestStack {
    // What an earlier run left that was killed; a second stack of one name in a test is meant to meet the first.
    if (!used.has(settings.clusterName)) removeCluster(settings.clusterName);
    used.add(settings.clusterName);
    const all = { adminPassword: `it's "$HOME" #1 \\ = ${settings.clusterName}`, nodes: 3, ...settings };
    const stack = new TestStack(all, settings.clusterName);
    stack.pulumi(["stack", "init", settings.clusterName]);
    const { adminPassword, ...plain } = all;
    stack.configure(plain);
    stack.pulumi(["config", "set", "--secret", "adminPassword"], adminPassword);
    return stack;
  }

  /** Sets plain config; a list becomes a list, and a dotted key a field of an object. */
  configure(values: Readonly<Record<string, string | number | readonly string[]>>): void {
    const plain: string[] = [];
    for (const [key, value] of Object.entries(values)) {
      if (Array.isArray(value)) {
        this.tryPulumi(["config", "rm", key]);
        this.pulumi(["config", "set", "--path", `${key}[0]`, ...(value as readonly string[])]);
      } else if (key.includes(".")) this.pulumi(["config", "set", "--path", key, String(value)]);
      else plain.push("--plaintext", `${key}=${String(value)}`);
    }
    if (plain.length > 0) this.pulumi(["config", "set-all", ...plain]);
  }

  /** Sets plain config of any shape. */
  configureJson(key: string, value: unknown): void {
    this.tryPulumi(["config", "rm", key]);
    // `config:` stands last in the file, and JSON is YAML.
    const file = join(this.folder, `Pulumi.${this.settings.clusterName}.yaml`);
    appendFileSync(file, `  rethinkdb:${key}: ${JSON.stringify(value)}\n`);
  }

  /** Exactly these passwords of users. */
  setUserPasswords(passwords: Readonly<Record<string, string>>): void {
    this.tryPulumi(["config", "rm", "userPasswords"]);
    const pairs = Object.entries(passwords).flatMap(([name, password]) => [
      "--secret",
      `userPasswords["${name}"]=${password}`,
    ]);
    if (pairs.length > 0) this.pulumi(["config", "set-all", "--path", ...pairs]);
  }

  /** A verb of the command line on this stack. */
  cli(verb: string, ...args: readonly string[]): Finished {
    const main = join(this.folder, "dist", "cli", "main.js");
    const argv = [main, verb, "--stack", this.settings.clusterName, ...args];
    const limit = { timeout: 600_000, killSignal: "SIGKILL" } as const;
    const result = spawnSync(process.execPath, argv, { cwd: this.folder, env: this.env, encoding: "utf8", ...limit });
    return { code: result.status, output: result.stdout + result.stderr, stdout: result.stdout };
  }

  unset(key: string): void {
    this.pulumi(["config", "rm", key]);
  }

  setPassword(password: string): void {
    this.pulumi(["config", "set", "--secret", "adminPassword"], password);
  }

  async up(...flags: readonly string[]): Promise<Finished> {
    return finish(this.start(["up", "--yes", "--skip-preview", ...flags]));
  }

  /** An `up` that must succeed. */
  async mustUp(...flags: readonly string[]): Promise<string> {
    const { code, output } = await this.up(...flags);
    if (code !== 0) throw new Error(`pulumi up failed:\n${output}`);
    return output;
  }

  async preview(...flags: readonly string[]): Promise<Finished> {
    return finish(this.start(["preview", ...flags]));
  }

  /** Operations other than `same` that a preview would run, by resource name. */
  async plannedChanges(...flags: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const { code, stdout, output } = await this.preview("--json", ...flags);
    if (code !== 0) throw new Error(`pulumi preview failed:\n${output}`);
    const { steps } = JSON.parse(stdout) as { steps: readonly { op: string; urn: string }[] };
    return Object.fromEntries(
      steps.filter(({ op }) => !["same", "refresh", "read"].includes(op)).map(({ op, urn }) => [nameOf(urn), op]),
    );
  }

  /** A running `pulumi` in a process group of its own, so that it can be killed with all its plugins. */
  start(args: readonly string[]): ChildProcess {
    return spawn("pulumi", [...args], { cwd: this.folder, env: this.env, stdio: "pipe", detached: true });
  }

  pulumi(args: readonly string[], stdin?: string): string {
    const { code, output, stdout } = this.tryPulumi(args, stdin);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${output}`);
    return stdout;
  }

  tryPulumi(args: readonly string[], stdin?: string): Finished {
    const result = spawnSync("pulumi", args, {
      cwd: this.folder,
      env: this.env,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      ...(stdin === undefined ? {} : { input: stdin }),
    });
    return { code: result.status, output: result.stdout + result.stderr, stdout: result.stdout };
  }

  exported(...flags: readonly string[]): string {
    return this.pulumi(["stack", "export", ...flags]);
  }

  /** Sorted by URN: the state keeps the order of the last run. */
  resources(...flags: readonly string[]): readonly Resource[] {
    const state = JSON.parse(this.exported(...flags)) as { deployment: { resources?: readonly Resource[] } };
    return [...(state.deployment.resources ?? [])].sort((a, b) => (a.urn < b.urn ? -1 : 1));
  }

  /** An output of a resource in clear, also where the state keeps it as a secret. */
  plainOutput(resource: string, field: string): string {
    const value = this.resources("--show-secrets").find(({ urn }) => nameOf(urn) === resource)?.outputs?.[field];
    return typeof value === "string" ? value : (JSON.parse((value as { plaintext: string }).plaintext) as string);
  }

  output<T>(name: string): T {
    return JSON.parse(this.pulumi(["stack", "output", name, "--json"])) as T;
  }

  /** Removes everything this stack made, whatever state it is in. */
  dispose(): void {
    removeCluster(this.settings.clusterName);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

export async function finish(child: ChildProcess): Promise<Finished> {
  const all: Buffer[] = [];
  const out: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => {
    all.push(chunk);
    out.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => all.push(chunk));
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, output: Buffer.concat(all).toString("utf8"), stdout: Buffer.concat(out).toString("utf8") };
}

/** Removes every container, network and volume of a cluster, and other containers on its network. */
export function removeCluster(clusterName: string): void {
  const filter = `label=${LABELS.clusterName}=${clusterName}`;
  removeAll(["ps", "-aq", "--filter", filter], ["rm", "--force", "--volumes"]);
  removeAll(["ps", "-aq", "--filter", `network=${clusterName}`], ["rm", "--force", "--volumes"]);
  removeAll(["network", "ls", "-q", "--filter", filter], ["network", "rm"]);
  removeAll(["volume", "ls", "-q", "--filter", filter], ["volume", "rm", "--force"]);
}

function removeAll(list: readonly string[], remove: readonly string[]): void {
  const ids = docker(...list)
    .split("\n")
    .filter(Boolean);
  if (ids.length > 0) docker(...remove, ...ids);
}

/** Runs the docker command; throws with its words when it fails. */
export function docker(...args: readonly string[]): string {
  const { code, output, stdout } = tryDocker(...args);
  if (code !== 0) throw new Error(`docker ${args.join(" ")} failed: ${output}`);
  return stdout.trim();
}

export function tryDocker(...args: readonly string[]): Finished {
  const result = spawnSync("docker", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  return { code: result.status, output: result.stdout + result.stderr, stdout: result.stdout };
}

export function inspect<T>(kind: "container" | "volume" | "network", name: string): T {
  return (JSON.parse(docker(kind, "inspect", name)) as readonly T[])[0] as T;
}
