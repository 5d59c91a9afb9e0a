/** What the test runner itself may skip, and what reaches tests of the caller's environment. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mustRunAll, unitEnvironment } from "../support/tiers";

for (const [wanted, missing, strict] of [
  [undefined, [], false],
  ["", [], false],
  ["0", [], false],
  ["1", [], true],
  ["1", ["no Docker engine answers"], true],
  ["auto", [], true],
  ["auto", ["the Pulumi CLI is not there"], false],
] as const) {
  test(`REQUIRE_E2E=${wanted ?? "(unset)"} with ${String(missing.length)} things missing ${strict ? "allows no skip" : "allows skips"}`, () => {
    assert.equal(mustRunAll(wanted === undefined ? {} : { REQUIRE_E2E: wanted }, missing), strict);
  });
}

test("another value of REQUIRE_E2E is refused", () => {
  assert.throws(() => mustRunAll({ REQUIRE_E2E: "yes" }, []), new Error(`REQUIRE_E2E is "yes"; it is 1, 0 or auto`));
});

test("unit tests see no engine, no context and no stack of the caller's", () => {
  const env = {
    PATH: "/bin",
    HOME: "/home/me",
    PULUMI_HOME: "/home/me/.pulumi",
    DOCKER_HOST: "tcp://192.0.2.9:2375",
    DOCKER_CONTEXT: "x",
    DOCKER_CONFIG: "/nowhere",
    PULUMI_STACK: "dev",
    PULUMI_COMMAND_STDOUT: "{}",
  };
  assert.deepEqual(unitEnvironment(env), { PATH: "/bin", HOME: "/home/me", PULUMI_HOME: "/home/me/.pulumi" });
});

test("the reporter names what a file skips, suites included, and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "skips-"));
  try {
    const file = join(folder, "some.test.ts");
    writeFileSync(
      file,
      `import { describe, test } from "node:test";
test("runs", () => {});
test("has no engine", { skip: "no engine" }, () => {});
describe("a suite without one", { skip: true }, () => { test("in it", () => {}); });
test("not written yet", { todo: true }, () => {});
test("skips itself", (t) => { t.skip("later"); });
`,
    );
    const report = join(folder, "report");
    const reporter = ["--test-reporter=./test/support/skipReporter.mjs", `--test-reporter-destination=${report}`];
    // Not the runner's own words to its children, which would make this one of them.
    const env = { ...process.env };
    delete env["NODE_TEST_CONTEXT"];
    const run = spawnSync(process.execPath, ["--import", "tsx", "--test", ...reporter, file], {
      env,
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stderr);
    assert.deepEqual(readFileSync(report, "utf8").trimEnd().split("\n"), [
      "some.test.ts: has no engine: no engine",
      "some.test.ts: a suite without one",
      "some.test.ts: not written yet",
      "some.test.ts: skips itself: later",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
