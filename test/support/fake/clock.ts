/** Time for programs under test: a wait takes none, and a deadline passes only when nothing else happens any more. */
import { mock } from "node:test";
import { clock } from "../../../ops/lib/poll";

/** Milliseconds of a turn, and quiet turns after which the next deadline passes. */
const TURN_MS = 8;
const QUIET_TURNS = 25;
/** From here on a timer of a package is taken for a deadline. */
const LONG_MS = 5000;

interface Alarm {
  readonly due: number;
  readonly ring: () => void;
}

export class FakeClock {
  /** Milliseconds that went by. */
  time = 0;
  /** How much longer each wait is than the program asked, for those that end after very many. */
  pace = 1;
  /** Called at every wait with the time that went by so far. */
  onWait: (time: number) => void = () => undefined;
  private alarms: Alarm[] = [];
  private quiet = 0;
  private turns: NodeJS.Timeout | undefined;
  private readonly real = globalThis.setTimeout;

  constructor() {
    mock.method(clock, "now", () => this.time);
    mock.method(clock, "sleep", (milliseconds: number, signal?: AbortSignal) => this.sleep(milliseconds, signal));
    mock.method(globalThis, "setTimeout", (act: (...args: unknown[]) => void, milliseconds = 0, ...rest: unknown[]) => {
      if (milliseconds < LONG_MS) return this.real(act, milliseconds, ...rest);
      this.add({ due: this.time + milliseconds, ring: act });
      // Packages unref their timers.
      return this.real(() => undefined, 0);
    });
  }

  /** Something happened: no deadline passes for now. */
  stir(): void {
    this.quiet = 0;
  }

  close(): void {
    clearInterval(this.turns);
    this.alarms = [];
    mock.restoreAll();
  }

  private async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.stir();
    if (signal === undefined) {
      this.time += milliseconds * this.pace;
      this.onWait(this.time);
      await new Promise<void>((resolve) => setImmediate(resolve));
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const alarm = { due: this.time + milliseconds, ring: resolve };
      const drop = (): void => {
        this.alarms = this.alarms.filter((other) => other !== alarm);
        reject(new Error("aborted"));
      };
      if (signal.aborted) drop();
      else {
        this.add(alarm);
        signal.addEventListener("abort", drop, { once: true });
      }
    });
  }

  private add(alarm: Alarm): void {
    this.alarms.push(alarm);
    this.turns ??= setInterval(() => {
      this.turn();
    }, TURN_MS);
  }

  private turn(): void {
    this.quiet++;
    if (this.alarms.length === 0) {
      clearInterval(this.turns);
      this.turns = undefined;
    } else if (this.quiet >= QUIET_TURNS) {
      this.quiet = 0;
      this.time = Math.max(this.time, Math.min(...this.alarms.map(({ due }) => due)));
      const due = this.alarms.filter((alarm) => alarm.due <= this.time);
      this.alarms = this.alarms.filter((alarm) => alarm.due > this.time);
      for (const { ring } of due) ring();
    }
  }
}
