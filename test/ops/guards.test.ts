/** What leftover, permit, member and leave do to Docker's objects, and what they refuse, without a live server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LeaveRequest, MemberRequest } from "../../core/programs/member";
import type { LeftoverRequest } from "../../core/programs/leftover";
import type { PermitRequest } from "../../core/programs/permit";
import { Failure } from "../../ops/lib/failure";
import { leftover } from "../../ops/programs/leftover";
import { leave } from "../../ops/programs/leave";
import { member } from "../../ops/programs/member";
import { permit } from "../../ops/programs/permit";
import { lookIntoVolumes } from "../../ops/docker/volumes";
import { Engine } from "../../ops/docker/engine";
import { type Answer, withFakeDocker } from "../support/fakeDocker";
import { lookLine } from "../support/volumeLook";

const MINE = "0123456789abcdef01234567";
const HOST = "tcp://192.0.2.1:2376";
const BASE = { clusterName: "db", identity: MINE, image: "rethinkdb:2.4.3", dockerHost: HOST };
const OPERATOR = { password: "operator's password", driverCa: "CA", previousPassword: null, client: null };

const gone = (kind: string): Answer => ({
  when: `^${kind} inspect`,
  code: 1,
  stderr: `Error response from daemon: No such ${kind}: x\n`,
});
const found = (kind: string, value: object): Answer => ({
  when: `^${kind} inspect`,
  stdout: JSON.stringify([value]),
});
const changes = (commands: readonly string[]): readonly string[] =>
  commands.filter((command) => !/^(\w+ inspect|ps|logs|exec) /.test(command));

const LEFTOVER: LeftoverRequest = { kind: "container", name: "db-n0", identity: MINE, dockerHost: HOST };
const labels = (identity: string, spec = ""): object => ({
  "pulumi-rethinkdb.identity": identity,
  "pulumi-rethinkdb.spec": spec,
});

test("leftover does nothing where nothing is left", async () => {
  await withFakeDocker([gone("container")], async (docker) => {
    assert.deepEqual(await leftover(LEFTOVER), { removed: false });
    assert.deepEqual(changes(docker.commands), []);
  });
});

test("leftover stops and removes a container of this cluster", async () => {
  await withFakeDocker([found("container", { Config: { Labels: labels(MINE) } })], async (docker) => {
    assert.deepEqual(await leftover(LEFTOVER), { removed: true });
    assert.deepEqual(changes(docker.commands), ["stop --time 60 db-n0", "rm --force db-n0"]);
  });
});

test("leftover removes a network of this cluster", async () => {
  await withFakeDocker([found("network", { Labels: labels(MINE) })], async (docker) => {
    assert.deepEqual(await leftover({ ...LEFTOVER, kind: "network", name: "db" }), { removed: true });
    assert.deepEqual(changes(docker.commands), ["network rm db"]);
  });
});

for (const [kind, value] of [
  ["container", { Config: { Labels: labels("feed") } }],
  ["container", { Config: { Labels: null } }],
  ["network", { Labels: labels("feed") }],
  ["network", { Labels: null }],
] as const) {
  test(`leftover touches no ${kind} with ${JSON.stringify(value)}`, async () => {
    await withFakeDocker([found(kind, value)], async (docker) => {
      const message = `${kind} "db-n0" exists already and is not this cluster's; nothing was touched; choose another clusterName`;
      await assert.rejects(leftover({ ...LEFTOVER, kind }), new Failure(message));
      assert.deepEqual(changes(docker.commands), []);
    });
  });
}

const PERMIT: PermitRequest = {
  ...BASE,
  server: "n1",
  container: "db-n1",
  dataVolume: "db-n1-data",
  uid: 28015,
  spec: "new",
  prepared: { fingerprint: "aaaaaaaaaaaaaaaa", spec: "new", run: "a run" },
  allow: [],
  protectSingleReplicaTables: false,
  strictInterruption: false,
  operator: OPERATOR,
};

const container = (identity: string, spec: string, running: boolean, user = "28015:28015"): Answer =>
  found("container", {
    Config: { Labels: labels(identity, spec), User: user },
    State: { Running: running, Restarting: false },
  });
const UNCHANGED = { run: "a run", stopped: false, interrupted: [], missing: [] };
const STOPPED = { ...UNCHANGED, stopped: true };

/** The helper that gives the data to the server's uid, unless it has it. */
const GIVE = "give the data to its uid";

const PERMITS: readonly (readonly [what: string, answer: Answer, result: object, changes: readonly string[]])[] = [
  ["only sees to whose the data is where there is no container", gone("container"), UNCHANGED, [GIVE]],
  ["does nothing to a server that is as it should be", container(MINE, "new", true), UNCHANGED, []],
  ["starts a stopped server that is as it should be", container(MINE, "new", false), UNCHANGED, [GIVE, "start db-n1"]],
  ["stops a stopped server that will change", container(MINE, "old", false), STOPPED, ["stop --time 60 db-n1"]],
  [
    "stops a server that will change where no server answers",
    container(MINE, "old", true),
    STOPPED,
    ["stop --time 60 db-n1"],
  ],
];

for (const [what, answer, result, expected] of PERMITS) {
  test(`permit ${what}`, async () => {
    await withFakeDocker([answer], async (docker) => {
      assert.deepEqual(await permit(PERMIT), result);
      const done = changes(docker.commands).map((command) => (command.includes("=chown ") ? GIVE : command));
      assert.deepEqual(done, expected);
    });
  });
}

test("permit gives the data to another uid while the server is stopped", async () => {
  await withFakeDocker([container(MINE, "old", false, "1000:1000")], async (docker) => {
    assert.deepEqual(await permit(PERMIT), STOPPED);
    const [stop, chown] = changes(docker.commands);
    assert.equal(stop, "stop --time 60 db-n1");
    assert.match(chown ?? "", /--volume db-n1-data:\/data .* chown -R "\$1:\$1" \/data\/rethinkdb bash 28015$/);
  });
});

test("permit touches no container of another cluster", async () => {
  await withFakeDocker([container("feed", "new", true)], async (docker) => {
    const message = "n1: container db-n1 is not this cluster's; nothing was touched; choose another clusterName";
    await assert.rejects(permit(PERMIT), new Failure(message));
    assert.deepEqual(changes(docker.commands), []);
  });
});

const MEMBER: MemberRequest = {
  ...BASE,
  server: "n1",
  container: "db-n1",
  tlsVolume: "db-n1-tls",
  fingerprint: "aaaaaaaaaaaaaaaa",
  incarnation: 0,
  missing: [],
  operator: OPERATOR,
};

const down = (Status: string, ExitCode: number, OOMKilled = false): Answer =>
  found("container", { State: { Status, ExitCode, OOMKilled }, RestartCount: 5 });
const LOG = { when: "^logs", stderr: "starting\nrefused: the data volume says 'nothing'\n" };

const DOWN: readonly (readonly [what: string, answers: readonly Answer[], message: string])[] = [
  ["is gone", [gone("container")], "n1: container db-n1 is gone; run pulumi up --refresh"],
  [
    "gave up",
    [down("exited", 64), LOG],
    "n1: its container is exited, exit code 64: refused: the data volume says 'nothing'; repair it, then run pulumi up again",
  ],
  [
    "starts again and again",
    [down("restarting", 64), LOG],
    "n1: its container is restarting, exit code 64: refused: the data volume says 'nothing'; repair it, then run pulumi up again",
  ],
  [
    "ran out of memory",
    [down("exited", 137, true), LOG],
    "n1: its container is exited, exit code 137: memoryMib is too little for it; repair it, then run pulumi up again",
  ],
];

for (const [what, answers, message] of DOWN) {
  test(`member says why it does not wait for a server that ${what}`, async () => {
    await withFakeDocker(answers, async () => {
      await assert.rejects(member(MEMBER), new Failure(message));
    });
  });
}

const LEAVE: LeaveRequest = { ...BASE, server: "n4", tlsVolume: "db-n4-tls", operator: OPERATOR };
const NOT_LEFT =
  "n4: it has not left the cluster and may hold the only copy of data; it was not touched; " +
  "run pulumi up again, without --target, so that its data is moved first";

for (const [what, mark] of [
  ["has no mark", ""],
  ["has another cluster's mark", "feedfeedfeedfeedfeedfeed"],
] as const) {
  test(`leave refuses a server that ${what}`, async () => {
    await withFakeDocker([{ when: "^run ", stdout: mark }, found("volume", {})], async () => {
      await assert.rejects(leave(LEAVE), new Failure(NOT_LEFT));
    });
  });
}

test("volumes are looked into in the order asked, and cannot be written meanwhile", async () => {
  const printed = [{ says: "a/n0/0" }, {}, { says: "?", names: ["identity"], hasData: false }].map(lookLine).join("");
  await withFakeDocker([{ when: "^run ", stdout: printed }], async (docker) => {
    assert.deepEqual(await lookIntoVolumes(new Engine(HOST), "rethinkdb:2.4.3", ["x", "y", "z"]), [
      { says: "a/n0/0", names: ["identity", "rethinkdb"], hasData: true },
      { says: "", names: [], hasData: false },
      { says: "?", names: ["identity"], hasData: false },
    ]);
    const args = docker.calls[0]?.args ?? [];
    const mounts = args.filter((_arg, index) => args[index - 1] === "--volume");
    assert.deepEqual(mounts, ["x:/v/000:ro", "y:/v/001:ro", "z:/v/002:ro"]);
  });
});
