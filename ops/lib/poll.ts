/** Every wait of the programs: looks again until a condition holds, and gives up with a reason. */
import { setTimeout as wait } from "node:timers/promises";

/** Seconds without anything new before a wait gives up: a backfill that moves is healthy. */
export const STALL_SECONDS = 180;
/** Seconds after which a wait gives up even though something moves. */
export const LIMIT_SECONDS = 12 * 3600;
/** Milliseconds between two looks. */
const EVERY_MS = 100;

export interface Clock {
  /** Milliseconds since any moment; never goes back. */
  now(): number;
  /** @throws the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The real one; tests put another one in its place. */
export const clock: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  },
};

export interface Waiting {
  /** What is not there yet, in words. */
  readonly waiting: string;
  /** Anything else that changes as long as something moves, such as sizes. */
  readonly moves?: string;
}

export interface PollOptions {
  /** @default 100 */
  readonly everyMs?: number;
  /** @default 180 */
  readonly stallSeconds?: number;
  /** @default 43200, which is 12 hours */
  readonly limitSeconds?: number;
  readonly signal?: AbortSignal;
  /** Called before each look but the first. */
  readonly onWait?: (waiting: string) => void;
  /** @param why `nothing changed for 180 seconds`, or that it took too long. @returns what to throw. */
  readonly giveUp: (waiting: string, why: string) => Error;
}

/**
 * Looks until there is a result.
 * @param look a result, or what is missing.
 * @throws what `giveUp` makes of the last reason, when no reason was new for the stall time, or at the limit.
 */
export async function poll<T>(
  look: (looks: number) => Promise<Waiting | { readonly done: T }>,
  options: PollOptions,
): Promise<T> {
  const stall = new Stall(options.stallSeconds, options.limitSeconds);
  for (let looks = 1; ; looks++) {
    options.signal?.throwIfAborted();
    const found = await look(looks);
    if ("done" in found) return found.done;
    options.onWait?.(found.waiting);
    const why = stall.over(`${found.waiting}\n${found.moves ?? ""}`);
    if (why !== undefined) throw options.giveUp(found.waiting, why);
    await clock.sleep(options.everyMs ?? EVERY_MS, options.signal);
  }
}

/** Tells when nothing new was seen for a time. Two states that alternate are not new. */
class Stall {
  private readonly seen = new Set<string>();
  private readonly started = clock.now();
  private changed = this.started;

  constructor(
    private readonly seconds = STALL_SECONDS,
    private readonly limit = LIMIT_SECONDS,
  ) {}

  over(now: string): string | undefined {
    const time = clock.now();
    if (!this.seen.has(now)) {
      this.seen.add(now);
      this.changed = time;
    }
    if (time - this.started > this.limit * 1000)
      return `it was not done in ${String(Math.round(this.limit / 60))} minutes`;
    if (time - this.changed > this.seconds * 1000) return `nothing changed for ${String(this.seconds)} seconds`;
    return undefined;
  }
}

/**
 * One answer, or an error when it does not come.
 * @param late is called when time is up, to end what is still waited for.
 * @throws Error `no answer in … seconds`.
 */
export async function within<T>(seconds: number, answer: Promise<T>, late?: () => void): Promise<T> {
  const timer = new AbortController();
  const alarm = clock.sleep(seconds * 1000, timer.signal).then(() => {
    late?.();
    throw new Error(`no answer in ${String(seconds)} seconds`);
  });
  try {
    return await Promise.race([answer, alarm]);
  } finally {
    timer.abort();
    alarm.catch(() => undefined);
    answer.catch(() => undefined);
  }
}
