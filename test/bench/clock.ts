/** Times of work: medians of several runs, with what the runs were between. */
import { performance } from "node:perf_hooks";

/** Runs of each. */
export const RUNS = Number(process.env["BENCH_RUNS"] ?? "5");

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? NaN, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Of each run of one with the run of the other beside it: what disturbed both is no difference. */
export function ratioOf(these: readonly number[], others: readonly number[]): Spread {
  return spreadOf(these.map((value, index) => value / (others[index] ?? NaN)));
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Median of several runs; `reset` is not counted. */
export async function median(work: () => Promise<unknown>, reset: () => void = () => undefined): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    times.push(await seconds(work));
    reset();
  }
  return spreadOf(times).median;
}
