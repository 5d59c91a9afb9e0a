/** Which snapshots are backups, and which are not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  backupsIn,
  chooseBackup,
  orphansIn,
  type Part,
  type ResticSnapshot,
  tagsOf,
} from "../../../../core/decide/backup/catalog";

function snapshot(id: string, run: string, part: Part, identity = "own"): ResticSnapshot {
  const counts = part === "manifest" ? { tables: 2, rows: 7 } : undefined;
  return {
    id: id.padEnd(64, "0"),
    short_id: id,
    time: "2026-01-02T03:04:05Z",
    hostname: "db",
    tags: tagsOf({ identity, run }, part, counts),
  };
}

const WHOLE = [snapshot("aaaaaaaa", "1", "data"), snapshot("bbbbbbbb", "1", "manifest")];
const CUT = snapshot("cccccccc", "2", "data");
const OTHER = [snapshot("dddddddd", "3", "data", "other"), snapshot("eeeeeeee", "3", "manifest", "other")];

test("a backup is its data and its list of contents", () => {
  const [backup] = backupsIn(WHOLE);
  assert.deepEqual(backup, {
    ...{ id: "aaaaaaaa", data: "aaaaaaaa".padEnd(64, "0"), manifest: "bbbbbbbb".padEnd(64, "0") },
    ...{ time: "2026-01-02T03:04:05Z", clusterName: "db", identity: "own", run: "1", tables: 2, rows: 7 },
  });
});

test("data without its list of contents was cut short", () => {
  assert.deepEqual(
    backupsIn([...WHOLE, CUT]).map(({ id, manifest }) => [id, manifest !== undefined]),
    [
      ["aaaaaaaa", true],
      ["cccccccc", false],
    ],
  );
});

test("snapshots of others are not looked at", () => {
  assert.deepEqual(
    backupsIn([
      { ...CUT, tags: ["part:data"] },
      { ...CUT, tags: null },
    ]),
    [],
  );
});

test("a list of contents without data is left over", () => {
  const [, manifest] = WHOLE;
  assert.deepEqual(orphansIn([...WHOLE, ...OTHER]), []);
  assert.deepEqual(
    orphansIn(manifest === undefined ? [] : [manifest, CUT]).map(({ id }) => id),
    ["bbbbbbbb".padEnd(64, "0")],
  );
});

const choose = (snapshots: readonly ResticSnapshot[], wanted?: string): string => {
  const choice = chooseBackup(backupsIn(snapshots), wanted, "own");
  return "trouble" in choice ? choice.trouble : choice.backup.id;
};

test("the newest whole one of the cluster is chosen", () => {
  const newer = [snapshot("11111111", "4", "data"), snapshot("22222222", "4", "manifest")];
  assert.equal(choose([...WHOLE, ...newer, ...OTHER, CUT]), "11111111");
});

test("one of another cluster is chosen by its id alone", () => {
  assert.equal(choose(OTHER, "dddddddd"), "dddddddd");
  assert.equal(
    choose(OTHER),
    "the repository has no whole backup of this cluster, and 1 of others; name one with --backup ID, " +
      "npx pulumi-rethinkdb backup list --all shows them",
  );
});

test("what is no backup is not chosen", () => {
  assert.equal(choose([CUT]), "the repository has no whole backup; npx pulumi-rethinkdb backup create makes one");
  assert.equal(
    choose([...WHOLE, CUT], "cccccccc"),
    "backup cccccccc was cut short, so it is no backup; npx pulumi-rethinkdb backup list shows whole ones",
  );
  assert.equal(choose(WHOLE, "0"), `no backup "0" is in the repository; npx pulumi-rethinkdb backup list shows all`);
});
