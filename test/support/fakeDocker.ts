/** A stand-in for the docker command: answers by rule and records what each call was given, secrets included. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface Answer {
  /** Matched against the arguments, joined by spaces; the first that matches answers, and none is an empty success. */
  readonly when: string;
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export interface Call {
  readonly args: readonly string[];
  readonly stdin: string;
  readonly env: Readonly<Record<string, string>>;
}

const SCRIPT = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const args = process.argv.slice(2);
const answers = JSON.parse(readFileSync(__dirname + "/answers.json", "utf8"));
const answer = answers.find(({ when }) => new RegExp(when).test(args.join(" "))) ?? {};
// A call that fails may have a stdin that is never ended.
const stdin = answer.code ? "" : readFileSync(0, "utf8");
appendFileSync(__dirname + "/calls", JSON.stringify({ args, stdin, env: process.env }) + "\\n");
process.stdout.write(answer.stdout ?? "");
process.stderr.write(answer.stderr ?? "");
process.exitCode = answer.code ?? 0;
`;

export class FakeDocker {
  /** First on the PATH of programs that should find this docker. */
  readonly folder = mkdtempSync(join(tmpdir(), "docker-"));
  private readonly path = process.env["PATH"];

  constructor(answers: readonly Answer[] = []) {
    writeFileSync(join(this.folder, "docker"), SCRIPT);
    chmodSync(join(this.folder, "docker"), 0o755);
    writeFileSync(join(this.folder, "answers.json"), JSON.stringify(answers));
    process.env["PATH"] = `${this.folder}${delimiter}${this.path ?? ""}`;
  }

  get calls(): readonly Call[] {
    const path = join(this.folder, "calls");
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Call);
  }

  /** Each call's arguments in one line. */
  get commands(): readonly string[] {
    return this.calls.map(({ args }) => args.join(" "));
  }

  /** What anyone on the machine may see of the calls: arguments and environment. */
  get visible(): string {
    return JSON.stringify(this.calls.map(({ args, env }) => ({ args, env })));
  }

  close(): void {
    process.env["PATH"] = this.path;
    rmSync(this.folder, { recursive: true });
  }
}

/** Runs `act` where the docker command is a fake with these answers. */
export async function withFakeDocker<T>(
  answers: readonly Answer[],
  act: (docker: FakeDocker) => Promise<T> | T,
): Promise<T> {
  const docker = new FakeDocker(answers);
  try {
    return await act(docker);
  } finally {
    docker.close();
  }
}
