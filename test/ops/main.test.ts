/** How programs end: one line that a person can read, exit code 1, and nothing of what stood on stdin. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, parse } from "node:path";
import { test } from "node:test";
import { PROGRAMS } from "../../core/programs/all";
import type { Served } from "../../ops/lib/served";
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

const REF = { clusterName: "db", identity: "id", image: "rethinkdb:2.4.3", dockerHost: "tcp://192.0.2.1:1" };

const VERBS =
  "accounts, admin, down, drain, fleet, leave, leftover, makeWay, member, peers, permit, prepare, uiPrepare, uiPrune, unreachable";

for (const verb of ["", "nonsense", "toString"]) {
  test(`refuses the verb "${verb}"`, () => {
    assert.deepEqual(run([verb], "{}"), { status: 1, stdout: "", stderr: `"${verb}" is not one of ${VERBS}\n` });
  });
}

test("every program that is described is run from the file of its verb, and no other", async () => {
  assert.deepEqual(Object.keys(PROGRAMS).sort(), VERBS.split(", ").sort());
  const files = readdirSync(join(ROOT, "ops", "programs"), { recursive: true, encoding: "utf8" });
  assert.equal(files.filter((name) => name.endsWith(".ts")).length, Object.keys(PROGRAMS).length);
  for (const [verb, program] of Object.entries(PROGRAMS)) {
    const file = files.find((name) => parse(name).name === verb) ?? "";
    const { served } = (await import(join(ROOT, "ops", "programs", file))) as { readonly served: Served };
    assert.equal(served.program, program);
  }
});

for (const verb of VERBS.split(", ")) {
  test(`${verb} never repeats a request that is not JSON`, () => {
    const stderr = "the request on stdin is not JSON\n";
    assert.deepEqual(run([verb], "hunter2 is no JSON"), { status: 1, stdout: "", stderr });
  });
}

test("a refusal is one line without a stack", () => {
  const docker = new FakeDocker([{ when: "^container inspect", code: 1, stderr: "Error: No such container: db-n4\n" }]);
  try {
    const operator = { driverCa: "", client: null, password: "p", previousPassword: null };
    const server = {
      server: "n4",
      container: "db-n4",
      tlsVolume: "db-n4-tls",
      fingerprint: "f",
      incarnation: 0,
      missing: [],
    };
    const request = { ...REF, ...server, operator };
    const stderr = "n4: container db-n4 is gone; run pulumi up --refresh\n";
    assert.deepEqual(run(["member"], JSON.stringify(request)), { status: 1, stdout: "", stderr });
  } finally {
    docker.close();
  }
});

test("a request that does not fit is refused with the name of the field, and no value of it", () => {
  for (const [change, said] of [
    [{ servers: undefined }, "servers is missing"],
    [{ servers: "hunter2" }, "servers is not a list"],
    [{ servers: [{ name: "n0", tlsVolume: 7, peer: "hunter2" }] }, "servers[0].tlsVolume is not a text"],
    [{ identity: { hunter2: 1 } }, "identity is not a text"],
  ] as const) {
    const request = JSON.stringify({ ...REF, ...change });
    assert.deepEqual(run(["peers"], request), { status: 1, stdout: "", stderr: `the request of peers: ${said}\n` });
  }
});

test("leave takes what earlier versions asked a member", () => {
  const docker = new FakeDocker([{ when: "^container inspect", code: 1, stderr: "Error: No such container: db-n4\n" }]);
  try {
    const request = { ...REF, server: "n4", tlsVolume: "db-n4-tls", operator: { driverCa: "CA", password: "p" } };
    const { stderr } = run(["leave"], JSON.stringify(request));
    assert.doesNotMatch(stderr, /the request of leave/);
  } finally {
    docker.close();
  }
});

test("an unexpected error is one line that says so, without a stack", () => {
  const docker = new FakeDocker();
  try {
    // No volume has such a name.
    const servers = [{ name: "n0", tlsVolume: "db-n0-tls\0", peer: "10.0.0.10:29015" }];
    const { status, stdout, stderr } = run(["peers"], JSON.stringify({ ...REF, servers }));
    assert.deepEqual([status, stdout, stderr.split("\n").length], [1, "", 2]);
    assert.match(stderr, /^unexpected: /);
  } finally {
    docker.close();
  }
});

test("a result is one JSON on stdout", () => {
  const docker = new FakeDocker();
  try {
    assert.deepEqual(run(["peers"], JSON.stringify({ ...REF, servers: [] })), {
      status: 0,
      stdout: `{"peers":[]}`,
      stderr: "",
    });
  } finally {
    docker.close();
  }
});
