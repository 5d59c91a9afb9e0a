/** What is asked of restic, and what is made of its answers. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { Failure } from "../../../ops/lib/failure";
import { Repository, type Writing } from "../../../ops/backup/repository";
import { Restic } from "../../../ops/backup/restic";
import type { Manifest } from "../../../core/decide/backup/manifest";

const folder = mkdtempSync(join(tmpdir(), "repository-test-"));
const ASKED = join(folder, "asked");
after(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  writeFileSync(ASKED, "");
});

/** A restic that answers with this, and keeps what it was asked. */
function answering(stdout: string): Repository {
  const path = join(folder, "restic");
  writeFileSync(join(folder, "answer"), stdout);
  writeFileSync(path, `#!/bin/sh\necho "$*" >> ${ASKED}\ncat > ${ASKED}.stdin\ncat ${join(folder, "answer")}\n`);
  chmodSync(path, 0o755);
  return new Repository(new Restic({ PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` }));
}

function asked(): readonly string[] {
  return readFileSync(ASKED, "utf8").trim().split("\n");
}

const WRITING: Writing = { clusterName: "db", identity: "i", run: "0000000a", time: "2026-01-02 03:04:05" };
const MANIFEST: Manifest = {
  ...{ format: 1, created: "2026-01-02T03:04:05.000Z", cluster: { name: "db", identity: "i" }, config: "{}" },
  ...{ servers: [], databases: [], tables: [], users: [], grants: [] },
};

test("an empty repository has no backups, and nothing to remove", async () => {
  const repository = answering("");
  assert.deepEqual(await repository.doomed("i", ["--keep-daily", "7"]), []);
  assert.deepEqual(asked(), [
    "forget --dry-run --json --group-by host --tag pulumi-rethinkdb,cluster:i,part:manifest --keep-daily 7",
  ]);
  assert.deepEqual(await answering("null").catalog(), { backups: [], orphans: [] });
});

test("what a policy does not keep is named by its list of contents", async () => {
  const groups = [{ keep: [{ id: "a" }], remove: [{ id: "b" }, { id: "c" }] }, { remove: null }];
  assert.deepEqual(await answering(JSON.stringify(groups)).doomed("i", []), ["b", "c"]);
});

test("a list of contents is written with the time, the cluster and the counts of its data", async () => {
  await answering("").writeManifest(WRITING, MANIFEST);
  assert.deepEqual(asked(), [
    "backup --quiet --stdin --stdin-filename manifest.json --host db --time 2026-01-02 03:04:05 --tag pulumi-rethinkdb " +
      "--tag cluster:i --tag run:0000000a --tag part:manifest --tag tables:0 --tag rows:0",
  ]);
  assert.equal(readFileSync(`${ASKED}.stdin`, "utf8"), JSON.stringify(MANIFEST));
});

test("backups are in the order in which they were made, whatever restic's is", async () => {
  const snapshot = (id: string, time: string): object => ({
    ...{ id, time, hostname: "db", tags: ["pulumi-rethinkdb", "part:data", `run:${id}`] },
  });
  const found = [snapshot("bbbbbbbb", "2026-01-02T03:00:00+02:00"), snapshot("aaaaaaaa", "2026-01-02T00:30:00Z")];
  const { backups } = await answering(JSON.stringify(found)).catalog();
  assert.deepEqual(
    backups.map(({ id }) => id),
    ["aaaaaaaa", "bbbbbbbb"],
  );
});

test("a list of contents that cannot be used is said with the reason", async () => {
  const backup = {
    ...{
      id: "aaaaaaaa",
      data: "a",
      manifest: "m",
      time: "",
      clusterName: "db",
      identity: "i",
      run: "r",
      tables: 0,
      rows: 0,
    },
  };
  await assert.rejects(
    answering("{}").readManifest(backup),
    new Failure("backup: aaaaaaaa cannot be used: its list of contents is incomplete: format is missing"),
  );
});

test("locks of dead runs go before the check, which takes one of its own", async () => {
  await answering("").check();
  assert.deepEqual(asked(), ["unlock --quiet", "check --quiet"]);
});
