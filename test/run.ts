/** Runs the test tiers: `unit` needs nothing but npm, `e2e` and `soak` the real engine. Says loudly what it skips. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { missingPrerequisites, missingWebUiImage } from "./support/prerequisites";

const TIERS: Readonly<Record<string, { readonly folders: readonly string[]; readonly real: boolean }>> = {
  unit: { folders: ["core", "components", "ops", "cli", "policy", "review", "docs"], real: false },
  e2e: { folders: ["e2e"], real: true },
  soak: { folders: ["soak"], real: true },
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

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["unit", "e2e"];
const missing = missingPrerequisites();
const skipped: string[] = [];
let failed = false;

for (const name of wanted) {
  const tier = TIERS[name];
  if (tier === undefined) throw new Error(`"${name}" is not one of ${Object.keys(TIERS).join(", ")}`);
  const files = tier.folders.flatMap(testFiles);
  if (files.length === 0) continue;
  if (tier.real && missing.length > 0) {
    skipped.push(...files);
    continue;
  }
  console.log(`\n== ${name}: ${String(files.length)} files`);
  // One file after the other: the real tiers share one Docker engine.
  const concurrency = tier.real ? "--test-concurrency=1" : "--test-concurrency=2";
  const args = ["--import", "tsx", "--test", "--test-reporter=spec", concurrency, ...files];
  const result = spawnSync(process.execPath, args, { stdio: "inherit" });
  failed ||= result.status !== 0;
}

const noWebUi = wanted.some((name) => TIERS[name]?.real) && missing.length === 0 && missingWebUiImage();
if (noWebUi) {
  console.log(`\n${"!".repeat(100)}\n!! NOT RUN: the tests of the web UI, because ${noWebUi}\n${"!".repeat(100)}`);
}
if (skipped.length > 0) {
  console.log(`\n${"!".repeat(100)}`);
  console.log(`!! NOT RUN: ${String(skipped.length)} files of tests on the real engine and server, because`);
  for (const reason of missing) console.log(`!!   - ${reason}`);
  for (const file of skipped) console.log(`!! skipped ${file}`);
  console.log("!".repeat(100));
}
process.exitCode = failed ? 1 : 0;
