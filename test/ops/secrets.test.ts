/** Passwords are given to docker on stdin alone: arguments and environments are there for others to read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdminRequest } from "../../core/programs/admin";
import { admin } from "../../ops/programs/admin";
import { Engine, type LiveServer } from "../../ops/docker/engine";
import { Failure } from "../../ops/lib/failure";
import { recoverAdmin } from "../../ops/cluster/adminRecovery";
import { type Answer, type FakeDocker, withFakeDocker } from "../support/fakeDocker";

const PASSWORD = `a "quoted" $password with \\ and #`;
const OPERATOR = "the operator's password";

const REQUEST: AdminRequest = {
  clusterName: "db",
  identity: "0123456789abcdef01234567",
  image: "rethinkdb:2.4.3",
  dockerHost: "tcp://192.0.2.1:2376",
  network: "db",
  uid: 28015,
  adminPassword: PASSWORD,
  operator: { password: OPERATOR, previousPassword: null, driverCa: "CA", client: null },
  operatorRights: [],
  operatorGeneration: 1,
  incarnation: 0,
};

const N0 = (): LiveServer => ({
  engine: new Engine(REQUEST.dockerHost),
  ...{ name: "n0", container: "db-n0", state: "running" },
});

const LIVE: Answer = {
  when: "^container inspect",
  stdout: JSON.stringify([
    {
      Args: [
        "--cluster-tls-key",
        "/tls/f/cluster.key",
        "--cluster-tls-cert",
        "/tls/f/c.pem",
        "--cluster-tls-ca",
        "/tls/f/ca",
      ],
      Mounts: [{ Name: "db-n0-tls", Destination: "/tls" }],
      NetworkSettings: { Networks: { db: { IPAddress: "10.213.0.10" } } },
    },
  ]),
};
const PROXY: Answer = { when: "^run ", stdout: "proxy-id\n" };
const OPEN: Answer = { when: "open-new-connection", stdout: "1:2\n" };
const answered = (t: number, errors: number): Answer => ({
  when: "conn_id=",
  stdout: `\0\0\0\0\0\0\0\0\0\0\0\0${JSON.stringify({ t, r: [{ errors }] })}`,
});

function assertNothingShown(docker: FakeDocker): void {
  const visible = docker.calls.flatMap(({ args, env }) => [...args, ...Object.values(env)]);
  for (const secret of [PASSWORD, OPERATOR]) {
    assert.ok(!visible.some((text) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))));
  }
}

test("recovery sets the password through a peer of its own and shows it nowhere", async () => {
  await withFakeDocker([LIVE, PROXY, OPEN, answered(1, 0)], async (docker) => {
    await recoverAdmin(REQUEST, N0());
    assertNothingShown(docker);
    const query = docker.calls.find(({ args }) => args.join(" ").includes("conn_id=1:2"));
    assert.deepEqual(JSON.parse(query?.stdin.slice(8) ?? ""), [
      1,
      [53, [[16, [[15, [[14, ["rethinkdb"]], "users"]], "admin"]], { password: PASSWORD }]],
      {},
    ]);
    assert.equal(docker.commands.at(-1), "rm --force proxy-id");
  });
});

test("recovery removes its peer when RethinkDB refuses", async () => {
  for (const refusal of [answered(18, 0), answered(1, 1)]) {
    await withFakeDocker([LIVE, PROXY, OPEN, refusal], async (docker) => {
      const message = "RethinkDB refused the admin password; run pulumi up again";
      await assert.rejects(recoverAdmin(REQUEST, N0()), new Failure(message));
      assert.equal(docker.commands.at(-1), "rm --force proxy-id");
    });
  }
});

test("recovery's peer serves its web API on its own loopback, which ends by itself", async () => {
  await withFakeDocker([LIVE, PROXY, OPEN, answered(1, 0)], async (docker) => {
    await recoverAdmin(REQUEST, N0());
    const run = docker.calls.find(({ args }) => args[0] === "run")?.args ?? [];
    assert.equal(run[run.indexOf("--bind-http") + 1], "127.0.0.1");
    assert.equal(run[run.indexOf("--bind-driver") + 1], "127.0.0.1");
    assert.equal(run[run.indexOf("--initial-password") + 1], "auto");
    assert.equal(run[run.indexOf("--entrypoint") + 1], "timeout");
    assert.ok(!run.includes("--publish") && !run.includes("-p"));
  });
});

test("admin says so when a server does not answer, and shows no password", async () => {
  const answers = [
    { when: "^ps ", stdout: "n0\tdb-n0\trunning\n" },
    { when: "^exec ", code: 75, stderr: "port 28015 stayed closed\n" },
  ];
  await withFakeDocker(answers, async (docker) => {
    await assert.rejects(admin(REQUEST), (error: Error) => {
      assert.ok(error instanceof Failure);
      assert.match(
        error.message,
        /^no server of db can be asked to set a password, n0 does not answer: .*port 28015 stayed closed.*; look at docker logs db-n0, then run pulumi up again$/s,
      );
      return true;
    });
    assertNothingShown(docker);
  });
});

test("admin says so when no server runs", async () => {
  await withFakeDocker([{ when: "^ps ", stdout: "n0\tdb-n0\texited\n" }], async () => {
    const message =
      "no server of db can be asked to set a password, none runs; look at docker logs db-n0, then run pulumi up again";
    await assert.rejects(admin(REQUEST), new Failure(message));
  });
});
