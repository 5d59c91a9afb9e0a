/** The list of backups, the record of what was verified, and wrong command lines. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { describeBackups } from "../../../cli/backup/list";
import { withoutSecrets } from "../../../cli/backup/place";
import { keepRecord, readRecord, recordPath, type VerifiedRecord } from "../../../cli/backup/record";
import { backup } from "../../../cli/verbs/backup";
import { Failure } from "../../../ops/lib/failure";
import type { Backup } from "../../../core/decide/backup/catalog";

const WHOLE: Backup = {
  ...{ id: "aaaaaaaa", data: "a", manifest: "m", time: "2026-01-02T03:04:05.678Z", clusterName: "db", identity: "i" },
  ...{ run: "1", tables: 12, rows: 1_234_567 },
};
const CUT: Backup = { ...WHOLE, id: "bbbbbbbb", manifest: undefined, tables: 0, rows: 0 };
const RECORD: VerifiedRecord = {
  ...{
    version: 1,
    identity: "i",
    lastVerified: "2026-01-03T00:00:00.000Z",
    snapshot: "aaaaaaaa",
    made: "2026-01-02T03:04:05.000Z",
  },
  ...{ tables: 12, rows: 1_234_567 },
};

test("lists whole backups, the one that was verified, and what was cut short", () => {
  assert.equal(
    describeBackups([WHOLE, CUT], false, RECORD),
    [
      "backup    made                 tables  rows",
      "aaaaaaaa  2026-01-02 03:04:05  12      1 234 567  verified 2026-01-03",
      "bbbbbbbb  2026-01-02 03:04:05                     cut short: this is no backup",
    ].join("\n"),
  );
});

test("lists whose they are when all are asked for", () => {
  assert.equal(
    describeBackups([WHOLE], true, undefined),
    [
      "backup    made                 cluster  tables  rows",
      "aaaaaaaa  2026-01-02 03:04:05  db       12      1 234 567",
    ].join("\n"),
  );
});

test("says what to do where there are none", () => {
  assert.equal(
    describeBackups([], false, undefined),
    "The repository has no backup of this cluster: npx pulumi-rethinkdb backup create makes one, list --all shows others.",
  );
});

test("keeps what was verified for its owner alone, and reads it back", () => {
  const project = mkdtempSync(join(tmpdir(), "record-"));
  const of = { project, stack: "org/dev", request: { clusterName: "db", identity: "i" } };
  try {
    assert.equal(readRecord(of), undefined);
    keepRecord(of, RECORD);
    assert.equal(recordPath(of), join(project, ".state", "backups", "org_dev-db.json"));
    assert.equal(statSync(recordPath(of)).mode & 0o777, 0o600);
    assert.deepEqual(readRecord(of), RECORD);
    keepRecord(of, { ...RECORD, made: "2025-12-31T00:00:00.000Z", snapshot: "older" });
    keepRecord(of, { ...RECORD, made: "2027-01-01T00:00:00.000Z", identity: "of another cluster" });
    assert.deepEqual(readRecord(of), RECORD);
    assert.equal(readRecord({ ...of, request: { clusterName: "db", identity: "made anew" } }), undefined);
    keepRecord(of, { ...RECORD, made: "2027-01-01T00:00:00.000Z" });
    assert.equal(readRecord(of)?.made, "2027-01-01T00:00:00.000Z");
  } finally {
    rmSync(project, { recursive: true });
  }
});

test("keeps no secret of what a cluster was declared with", () => {
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"x"' };
  const declared = {
    ...{ nodes: 3, adminPassword: secret, backupPassword: "x", driverCaPems: {}, hosts: [{ name: "a" }] },
    webUi: { enabled: true, inner: [secret] },
  };
  assert.deepEqual(withoutSecrets(declared), { nodes: 3, hosts: [{ name: "a" }] });
});

for (const [argv, message] of [
  [[], "backup: say what to do: npx pulumi-rethinkdb backup create, list, verify, restore, prune, import"],
  [["creat"], "backup: say what to do: npx pulumi-rethinkdb backup create, list, verify, restore, prune, import"],
  [
    ["--stack", "list"],
    "backup: say what to do: npx pulumi-rethinkdb backup create, list, verify, restore, prune, import",
  ],
  [["create", "--only", "a"], "backup: --only is no option of create, but of restore and import"],
  [["create", "--al"], `backup: "--al" is no option; do you mean "--all"?`],
] as const) {
  test(`refuses ${argv.join(" ") || "nothing"}`, async () => {
    await assert.rejects(backup("/nowhere", argv), new Failure(message));
  });
}
