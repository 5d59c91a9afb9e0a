/** What a change does, as a picture: who reaches which port, what gets weaker, what restarts in which order. For Mermaid. */
import { byNumber, type Direction, type Line } from "../model/line";
import type { StackReport } from "../changes/report";

/** A picture with more boxes is not readable. */
const MOST = 16;

const STYLES: Readonly<Record<string, string>> = {
  weaker: "fill:#ffd7d5,stroke:#cf222e,color:#82071e",
  lost: "fill:#82071e,stroke:#82071e,color:#ffffff",
  unknown: "fill:#eaeef2,stroke:#57606a,color:#24292f,stroke-dasharray:4",
  restarts: "fill:#fff1c2,stroke:#9a6700,color:#4d2d00",
  stronger: "fill:#dafbe1,stroke:#1a7f37,color:#044f1e",
  added: "fill:#ddf4ff,stroke:#0969da,color:#0a3069",
};

const CLASS_OF: Readonly<Record<Direction, string | undefined>> = {
  ...{ destroyed: "lost", weakened: "weaker", unknown: "unknown", disrupted: "restarts", strengthened: "stronger" },
  changed: undefined,
};
/** Worst first. */
const CLASSES = ["lost", "weaker", "unknown", "restarts", "stronger", "added"];
const COLORS: Readonly<Record<string, string>> = { weaker: "#cf222e", stronger: "#1a7f37", unknown: "#57606a" };

interface Box {
  readonly id: string;
  readonly name: string;
  style: string;
  readonly counts: Map<string, number>;
}

/** @returns nothing for a change in which there is nothing to draw. */
export function drawPicture({ lines, additions }: Pick<StackReport, "lines" | "additions">): string {
  const boxes = new Map<string, Box>();
  const boxOf = (name: string, style: string): Box => {
    const known = boxes.get(name) ?? { id: `b${String(boxes.size)}`, name, style, counts: new Map<string, number>() };
    if (CLASSES.indexOf(style) < CLASSES.indexOf(known.style)) known.style = style;
    boxes.set(name, known);
    return known;
  };
  for (const name of additions.added) boxOf(name, "added").counts.set("added", 1);
  for (const line of lines) {
    const style = CLASS_OF[line.direction];
    if (style === undefined) continue;
    for (const subject of subjectsOf(line)) {
      const box = boxOf(subject, style);
      box.counts.set(style, (box.counts.get(style) ?? 0) + 1);
    }
  }
  if (boxes.size === 0) return "";
  const shown = [...boxes.values()].sort(byWeight).slice(0, MOST);
  const arrows = [...reachesOf(lines, boxes, shown), ...restartsOf(lines, boxes, shown)];
  const rest = boxes.size - shown.length;
  return [
    "```mermaid",
    "flowchart LR",
    ...[...shown]
      .sort((a, b) => byNumber(a.name, b.name))
      .map((box) => `  ${box.id}["${labelOf(box)}"]:::${box.style}`),
    ...(rest > 0 ? [`  rest["and ${String(rest)} more"]`] : []),
    ...arrows.map(({ text }) => `  ${text}`),
    ...arrows.flatMap(({ color }, at) =>
      color === undefined ? [] : [`  linkStyle ${String(at)} stroke:${color},stroke-width:3px`],
    ),
    ...CLASSES.filter((style) => shown.some((box) => box.style === style)).map(
      (style) => `  classDef ${style} ${STYLES[style] ?? ""}`,
    ),
    "```",
  ].join("\n");
}

/** Servers each by itself; a line on certificates of many is one box. */
function subjectsOf({ subjects, rule }: Line): readonly string[] {
  const names = subjects.length > 0 ? subjects.map((name) => name.replace(/^container /, "")) : [rule];
  return names.every((name) => /^([\w-]+\/)?n\d+$/.test(name)) || names.length === 1
    ? names
    : [`${names[0] ?? ""} and ${String(names.length - 1)} more`];
}

function byWeight(a: Box, b: Box): number {
  return CLASSES.indexOf(a.style) - CLASSES.indexOf(b.style) || byNumber(a.name, b.name);
}

function labelOf({ name, counts }: Box): string {
  const said = (counts.has("added") ? ["new"] : []).concat(
    CLASSES.filter((style) => counts.has(style) && style !== "added").map((style) =>
      style === "restarts" ? style : `${String(counts.get(style))} ${style}`,
    ),
  );
  return `${safe(name)}<br/>${said.join(", ")}`;
}

interface Arrow {
  readonly text: string;
  readonly color?: string | undefined;
}

/** Who reaches a port, from where it is published. */
function reachesOf(lines: readonly Line[], boxes: ReadonlyMap<string, Box>, shown: readonly Box[]): readonly Arrow[] {
  const arrows: Arrow[] = [];
  const froms = new Map<string, string>();
  for (const line of lines) {
    const port = /^port\/published\/(.+)$/.exec(line.rule)?.[1];
    const style = CLASS_OF[line.direction];
    if (port === undefined || style === undefined) continue;
    for (const name of subjectsOf(line)) {
      const box = boxes.get(name);
      if (box === undefined || !shown.includes(box)) continue;
      const from = froms.get(line.after) ?? `from${String(froms.size)}`;
      const opening = froms.has(line.after) ? from : `${from}(["who reaches ${safe(line.after)}"])`;
      froms.set(line.after, from);
      arrows.push({ text: `${opening} -- "${safe(port)}" --> ${box.id}`, color: COLORS[style] });
    }
  }
  return arrows;
}

/** Servers that restart, one after the other. */
function restartsOf(lines: readonly Line[], boxes: ReadonlyMap<string, Box>, shown: readonly Box[]): readonly Arrow[] {
  return lines
    .filter(({ direction, rule }) => direction === "disrupted" && rule.startsWith("restart"))
    .flatMap((line) => {
      const ids = subjectsOf(line)
        .map((name) => boxes.get(name))
        .filter((box) => box !== undefined && shown.includes(box))
        .map((box) => box?.id ?? "");
      return ids.slice(1).map((id, at) => ({ text: `${ids[at] ?? ""} -. "then" .-> ${id}` }));
    });
}

/** Nothing of a name may become a part of the picture. */
function safe(text: string): string {
  return text.replace(/[^\w .,:/()-]/g, "·").slice(0, 60);
}
