/** The lock of Pulumi's file backend: a killed `up` leaves it behind, a living one must not be disturbed. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { Failure } from "../../ops/lib/failure";

export interface Lock {
  readonly file: string;
  /** Undefined when the file is not what Pulumi writes. */
  readonly holder?: { readonly pid: number; readonly hostname: string; readonly username: string };
}

export interface Surroundings {
  readonly hostname: string;
  /** Is there a process of that id, and can it be a pulumi? */
  readonly isPulumi: (pid: number) => boolean;
}

/** Removes the locks of dead runs; throws when a run lives, or may. @returns whether there were any. */
export function clearDeadLocks(folder: string, around: Surroundings = here()): boolean {
  const locks = readLocks(folder);
  for (const lock of locks) {
    const reason = whyKept(lock, around);
    if (reason !== undefined) throw new Failure(reason);
  }
  // Exactly these files and not `pulumi cancel`, which would also remove the lock of a run that started just now.
  for (const { file } of locks) {
    rmSync(file, { force: true });
    rmSync(`${file}.attrs`, { force: true });
  }
  return locks.length > 0;
}

/** @returns why a lock must stay; undefined when its run is dead. */
export function whyKept(lock: Lock, around: Surroundings): string | undefined {
  if (lock.holder === undefined) {
    return `the lock ${lock.file} cannot be read; if no pulumi works on this stack, delete it with: npm run pulumi -- cancel --yes`;
  }
  const { pid, hostname: host, username } = lock.holder;
  if (host !== around.hostname) {
    return (
      `${username} on the host "${host}" holds the lock of this stack (process ${String(pid)}), and it cannot be seen from here ` +
      `whether that run is alive; make sure there that it is not, then: npm run pulumi -- cancel --yes`
    );
  }
  if (!around.isPulumi(pid)) return undefined;
  return `another run works on this stack right now (process ${String(pid)} of ${username}); wait until it has ended`;
}

function readLocks(folder: string): readonly Lock[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => readLock(join(folder, name)));
}

function readLock(file: string): Lock {
  try {
    const { pid, hostname: host, username } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    if (typeof pid === "number" && typeof host === "string") {
      return { file, holder: { pid, hostname: host, username: typeof username === "string" ? username : "someone" } };
    }
  } catch {
    // Judged below like any other text.
  }
  return { file };
}

function here(): Surroundings {
  return { hostname: hostname(), isPulumi };
}

/** When in doubt yes. A zombie is dead, and so is a run whose number another program has now. */
export function isPulumi(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  try {
    const [, name = "", state = ""] = /\((.*)\) (\S)/s.exec(readFileSync(`/proc/${String(pid)}/stat`, "utf8")) ?? [];
    return name.startsWith("pulumi") && state !== "Z" && state !== "X";
  } catch {
    return true;
  }
}
