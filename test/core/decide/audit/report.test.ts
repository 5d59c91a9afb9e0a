/** What attempts amount to: outcomes, findings, exit codes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Attempt,
  exitCodeOf,
  outcomeOf,
  type ProbeReport,
  reportAudit,
} from "../../../../core/decide/audit/report";

const HELD: Attempt = { outcome: "held", subject: "n0", seen: "closed" };
const FOUND: Attempt = { outcome: "found", subject: "n1", seen: "open", todo: "close it", severity: "high" };
const OPEN: Attempt = { outcome: "not-tried", subject: "n2", reason: "it is exited", essential: true };
const NEEDLESS: Attempt = { outcome: "not-tried", subject: "the web UI", reason: "there is none", essential: false };

test("a finding outweighs everything, and what was not tried is never held", () => {
  assert.equal(outcomeOf([HELD, OPEN, FOUND]), "found");
  assert.equal(outcomeOf([HELD, OPEN]), "not-tried");
  assert.equal(outcomeOf([HELD, NEEDLESS]), "held");
  assert.equal(outcomeOf([NEEDLESS]), "not-tried");
  assert.equal(outcomeOf([]), "not-tried");
});

const HEALTH = {
  clusterName: "db",
  servers: [],
  tables: { total: 0, ready: 0, unready: [] },
  issues: [],
  problems: [],
};
const REST = { did: { connections: 1, logins: 2, helperContainers: 3, execs: 4 }, seconds: 5 };

function probe(id: string, line: ProbeReport["line"], attempts: readonly Attempt[]): ProbeReport {
  return { id, line, tried: `tried ${id}`, outcome: outcomeOf(attempts), attempts, milliseconds: 1 };
}

describe("a report", () => {
  const report = reportAudit(
    "db",
    { ...HEALTH, problems: ["n1 is exited"] },
    [
      probe("port-8080", "http-port", [HELD]),
      probe("driver-clear", "driver-port", [FOUND, { ...FOUND, severity: "critical" }]),
      probe("disks", "time", [OPEN]),
    ],
    REST,
  );

  test("has each finding with its probe, line and page, the worst first", () => {
    assert.deepEqual(
      report.findings.map(({ severity, id, line, docs }) => [severity, id, line, docs]),
      [
        ["critical", "driver-clear", "driver-port", "docs/security.md#driver-port"],
        ["high", "health", null, "docs/operations.md"],
        ["high", "driver-clear", "driver-port", "docs/security.md#driver-port"],
      ],
    );
    assert.deepEqual(report.notTried, [
      { id: "disks", line: "time", subject: "n2", reason: "it is exited", essential: true },
    ]);
  });

  test("says of each line what came of it; one without an attempt was not tried", () => {
    const outcomes = Object.fromEntries(report.lines.map(({ id, outcome }) => [id, outcome]));
    assert.equal(outcomes["http-port"], "held");
    assert.equal(outcomes["driver-port"], "found");
    assert.equal(outcomes["time"], "not-tried");
    assert.equal(outcomes["web-ui"], "not-tried");
  });
});

test("the exit code is 1 for a finding, 2 for what could not be judged, 0 for neither", () => {
  const of = (...attempts: readonly Attempt[]): number =>
    exitCodeOf([reportAudit("db", HEALTH, [probe("disks", "time", attempts)], REST)]);
  assert.equal(of(HELD), 0);
  assert.equal(of(HELD, NEEDLESS), 0);
  assert.equal(of(HELD, OPEN), 2);
  assert.equal(of(OPEN, FOUND), 1);
});
