/** Declares that a program of `ops/` runs, as a Command: the request on stdin, never in argv or the environment. */
import { execFile } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { runInThisContext } from "node:vm";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { LABELS } from "../core/render/labels";
import { type UnreachableRequest, UNREACHABLE } from "../core/programs/unreachable";
import { DOWN, type DownRequest } from "../core/programs/down";
import type { Standing } from "../core/plan/order";
import { FIND, INTERPRETER, NOTHING } from "../core/programs/parts/locator";
import type { Program, RequestOf, ShownBy } from "../core/programs/parts/program";
import { isInPlugin } from "./hosting";
import { LEFTOVER, type LeftoverRequest } from "../core/programs/leftover";

/** A value, of which any part may be known late. */
type Asked<T> =
  | pulumi.OutputInstance<T>
  | (T extends string | number | boolean | null | undefined
      ? T
      : T extends readonly (infer Of)[]
        ? readonly Asked<Of>[]
        : { readonly [K in keyof T]: Asked<T[K]> });

/** What a program is asked, while it is declared. */
type AskedOf<P> = { readonly [K in keyof RequestOf<P>]: Asked<RequestOf<P>[K]> };

interface CommonArgs {
  /** Whether it runs at the first time too, and not only whenever an input changed. */
  readonly atFirst: boolean;
  /** What runs before it is deleted, with the last request. */
  readonly delete?: Program;
  /** The program compares with the result of its last run. */
  readonly usesLastResult?: boolean;
  readonly resultIsSecret?: boolean;
}

export interface ProgramArgs<P extends Program> extends CommonArgs {
  readonly request: AskedOf<P>;
  /** What a preview should show; holds no secret. */
  readonly shown?: { readonly [K in keyof ShownBy<P>]: pulumi.Input<string> };
}

/** The same of any program. */
interface LooseArgs extends CommonArgs {
  readonly request: unknown;
  readonly shown?: unknown;
}

/** @param owner the name of the cluster's resources, or of the server's. */
export function declareProgram<P extends Program>(
  owner: string,
  program: P,
  args: ProgramArgs<P>,
  opts: pulumi.CustomResourceOptions,
): local.Command;
export function declareProgram(
  owner: string,
  program: Program,
  args: LooseArgs,
  opts: pulumi.CustomResourceOptions,
): local.Command {
  if (program.command === null) throw new Error(`${program.verb} is no Command`);
  return new local.Command(
    `${owner}-${program.command.role}`,
    {
      interpreter: [...INTERPRETER],
      create: args.atFirst ? program.verb : NOTHING,
      update: program.verb,
      ...(args.delete === undefined ? {} : { delete: args.delete.verb }),
      stdin: pulumi.secret(pulumi.jsonStringify(args.request as object)),
      environment: { ...(args.shown as Readonly<Record<string, pulumi.Input<string>>> | undefined) },
      logging: local.Logging.Stderr,
      addPreviousOutputInEnv: args.usesLastResult ?? false,
      ...(runsInline() ? { dir: process.cwd() } : {}),
    },
    args.resultIsSecret === true ? { ...opts, additionalSecretOutputs: ["stdout"] } : opts,
  );
}

/**
 * Runs the program that clears what an interrupted run left under the name of an object about to be created.
 * @param name of the hook.
 */
export function leftoverHook(
  name: string,
  kind: LeftoverRequest["kind"],
  at: Pick<LeftoverRequest, "dockerHost" | "hosts">,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${name}-leftover`, async (hook) => {
    const inputs = hook.newInputs as { name: string; labels: readonly { label: string; value: string }[] };
    const identity = inputs.labels.find((entry) => entry.label === LABELS.identity)?.value ?? "";
    const request: LeftoverRequest = { kind, name: inputs.name, identity, ...at };
    await runProgram(LEFTOVER, JSON.stringify(request));
  });
}

/**
 * Runs a program around a change of one resource; nothing is recorded of it. A preview does not run it.
 * @param name of the hook.
 * @param isNeedless whether it is known already that the program has nothing to do.
 */
export function programHook<P extends Program>(
  name: string,
  program: P,
  request: AskedOf<P>,
  isNeedless?: () => Promise<boolean>,
): pulumi.ResourceHook;
export function programHook(
  name: string,
  program: Program,
  request: unknown,
  isNeedless: () => Promise<boolean> = () => Promise.resolve(false),
): pulumi.ResourceHook {
  const text = pulumi.jsonStringify(request);
  return new pulumi.ResourceHook(name, async () => {
    if (await isNeedless()) return;
    const said = await runProgram(program, await new Promise<string>((resolve) => text.apply(resolve)));
    if (said.progress !== "") void pulumi.log.info(said.progress);
  });
}

/** The folder of the package. This file runs as `components/` of a checkout or as `dist/components/` of the package. */
const PACKAGE = basename(dirname(__dirname)) === "dist" ? dirname(dirname(__dirname)) : dirname(__dirname);

/** For what runs now; nothing of it is stored. */
function programPath(): string {
  return join(PACKAGE, "dist", "ops", "main.js");
}

/**
 * What the deployment will run is found again each time. It must not be older than what declares it.
 * @returns one sentence where it is.
 */
export function strangePrograms(cwd = process.cwd(), home = process.env["PULUMI_HOME"]): string | undefined {
  const find = runInThisContext(`(${FIND})`) as (load: NodeJS.Require, cwd: string, home: string) => string | undefined;
  const at = find(require, cwd, home ?? join(homedir(), ".pulumi"));
  if (at === undefined)
    return `programs: the deployment would find none: ${PACKAGE} is neither in node_modules nor a plugin`;
  if (realpathSync(at) === realpathSync(PACKAGE)) return undefined;
  const [found, own] = [versionOf(at), versionOf(PACKAGE)];
  if (ageOf(found) >= ageOf(own)) return undefined;
  return (
    `programs: the deployment would run those of pulumi-rethinkdb ${found} in ${at}, which are older than this component, ${own}; ` +
    `install ${own} there`
  );
}

/** Orders versions as text: each number at one width, and a release behind what came before it. */
function ageOf(version: string): string {
  return version.replace(/^[^-]*$/, "$&~").replace(/\d+/g, (digits) => digits.padStart(9, "0"));
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly version: string }).version;
}

/**
 * A program of the Automation API runs in the process that calls it, and the plugins elsewhere: in a folder of the workspace,
 * unless the project's settings say `main`. Only then has the SDK never heard of the project's folder.
 */
function runsInline(): boolean {
  return !isInPlugin() && pulumi.runtime.getEngine() !== undefined && !isAbsolute(pulumi.getRootDirectory());
}

/** Says which servers have a container, and which of these a run should mend first. @throws Error that says why an engine does not answer. */
export async function readStanding(request: DownRequest): Promise<Standing> {
  const { result } = await runProgram(DOWN, JSON.stringify(request));
  return JSON.parse(result) as Standing;
}

/** @returns a sentence for each host that does not answer. */
export async function readUnreachable(request: UnreachableRequest): Promise<readonly string[]> {
  const { result } = await runProgram(UNREACHABLE, JSON.stringify(request));
  return (JSON.parse(result) as { unreachable: readonly string[] }).unreachable;
}

async function runProgram(
  { verb }: Program,
  request: string,
): Promise<{ readonly result: string; readonly progress: string }> {
  const options = { env: withoutPulumi(process.env), maxBuffer: Infinity };
  const running = promisify(execFile)("node", [programPath(), verb], options);
  // One that ends without reading its request is judged by its exit code.
  running.child.stdin?.on("error", () => undefined).end(request);
  const { stdout, stderr } = await running.catch((error: unknown) => {
    throw new Error((error as { readonly stderr: string }).stderr.trim() || (error as Error).message);
  });
  return { result: stdout, progress: stderr.trim() };
}

/** The engine hands a program its config, secrets included, in the environment: nothing for a child. */
function withoutPulumi(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith("PULUMI_")));
}
