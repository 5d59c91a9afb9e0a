/** A child process that runs to its end, with what it printed. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

export interface Outcome {
  /** 1 also for a child that a signal ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws what kept it from starting; the signal's reason when it is aborted. */
export async function outcomeOf(child: ChildProcess, stdin = ""): Promise<Outcome> {
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  // A child that ends without reading its stdin is judged by its exit code.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(stdin);
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, stdout: stdout(), stderr: stderr() };
}

/** @returns what has come until it is called. */
export function textOf(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}
