/**
 * The process in which a program runs under mocks. It may be a stranger's program: it gets no environment and no secret, and
 * what it hands back on file descriptor 3 is a claim that is read like any other input.
 */
import { existsSync, readFileSync, statSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe } from "../../ops/lib/failure";
import type { Clarity } from "../../judge/model/resources";
import { type MadeUp, recordProgram, type Sdk } from "./recorder";

export interface ProgramRequest {
  readonly folder: string;
  readonly main: string;
  readonly project: string;
  readonly stack: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly clarity: Readonly<Record<string, Clarity>>;
  readonly previous: MadeUp;
}

interface PulumiModule {
  readonly secret: (value: unknown) => unknown;
  readonly runtime: Sdk["runtime"] & {
    readonly setAllConfig: (config: object, secretKeys: readonly string[]) => void;
    readonly runInPulumiStack: (init: () => unknown) => Promise<unknown>;
  };
}

async function main(): Promise<void> {
  const request = JSON.parse(readFileSync(0, "utf8")) as ProgramRequest;
  // The program's own copy of the SDK: any other would not see what it declares.
  const load = createRequire(join(request.folder, "package.json"));
  const pulumi = load("@pulumi/pulumi") as PulumiModule;
  const sdk: Sdk = {
    secret: pulumi.secret,
    runtime: pulumi.runtime,
    settings: load("@pulumi/pulumi/runtime/settings") as Sdk["settings"],
    state: load("@pulumi/pulumi/runtime/state") as Sdk["state"],
  };
  // It writes down a stack trace for each promise, mapped to its sources: most of the time of a run, and is never read.
  const debuggable = load("@pulumi/pulumi/runtime/debuggable") as { debuggablePromise: <T>(promise: T) => T };
  debuggable.debuggablePromise = (promise) => promise;
  pulumi.runtime.setAllConfig(request.config, request.secretKeys);
  const recording = await recordProgram(
    sdk,
    () => pulumi.runtime.runInPulumiStack(() => load(entryOf(request)) as unknown),
    { ...request, config: request.clarity, secrets: request.secretKeys.map((key) => request.config[key] ?? "") },
  );
  writeAll(3, JSON.stringify(recording));
}

function entryOf({ folder, main: given }: ProgramRequest): string {
  const path = join(folder, given);
  if (existsSync(path) && statSync(path).isDirectory()) return join(path, "index.ts");
  return path;
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

function fail(error: unknown): void {
  console.error(describe(error));
  process.exit(1);
}

process.on("unhandledRejection", fail);
process.on("uncaughtException", fail);
main().then(() => process.exit(0), fail);
