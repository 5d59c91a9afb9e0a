/** A cluster whose backups are on is not well when none was verified for too long. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { recordPath } from "../../../cli/backup/record";
import { withBackupAge } from "../../../cli/doctor/backupAge";
import type { Health } from "../../../core/decide/health";

const NOW = Date.parse("2030-01-20T12:00:00Z");
const REPORT = { clusterName: "db", problems: ["another one"] } as unknown as Health;
const CURE = "run npx pulumi-rethinkdb backup create, then npx pulumi-rethinkdb backup verify";
const IDENTITY = "0123456789abcdef01234567";
const OPERATOR = { driverCa: "CA", password: "p", previousPassword: null, client: null };
let project = "";
beforeEach(() => (project = mkdtempSync(join(tmpdir(), "rethinkdb-age-"))));
afterEach(() => {
  rmSync(project, { recursive: true });
});

function problems(backups: object | undefined): readonly string[] {
  const type = "rethinkdb:index:RethinkdbCluster";
  const inputs = { clusterName: "db", ...(backups && { backups }) };
  const stdin = JSON.stringify({
    clusterName: "db",
    identity: IDENTITY,
    image: "i",
    dockerHost: null,
    operator: OPERATOR,
  });
  const member = {
    urn: "urn:pulumi:dev::shop::rethinkdb:index:RethinkdbCluster$command:local:Command::db-n0-member",
    type: "command:local:Command",
    inputs: { stdin },
  };
  const state = { version: 3, deployment: { resources: [{ urn: "u", type, inputs }, member] } };
  return withBackupAge({ project, stack: "org/shop/dev", state }, REPORT, NOW).problems;
}

function verified(made: string, identity = IDENTITY): void {
  const path = recordPath({ project, stack: "org/shop/dev", request: { clusterName: "db" } });
  mkdirSync(dirname(path), { recursive: true });
  const lastVerified = "2030-01-20T00:00:00Z";
  writeFileSync(path, JSON.stringify({ version: 1, identity, made, lastVerified, snapshot: "s" }));
}

test("nothing is said where backups are off", () => {
  assert.deepEqual(problems(undefined), ["another one"]);
  assert.deepEqual(problems({ enabled: false }), ["another one"]);
});

test("a backup that was made in the last eight days and verified is enough", () => {
  verified("2030-01-12T11:00:00Z");
  assert.deepEqual(problems({ enabled: true }), ["another one"]);
});

test("an older one is named with its age, also when it was verified today", () => {
  verified("2030-01-11T11:00:00Z");
  assert.deepEqual(problems({ enabled: true }), [
    "another one",
    `backups: the newest backup of db that was verified is 9 days old, more than 8; ${CURE}`,
  ]);
});

test("none, and a record that cannot be read, is said too", () => {
  const none = `backups: this machine knows of no backup of db that was verified; ${CURE}`;
  assert.deepEqual(problems({ enabled: true }), ["another one", none]);
  verified("yesterday");
  assert.deepEqual(problems({ enabled: true }), ["another one", none]);
  // Of a cluster of that name that was destroyed.
  verified("2030-01-19T00:00:00Z", "feedfeedfeedfeedfeedfeed");
  assert.deepEqual(problems({ enabled: true }), ["another one", none]);
});
