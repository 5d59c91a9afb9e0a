/**
 * The local stack: a file backend, a generated passphrase and a generated admin password under `.state/`, for one's own
 * machine. A stack of one's own needs none of this: `pulumi up` works just as well.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { Failure } from "../ops/failure";

export const STACK = "local";
export const PASSWORD_FILE = ".state/admin-password";

export interface PulumiOutcome {
  readonly code: number;
  readonly stdout: string;
}

export class LocalStack {
  readonly folder: string;
  private readonly state: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(project = resolve(__dirname, "..", "..")) {
    this.folder = project;
    this.state = join(project, ".state");
    this.env = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${this.state}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: this.path("passphrase"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_STACK: STACK,
    };
    // An ambient passphrase would beat the stack's own.
    delete this.env["PULUMI_CONFIG_PASSPHRASE"];
  }

  path(...names: readonly string[]): string {
    return join(this.state, ...names);
  }

  get exists(): boolean {
    return existsSync(this.path(".pulumi", "stacks", "rethinkdb", `${STACK}.json`));
  }

  /** Makes what is missing, in an order that survives being killed anywhere. */
  async ensure(): Promise<void> {
    mkdirSync(this.state, { recursive: true, mode: 0o700 });
    chmodSync(this.state, 0o700);
    const secretConfig = existsSync(join(this.folder, `Pulumi.${STACK}.yaml`));
    if ((this.exists || secretConfig) && !existsSync(this.path("passphrase"))) {
      throw new Failure(
        `the local stack is there and .state/passphrase, which opens it, is not: put the file back from a backup; ` +
          `to start over without that stack, remove .state and Pulumi.${STACK}.yaml, and its containers with docker rm`,
      );
    }
    writeOnce(this.path("passphrase"));
    writeOnce(this.path("admin-password"));
    if (!this.exists) await this.must(["stack", "init", STACK]);
    const known = await this.run(["config", "get", "adminPassword"]);
    if (known.code !== 0) {
      await this.must(
        ["config", "set", "--secret", "adminPassword"],
        readFileSync(this.path("admin-password"), "utf8"),
      );
    }
  }

  /** Pulumi with the person's own terminal. */
  async show(args: readonly string[]): Promise<number> {
    return new Promise((done, reject) => {
      const child = spawn(process.execPath, [pulumiCli(), ...args], {
        cwd: this.folder,
        env: this.env,
        stdio: "inherit",
      });
      child.once("error", reject);
      child.once("close", (code) => {
        done(code ?? 1);
      });
    });
  }

  /** Pulumi without a terminal. */
  async run(args: readonly string[], stdin = ""): Promise<PulumiOutcome & { readonly stderr: string }> {
    const child = spawn(process.execPath, [pulumiCli(), ...args], { cwd: this.folder, env: this.env, stdio: "pipe" });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    const code = await new Promise<number>((done, reject) => {
      child.once("error", reject);
      child.once("close", (status) => {
        done(status ?? 1);
      });
    });
    return { code, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8") };
  }

  async must(args: readonly string[], stdin = ""): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, stdin);
    if (code !== 0) throw new Failure(`pulumi ${args.slice(0, 2).join(" ")} failed: ${stderr.trim()}`);
    return stdout;
  }

  async output<T>(name: string): Promise<T> {
    return JSON.parse(await this.must(["stack", "output", name, "--json"])) as T;
  }

  /** The cluster's name as the stack's program finds it. */
  async clusterName(): Promise<string> {
    const { code, stdout } = await this.run(["config", "get", "clusterName"]);
    return (code === 0 && stdout.trim()) || `rethinkdb-${STACK}`;
  }
}

/** The npm package `pulumi`: runs the CLI of its own version and downloads it on first use. */
function pulumiCli(): string {
  return require.resolve("pulumi/run.js");
}

/** A random secret in a file of its own, complete or not there. */
function writeOnce(path: string): void {
  if (existsSync(path)) return;
  const file = openSync(`${path}.new`, "w", 0o600);
  writeSync(file, randomBytes(24).toString("base64url"));
  closeSync(file);
  renameSync(`${path}.new`, path);
}
