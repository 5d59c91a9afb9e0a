/** Runs the program of a folder under mocks, in a process of its own that has nothing worth stealing. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { outcomeOf, textOf } from "../../ops/lib/child";
import { Failure } from "../../ops/lib/failure";
import { readSet } from "../../judge/model/readSet";
import type { MadeUp, Recording } from "./recorder";
import { readStackProgram } from "./stackFiles";

const PATIENCE_MS = 120_000;

export interface Declaring {
  /** How errors call it: "the base". */
  readonly side: string;
  readonly folder: string;
  readonly stack: string;
  readonly stackFile?: string | undefined;
  readonly previous?: MadeUp | undefined;
}

export async function declareOffline({ side, folder, stack, stackFile, previous = {} }: Declaring): Promise<Recording> {
  const { project, main, config, secretKeys, clarity } = readStackProgram(folder, stackFile);
  const home = mkdtempSync(join(tmpdir(), "review-home-"));
  try {
    const request = { folder, main, project, stack, config, secretKeys, clarity, previous };
    const answer = await run(side, folder, home, JSON.stringify(request));
    return parse(side, answer);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function run(side: string, folder: string, home: string, stdin: string): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: home, TSX_TSCONFIG_PATH: writeTsconfig(folder, home) };
  // Found from here, not from the program's folder.
  const tsx = pathToFileURL(join(dirname(require.resolve("tsx/package.json")), "dist", "loader.mjs")).href;
  const child = spawn(process.execPath, ["--import", tsx, join(__dirname, `program${extname(__filename)}`)], {
    cwd: folder,
    env,
    stdio: ["pipe", "ignore", "pipe", "pipe"],
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  const answer = textOf(child.stdio[3] as Readable);
  const { code, stderr } = await outcomeOf(child, stdin);
  if (code === 0) return answer();
  const why = child.killed
    ? `it was ended after ${String(PATIENCE_MS / 1000)} s`
    : stderr.trim() || `it ended with code ${String(code)}`;
  throw new Failure(`the program of ${side} does not run: ${why}`);
}

/** The project's own stack imports its package by name: offline that is the source beside it, which needs no build. */
function writeTsconfig(folder: string, home: string): string {
  const path = join(home, "tsconfig.json");
  const own = packageName(folder) === "pulumi-rethinkdb";
  const paths = own ? { "pulumi-rethinkdb": [join(folder, "components", "index.ts")] } : {};
  const compilerOptions = { target: "es2022", module: "commonjs", esModuleInterop: true, paths };
  writeFileSync(path, JSON.stringify({ compilerOptions }));
  return path;
}

function packageName(folder: string): string {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { readonly name?: string }).name ?? "";
  } catch {
    return "";
  }
}

function parse(side: string, answer: string): Recording {
  try {
    const { set, madeUp } = JSON.parse(answer) as { readonly set: unknown; readonly madeUp: MadeUp };
    return { set: readSet(set), madeUp };
  } catch {
    throw new Failure(`the program of ${side} ended before it declared everything`);
  }
}
