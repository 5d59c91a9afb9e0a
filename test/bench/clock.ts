/** Times of work, medians of several runs. */
import { performance } from "node:perf_hooks";

/** Runs of each. */
export const RUNS = Number(process.env["BENCH_RUNS"] ?? "3");

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
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}
