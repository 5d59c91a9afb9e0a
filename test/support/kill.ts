/** Kills `pulumi up` and every plugin at a chosen moment, then lets the next `up` mend it the way `npm run up` does. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { restoreTornCheckpoint } from "../../cli/checkpoint";
import { type Finished, finish, type TestStack } from "./stack";

/** Starts an `up`, waits, kills the whole process group: CLI, language host, program, plugins and their commands. */
export async function killUpAfter(stack: TestStack, milliseconds: number): Promise<void> {
  await killUpOnce(stack, () => sleep(milliseconds));
}

/** The same at the moment that `seen` tells of; asked ten times a second. */
export async function killUpWhen(stack: TestStack, seen: () => boolean): Promise<void> {
  await killUpOnce(stack, async (finished) => {
    let ended: Finished | undefined;
    void finished.then((end) => (ended = end));
    while (!seen()) {
      await sleep(100);
      assert.equal(ended, undefined, `it ended before it was killed: ${String(ended?.output)}`);
    }
  });
}

async function killUpOnce(stack: TestStack, moment: (finished: Promise<Finished>) => Promise<void>): Promise<void> {
  const child = stack.start(["up", "--yes", "--skip-preview"]);
  const finished = finish(child);
  await moment(finished);
  assert.ok(child.pid !== undefined);
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // It had finished already.
    assert.equal((error as NodeJS.ErrnoException).code, "ESRCH");
  }
  await finished;
}

/** What `npm run up` does by itself before it runs: the lock is cancelled, unfinished creates are forgotten. */
export function clearAfterKill(stack: TestStack): void {
  stack.tryPulumi(["cancel", "--yes"]);
  restoreTornCheckpoint(
    join(stack.folder, "state", ".pulumi", "stacks", "rethinkdb", `${stack.settings.clusterName}.json`),
  );
  const exported = stack.tryPulumi(["stack", "export"]);
  assert.equal(exported.code, 0, exported.output);
  const state = JSON.parse(exported.stdout) as { deployment: { pending_operations?: unknown } };
  delete state.deployment.pending_operations;
  stack.pulumi(["stack", "import"], JSON.stringify(state));
}
