/** So many at once, and the others in the order in which they came. */

/** @param limit how many may be under way. */
export class Turns {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.free = limit;
  }

  /** @throws what `act` throws; the signal's reason when it was aborted before the turn came. */
  async take<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      signal?.throwIfAborted();
      return await act();
    } finally {
      // A turn that is handed on was never free.
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
