/** How programs end: one line that a person can read, exit code 1, and nothing of what stood on stdin. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { FakeDocker } from "../support/fakeDocker";

const ROOT = join(__dirname, "..", "..");

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** From the source, so that a stale build proves nothing; the compiled ones run in the e2e tier. */
function run(verb: readonly string[], input: string): Run {
  const args = ["--import", "tsx", join(ROOT, "ops", "main.ts"), ...verb];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, input, encoding: "utf8" });
  return { status, stdout, stderr };
}

const VERBS =
  "fleet, drain, absent, faulty, prepare, permit, makeWay, member, leave, peers, admin, accounts, uiPrepare, uiPrune, leftover";

for (const verb of ["", "nonsense", "toString"]) {
  test(`refuses the verb "${verb}"`, () => {
    assert.deepEqual(run([verb], "{}"), { status: 1, stdout: "", stderr: `"${verb}" is not one of ${VERBS}\n` });
  });
}

for (const verb of VERBS.split(", ")) {
  test(`${verb} never repeats a request that is not JSON`, () => {
    const stderr = "the request on stdin is not JSON\n";
    assert.deepEqual(run([verb], "hunter2 is no JSON"), { status: 1, stdout: "", stderr });
  });
}

test("a refusal is one line without a stack", () => {
  const docker = new FakeDocker([{ when: "^container inspect", code: 1, stderr: "Error: No such container: db-n4\n" }]);
  try {
    const request = { dockerHost: "tcp://192.0.2.1:1", server: "n4", container: "db-n4" };
    const stderr = "n4: container db-n4 is gone; run pulumi up --refresh\n";
    assert.deepEqual(run(["member"], JSON.stringify(request)), { status: 1, stdout: "", stderr });
  } finally {
    docker.close();
  }
});

test("an unexpected error is one line that says so, without a stack", () => {
  const { status, stdout, stderr } = run(["peers"], JSON.stringify({ dockerHost: "tcp://192.0.2.1:1" }));
  assert.deepEqual([status, stdout, stderr.split("\n").length], [1, "", 2]);
  assert.match(stderr, /^unexpected: /);
});

test("a result is one JSON on stdout", () => {
  const docker = new FakeDocker();
  try {
    const request = { dockerHost: "tcp://192.0.2.1:1", image: "rethinkdb:2.4.3", servers: [] };
    assert.deepEqual(run(["peers"], JSON.stringify(request)), { status: 0, stdout: `{"peers":[]}`, stderr: "" });
  } finally {
    docker.close();
  }
});
