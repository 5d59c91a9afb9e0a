/** What a killed run left, cleared with a stand-in for pulumi that keeps a state in a file. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { clearInterrupted } from "../../../cli/stack/interrupted";
import { LocalStack } from "../../../cli/stack/localStack";

const STAND_IN = `
const { readFileSync, writeFileSync } = require("node:fs");
const [, , , verb] = process.argv;
if (verb === "export") process.stdout.write(readFileSync("state.json", "utf8"));
if (verb === "import") writeFileSync("state.json", readFileSync(0, "utf8"));
`;
const ADMIN = "urn:pulumi:local::rethinkdb::rethinkdb:index:RethinkdbCluster$command:local:Command::rethinkdb-admin";

test("a password that may have been set and not written down is set again by the first up that ends well, however late", async () => {
  const project = mkdtempSync(join(tmpdir(), "rethinkdb-interrupted-"));
  try {
    mkdirSync(join(project, ".state"));
    writeFileSync(join(project, "stand-in.js"), STAND_IN);
    const state = (pending: readonly string[], known: readonly string[]): void => {
      const resource = (urn: string): object => ({ urn, type: "command:local:Command" });
      const pending_operations = pending.map((urn) => ({ resource: resource(urn), type: "updating" }));
      const deployment = { resources: known.map(resource), pending_operations };
      writeFileSync(join(project, "state.json"), JSON.stringify({ version: 3, deployment }));
    };
    const stack = new LocalStack(project, [process.execPath, join(project, "stand-in.js")]);

    state([ADMIN, ADMIN.replace("-admin", "-peers")], [ADMIN]);
    assert.deepEqual(await clearInterrupted(stack), ["--replace", ADMIN]);
    assert.deepEqual(JSON.parse(readFileSync(join(project, "state.json"), "utf8")), {
      version: 3,
      deployment: { resources: [{ urn: ADMIN, type: "command:local:Command" }], pending_operations: [] },
    });
    // Its own up never came to run.
    assert.deepEqual(await clearInterrupted(stack), ["--replace", ADMIN]);
    // Of a cluster that is gone nothing is set.
    state([], []);
    assert.deepEqual(await clearInterrupted(stack), []);

    stack.forgetSetAgain();
    state([], [ADMIN]);
    assert.deepEqual(await clearInterrupted(stack), []);
  } finally {
    rmSync(project, { recursive: true });
  }
});

test("a state file that says nothing was interrupted is believed, and any other is asked of Pulumi", async () => {
  const project = mkdtempSync(join(tmpdir(), "rethinkdb-interrupted-"));
  try {
    const stack = new LocalStack(project, [process.execPath, "-e", "process.exit(7)"]);
    mkdirSync(dirname(stack.checkpoint), { recursive: true });
    const write = (latest: object): void => {
      writeFileSync(stack.checkpoint, JSON.stringify({ version: 3, checkpoint: { stack: "local", latest } }));
    };
    write({ resources: [{ urn: ADMIN }] });
    assert.deepEqual(await clearInterrupted(stack), []);
    stack.keepSetAgain([ADMIN]);
    assert.deepEqual(await clearInterrupted(stack), ["--replace", ADMIN]);
    write({ resources: [] });
    assert.deepEqual(await clearInterrupted(stack), []);

    for (const latest of [{ pending_operations: [{ resource: { urn: ADMIN } }] }, { resources: [{}] }]) {
      write(latest);
      await assert.rejects(clearInterrupted(stack), /pulumi stack export failed: exit code 7/);
    }
  } finally {
    rmSync(project, { recursive: true });
  }
});
