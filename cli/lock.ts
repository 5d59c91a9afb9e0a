/** What a killed `up` leaves behind: a lock, and creates of which the state does not know how they ended. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { Failure } from "../ops/failure";
import { type LocalStack, STACK } from "./localStack";

interface Lock {
  readonly pid: number;
  readonly hostname: string;
}

export type LockVerdict = "free" | "stale";

/** @throws Failure while another run may be alive. */
export function judgeLocks(locks: readonly Lock[], here: string, alive: (pid: number) => boolean): LockVerdict {
  for (const lock of locks) {
    if (lock.hostname !== here) {
      throw new Failure(
        `another run holds the local stack, on host ${lock.hostname}, process ${String(lock.pid)}; ` +
          `if it is dead, run npm run pulumi -- cancel`,
      );
    }
    if (alive(lock.pid)) {
      throw new Failure(`another run holds the local stack: process ${String(lock.pid)}; wait for it, or end it`);
    }
  }
  return locks.length === 0 ? "free" : "stale";
}

/** Clears what is stale; refuses while another run is alive. */
export async function clearStale(stack: LocalStack): Promise<void> {
  if (judgeLocks(readLocks(stack), hostname(), isPulumi) === "stale") {
    process.stdout.write("An earlier run was killed; clearing its lock.\n");
    await stack.must(["cancel", "--yes"]);
  }
  await dropPendingCreates(stack);
}

/**
 * Creates that never ended are dropped from the state: whatever they made is found again by name, volumes as they are,
 * containers and the network by the hook that clears leftovers. `pulumi refresh` would do the same after reading every
 * resource. Other pending operations keep their resource in the state and need nothing.
 */
async function dropPendingCreates(stack: LocalStack): Promise<void> {
  if (!stack.exists) return;
  const state = JSON.parse(await stack.must(["stack", "export"])) as {
    deployment: { pending_operations?: readonly { type: string }[] };
  };
  if ((state.deployment.pending_operations ?? []).length === 0) return;
  process.stdout.write("An earlier run was killed; forgetting what it had not finished.\n");
  delete state.deployment.pending_operations;
  await stack.must(["stack", "import"], JSON.stringify(state));
}

function readLocks(stack: LocalStack): readonly Lock[] {
  const folder = stack.path(".pulumi", "locks", "organization", "rethinkdb", STACK);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      try {
        return JSON.parse(readFileSync(join(folder, name), "utf8")) as Lock;
      } catch {
        // Killed while it wrote the lock: nobody ran under it.
        return { pid: 0, hostname: hostname() };
      }
    });
}

/** A process of that number that is Pulumi; numbers are used again. */
function isPulumi(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").includes("pulumi");
  } catch {
    if (existsSync("/proc/self")) return false;
  }
  try {
    // Without /proc: it exists, so it may be one.
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
