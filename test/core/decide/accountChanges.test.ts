/** What it takes to bring a cluster's accounts to what is wanted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compareAccounts,
  describeChanges,
  lessTrusted,
  type LiveAccounts,
  missingScopes,
} from "../../../core/decide/accountChanges";
import { type AccountsPlan, describeUser, planAccounts } from "../../../core/plan/accounts";
import { backup, monitor, readOnly, readWrite } from "../../../args/presets";

const LIVE: LiveAccounts = {
  databases: ["shop", "test"],
  tables: [
    { db: "shop", name: "items" },
    { db: "shop", name: "cards" },
  ],
  users: ["admin", "bob", "pulumi_operator", "web"],
  permissions: [
    { id: ["admin"], permissions: { read: true, write: true, config: true, connect: true } },
    { id: ["pulumi_operator"], permissions: { config: true } },
    { id: ["bob"], permissions: { read: true } },
    { id: ["web", "1"], database: "shop", permissions: { read: true, write: true } },
    { id: ["web", "1", "2"], database: "shop", table: "cards", permissions: { read: false } },
  ],
};

function plan(args: Pick<Parameters<typeof planAccounts>[0], "databases" | "users">): AccountsPlan {
  return planAccounts(args);
}

const WEB = {
  name: "web",
  grants: [
    { db: "shop", table: "cards", read: false },
    { db: "shop", read: true, write: true },
  ],
};
const NOTHING = { newDatabases: [], newUsers: [], removedUsers: [], formerUsers: [], revocations: [], grants: [] };

test("nothing where everything is as wanted; the users of others are named and left alone", () => {
  const changes = compareAccounts(plan({ databases: ["shop"], users: [WEB] }), LIVE, ["web"]);
  assert.deepEqual(changes, { ...NOTHING, unmanaged: ["bob"] });
  assert.deepEqual(describeChanges(changes), []);
});

test("a database that is missing is made, one taken out is not dropped", () => {
  const changes = compareAccounts(plan({ databases: ["audit"], users: [WEB] }), LIVE, []);
  assert.deepEqual(changes, { ...NOTHING, newDatabases: ["audit"], unmanaged: ["bob"] });
  assert.deepEqual(describeChanges(changes), [`database "audit" is missing`]);
});

test("a new user is made with its grants", () => {
  const users = [WEB, { name: "report", grants: readOnly("shop") }];
  const changes = compareAccounts(plan({ users }), LIVE, ["web"]);
  assert.deepEqual(changes.newUsers, ["report"]);
  assert.deepEqual(describeChanges(changes), [
    `user "report" is missing`,
    `user "report" has nothing on shop instead of read`,
  ]);
});

test("a user that left the stack is removed, one that was never in it is not", () => {
  const changes = compareAccounts(plan({}), LIVE, ["web", "gone long ago"]);
  assert.deepEqual(changes, {
    ...NOTHING,
    removedUsers: ["web"],
    formerUsers: ["web", "gone long ago"],
    unmanaged: ["bob"],
  });
  assert.deepEqual(describeChanges(changes), [`user "web" is still there`]);
});

test("what someone granted or took by hand is put back", () => {
  const users = [
    { name: "web", grants: [{ db: "shop", read: true }] },
    { name: "bob", grants: [{ connect: true }] },
  ];
  const changes = compareAccounts(plan({ users }), LIVE, ["web"]);
  assert.deepEqual(
    changes.revocations.map(({ id }) => id),
    [["web", "1", "2"]],
  );
  assert.deepEqual(describeChanges(changes), [
    `user "web" has no read on shop.cards, which is not granted here`,
    `user "bob" has read on every database instead of connect`,
    `user "web" has read, write on shop instead of read`,
  ]);
});

test("only who may do less afterwards is to lose running queries", () => {
  const after = (users: Parameters<typeof plan>[0]["users"], before: readonly string[] = ["web"]): readonly string[] =>
    lessTrusted(compareAccounts(plan({ ...(users && { users }) }), LIVE, before));
  const [cards, shop] = WEB.grants;
  assert.ok(cards && shop);
  assert.deepEqual(after([WEB, { name: "new", grants: [{ read: true }] }]), [], "nothing changed, or made");
  assert.deepEqual(after([{ name: "web", grants: [cards, { ...shop, config: true }] }]), [], "more than before");
  assert.deepEqual(after([]), ["web"], "removed");
  assert.deepEqual(after([{ name: "web", grants: [cards] }]), ["web"], "a grant taken out");
  assert.deepEqual(after([{ name: "web", grants: [cards, { db: "shop", read: true }] }]), ["web"], "a right taken out");
  assert.deepEqual(
    after([{ name: "web", grants: [cards, shop, { db: "shop", table: "items", write: false }] }]),
    ["web"],
    "a denial put in",
  );
});

test("a grant on what is not there is named, every one", () => {
  const users = [
    {
      name: "web",
      grants: [
        { db: "shop", table: "orders", read: true },
        { db: "nowhere", read: true },
      ],
    },
    { name: "x", grants: [{ db: "new", read: true }, { db: "rethinkdb", table: "stats", read: true }, { read: true }] },
  ];
  assert.deepEqual(missingScopes(plan({ databases: ["new"], users }), LIVE), [
    `users "web": a grant names database "nowhere", which is not there; add it to databases, or make it first`,
    `users "web": a grant names table "shop.orders", which is not there; make it first, or grant on "shop"`,
  ]);
});

test("neither the order of users nor that of grants changes a plan", () => {
  const [a, b] = [{ name: "a", grants: [...monitor(), ...readWrite("x")] }, { name: "b" }];
  assert.deepEqual(
    plan({ databases: ["y", "x"], users: [a, b] }),
    plan({ databases: ["x", "y"], users: [b, { name: "a", grants: [...readWrite("x"), ...monitor()] }] }),
  );
});

for (const [name, grants, rights] of [
  ["readOnly", readOnly("shop"), "shop: read"],
  ["readOnly of everything", readOnly(), "every database: read"],
  ["readWrite", readWrite("shop"), "shop: read, write"],
  [
    "backup",
    backup(),
    "every database: read, write, config; rethinkdb.server_status: read; rethinkdb.table_config: read; rethinkdb.table_status: read",
  ],
  [
    "monitor",
    monitor(),
    "rethinkdb.current_issues: read; rethinkdb.server_status: read; rethinkdb.stats: read; rethinkdb.table_status: read",
  ],
] as const) {
  test(`the preset ${name} is ${rights}`, () => {
    const [user] = plan({ users: [{ name: "u", grants }] }).users;
    assert.equal(user && describeUser(user), rights);
  });
}

test("a grant on a table needs that table in that database, and none of RethinkDB's own", () => {
  const on = (db: string, table: string): readonly string[] =>
    missingScopes(plan({ users: [{ name: "web", grants: [{ db, table, read: true }] }] }), LIVE);
  const missing = (name: string, db: string): readonly string[] => [
    `users "web": a grant names table "${name}", which is not there; make it first, or grant on "${db}"`,
  ];
  assert.deepEqual(on("shop", "items"), []);
  assert.deepEqual(on("shop", "cards"), []);
  assert.deepEqual(on("rethinkdb", "stats"), []);
  assert.deepEqual(on("shop", "nothing"), missing("shop.nothing", "shop"));
  assert.deepEqual(on("test", "items"), missing("test.items", "test"));
});
