/**
 * Breaks a file in every small way that a tool knows, runs its tests on each, and says how many ways they notice:
 * `npm run mutants -- ops/programs/permit.ts`. Without a name it goes over all files of the list, which takes an hour.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakePki } from "./support/fake/pki";
import { unitEnvironment } from "./support/tiers";

/** Test files of each, below `test/`. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  "ops/cluster/session.ts": ["ops/cluster/session"],
  "ops/cluster/views.ts": ["ops/cluster/views", "ops/programs/permit"],
  "ops/programs/permit.ts": ["ops/programs/permit"],
  "ops/programs/member.ts": ["ops/programs/member", "ops/guards"],
  "ops/programs/drain.ts": ["ops/programs/drain"],
  "ops/cluster/handOver.ts": ["ops/programs/permit", "ops/programs/member"],
  "ops/cluster/layout.ts": ["ops/cluster/layout"],
  "ops/programs/accounts.ts": ["ops/reconcile", "ops/programs/accounts"],
  "ops/programs/admin.ts": ["ops/programs/admin"],
  "ops/cluster/replaced.ts": ["ops/cluster/replaced"],
  "ops/programs/leave.ts": ["ops/programs/leave"],
  "ops/cluster/drainJudge.ts": ["ops/cluster/drainJudge", "ops/programs/drain"],
  "core/decide/views.ts": ["core/decide/views"],
  "core/decide/availability.ts": ["core/decide/availability"],
  "core/decide/serverStates.ts": ["core/decide/serverStates"],
  "core/decide/drain.ts": ["core/decide/drain"],
  "core/decide/remaining.ts": ["core/decide/drain"],
  "core/decide/handOver.ts": ["core/decide/handOver"],
  "core/decide/volumeOwner.ts": ["core/decide/volumeOwner"],
  "core/decide/accountChanges.ts": ["core/decide/accountChanges"],
};

interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly mutants: readonly {
          readonly status: string;
          readonly mutatorName: string;
          readonly replacement?: string;
          readonly location: { readonly start: { readonly line: number } };
        }[];
      }
    >
  >;
}

/** Noticed: a test failed, or the program never ended. */
const NOTICED = ["Killed", "Timeout"];
const UNNOTICED = ["Survived", "NoCoverage"];

function mutate(file: string, folder: string): string {
  const tests = TESTS[file];
  if (tests === undefined) throw new Error(`"${file}" is none of ${Object.keys(TESTS).join(", ")}`);
  const report = join(folder, "report.json");
  const config = join(folder, "stryker.json");
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: "tap",
      plugins: ["@stryker-mutator/tap-runner"],
      tap: {
        testFiles: tests.map((test) => `test/${test}.test.ts`),
        nodeArgs: ["-r", "{{hookFile}}", "--import", "tsx", "--test-reporter=tap", "{{testFile}}"],
      },
      mutate: [file],
      ignorePatterns: ["/dist", "/.state", "/docs", "/examples", "/test/soak", "/test/e2e", "/.mutants*"],
      reporters: ["json"],
      jsonReporter: { fileName: report },
      // Programs wait in a time of their own, so that a slow mutant hangs.
      timeoutMS: 15_000,
      concurrency: 2,
      tempDirName: ".mutants",
      allowConsoleColors: false,
      logLevel: "warn",
    }),
  );
  const run = spawnSync("npx", ["stryker", "run", config], {
    stdio: ["ignore", "inherit", "inherit"],
    env: environment(folder),
  });
  if (run.status !== 0)
    throw new Error(`the mutants of ${file} could not be tested: ${run.signal ?? `exit code ${String(run.status)}`}`);
  const { files } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const mutants = Object.values(files).flatMap((found) => found.mutants);
  const noticed = mutants.filter(({ status }) => NOTICED.includes(status)).length;
  const missed = mutants.filter(({ status }) => UNNOTICED.includes(status));
  for (const { location, mutatorName, replacement = "", status } of missed)
    console.log(
      `${file}:${String(location.start.line)} ${status} ${mutatorName}: ${replacement.replaceAll(/\s+/g, " ").slice(0, 120)}`,
    );
  const all = noticed + missed.length;
  return `| ${file} | ${String(all)} | ${String(noticed)} | ${((100 * noticed) / all).toFixed(1)} % |`;
}

function environment(folder: string): NodeJS.ProcessEnv {
  const pki = join(folder, "pki.json");
  writeFileSync(pki, JSON.stringify(fakePki()));
  return { ...unitEnvironment(process.env), FAKE_PKI: pki };
}

const asked = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "mutants-"));
const table: string[] = [];
try {
  for (const file of asked.length === 0 ? Object.keys(TESTS) : asked) {
    table.push(mutate(file, folder));
    console.log(table.at(-1));
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(["| file | mutants | noticed | score |", "| --- | --- | --- | --- |", ...table].join("\n"));
