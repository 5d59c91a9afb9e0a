/** What the caller reads when the args of backups are wrong, in full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RethinkdbClusterArgs } from "../../args/args";
import { type BackupsArgs, backupUsers } from "../../args/backups";
import { checkArgs } from "../../args/check";
import { DEFAULTS } from "../../args/shape/schema";
import { backup } from "../../args/presets";

const GOOD: RethinkdbClusterArgs = {
  clusterName: "db",
  adminPassword: "correct horse battery",
  users: [{ name: "web" }],
  userPasswords: { web: "the password of web" },
};
const PASSWORD = "the password of backups";

function check(
  backups: Partial<BackupsArgs>,
  backupPassword: RethinkdbClusterArgs["backupPassword"] = PASSWORD,
): unknown {
  return checkArgs({ ...GOOD, backups: { enabled: true, ...backups }, backupPassword });
}

test("takes backups with nothing but a password", () => {
  assert.deepEqual(check({}), { errors: [], warnings: [] });
});

for (const [what, backups, message] of [
  ["admin", { user: "admin" }, `backups.user: "admin" is built in and may do everything; choose another name`],
  [
    "a user with a comma",
    { user: "a,b" },
    `backups.user: "a,b" cannot be sent by every driver; use letters, digits, ".", "_" and "-"`,
  ],
  [
    "a user of the stack",
    { user: "web" },
    `backups.user: "web" is among users already; the account for backups is made here, choose another name`,
  ],
  [
    "a database that is none",
    { databases: ["a b"] },
    `backups.databases[0]: "a b" cannot name a database; use letters, digits, "_" and "-"`,
  ],
  [
    "RethinkDB's own database",
    { databases: ["rethinkdb"] },
    `backups.databases[0]: "rethinkdb" is RethinkDB's own database; every backup has what can be kept of it, take it out`,
  ],
  ["a negative number", { keepDaily: -1 }, "backups.keepDaily: -1 is not a whole number from 0 to 10000"],
  [
    "a retention that keeps nothing",
    { keepDaily: 0, keepWeekly: 0, keepMonthly: 0 },
    "backups.keepDaily: 0, with keepWeekly and keepMonthly 0 too, keeps no backup; raise one of them",
  ],
] as const) {
  test(`refuses ${what}`, () => {
    assert.deepEqual(check(backups), { errors: [message], warnings: [] });
  });
}

test("refuses backups without a password", () => {
  const args = { ...GOOD, backups: { enabled: true } };
  assert.deepEqual(checkArgs(args).errors, [
    "backupPassword: is missing; set one, for example with: pulumi config set --secret backupPassword",
  ]);
});

test("says that a password without backups is of no use", () => {
  assert.deepEqual(checkArgs({ ...GOOD, backupPassword: PASSWORD }), {
    errors: [],
    warnings: ["backupPassword: is set, and backups.enabled is not true, so that there is no such account"],
  });
});

test("makes an account with the rights of backups, and none without", () => {
  assert.deepEqual(backupUsers(DEFAULTS.backups), []);
  assert.deepEqual(backupUsers({ ...DEFAULTS.backups, enabled: true }), [{ name: "backup", grants: backup() }]);
});
