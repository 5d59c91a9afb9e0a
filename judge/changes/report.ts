/** What is printed: reviews of one or more stacks, with what was accepted taken out of them. */
import { type Accepted, applyAccepted } from "./accepted";
import { cleanAll } from "../model/clean";
import { DIRECTIONS, type Direction, type Line } from "../model/line";
import type { Additions, Review, Source } from "./review";

/** Raised whenever a reader of the JSON could misread it. */
export const REPORT_VERSION = 2;

export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly stacks: readonly StackReport[];
}

export interface StackReport {
  readonly project: string;
  readonly stack: string;
  readonly source: Source;
  readonly verdict: string;
  readonly additions: Additions;
  readonly lines: readonly Line[];
  readonly accepted: readonly { readonly line: Line; readonly reason: string; readonly expires: string }[];
  readonly notJudged: readonly string[];
  readonly limits: readonly string[];
}

/** @param today `YYYY-MM-DD` */
export function report(reviews: readonly Review[], accepted: readonly Accepted[], today: string): Report {
  return cleanAll({
    version: REPORT_VERSION,
    stacks: reviews.map((given): StackReport => {
      const judged = applyAccepted(given.lines, accepted, today);
      return {
        project: given.project,
        stack: given.stack,
        source: given.source,
        verdict: verdict(judged.open, judged.accepted.length, given),
        additions: given.additions,
        lines: judged.open,
        accepted: judged.accepted.map(({ line, by }) => ({ line, reason: by.reason, expires: by.expires })),
        notJudged: [...given.notJudged, ...judged.expired],
        limits: given.limits,
      };
    }),
  });
}

function verdict(open: readonly Line[], accepted: number, { additions, notJudged }: Review): string {
  const counts = DIRECTIONS.map((d) => [d, open.filter(({ direction }) => direction === d).length] as const);
  const found = counts.filter(([, count]) => count > 0).map(([direction, count]) => `${String(count)} ${direction}`);
  if (accepted > 0) found.push(`${String(accepted)} accepted`);
  if (found.length === 0 && additions.added.length > 0) return additions.sentence;
  if (found.length === 0) found.push("no difference in what was judged");
  return `${found.join(", ")}${notJudged.length > 0 ? `; ${String(notJudged.length)} not judged` : ""}`;
}

export const FAIL_ON = [...DIRECTIONS, "not-judged"] as const;

export type FailOn = (typeof FAIL_ON)[number];

/** @returns which of the asked-for findings are there. */
export function failures({ stacks }: Report, on: readonly FailOn[]): readonly FailOn[] {
  return on.filter((what) =>
    stacks.some(({ lines, notJudged }) =>
      what === "not-judged" ? notJudged.length > 0 : lines.some(({ direction }) => direction === what),
    ),
  );
}

export function byDirection(lines: readonly Line[]): readonly (readonly [Direction, readonly Line[]])[] {
  return DIRECTIONS.map(
    (direction) => [direction, lines.filter((line) => line.direction === direction)] as const,
  ).filter(([, some]) => some.length > 0);
}
