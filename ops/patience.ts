/** Gives up on what does not move, never on what is slow. */

/** Seconds without any change before a wait gives up: a backfill that moves is healthy. */
const STALL_SECONDS = 180;

export class Patience {
  private last: string | undefined;
  private since = Date.now();

  constructor(readonly seconds = STALL_SECONDS) {}

  /** @param now whatever changes as long as something moves. */
  isOver(now: string): boolean {
    if (now !== this.last) {
      this.last = now;
      this.since = Date.now();
    }
    return Date.now() - this.since > this.seconds * 1000;
  }
}
