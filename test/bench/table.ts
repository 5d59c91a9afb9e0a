/** What the bench found, as the tables and the chart of `docs/performance.md`. */
import { ratioOf, type Spread, spreadOf } from "./clock";

/** One promise, held against what was measured: seconds, or a ratio where there is something to compare with. */
export interface Row {
  readonly what: string;
  /** Of each run. */
  readonly values: readonly number[];
  readonly against?: { readonly what: string; readonly values: readonly number[] };
  /** What it should be at most: the ratio, or the seconds. */
  readonly goal: number;
}

export function renderRows(rows: readonly Row[]): string {
  const lines = rows.map(({ what, values, against, goal }) => {
    const found = against === undefined ? spreadOf(values) : ratioOf(values, against.values);
    const beside = against === undefined ? "" : `${against.what}: ${show(spreadOf(against.values))}`;
    const ratio = against === undefined ? "" : show(found);
    const unit = against === undefined ? " s" : "";
    const verdict = found.median <= goal ? "yes" : "no";
    return `| ${what} | ${show(spreadOf(values))} | ${beside} | ${ratio} | ≤ ${String(goal)}${unit} | ${verdict} |`;
  });
  return [
    "| what | seconds | against, seconds | ratio | goal | met |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

/** The median, and what the runs were between. */
export function show({ median, min, max }: Spread): string {
  const text = (value: number): string => value.toFixed(2);
  return min === max ? text(median) : `${text(median)} (${text(min)}–${text(max)})`;
}

export interface Series {
  readonly name: string;
  readonly color: string;
  /** Servers and seconds. */
  readonly points: readonly (readonly [servers: number, seconds: number])[];
}

const WIDTH = 640;
const HEIGHT = 360;
const EDGE = { left: 56, right: 16, top: 40, bottom: 44 };

/** A chart of time against servers. */
export function renderChart(title: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points);
  const most = Math.max(1, ...all.map(([servers]) => servers));
  const longest = niceAbove(Math.max(1, ...all.map(([, time]) => time)));
  const x = (servers: number): number => EDGE.left + (servers / most) * (WIDTH - EDGE.left - EDGE.right);
  const y = (time: number): number => HEIGHT - EDGE.bottom - (time / longest) * (HEIGHT - EDGE.top - EDGE.bottom);
  const at = (value: number): string => value.toFixed(1);
  const text = (px: number, py: number, anchor: string, words: string): string =>
    `<text x="${at(px)}" y="${at(py)}" text-anchor="${anchor}">${words}</text>`;
  const ticks = [0, 1, 2, 3, 4, 5].map((step) => (step * longest) / 5);
  const sizes = [...new Set(all.map(([servers]) => servers))].sort((a, b) => a - b);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="sans-serif" font-size="12">`,
    `<rect width="${String(WIDTH)}" height="${String(HEIGHT)}" fill="#ffffff"/>`,
    text(EDGE.left, 20, "start", title),
    ...ticks.flatMap((time) => [
      `<line x1="${at(EDGE.left)}" x2="${at(WIDTH - EDGE.right)}" y1="${at(y(time))}" y2="${at(y(time))}" stroke="#dddddd"/>`,
      text(EDGE.left - 6, y(time) + 4, "end", `${String(Number(time.toFixed(1)))} s`),
    ]),
    ...sizes.map((servers) => text(x(servers), HEIGHT - EDGE.bottom + 18, "middle", String(servers))),
    text((WIDTH + EDGE.left) / 2, HEIGHT - 8, "middle", "servers"),
    ...series.flatMap(({ name, color, points }, index) => [
      `<polyline fill="none" stroke="${color}" stroke-width="2" points="${points.map(([s, t]) => `${at(x(s))},${at(y(t))}`).join(" ")}"/>`,
      ...points.map(([s, t]) => `<circle cx="${at(x(s))}" cy="${at(y(t))}" r="3" fill="${color}"/>`),
      `<rect x="${at(EDGE.left + 12)}" y="${at(EDGE.top + 4 + index * 18)}" width="12" height="4" fill="${color}"/>`,
      text(EDGE.left + 30, EDGE.top + 10 + index * 18, "start", name),
    ]),
    `</svg>`,
    ``,
  ].join("\n");
}

/** The next of 1, 2, 5, 10, 20 … that is not below it. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

/** @throws Error where the text has no such place. */
export function putBetween(text: string, mark: string, inner: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no place for ${mark}`);
  return `${text.slice(0, from + begin.length)}\n\n${inner}\n\n${text.slice(to)}`;
}
