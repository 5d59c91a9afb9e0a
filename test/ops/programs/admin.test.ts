/** How the admin's password and the operator's account are set, and that the old ones are seen to be refused. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { OPERATOR_RIGHTS } from "../../../core/plan/operatorRights";
import type { AdminRequest } from "../../../core/programs/admin";
import { admin } from "../../../ops/programs/admin";
import { Failure } from "../../../ops/lib/failure";
import {
  ADMIN_PASSWORD,
  type FakeCluster,
  OPERATOR,
  OPERATOR_PASSWORD,
  operatorLogin,
  REF,
  withCluster,
} from "../../support/fakeCluster";

const asked = (more: Partial<AdminRequest> = {}): AdminRequest => ({
  ...REF,
  network: "db",
  uid: 28015,
  adminPassword: ADMIN_PASSWORD,
  operator: operatorLogin(),
  operatorRights: OPERATOR_RIGHTS,
  operatorGeneration: 1,
  incarnation: 0,
  ...more,
});
const RECORD = { password: ADMIN_PASSWORD, operator: OPERATOR_PASSWORD, incarnation: 0 };
const before = (record: object): void => {
  process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify(record);
};
const PEER = "start a peer of our own";
const GRANTS = [
  "grant pulumi_operator everywhere config=true",
  ...OPERATOR_RIGHTS.map(({ table, rights }) => {
    const words = Object.entries(rights).map(([right, value]) => `${right}=${String(value)}`);
    return `grant pulumi_operator rethinkdb.${table} ${words.join(" ")}`;
  }),
].sort();

const grants = (cluster: FakeCluster): readonly string[] =>
  cluster.model.writes.filter((line) => line.startsWith("grant")).sort();
const passwords = (cluster: FakeCluster): readonly string[] =>
  cluster.model.writes.filter((line) => line.startsWith("password"));

afterEach(() => {
  delete process.env["PULUMI_COMMAND_STDOUT"];
});

test("goes over a password again that was set last, and changes nothing", async () => {
  await withCluster(["n0"], async (cluster) => {
    before(RECORD);
    Object.assign(cluster.container("n0") ?? {}, { stdout: `Generated random admin password: ${ADMIN_PASSWORD}\n` });
    assert.deepEqual(await admin(asked()), RECORD);
    assert.deepEqual(passwords(cluster), []);
  });
});

test("changes no password that is in force, and keeps the operator's rights", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.model.permissions.length = 0;
    let logins = 0;
    cluster.onChannel = () => logins++;
    assert.deepEqual(await admin(asked()), RECORD);
    // As admin, as operator, and with no password, which must be refused.
    assert.equal(logins, 3);
    assert.deepEqual(passwords(cluster), []);
    assert.deepEqual(grants(cluster), GRANTS);
    assert.deepEqual(cluster.said, []);
  });
});

test("sets the wanted password with the one that it set last", async () => {
  await withCluster(["n0"], async (cluster) => {
    before({ ...RECORD, password: "the one before" });
    cluster.model.users.set("admin", "the one before");
    assert.deepEqual(await admin(asked()), RECORD);
    assert.equal(cluster.model.users.get("admin"), ADMIN_PASSWORD);
    assert.deepEqual(passwords(cluster), ["password of admin"]);
    assert.deepEqual(cluster.said, ["admin: setting another password"]);
    assert.ok(!cluster.changes.includes(PEER));
  });
});

test("sets the wanted password with the one that the first start printed", async () => {
  await withCluster(["n0"], async (cluster) => {
    Object.assign(cluster.container("n0") ?? {}, { stdout: "x\nGenerated random admin password: once-4711\ny\n" });
    cluster.model.users.set("admin", "once-4711");
    assert.deepEqual(await admin(asked()), RECORD);
    assert.equal(cluster.model.users.get("admin"), ADMIN_PASSWORD);
    assert.ok(!cluster.changes.includes(PEER));
  });
});

test("tries the password of the first start where the one that it set last is refused", async () => {
  await withCluster(["n0"], async (cluster) => {
    before({ ...RECORD, password: "the one before" });
    Object.assign(cluster.container("n0") ?? {}, { stdout: "Generated random admin password: once-4711\n" });
    cluster.model.users.set("admin", "once-4711");
    assert.deepEqual(await admin(asked()), RECORD);
    assert.deepEqual(cluster.said, ["admin: setting another password"]);
  });
});

test("hangs up on the server, whatever happens", async () => {
  await withCluster(["n0"], async (cluster) => {
    const { users } = cluster.model;
    before({ ...RECORD, password: "the one before" });
    users.set("admin", "the one before");
    await admin(asked());
    assert.equal(await cluster.settleChannels(), 0);
    cluster.model.refuseWrite = () => "no";
    users.delete(OPERATOR);
    await assert.rejects(admin(asked()), Failure);
    assert.equal(await cluster.settleChannels(), 0);
    users.set(OPERATOR, OPERATOR_PASSWORD);
    cluster.model.refuseWrite = () => undefined;
    let asks = 0;
    cluster.door("n0").passwordOf = (name) => (name === "admin" && ++asks > 2 ? "" : users.get(name));
    const message = "the account admin still accepts an empty password; run pulumi up again";
    await assert.rejects(admin(asked()), new Failure(message));
    assert.equal(await cluster.settleChannels(), 0);
  });
});

test("becomes admin as a peer where no password is known", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("admin", "someone else's");
    assert.deepEqual(await admin(asked()), RECORD);
    assert.equal(cluster.model.users.get("admin"), ADMIN_PASSWORD);
    assert.deepEqual(cluster.said, ["admin: another password is in force; setting it through a peer of our own"]);
    assert.deepEqual(cluster.changes, [PEER, "rm --force id of recovery"]);
    const run = cluster.host().commands.find((line) => line.includes("helper=recovery")) ?? "";
    for (const words of [
      "--join 10.0.0.10:29015",
      "--network db",
      "--volume db-n0-tls:/tls:ro",
      "--bind-http 127.0.0.1",
    ]) {
      // The canonical address has no port where the container's own is meant.
      assert.ok(run.includes(words), words);
    }
    assert.ok(!cluster.host().commands.join("\n").includes(ADMIN_PASSWORD));
  });
});

test("joins as a peer under the address by which other hosts know the server", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("admin", "someone else's");
    const found = cluster.container("n0");
    assert.ok(found);
    found.args = [...found.args.slice(0, -1), "192.0.2.7:29016"];
    await admin(asked());
    assert.ok(cluster.host().commands.some((line) => line.includes("--join 192.0.2.7:29016")));
  });
});

test("removes the peer that never joined, and says why", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("admin", "someone else's");
    cluster.host().failOn(/open-new-connection/, "curl: (7) Failed to connect");
    cluster.clock.pace = 100;
    const message =
      "the admin password could not be set, the helper did not join: curl: (7) Failed to connect; run pulumi up again";
    await assert.rejects(admin(asked()), new Failure(message));
    assert.equal(cluster.changes.at(-1), "rm --force id of recovery");
    assert.ok(cluster.clock.time <= 80_000, String(cluster.clock.time));
  });
});

test("shows nothing of an answer that is no JSON", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("admin", "someone else's");
    cluster.host().rules.push({ when: /conn_id/, then: { stdout: `{"a secret` } });
    await assert.rejects(admin(asked()), new Failure("RethinkDB's answer is not JSON"));
  });
});

for (const [what, answer] of [
  ["an error", `{"t":18,"r":[]}`],
  ["a count of errors", `{"t":1,"r":[{"errors":1}]}`],
  ["no count of errors", `{"t":1,"r":[{}]}`],
] as const) {
  test(`does not take ${what} for a password that was set`, async () => {
    await withCluster(["n0"], async (cluster) => {
      cluster.model.users.set("admin", "someone else's");
      cluster.host().rules.push({ when: /conn_id/, then: { stdout: answer } });
      await assert.rejects(admin(asked()), new Failure("RethinkDB refused the admin password; run pulumi up again"));
    });
  });
}

test("says that the password was set and is not accepted", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("admin", "someone else's");
    cluster.host().rules.push({ when: /conn_id/, then: { stdout: `{"t":1,"r":[{"errors":0}]}` } });
    const message = "the admin password was set, but n0 does not accept it yet (refused); run pulumi up again";
    await assert.rejects(admin(asked()), new Failure(message));
  });
});

test("says that the password was set and why the server cannot be asked any more", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("admin", "someone else's");
    cluster.host().rules.push({
      when: /conn_id/,
      then: () => {
        cluster.door("n0").port = "closed";
        return { stdout: `{"t":1,"r":[{"errors":0}]}` };
      },
    });
    const message =
      "the admin password was set, but n0 does not accept it yet (port 28015 stayed closed); run pulumi up again";
    await assert.rejects(admin(asked()), new Failure(message));
  });
});

test("sets the operator's password where it is refused", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set(OPERATOR, "the one before");
    const operator = operatorLogin({ previousPassword: "the one before" });
    assert.deepEqual(await admin(asked({ operator })), RECORD);
    assert.equal(cluster.model.users.get(OPERATOR), OPERATOR_PASSWORD);
    assert.deepEqual(passwords(cluster), ["password of pulumi_operator"]);
  });
});

test("makes the operator's account where there is none", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.delete(OPERATOR);
    await admin(asked());
    assert.equal(cluster.model.users.get(OPERATOR), OPERATOR_PASSWORD);
  });
});

for (const [what, spoil, message] of [
  ["admin", "password of admin", "RethinkDB refused the admin password; run pulumi up again"],
  ["operator", "password of pulumi_operator", "RethinkDB refused the account pulumi_operator; run pulumi up again"],
] as const) {
  test(`says that RethinkDB refuses the password of the ${what}`, async () => {
    await withCluster(["n0"], async (cluster) => {
      before({ ...RECORD, password: "the one before" });
      cluster.model.users.set("admin", "the one before").set(OPERATOR, "the one before");
      cluster.model.refuseWrite = (line) => (line === spoil ? "no" : undefined);
      await assert.rejects(admin(asked()), new Failure(message));
    });
  });
}

/** Passwords that are accepted though they must not be: the server takes any of them. */
async function assertProves(
  user: string,
  old: string,
  message: string,
  more: Partial<AdminRequest> = {},
  last: object = RECORD,
): Promise<void> {
  await withCluster(["n0"], async (cluster) => {
    before(last);
    let asks = 0;
    // A login asks twice: the first is with the password that is wanted.
    const right = cluster.model.users.get(user) ?? "";
    cluster.door("n0").passwordOf = (name) => {
      if (name !== user) return cluster.model.users.get(name);
      return ++asks > 2 ? old : right;
    };
    await assert.rejects(admin(asked(more)), new Failure(message));
  });
}

test("proves that an empty password of the admin is refused", async () => {
  await assertProves("admin", "", "the account admin still accepts an empty password; run pulumi up again");
});

test("proves that the admin's password before is refused", async () => {
  const message = "the account admin still accepts the password before; run pulumi up again";
  await assertProves("admin", "the one before", message, {}, { ...RECORD, password: "the one before" });
});

test("proves that the password of the first start is refused", async () => {
  await withCluster(["n0"], async (cluster) => {
    Object.assign(cluster.container("n0") ?? {}, { stdout: "Generated random admin password: once-4711\n" });
    let asks = 0;
    const { users } = cluster.model;
    // A login asks twice: for the wanted password, for an empty one, and for this one.
    cluster.door("n0").passwordOf = (name) => (name === "admin" && ++asks > 4 ? "once-4711" : users.get(name));
    const message = "the account admin still accepts the password before; run pulumi up again";
    await assert.rejects(admin(asked()), new Failure(message));
  });
});

test("proves that the operator's password before is refused", async () => {
  const message = "the account pulumi_operator still accepts the password before; run pulumi up again";
  await assertProves(OPERATOR, "the one before", message, {
    operator: operatorLogin({ previousPassword: "the one before" }),
  });
});

test("does not take a server that cannot be asked for one that refuses a password", async () => {
  await withCluster(["n0"], async (cluster) => {
    let channels = 0;
    cluster.host().rules.push({
      when: / channel$/,
      // The first login is the admin's, the second the operator's.
      then: () => (++channels > 2 ? { code: 1, stderr: "no space left on device\n" } : undefined),
    });
    const message =
      "it was not seen whether an empty password is refused: no space left on device; run pulumi up again";
    await assert.rejects(admin(asked()), new Failure(message));
  });
});

test("asks the next server where the first one cannot be asked", async () => {
  await withCluster(["n0", "n1", "n2"], async (cluster) => {
    cluster.set("n0", "exited");
    cluster.door("n1").port = "closed";
    assert.deepEqual(await admin(asked()), RECORD);
  });
});

test("waits for the port of the only server six times as long as for one of several", async () => {
  for (const [names, tries] of [
    [["n0"], "600"],
    [["n0", "n1"], "100"],
  ] as const) {
    await withCluster(names, async (cluster) => {
      const asks: string[] = [];
      cluster.onChannel = (args) => asks.push(args.at(-1) ?? "");
      await admin(asked());
      assert.equal(asks[0], tries);
    });
  }
});

test("refuses where no server can be asked and the passwords are others than last", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.door("n0").port = "closed";
    const message =
      "no server of db can be asked to set a password, n0 does not answer: port 28015 stayed closed; " +
      "look at docker logs db-n0, then run pulumi up again";
    for (const last of [
      undefined,
      { ...RECORD, password: "another" },
      { ...RECORD, operator: "another" },
      { ...RECORD, incarnation: 1 },
    ]) {
      if (last !== undefined) before(last);
      await assert.rejects(admin(asked()), new Failure(message));
    }
    cluster.set("n0", "exited");
    const none =
      "no server of db can be asked to set a password, none runs; look at docker logs db-n0, then run pulumi up again";
    await assert.rejects(admin(asked()), new Failure(none));
  });
});

test("goes on where no server can be asked and the passwords are those that were set last", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.door("n0").port = "closed";
    before(RECORD);
    assert.deepEqual(await admin(asked()), RECORD);
    assert.deepEqual(cluster.said, [
      "admin: no server answers yet; the passwords in force are those that were set last, and stay",
    ]);
  });
});

test("shows nothing of what the last run printed where that is no JSON", async () => {
  process.env["PULUMI_COMMAND_STDOUT"] = `{"password":"a secret`;
  await withCluster(["n0"], async () => {
    await assert.rejects(admin(asked()), new Failure("what the last run of admin printed is not JSON"));
  });
});
