/** Progress of rows on stderr: tables, rows, rate, time left. */
import { clock } from "../lib/poll";

/** Milliseconds between two lines. */
const EVERY_MS = 5000;
/** In a terminal, where one line is written over. */
const TERMINAL_MS = 500;

export class Meter {
  private rows = 0;
  private tables = 0;
  private readonly started = clock.now();
  private said = this.started;
  private open = false;

  /** @param all how many tables and about how many rows there are. */
  constructor(
    private readonly doing: string,
    private readonly all: { readonly tables: number; readonly rows: number },
    private readonly output: NodeJS.WriteStream | null = process.stderr,
  ) {}

  addRows(count: number): void {
    this.rows += count;
    const now = clock.now();
    if (now - this.said < (this.output?.isTTY === true ? TERMINAL_MS : EVERY_MS)) return;
    this.said = now;
    this.say();
  }

  addTable(): void {
    this.tables++;
  }

  /** One that says nothing, for the other end of a pipe. */
  silent(): Meter {
    return new Meter(this.doing, this.all, null);
  }

  /** The last line stays. */
  end(): void {
    this.say();
    if (this.open) this.output?.write("\n");
    this.open = false;
  }

  private say(): void {
    const seconds = (clock.now() - this.started) / 1000;
    const line = describeProgress(this.doing, { tables: this.tables, rows: this.rows }, this.all, seconds);
    if (this.output === null) return;
    this.open = this.output.isTTY;
    this.output.write(this.open ? `\r${line}\x1b[K` : `${line}\n`);
  }
}

interface Counts {
  readonly tables: number;
  readonly rows: number;
}

/** @param all its rows are an estimate. */
export function describeProgress(doing: string, done: Counts, all: Counts, seconds: number): string {
  const rate = seconds > 0 ? done.rows / seconds : 0;
  const left = rate > 0 ? Math.max(0, all.rows - done.rows) / rate : undefined;
  const ended = done.tables === all.tables;
  return [
    `${doing}: ${String(done.tables)} of ${String(all.tables)} tables`,
    ended ? `${count(done.rows)} rows` : `${count(done.rows)} of about ${count(all.rows)} rows`,
    `${count(Math.round(rate))} rows/s`,
    ...(ended || left === undefined ? [] : [`about ${duration(left)} left`]),
  ].join(", ");
}

export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, " ");
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 120) return `${String(whole)} s`;
  return whole < 7200 ? `${String(Math.ceil(whole / 60))} min` : `${String(Math.ceil(whole / 3600))} h`;
}
