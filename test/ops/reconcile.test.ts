/** What the accounts' program changes on a live cluster, in which order, and what it leaves alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GrantPlan } from "../../core/plan/accounts";
import type { AccountsRequest } from "../../core/programs/accounts";
import { accounts, findDrift, reconcile } from "../../ops/programs/accounts";
import { Failure } from "../../ops/lib/failure";
import { ADMIN_PASSWORD, type FakeCluster, REF, withCluster } from "../support/fakeCluster";
import { fakePki } from "../support/fake/pki";

const grant = (db: string | null, table: string | null, rights: Partial<GrantPlan["rights"]>): GrantPlan => ({
  db,
  table,
  rights: { read: null, write: null, connect: null, config: null, ...rights },
});
const asked = (more: Partial<AccountsRequest> = {}): AccountsRequest => ({
  ...REF,
  driverCa: fakePki().ca.certPem,
  client: null,
  adminPassword: ADMIN_PASSWORD,
  databases: ["shop"],
  users: [{ name: "web", grants: [grant("shop", null, { read: true, write: true })] }],
  passwords: { web: "the password of web" },
  ...more,
});
const RECORD = { databases: ["shop"], users: ["web"] };

/** As the request has it. */
function settle({ model }: FakeCluster): void {
  model.databases.push("shop");
  model.users.set("web", "the password of web");
  model.permissions.push({ id: ["web", "uuid-shop"], permissions: { read: true, write: true } });
  model.writes.length = 0;
}

test("makes databases, users and grants that are missing", async () => {
  await withCluster(["n0"], async (cluster) => {
    assert.deepEqual(await reconcile(asked(), []), RECORD);
    assert.deepEqual(cluster.model.writes, [
      "make database shop",
      "password of web",
      "grant web shop read=true write=true config=null",
    ]);
    assert.equal(cluster.model.users.get("web"), "the password of web");
    assert.deepEqual(cluster.said, [`accounts: made database "shop"`, `accounts: made user "web": shop: read, write`]);
  });
});

test("writes nothing where everything is as the stack says", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    cluster.model.users.set("theirs", "x");
    assert.deepEqual(await reconcile(asked(), ["web"]), RECORD);
    assert.deepEqual(cluster.model.writes, []);
    assert.deepEqual(cluster.said, ["accounts: not of this stack and left alone: theirs"]);
  });
});

test("makes databases where the stack has no users", async () => {
  await withCluster(["n0"], async (cluster) => {
    const request = asked({ users: [], passwords: {} });
    assert.deepEqual(await reconcile(request, []), { databases: ["shop"], users: [] });
    assert.deepEqual(cluster.model.writes, ["make database shop"]);
  });
});

test("names all users that are not the stack's, in the order of their names", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    cluster.model.users.set("zoe", "x").set("anna", "x");
    await reconcile(asked(), []);
    assert.deepEqual(cluster.said, ["accounts: not of this stack and left alone: anna, zoe"]);
  });
});

test("removes the users of the last run that are not in this one", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    cluster.model.users.set("former", "x");
    process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify({ databases: [], users: ["former", "web"] });
    try {
      assert.deepEqual(await accounts(asked()), RECORD);
    } finally {
      delete process.env["PULUMI_COMMAND_STDOUT"];
    }
    assert.deepEqual(cluster.model.writes, ["remove user former"]);
    cluster.model.users.set("former", "x");
    await accounts(asked());
    assert.ok(cluster.model.users.has("former"));
  });
});

test("hangs up on the server, whatever happens", async () => {
  await withCluster(["n0"], async (cluster) => {
    await reconcile(asked(), []);
    assert.equal(await cluster.settleChannels(), 0);
    cluster.model.refuseWrite = () => "no";
    await assert.rejects(reconcile(asked({ databases: ["more"] }), []), Failure);
    assert.equal(await cluster.settleChannels(), 0);
  });
});

test("revokes what the stack does not grant, and ends what the user was running", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    const { model } = cluster;
    model.addTable("shop.items", "n0*");
    model.permissions.push({ id: ["web", "uuid-shop", "uuid-shop.items"], permissions: { config: true } });
    model.permissions.push({ id: ["web"], permissions: { read: true } });
    model.permissions.push({ id: ["theirs"], permissions: { read: true } });
    model.jobs.push({ id: "a", user: "web" }, { id: "b", user: "theirs" });
    await reconcile(asked(), ["web"]);
    assert.deepEqual(model.writes, [
      "remove permission web/uuid-shop/uuid-shop.items",
      "remove permission web",
      "end query a",
    ]);
    assert.deepEqual(cluster.said, [
      `accounts: revoked all of user "web" on shop.items`,
      `accounts: revoked all of user "web" on every database`,
      `accounts: ended what user "web" was running`,
    ]);
  });
});

test("takes rights away before it gives any", async () => {
  await withCluster(["n0"], async (cluster) => {
    const { model } = cluster;
    settle(cluster);
    model.users.set("former", "x").set("api", "x");
    model.permissions.push({ id: ["api"], permissions: { write: true } });
    model.jobs.push({ id: "a", user: "former" });
    const users = [...asked().users, { name: "api", grants: [grant("shop", null, { read: true })] }];
    await reconcile(asked({ users, passwords: { ...asked().passwords, api: "x" } }), ["web", "former"]);
    assert.deepEqual(model.writes, [
      "remove user former",
      "remove permission api",
      "grant api shop read=true write=null config=null",
      "end query a",
    ]);
    assert.deepEqual(cluster.said, [
      `accounts: removed user "former"`,
      `accounts: revoked all of user "api" on every database`,
      `accounts: ended what user "former" was running`,
      `accounts: changed user "api": shop: read`,
    ]);
  });
});

test("sets a password that is another one, and no other", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    cluster.model.users.set("web", "changed by hand").set("api", "x");
    const users = [...asked().users, { name: "api", grants: [] }];
    await reconcile(asked({ users, passwords: { ...asked().passwords, api: "x" } }), []);
    assert.deepEqual(cluster.model.writes, ["password of web"]);
    assert.deepEqual(cluster.said, [`accounts: set the password of user "web"`]);
  });
});

test("grants on everything, on a database and on a table", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    cluster.model.addTable("shop.items", "n0*");
    const grants = [
      grant(null, null, { connect: true }),
      grant("shop", null, { read: true, write: false }),
      grant("shop", "items", { write: true }),
    ];
    await reconcile(asked({ users: [{ name: "web", grants }] }), []);
    assert.deepEqual(cluster.model.writes, [
      "grant web everywhere read=null write=null connect=true config=null",
      "grant web shop read=true write=false config=null",
      "grant web shop.items read=null write=true config=null",
    ]);
  });
});

test("touches no account where a grant names what is not there", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    const users = [{ name: "web", grants: [grant("nowhere", null, { read: true }), grant("shop", "none", {})] }];
    const message =
      `users "web": a grant names database "nowhere", which is not there; add it to databases, or make it first\n` +
      `users "web": a grant names table "shop.none", which is not there; make it first, or grant on "shop"\n` +
      `no account was touched`;
    await assert.rejects(reconcile(asked({ users }), ["former"]), new Failure(message));
    assert.deepEqual(cluster.model.writes, []);
  });
});

test("touches nothing where the admin's password is refused", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.model.users.set("admin", "changed by hand");
    const message =
      "accounts: RethinkDB refuses the stack's admin password, someone changed it; nothing was touched; " +
      "set it again with pulumi up --target-replace '**-admin', then run pulumi up again";
    await assert.rejects(reconcile(asked(), []), new Failure(message));
    assert.deepEqual(cluster.model.writes, []);
  });
});

test("asks the next server where the first does not answer", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.door("n0").port = "closed";
    assert.deepEqual(await reconcile(asked(), []), RECORD);
  });
});

test("says of each server why it does not answer", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    for (const name of ["n0", "n1"]) cluster.door(name).port = "closed";
    const message =
      "accounts: no server of db answers (n0 does not answer: port 28015 stayed closed; " +
      "n1 does not answer: port 28015 stayed closed); nothing was touched; look at docker logs db-n0, then run pulumi up again";
    await assert.rejects(reconcile(asked(), []), new Failure(message));
  });
});

for (const [what, spoil, does] of [
  ["password", "password of web", `set the password of user "web"`],
  ["permission", "remove permission web/uuid-test", `revoke what user "web" has on test`],
  ["user", "remove user former", `remove user "former"`],
  ["query", "end query a", `end the queries of user "former"`],
] as const) {
  test(`says that RethinkDB did not take a change of a ${what}, without its words`, async () => {
    await withCluster(["n0"], async (cluster) => {
      cluster.model.users.set("former", "x");
      cluster.model.permissions.push({ id: ["web", "uuid-test"], permissions: { read: true } });
      cluster.model.jobs.push({ id: "a", user: "former" });
      cluster.model.refuseWrite = (line) => (line === spoil ? "no: the password of web" : undefined);
      const message = `accounts: RethinkDB did not ${does}; run pulumi up again`;
      await assert.rejects(reconcile(asked(), ["former"]), new Failure(message));
    });
  });
}

for (const [what, spoil, does] of [
  ["database", "make database shop", `make database "shop"`],
  ["grant", "grant web shop read=true write=true config=null", `grant to user "web" on shop`],
] as const) {
  test(`says why RethinkDB did not make a ${what}`, async () => {
    await withCluster(["n0"], async (cluster) => {
      cluster.model.refuseWrite = (line) => (line === spoil ? "no room" : undefined);
      const message = `accounts: RethinkDB did not ${does}: no room; run pulumi up again`;
      await assert.rejects(reconcile(asked(), []), (error: Error) => {
        assert.ok(error instanceof Failure);
        assert.equal(error.message.replace(/: no room.*; run/s, ": no room; run"), message);
        return true;
      });
    });
  });
}

test("says that a password could not be tried", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    let channels = 0;
    cluster.host().rules.push({
      when: / channel$/,
      then: () => (++channels > 1 ? { code: 1, stderr: "no space left on device\n" } : undefined),
    });
    const message = "accounts: n0 does not answer: no space left on device; run pulumi up again";
    await assert.rejects(reconcile(asked(), []), new Failure(message));
    assert.deepEqual(cluster.model.writes, []);
  });
});

test("drift of several passwords is told in the order of their users", async () => {
  await withCluster(["n0"], async (cluster) => {
    const users = ["zoe", "web", "anna"].map((name) => ({ name, grants: [] }));
    for (const { name } of users) cluster.model.users.set(name, "changed by hand");
    const request = asked({ users, passwords: { anna: "a", web: "w", zoe: "z" }, databases: [] });
    assert.deepEqual((await findDrift(request, [])).lines, [
      `user "anna" has another password`,
      `user "web" has another password`,
      `user "zoe" has another password`,
    ]);
  });
});

test("drift is told, and nothing is changed", async () => {
  await withCluster(["n0"], async (cluster) => {
    settle(cluster);
    cluster.model.users.set("web", "changed by hand").set("former", "x").set("theirs", "x");
    cluster.model.permissions.push({ id: ["web"], permissions: { read: true } });
    const request = asked({ databases: ["shop", "more"] });
    assert.deepEqual(await findDrift(request, ["web", "former"]), {
      lines: [
        `database "more" is missing`,
        `user "former" is still there`,
        `user "web" has read on every database, which is not granted here`,
        `user "web" has another password`,
      ],
      unmanaged: ["theirs"],
    });
    assert.deepEqual(cluster.model.writes, []);
  });
});
