/** Clears away what a killed run left in Pulumi's state, after making sure that the run is dead. */
import { readRecorded, type Recorded, restoreTornCheckpoint } from "./checkpoint";
import { clearDeadLocks } from "./lock";
import type { LocalStack } from "./localStack";
import { exportState } from "./state";

/**
 * Pending operations are dropped by editing the state, not by `pulumi refresh --clear-pending-creates`: a refresh asks
 * Docker about everything, takes seconds, and forgets each server that it does not find. Nothing is lost: what was being
 * changed or deleted is still among the resources and is done again, and what was being created is found by its name
 * and our identity (ops/programs/leftover.ts), or is a volume, which Docker makes only once.
 * @returns arguments of the next up: a password may have been set and not written down, and then be set back in the config,
 * which the state would not show.
 */
export async function clearInterrupted(stack: LocalStack): Promise<readonly string[]> {
  const locked = clearDeadLocks(stack.locks);
  if (restoreTornCheckpoint(stack.checkpoint)) {
    console.log("The last run was killed while it wrote the state: the state before that step is put back.");
  }
  const recorded = readRecorded(stack.checkpoint);
  // The file says it too, and starting the CLI takes longer than reading it.
  const found = recorded?.pending.length === 0 ? recorded : await dropPending(stack);
  if (locked || found.pending.length > 0) {
    console.log("The last run was interrupted: its lock and unfinished operations are cleared, this one goes on.");
  }
  const known = new Set(found.resources);
  return stack.setAgain.filter((urn) => known.has(urn)).flatMap((urn) => ["--replace", urn]);
}

/** @returns what was there. */
async function dropPending(stack: LocalStack): Promise<Recorded> {
  const state = await exportState(stack.pulumi);
  const { resources = [], pending_operations = [] } = state.deployment;
  const pending = pending_operations.map(({ resource }) => resource.urn);
  // Before they are dropped: this run may end before its up does.
  stack.keepSetAgain(pending.filter((urn) => urn.endsWith("-admin")));
  if (pending.length > 0) {
    const deployment = { ...state.deployment, pending_operations: [] };
    await stack.pulumi.read(["stack", "import"], JSON.stringify({ ...state, deployment }));
  }
  return { resources: resources.map(({ urn }) => urn), pending };
}
