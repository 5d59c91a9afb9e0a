/** A review as a comment of a pull request: the verdict first, what is dangerous open, the rest folded. */
import type { Direction, Line } from "../model/line";
import { byDirection, type Report, type StackReport } from "../changes/report";
import { drawPicture } from "./picture";
import { HEADINGS, LIMITS, shorten } from "./words";

/** By this a job finds its own comment again. */
export const COMMENT_MARK = "<!-- pulumi-rethinkdb review -->";

const ICONS: Readonly<Record<Direction, string>> = {
  weakened: "🔴",
  destroyed: "⛔",
  disrupted: "🟠",
  unknown: "❔",
  changed: "🔵",
  strengthened: "🟢",
};

const OPEN: readonly Direction[] = ["weakened", "destroyed"];
/** GitHub takes comments of up to 65536 characters. */
const LONGEST = 60_000;

export interface MarkdownOptions {
  /** Where `docs/` is; empty for links within the repository. */
  readonly docs?: string;
}

export function renderMarkdown({ stacks }: Report, { docs = "" }: MarkdownOptions = {}): string {
  const text = [COMMENT_MARK, ...stacks.flatMap((stack) => renderStack(stack, docs))].join("\n\n");
  if (text.length <= LONGEST) return `${text}\n`;
  return `${text.slice(0, text.lastIndexOf("\n", LONGEST))}\n\n… cut here: the rest is in the job's output.\n`;
}

function renderStack(given: StackReport, docs: string): readonly string[] {
  const bad = given.lines.some(({ direction }) => OPEN.includes(direction));
  const unsure = given.lines.some(({ direction }) => direction === "unknown");
  const icon = bad ? "🔴" : unsure ? "❔" : given.notJudged.length > 0 || given.lines.length > 0 ? "🔵" : "🟢";
  const out = [
    `## ${icon} Security review of ${escape(`${given.project}/${given.stack}`)}: ${escape(given.verdict)}`,
    drawPicture(given),
    escape(`${given.additions.sentence}.`),
  ].filter(Boolean);
  for (const [direction, lines] of byDirection(given.lines)) out.push(section(direction, lines, docs));
  if (given.accepted.length > 0) {
    const rows = given.accepted.map(
      ({ line, reason, expires }) => `- ${escape(line.sentence)} — until ${escape(expires)}: ${escape(reason)}`,
    );
    out.push(fold(`Accepted (${String(rows.length)})`, rows));
  }
  for (const [heading, sentences] of [
    ["Not judged", given.notJudged],
    [LIMITS, given.limits],
  ] as const) {
    const { shown, more } = shorten(sentences);
    const rows = [
      ...shown.map((sentence) => `- ${escape(sentence)}`),
      ...(more > 0 ? [`- … and ${String(more)} more`] : []),
    ];
    if (rows.length > 0) out.push(fold(`${heading} (${String(sentences.length)})`, rows));
  }
  return out;
}

function section(direction: Direction, lines: readonly Line[], docs: string): string {
  const { shown, more } = shorten(lines);
  const rows = shown.map(
    (line) =>
      `- ${OPEN.includes(direction) ? emphasize(line) : escape(line.sentence)}  \n` +
      `  ${escape(line.why)} [Read on](${docs}docs/security.md#${line.anchor})`,
  );
  if (more > 0) rows.push(`- … and ${String(more)} more`);
  const title = `${ICONS[direction]} ${HEADINGS[direction]} (${String(lines.length)})`;
  return OPEN.includes(direction) || direction === "unknown"
    ? [`#### ${title}`, ``, ...rows].join("\n")
    : fold(title, rows);
}

/** What a reader should see first of a line: the new value where there is one. */
function emphasize({ sentence, after }: Line): string {
  const found = [` is now ${after}; was `, ` is now ${after}; what `, ` is ${after} (new; `]
    .map((words) => sentence.lastIndexOf(words))
    .find((index) => index >= 0);
  if (after === "" || found === undefined) return `**${escape(sentence)}**`;
  const at = found + (sentence.startsWith(" is now ", found) ? " is now ".length : " is ".length);
  const end = at + after.length;
  return `${escape(sentence.slice(0, at))}**${escape(sentence.slice(at, end))}**${escape(sentence.slice(end))}`;
}

function fold(title: string, rows: readonly string[]): string {
  return [`<details><summary>${title}</summary>`, ``, ...rows, ``, `</details>`].join("\n");
}

/** Nothing of a resource's names may become markup, a link, a mention or a command of a bot. */
function escape(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/[\\`*_{}[\]()#+!|~]/g, "\\$&")
    .replace(/@/g, "@\u200b")
    .replace(/:\/\//g, ":\u200b//")
    .replace(/^(\s*)([-/])/g, "$1\\$2");
}
