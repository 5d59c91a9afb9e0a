/** The pulumi command, as the npm package `pulumi` brings it. */
import { spawn, type StdioOptions } from "node:child_process";
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { type Outcome, outcomeOf } from "../../ops/lib/child";
import { Failure } from "../../ops/lib/failure";
import { Steps } from "../print/steps";

/**
 * The package's own launcher would end at once on Ctrl-C and leave the real pulumi to finish unseen: it stays, and so do
 * we, until pulumi has ended the update in good order.
 */
const STAY = `data:text/javascript,process.on("SIGINT",()=>{})`;

/** Of the npm package where it is installed, else the one that the machine has. */
export function shippedPulumi(): readonly string[] {
  if (!hasPackage()) return ["pulumi"];
  const cli = installedPulumi();
  return cli === undefined ? [process.execPath, "--import", STAY, require.resolve("pulumi/run.js")] : [cli];
}

function hasPackage(): boolean {
  try {
    return require.resolve("pulumi/package.json") !== "";
  } catch {
    return false;
  }
}

/** The CLI that the launcher would find, where it is there already: each start of it is a start of Node less. */
export function installedPulumi(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { version } = JSON.parse(readFileSync(require.resolve("pulumi/package.json"), "utf8")) as { version: string };
  const home = env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  const path = join(home, "versions", env["PULUMI_VERSION"] || version, "bin", "pulumi");
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).size > 0 ? path : undefined;
  } catch {
    return undefined;
  }
}

export class PulumiCli {
  constructor(
    readonly cwd: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly command: readonly string[] = shippedPulumi(),
  ) {}

  /** Runs with this terminal. @returns pulumi's exit code. */
  async show(args: readonly string[]): Promise<number> {
    return (await this.start(args, "inherit", "")).code;
  }

  /** The same: Pulumi's live view in a terminal, elsewhere the steps that matter. @param verbose shows every line. */
  async showSteps(args: readonly string[], verbose: boolean): Promise<number> {
    if (verbose || process.stdout.isTTY) return this.show(args);
    const steps = new Steps();
    const show = (line: string): void => {
      if (steps.shows(line)) console.log(line);
    };
    return (await this.start(args, ["inherit", "pipe", "inherit"], "", show)).code;
  }

  /** Runs unseen. @returns what it printed on stdout. */
  async read(args: readonly string[], stdin = ""): Promise<string> {
    const { code, stdout, stderr } = await this.start(args, "pipe", stdin);
    if (code === 0) return stdout;
    const missing = missingCli(stderr);
    if (missing !== undefined) throw new Failure(missing);
    const reason = (stderr.trim() || stdout.trim()).replace(/^error: /, "") || `exit code ${String(code)}`;
    throw new Failure(`pulumi ${args.slice(0, 2).join(" ")} failed: ${reason}`);
  }

  /** Runs unseen. @returns also what a command that failed printed. */
  async attempt(args: readonly string[]): Promise<Outcome> {
    return this.start(args, "pipe", "");
  }

  private async start(
    args: readonly string[],
    stdio: StdioOptions,
    stdin: string,
    onLine?: (line: string) => void,
  ): Promise<Outcome> {
    const [program = "", ...first] = this.command;
    const child = spawn(program, [...first, ...args], { cwd: this.cwd, env: withToolsOf(program, this.env), stdio });
    if (onLine !== undefined && child.stdout !== null) createInterface(child.stdout).on("line", onLine);
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    return outcomeOf(child, stdin)
      .catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        throw new Failure(
          "there is no pulumi command on the PATH: install the Pulumi CLI, then run the same command again",
        );
      })
      .finally(() => process.off("SIGINT", ignore));
  }
}

/** The CLI finds its language hosts, which lie beside it, on the PATH. */
function withToolsOf(program: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!isAbsolute(program) || basename(program) !== "pulumi") return env;
  return { ...env, PATH: `${dirname(program)}${delimiter}${env["PATH"] ?? ""}` };
}

/** @returns what to do when the npm package has no CLI here and cannot get it; undefined when it is something else. */
export function missingCli(stderr: string): string | undefined {
  const [, version, cause] = /Downloading pulumi v(\S+?)\.\.\.[^]*^pulumi: (.*)/m.exec(stderr) ?? [];
  if (version === undefined || cause === undefined) return undefined;
  return (
    `the Pulumi CLI ${version} is not on this machine, and its download failed (${cause}): connect to the network for the first ` +
    `run, or copy ~/.pulumi from a machine where npm run up has run\n` +
    `npx pulumi-rethinkdb plan works without it: it shows what would be made.`
  );
}
