/** Declares that a program of `ops/` runs, as a Command: the request on stdin, never in argv or the environment. */
import { execFile } from "node:child_process";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { promisify } from "node:util";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { LABELS } from "../core/render/labels";
import { type UnreachableRequest, UNREACHABLE } from "../core/programs/unreachable";
import { DOWN, type DownRequest } from "../core/programs/down";
import type { Standing } from "../core/plan/order";
import type { Program, RequestOf, ShownBy } from "../core/programs/parts/program";
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
      create: args.atFirst ? command(program.verb) : ":",
      update: command(program.verb),
      ...(args.delete === undefined ? {} : { delete: command(args.delete.verb) }),
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

/**
 * Relative to the working directory of program and plugins alike, so that the same text stands in the state on every
 * machine. This file runs as `components/` of a checkout or as `dist/components/` of the package.
 */
export function programPath(): string {
  const root = dirname(__dirname);
  const compiled = basename(root) === "dist" ? root : join(root, "dist");
  return relative(process.cwd(), join(compiled, "ops", "main.js"));
}

function command(verb: string): string {
  return `node '${programPath().replaceAll("'", `'\\''`)}' ${verb}`;
}

/**
 * A program of the Automation API runs in the process that calls it, and the plugins elsewhere: in a folder of the workspace,
 * unless the project's settings say `main`. Only then has the SDK never heard of the project's folder.
 */
function runsInline(): boolean {
  return pulumi.runtime.getEngine() !== undefined && !isAbsolute(pulumi.getRootDirectory());
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
