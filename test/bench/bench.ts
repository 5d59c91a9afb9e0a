/**
 * Measures what the project promises, in one session, and prints it as the tables of `docs/performance.md`; with BENCH_WRITE=1
 * it puts them there, with the chart. Arguments are parts; without any it measures all but `hosts`, which needs ssh hosts.
 * BENCH_RUNS runs of each (5), and BENCH_SIZES servers (1,3,10,20,40).
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { missingPrerequisites } from "../support/prerequisites";
import { type Cost, upCost, Checkout, clear, clusterStack, emptyStack, plainScript, removePlain } from "./subjects";
import { RUNS, seconds, type Spread, spreadOf } from "./clock";
import { measureHosts } from "./hosts";
import { putBetween, renderChart, renderRows, type Row, show } from "./table";

const SIZES = (process.env["BENCH_SIZES"] ?? "1,3,10,20,40").split(",").map(Number);
/** Larger ones take minutes, and vary less. */
const RUNS_OF_LARGE = Math.min(RUNS, 3);
const DOCS = join(__dirname, "..", "..", "docs");

interface Found {
  readonly rows: readonly Row[];
  readonly text?: string;
}

/** A first up of three beside the script and an empty up, and an unchanged preview beside one of the empty program. */
async function measureFirst(): Promise<Found> {
  const [empty, stack] = [emptyStack(), clusterStack(3)];
  const found = { up: [] as number[], script: [] as number[], noOp: [] as number[] };
  const previews = { own: [] as number[], empty: [] as number[] };
  try {
    for (let run = 0; run < RUNS; run++) {
      found.up.push(await seconds(() => stack.mustUp()));
      clear(stack);
      found.script.push(await plainScript(3));
      removePlain();
      found.noOp.push(await seconds(() => empty.mustUp()));
      empty.pulumi(["destroy", "--yes", "--skip-preview"]);
    }
    await Promise.all([stack.mustUp(), empty.mustUp()]);
    for (let run = 0; run < RUNS; run++) {
      previews.own.push(await seconds(() => stack.plannedChanges()));
      previews.empty.push(await seconds(() => empty.plannedChanges()));
    }
  } finally {
    stack.dispose();
    empty.dispose();
    removePlain();
  }
  const both = found.script.map((time, index) => time + (found.noOp[index] ?? NaN));
  return {
    rows: [
      {
        what: "first `up` of 3",
        values: found.up,
        against: { what: "script + empty `up`", values: both },
        goal: 1.6,
      },
      {
        what: "unchanged preview of 3",
        values: previews.own,
        against: { what: "empty program", values: previews.empty },
        goal: 1.4,
      },
    ],
    text: `script ${show(spreadOf(found.script))} s, empty \`up\` ${show(spreadOf(found.noOp))} s`,
  };
}

interface Size {
  readonly nodes: number;
  readonly costs: readonly Cost[];
  readonly script: Spread;
  readonly previews: readonly number[];
}

async function measureSize(nodes: number): Promise<Size> {
  const stack = clusterStack(nodes);
  const [costs, script, previews]: [Cost[], number[], number[]] = [[], [], []];
  const runs = nodes > 3 ? RUNS_OF_LARGE : RUNS;
  try {
    for (let run = 0; run < runs; run++) {
      costs.push(await upCost(stack));
      if (run === runs - 1) {
        for (let again = 0; again < runs; again++) previews.push(await seconds(() => stack.plannedChanges()));
      }
      clear(stack);
      script.push(await plainScript(nodes));
      removePlain();
    }
  } finally {
    stack.dispose();
    removePlain();
  }
  return { nodes, costs, script: spreadOf(script), previews };
}

/** Time and CPU against servers, and the chart. */
async function measureSizes(): Promise<Found> {
  const sizes: Size[] = [];
  for (const nodes of SIZES) sizes.push(await measureSize(nodes));
  const lines = sizes.map(({ nodes, costs, script, previews }) => {
    const times = spreadOf(costs.map(({ seconds: time }) => time));
    const cells = [times, spreadOf(costs.map(({ cpu }) => cpu)), script, spreadOf(previews)].map(show);
    return `| ${[String(nodes), ...cells].join(" | ")} |`;
  });
  const of = (value: (size: Size) => number): (readonly [number, number])[] =>
    sizes.map((size) => [size.nodes, value(size)]);
  const chart = renderChart("seconds of a first up, against servers", [
    { name: "up", color: "#1f5fbf", points: of(({ costs }) => spreadOf(costs.map((c) => c.seconds)).median) },
    { name: "plain script", color: "#c05010", points: of(({ script }) => script.median) },
    { name: "unchanged preview", color: "#3a8a3a", points: of(({ previews }) => spreadOf(previews).median) },
  ]);
  if (process.env["BENCH_WRITE"] === "1") writeFileSync(join(DOCS, "performance.svg"), chart);
  const head = "| servers | `up`, seconds | CPU seconds | script, seconds | unchanged preview, seconds |";
  return {
    rows: furtherServer(
      sizes.find(({ nodes }) => nodes === 1),
      sizes.find(({ nodes }) => nodes === 20),
    ),
    text: [head, "| --- | --- | --- | --- | --- |", ...lines].join("\n"),
  };
}

function furtherServer(one: Size | undefined, twenty: Size | undefined): readonly Row[] {
  if (one === undefined || twenty === undefined) return [];
  const further = (value: (cost: Cost) => number): readonly number[] =>
    twenty.costs.map((cost, run) => (value(cost) - value(one.costs[run] ?? { seconds: NaN, cpu: NaN })) / 19);
  return [
    { what: "a further server in a first `up` of 20", values: further(({ seconds: time }) => time), goal: 0.8 },
    { what: "its CPU, seconds", values: further(({ cpu }) => cpu), goal: 0.8 },
  ];
}

/** What a restart takes beyond an up that changes nothing. */
async function measureRestart(): Promise<Found> {
  const stack = clusterStack(3);
  const [restarts, nothing]: [number[], number[]] = [[], []];
  try {
    await stack.mustUp();
    for (let run = 0; run < RUNS; run++) {
      const idle = await seconds(() => stack.mustUp());
      stack.configure({ memoryMib: 900 + run });
      restarts.push(((await seconds(() => stack.mustUp())) - idle) / 3);
      nothing.push(idle);
    }
  } finally {
    stack.dispose();
  }
  const text = `an \`up\` of 3 with nothing to do ${show(spreadOf(nothing))} s`;
  return { rows: [{ what: "a restart, a server, no tables", values: restarts, goal: 3 }], text };
}

/** Whole verbs, with all that they ask and print around the engine's run. */
async function measureVerbs(): Promise<Found> {
  const checkout = new Checkout();
  const [growth, idle, rotation]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let run = 0; run < RUNS; run++) {
      checkout.run("up", "--nodes", "3");
      growth.push(await checkout.time("up", "--nodes", "5"));
      idle.push(await checkout.time("up"));
    }
    checkout.run("up", "--nodes", "3");
    for (let run = 0; run < RUNS_OF_LARGE; run++) rotation.push(await checkout.time("rotate-ca", "driver", "--yes"));
  } finally {
    checkout.dispose();
  }
  return {
    rows: [
      { what: "growth from 3 to 5, whole verb", values: growth, goal: 9 },
      { what: "rotation of a CA, 3 servers, whole verb", values: rotation, goal: 40 },
    ],
    text: `\`npm run up\` of 5 with nothing to do ${show(spreadOf(idle))} s`,
  };
}

const PARTS = { first: measureFirst, sizes: measureSizes, restart: measureRestart, verbs: measureVerbs } as const;
type Part = keyof typeof PARTS;

function isPart(word: string): word is Part {
  return Object.hasOwn(PARTS, word);
}

async function main(words: readonly string[]): Promise<void> {
  const missing = missingPrerequisites();
  if (missing.length > 0) throw new Error(`cannot measure: ${missing.join("; ")}`);
  const unknown = words.find((word) => !isPart(word));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${Object.keys(PARTS).join(", ")}, hosts`);
  removePlain();
  const results: Record<string, Found> = {};
  for (const part of words.length > 0 ? words.filter(isPart) : (Object.keys(PARTS) as Part[])) {
    results[part] = await PARTS[part]();
    console.log(`\n${part}: ${results[part].text ?? ""}\n\n${renderRows(results[part].rows)}`);
  }
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).stdout.trim();
  writeFileSync("bench-results.json", `${JSON.stringify({ commit, runs: RUNS, results }, null, 2)}\n`);
  if (process.env["BENCH_WRITE"] === "1") writeDocs(results);
}

function writeDocs(results: Readonly<Record<string, Found>>): void {
  const file = join(DOCS, "performance.md");
  const rows = Object.values(results).flatMap((found) => found.rows);
  const notes = Object.entries(results).flatMap(([part, { text }]) =>
    text === undefined || part === "sizes" ? [] : [`- ${text}`],
  );
  let text = putBetween(readFileSync(file, "utf8"), "promises", [renderRows(rows), "", ...notes].join("\n"));
  const sizes = results["sizes"]?.text;
  const chart = "![Seconds of a first up against servers](performance.svg)";
  if (sizes !== undefined) text = putBetween(text, "sizes", `${sizes}\n\n${chart}`);
  writeFileSync(file, text);
  spawnSync("npx", ["prettier", "--write", file], { stdio: "inherit" });
}

const [first, ...others] = process.argv.slice(2);
void (first === "hosts" ? measureHosts() : main(first === undefined ? [] : [first, ...others]));
