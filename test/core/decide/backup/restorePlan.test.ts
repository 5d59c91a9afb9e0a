/** What a restore may do, before it does anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Manifest, TableFacts } from "../../../../core/decide/backup/manifest";
import {
  findLeftovers,
  judgeVersions,
  planLayout,
  planRestore,
  withoutLeftovers,
} from "../../../../core/decide/backup/restorePlan";

function table(db: string, name: string, shards: TableFacts["shards"] = []): TableFacts {
  return {
    ...{ db, name, shards, primaryKey: "id", durability: "hard", writeAcks: "majority", indexes: [], writeHook: null },
    ...{ rows: 1, checksum: "c", bytes: 1 },
  };
}

const MANIFEST: Manifest = {
  ...{ format: 1, created: "2026-01-01T00:00:00.000Z", cluster: { name: "db", identity: "i" }, config: "{}" },
  servers: [{ name: "n0", version: "rethinkdb 2.4.4~0bookworm (CLANG)", tags: ["default"] }],
  databases: ["crm", "empty", "shop"],
  tables: [table("crm", "people"), table("shop", "items"), table("shop", "orders")],
  ...{ users: [], grants: [] },
};

const names = (
  wanted: { only?: readonly string[]; replace?: readonly string[] },
  live: readonly string[] = [],
): unknown => {
  const plan = planRestore(
    MANIFEST,
    { only: wanted.only ?? [], replace: wanted.replace ?? [] },
    live.map((full) => ({ db: full.split(".")[0] ?? "", name: full.split(".")[1] ?? "" })),
  );
  return "trouble" in plan ? plan.trouble : [plan.tables.map(({ db, name }) => `${db}.${name}`), plan.databases];
};

test("restores everything, with empty databases", () => {
  assert.deepEqual(names({}), [
    ["crm.people", "shop.items", "shop.orders"],
    ["crm", "empty", "shop"],
  ]);
});

test("restores one database or one table", () => {
  assert.deepEqual(names({ only: ["shop"] }), [["shop.items", "shop.orders"], ["shop"]]);
  assert.deepEqual(names({ only: ["crm.people"] }), [["crm.people"], ["crm"]]);
  assert.deepEqual(names({ only: ["empty"] }), [[], ["empty"]]);
});

test("refuses a name that the backup does not have", () => {
  assert.equal(
    names({ only: ["shop.item"] }),
    "--only: shop.item is not in the backup; it has crm.people, shop.items, shop.orders",
  );
});

test("refuses where tables exist, and says how to replace them", () => {
  assert.equal(
    names({}, ["shop.items", "crm.people", "other.t"]),
    "crm.people, shop.items exist already, and nothing was touched; to replace: --replace crm.people,shop.items",
  );
  assert.equal(
    names({ only: ["shop"], replace: ["shop.orders"] }, ["shop.items", "shop.orders"]),
    "shop.items exists already, and nothing was touched; to replace: --replace shop.items",
  );
});

test("replaces tables that are named, and no others can be named", () => {
  assert.deepEqual(names({ only: ["shop.items"], replace: ["shop.items"] }, ["shop.items"]), [
    ["shop.items"],
    ["shop"],
  ]);
  assert.equal(
    names({ only: ["shop.items"], replace: ["crm.people"] }),
    "--replace: crm.people is not among the tables that are restored; it has shop.items",
  );
});

const OWN = "pulumi_rethinkdb_";
const LEFT = [
  { db: "shop", name: `${OWN}restoring_items_0123abcd` },
  { db: "shop", name: `${OWN}replaced_orders_0123abcd` },
  { db: "crm", name: `${OWN}replaced_people_0123abcd` },
  { db: "crm", name: "people" },
];

test("drops what was being filled, and gives a table its name back that was being replaced", () => {
  const leftovers = findLeftovers(LEFT);
  assert.deepEqual(leftovers, {
    drop: [
      { db: "shop", name: `${OWN}restoring_items_0123abcd` },
      { db: "crm", name: `${OWN}replaced_people_0123abcd` },
    ],
    rename: [{ db: "shop", name: `${OWN}replaced_orders_0123abcd`, was: "orders" }],
    unclear: [],
  });
  assert.deepEqual(withoutLeftovers(LEFT, leftovers), [
    { db: "crm", name: "people" },
    { db: "shop", name: "orders" },
  ]);
});

test("leaves tables of others alone, whatever they are called", () => {
  const live = [
    "replaced_prices_20250101",
    "prices",
    "restoring_orders_20260115",
    `${OWN}restoring_x`,
    `${OWN}notes`,
  ].map((name) => ({ db: "shop", name }));
  assert.deepEqual(findLeftovers(live), { drop: [], rename: [], unclear: [] });
});

test("touches nothing of a table that others made anew while it was being replaced", () => {
  const live = [...LEFT, { db: "crm", name: `${OWN}restoring_people_0123abcd` }];
  const { drop, unclear } = findLeftovers(live);
  assert.deepEqual(drop, [{ db: "shop", name: `${OWN}restoring_items_0123abcd` }]);
  assert.deepEqual(unclear, [
    `crm.people was made anew after a restore was killed while it replaced that table: what it was is ` +
      `crm.${OWN}replaced_people_0123abcd, what was restored is crm.${OWN}restoring_people_0123abcd; ` +
      `drop or rename those that you do not want, then run it again; nothing was touched`,
  ]);
});

test("refuses servers of an older series, and those whose version it does not know", () => {
  const version = (text: string): string => `rethinkdb ${text}~0bookworm (CLANG)`;
  assert.equal(judgeVersions(MANIFEST, [version("2.4.3")]), undefined);
  assert.equal(judgeVersions(MANIFEST, [version("2.5.0")]), undefined);
  assert.equal(
    judgeVersions(MANIFEST, [version("2.4.4"), version("2.3.7")]),
    "the backup is of RethinkDB 2.4.4 and the servers run 2.3.7; an older series may not read indexes and hooks of a newer " +
      "one: use servers of 2.4 or newer",
  );
  const unknown = "a version of RethinkDB is not known, of the backup or of the servers, so that nothing was touched";
  assert.equal(judgeVersions(MANIFEST, ["something else"]), unknown);
  assert.equal(judgeVersions(MANIFEST, []), unknown);
  assert.equal(judgeVersions({ servers: [] }, [version("2.4.4")]), unknown);
});

const shard = (primary: string, ...replicas: readonly string[]): TableFacts["shards"][number] => ({
  ...{ primary, replicas, nonvoting: [] },
});

test("gives back the layout server by server where all servers are there", () => {
  const shards = [shard("n0", "n0", "n1"), shard("n1", "n1", "n0")];
  assert.deepEqual(planLayout(table("shop", "items", shards), ["n0", "n1", "n2"]), {
    ...{ shards: 2, replicas: 2, exact: shards, note: undefined },
  });
});

test("says what of a layout the servers cannot give", () => {
  const three = table("shop", "items", [shard("n0", "n0", "n1", "n2")]);
  assert.deepEqual(planLayout(three, ["n0"]), {
    ...{ shards: 1, replicas: 1, exact: undefined },
    note: "shop.items: had 3 replicas, and has 1: there are no more servers",
  });
  assert.deepEqual(planLayout(three, ["n0", "n3", "n4"]), {
    ...{ shards: 1, replicas: 3, exact: undefined },
    note: "shop.items: n1, n2 are not here, so RethinkDB chose its servers",
  });
});
