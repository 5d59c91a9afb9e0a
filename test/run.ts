/**
 * Runs the test tiers: `unit` needs nothing but npm, `e2e` and `soak` the real engine. Says loudly what it skips; with
 * REQUIRE_E2E=1 a run that skipped anything fails.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { missingBrowser } from "./support/browser";
import { missingNewerPython } from "./support/python";
import { missingPrerequisites, missingWebUiImage } from "./support/prerequisites";
import { mustRunAll, unitEnvironment } from "./support/tiers";

interface Tier {
  readonly folders: readonly string[];
  readonly real: boolean;
  /** Seconds that one file may take: one that hangs is named and fails, and the others still run. */
  readonly seconds: number;
}

const TIERS: Readonly<Record<string, Tier>> = {
  unit: {
    folders: ["args", "core", "components", "ops", "cli", "judge", "provider", "scripts", "docs", "house"],
    real: false,
    seconds: 600,
  },
  e2e: { folders: ["e2e"], real: true, seconds: 900 },
  soak: { folders: ["soak"], real: true, seconds: 7200 },
};

function testFiles(folder: string): readonly string[] {
  const path = join("test", folder);
  if (!existsSync(path)) return [];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(path, name))
    .sort();
}

const words = process.argv.slice(2);
const wanted = words.some((word) => word in TIERS) ? words.filter((word) => word in TIERS) : ["unit", "e2e"];
/** Other words name test files: `soak kill` runs one of the tier. */
const only = words.filter((word) => !(word in TIERS));
const missing = missingPrerequisites();
const skipped: string[] = [];
/** Tests that their own files skipped. */
const left: string[] = [];
const strict = mustRunAll(process.env, missing);
let failed = false;

/** @returns whether all passed. */
function runFiles(files: readonly string[], { real, seconds }: Tier): boolean {
  const folder = mkdtempSync(join(tmpdir(), "tests-"));
  const report = join(folder, "skipped");
  try {
    // One file after the other: the real tiers share one Docker engine.
    const concurrency = `--test-concurrency=${real ? "1" : "2"}`;
    const args = ["--import", "tsx", "--test", concurrency, `--test-timeout=${String(seconds * 1000)}`];
    const spec = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
    const skips = ["--test-reporter=./test/support/skipReporter.mjs", `--test-reporter-destination=${report}`];
    const env = real ? process.env : unitEnvironment(process.env);
    const result = spawnSync(process.execPath, [...args, ...spec, ...skips, ...files], { stdio: "inherit", env });
    left.push(...readFileSync(report, "utf8").split("\n").filter(Boolean));
    return result.status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const name of wanted) {
  const tier = TIERS[name];
  if (tier === undefined) throw new Error(`"${name}" is no tier`);
  const all = tier.folders.flatMap(testFiles);
  const unknown = only.find((word) => !all.some((file) => basename(file) === `${word}.test.ts`));
  if (unknown !== undefined) throw new Error(`"${unknown}" is no tier and no test file of ${name}`);
  const files = only.length === 0 ? all : all.filter((file) => only.includes(basename(file, ".test.ts")));
  if (files.length === 0) continue;
  if (tier.real && missing.length > 0) {
    skipped.push(...files);
    continue;
  }
  console.log(`\n== ${name}: ${String(files.length)} files`);
  if (!runFiles(files, tier)) failed = true;
}

const noWebUi = wanted.some((name) => TIERS[name]?.real) && missing.length === 0 && missingWebUiImage();
if (noWebUi) {
  console.log(`\n${"!".repeat(100)}\n!! NOT RUN: the tests of the web UI, because ${noWebUi}\n${"!".repeat(100)}`);
}
const noBrowser = wanted.includes("e2e") && missing.length === 0 && missingBrowser();
if (noBrowser) {
  console.log(`\n${"!".repeat(100)}\n!! NOT RUN: the web UI in a browser, because ${noBrowser}\n${"!".repeat(100)}`);
}
const noNewerPython = wanted.includes("e2e") && missing.length === 0 && missingNewerPython();
if (noNewerPython) {
  console.log(
    `\n${"!".repeat(100)}\n!! NOT RUN: the first use on a newer Python, because ${noNewerPython}\n${"!".repeat(100)}`,
  );
}
if (skipped.length > 0) {
  console.log(`\n${"!".repeat(100)}`);
  console.log(`!! NOT RUN: ${String(skipped.length)} files of tests on the real engine and server, because`);
  for (const reason of missing) console.log(`!!   - ${reason}`);
  for (const file of skipped) console.log(`!! skipped ${file}`);
  console.log("!".repeat(100));
}
if (left.length > 0) {
  console.log(`\n!! skipped ${String(left.length)} tests:`);
  for (const line of left) console.log(`!!   - ${line}`);
}
if (strict && skipped.length + left.length > 0) {
  console.log(`!! FAILED: REQUIRE_E2E is set, so nothing may be skipped`);
  failed = true;
}
process.exitCode = failed ? 1 : 0;
