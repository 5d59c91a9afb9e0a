/** Kills `pulumi up` and every plugin at a chosen moment, then lets the next `up` mend it the way `npm run up` does. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { restoreTornCheckpoint } from "../../cli/stack/checkpoint";
import { type Finished, finish, type TestStack } from "./stack";

/** Starts an `up`, waits, kills the whole process group: CLI, language host, program, plugins and their commands. */
export async function killUpAfter(stack: TestStack, milliseconds: number): Promise<void> {
  const { child, finished } = start(stack);
  await sleep(milliseconds);
  try {
    kill(child);
  } catch (error) {
    // It had finished already.
    assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
  }
  await finished;
}

/** The same at the moment that `seen` tells of; it must not have ended by then. @returns what it printed. */
export async function killUpWhen(stack: TestStack, seen: () => boolean | Promise<boolean>): Promise<string> {
  const { child, finished } = start(stack);
  let ended: Finished | undefined;
  void finished.then((end) => (ended = end));
  while (!(await seen())) {
    await sleep(20);
    assert.equal(ended, undefined, `it ended before it was killed: ${String(ended?.output)}`);
  }
  kill(child);
  return (await finished).output;
}

function start(stack: TestStack): { readonly child: ChildProcess; readonly finished: Promise<Finished> } {
  const child = stack.start(["up", "--yes", "--skip-preview"]);
  return { child, finished: finish(child) };
}

/** The whole process group. */
function kill({ pid }: ChildProcess): void {
  assert.ok(pid !== undefined);
  process.kill(-pid, "SIGKILL");
}

/** What `npm run up` does by itself before it runs: the lock is cancelled, unfinished creates are forgotten. */
export function clearAfterKill(stack: TestStack): void {
  // First: where a file of the state is torn, pulumi can do nothing at all, not even cancel.
  restoreTornCheckpoint(
    join(stack.folder, "state", ".pulumi", "stacks", "rethinkdb", `${stack.settings.clusterName}.json`),
  );
  stack.pulumi(["cancel", "--yes"]);
  const exported = stack.tryPulumi(["stack", "export"]);
  assert.equal(exported.code, 0, exported.output);
  const state = JSON.parse(exported.stdout) as { deployment: { pending_operations?: unknown } };
  delete state.deployment.pending_operations;
  stack.pulumi(["stack", "import"], JSON.stringify(state));
}
