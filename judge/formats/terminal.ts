/** A review for a terminal. */
import type { Direction } from "../model/line";
import { isAcceptable } from "../changes/accepted";
import { byDirection, type Report, type StackReport } from "../changes/report";
import { HEADINGS, LIMITS, shorten } from "./words";

const COLORS: Readonly<Record<Direction, string>> = {
  weakened: "31;1",
  destroyed: "31;1",
  disrupted: "33",
  unknown: "33",
  changed: "0",
  strengthened: "32",
};

const MARKS: Readonly<Record<Direction, string>> = {
  weakened: "-",
  destroyed: "x",
  disrupted: "~",
  unknown: "?",
  changed: "*",
  strengthened: "+",
};

export function renderTerminal({ stacks }: Report, colors: boolean): string {
  const paint = (code: string, text: string): string =>
    colors && code !== "0" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return `${stacks.flatMap((stack) => renderStack(stack, paint)).join("\n")}\n`;
}

function renderStack(given: StackReport, paint: (code: string, text: string) => string): readonly string[] {
  const out = [``, paint("1", `${given.project}/${given.stack}: ${given.verdict}`), given.additions.sentence];
  for (const [direction, lines] of byDirection(given.lines)) {
    out.push(``, paint(COLORS[direction], HEADINGS[direction]));
    const { shown, more } = shorten(lines);
    for (const line of shown) {
      out.push(paint(COLORS[direction], `  ${MARKS[direction]} ${line.sentence}`), `      ${line.why}`);
      out.push(`      docs/security.md#${line.anchor}${isAcceptable(line) ? `  rule: ${line.rule}` : ""}`);
    }
    if (more > 0) out.push(`  … and ${String(more)} more: --format json`);
  }
  if (given.accepted.length > 0) out.push(``, `Accepted`);
  for (const { line, reason, expires } of given.accepted)
    out.push(`  = ${line.sentence}`, `      until ${expires}: ${reason}`);
  for (const [heading, sentences] of [
    ["Not judged", given.notJudged],
    [LIMITS, given.limits],
  ] as const) {
    const { shown, more } = shorten(sentences);
    if (shown.length > 0) out.push(``, heading, ...shown.map((sentence) => `  . ${sentence}`));
    if (more > 0) out.push(`  … and ${String(more)} more: --format json`);
  }
  return out;
}
