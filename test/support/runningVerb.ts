/** A verb of the command line that runs until Ctrl-C, with what it printed so far. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestStack } from "./stack";

export class RunningVerb {
  private static readonly all: RunningVerb[] = [];
  output = "";
  readonly ended: Promise<number | null>;

  private constructor(readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString("utf8")));
    }
    this.ended = new Promise((resolve) => child.once("close", resolve));
    RunningVerb.all.push(this);
  }

  /** @param ready what it prints when it is. */
  static async start(
    stack: TestStack,
    verb: string,
    args: readonly string[],
    ready = "Ctrl-C",
    env: NodeJS.ProcessEnv = stack.env,
  ): Promise<RunningVerb> {
    const main = join(stack.folder, "dist", "cli", "main.js");
    const argv = [main, verb, "--stack", stack.settings.clusterName, ...args];
    // In a group of its own, like a command in a terminal.
    const child = spawn(process.execPath, argv, { cwd: stack.folder, env, stdio: "pipe", detached: true });
    const running = new RunningVerb(child);
    await until(
      () => running.output.includes(ready) || child.exitCode !== null,
      () => running.output,
      60,
    );
    assert.equal(child.exitCode, null, running.output);
    return running;
  }

  /** As a terminal does it: to the whole group. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    process.kill(-(this.child.pid ?? 0), signal);
    await until(
      () => this.child.exitCode !== null || this.child.signalCode !== null,
      () => `its end; so far: ${this.output}`,
      60,
    );
    return this.ended;
  }

  /** Ends those of a test that failed. */
  static killAll(): void {
    for (const { child } of RunningVerb.all) if (child.exitCode === null) child.kill("SIGKILL");
  }
}

export async function until(what: () => boolean, describe: () => string, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!what()) {
    assert.ok(Date.now() < end, `not within ${String(seconds)} seconds: ${describe()}`);
    await sleep(100);
  }
}
