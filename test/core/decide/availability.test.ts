/** Whether a cluster is whole, and what stopping one server would cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ClusterStatus,
  givenUpReplicas,
  judgeStop,
  missingToWhole,
  tablesOfMissingServers,
  unsettledTables,
} from "../../../core/decide/availability";
import { status, type TableSketch } from "../../support/status";

const ALL = ["n0", "n1", "n2"];

const WHOLE: readonly (readonly [what: string, status: ClusterStatus, reasons: readonly string[]])[] = [
  ["is whole when all see all", status(ALL), []],
  ["is whole with ready tables", status(ALL, { t: [{ replicas: ALL }] }), []],
  ["names who is not connected", status(["n0"]), ["n1, n2 not connected"]],
  ["names a link that is cut on one side", status(ALL, {}, { cut: [["n1", "n2"]] }), ["n1 does not see n2"]],
  [
    "names a table that is not ready",
    status(ALL, { t: [{ replicas: ALL, ready: ["n0", "n1"] }], u: [{ replicas: ALL }] }),
    ["table test.t is not ready on all its replicas"],
  ],
  [
    "does not wait for a table that waits for a server which is not there",
    status(ALL, { t: [{ replicas: ["n0", "n3"], ready: ["n0"] }] }),
    [],
  ],
  [
    "names collisions and not what is judged elsewhere",
    status(
      ALL,
      {},
      {
        issues: [
          { type: "server_name_collision", description: "There are two servers named n0." },
          { type: "table_availability", description: "Table t is not available." },
          { type: "memory_error", description: "Swap." },
        ],
      },
    ),
    ["There are two servers named n0."],
  ],
  [
    "says everything, in the order in which one would mend it",
    status(
      ["n0", "n1"],
      { t: [{ replicas: ["n0", "n1"], ready: ["n0"] }] },
      {
        cut: [["n0", "n1"]],
        issues: [{ type: "non_transitive_error", description: "Split." }],
      },
    ),
    ["n2 not connected", "n0 does not see n1", "table test.t is not ready on all its replicas", "Split."],
  ],
];

for (const [what, given, reasons] of WHOLE) {
  test(what, () => {
    assert.deepEqual(missingToWhole(ALL, given), reasons);
  });
}

test("does not mind a server that Docker does not have", () => {
  assert.deepEqual(missingToWhole(ALL, status([...ALL, "stranger"])), []);
});

test("names tables that wait for servers which are not there", () => {
  const given = status(ALL, { t: [{ replicas: ["n0", "n4"] }], u: [{ replicas: ALL }] });
  const lost = { id: "v", db: "test", name: "v" };
  assert.deepEqual(tablesOfMissingServers(ALL, { ...given, configs: [...given.configs, lost] }), ["test.t", "test.v"]);
});

const STOPS: readonly (readonly [
  what: string,
  tables: Readonly<Record<string, readonly TableSketch[]>>,
  refused: readonly string[],
  interrupted: readonly string[],
])[] = [
  ["lets a server without tables stop", {}, [], []],
  ["lets one of three replicas stop", { t: [{ replicas: ALL }] }, [], []],
  ["lets a server stop that holds nothing of a table", { t: [{ replicas: ["n1", "n2"] }] }, [], []],
  ["refuses the second of three replicas", { t: [{ replicas: ALL, ready: ["n0", "n1"] }] }, ["test.t"], []],
  ["lets the replica that is away already stop", { t: [{ replicas: ALL, ready: ["n1", "n2"] }] }, [], []],
  ["lets a table be that is without a majority already", { t: [{ replicas: ALL, ready: ["n0"] }] }, [], []],
  ["names a table of one replica", { t: [{ replicas: ["n0"] }] }, [], ["test.t"]],
  ["names a table of two replicas", { t: [{ replicas: ["n0", "n1"] }] }, [], ["test.t"]],
  ["does not count replicas without a vote", { t: [{ replicas: ALL, nonvoting: ["n1", "n2"] }] }, [], ["test.t"]],
  ["lets a replica without a vote stop", { t: [{ replicas: ["n1", "n0"], nonvoting: ["n0"] }] }, [], []],
  [
    "judges every shard, the worst counts",
    { t: [{ replicas: ALL }, { replicas: ["n0"] }, { replicas: ALL, ready: ["n0", "n2"] }] },
    ["test.t"],
    [],
  ],
  [
    "judges every table",
    { t: [{ replicas: ALL, ready: ["n0", "n1"] }], u: [{ replicas: ["n0"] }], v: [{ replicas: ALL }] },
    ["test.t"],
    ["test.u"],
  ],
];

for (const [what, tables, refused, interrupted] of STOPS) {
  test(what, () => {
    assert.deepEqual(judgeStop("n0", status(ALL, tables)), { refused, interrupted });
  });
}

test("a replica on data that was given up counts for nothing, whichever server has the name now", () => {
  const kept = status(ALL, { t: [{ replicas: ALL, ready: ["n0", "n2"], givenUp: ["n1"] }] });
  assert.deepEqual(givenUpReplicas(kept.configs[0] ?? assert.fail(), kept), [["n1"]]);
  assert.deepEqual(missingToWhole(ALL, kept), []);
  assert.deepEqual(tablesOfMissingServers(ALL, kept), []);
  const lost = status(ALL, { t: [{ replicas: ["n1"], ready: [], givenUp: ["n1"] }] });
  assert.deepEqual(missingToWhole(ALL, lost), []);
  assert.deepEqual(tablesOfMissingServers(ALL, lost), ["test.t"]);
});

for (const type of ["server_name_collision", "db_name_collision", "table_name_collision", "non_transitive_error"]) {
  test(`is not whole with the issue ${type}`, () => {
    assert.deepEqual(missingToWhole(ALL, status(ALL, {}, { issues: [{ type, description: "Wrong." }] })), ["Wrong."]);
  });
}

test("names all that one server does not see", () => {
  const cut = [
    ["n0", "n1"],
    ["n0", "n2"],
  ] as const;
  assert.deepEqual(missingToWhole(ALL, status(ALL, {}, { cut })), ["n0 does not see n1, n2"]);
});

/** All replicas are there, and RethinkDB says that the table is not ready. */
function rearranged(given: ClusterStatus): ClusterStatus {
  return { ...given, tables: given.tables.map((table) => ({ ...table, status: { all_replicas_ready: false } })) };
}
const NOT_READY = ["table test.t is not ready on all its replicas"];

test("waits for a table that is being rearranged, though each replica is ready", () => {
  assert.deepEqual(missingToWhole(ALL, rearranged(status(ALL, { t: [{ replicas: ALL }] }))), NOT_READY);
});

test("does not wait for RethinkDB's word where a replica of one shard is away", () => {
  const shards = [{ replicas: ALL }, { replicas: ["n0", "n1", "n9"], ready: ["n0", "n1"] }];
  assert.deepEqual(missingToWhole(ALL, status(ALL, { t: shards })), []);
});

test("waits for each replica that is there, in each shard", () => {
  const away = { replicas: ["n0", "n1", "n9"] };
  const half = status(ALL, { t: [{ ...away, ready: ["n0"] }] });
  assert.deepEqual(missingToWhole(ALL, half), NOT_READY);
  const second = status(ALL, {
    t: [
      { ...away, ready: ["n0", "n1"] },
      { ...away, ready: ["n1"] },
    ],
  });
  assert.deepEqual(missingToWhole(ALL, second), NOT_READY);
});

test("a table waits for absent servers where one of its shards does", () => {
  const shards = [{ replicas: ALL }, { replicas: ["n0", "n8", "n9"], ready: ["n0"] }];
  const given = status(ALL, { t: shards });
  assert.deepEqual(tablesOfMissingServers(ALL, given), ["test.t"]);
  assert.deepEqual(missingToWhole(ALL, given), []);
});

test("a table of which RethinkDB says nothing is not ready, and stops nothing", () => {
  const given = { ...status(ALL, { t: [{ replicas: ALL }] }), tables: [] };
  assert.deepEqual(missingToWhole(ALL, given), NOT_READY);
  assert.deepEqual(judgeStop("n0", given), { refused: [], interrupted: [] });
  const [table] = status(ALL, { t: [{ replicas: ALL }] }).tables;
  assert.ok(table);
  for (const shards of [null, []]) {
    const blind: ClusterStatus = { ...given, tables: [{ ...table, shards }] };
    assert.deepEqual(judgeStop("n0", blind), { refused: [], interrupted: [] });
  }
});

test("a table whose layout cannot be read stops nothing", () => {
  const given = { ...status(ALL), configs: [{ id: "t", db: "test", name: "t" }] };
  assert.deepEqual(judgeStop("n0", given), { refused: [], interrupted: [] });
  assert.deepEqual(givenUpReplicas({ id: "t", db: "test", name: "t" }, given), []);
});

test("no replica is taken for given up where its server is away or its id is not known", () => {
  const given = status(ALL, { t: [{ replicas: ["n0", "n9"] }] });
  const [config] = given.configs;
  assert.ok(config);
  assert.deepEqual(givenUpReplicas(config, given), [[]]);
  const { id, db, name, shards = [] } = config;
  assert.deepEqual(givenUpReplicas({ id, db, name, shards }, given), [[]]);
  assert.deepEqual(givenUpReplicas({ ...config, shardsById: [] }, given), [[]]);
  const short = [{ primary_replica: "", replicas: [], nonvoting_replicas: [] }];
  assert.deepEqual(givenUpReplicas({ ...config, shardsById: short }, given), [[]]);
});

const settledIn = (tables: Readonly<Record<string, readonly TableSketch[]>>, ids: readonly string[]): unknown =>
  unsettledTables(ids, status(ALL, tables));

test("a table is settled when its replicas are ready and its primary leads", () => {
  assert.deepEqual(settledIn({ t: [{ replicas: ALL }], u: [{ replicas: ALL, primary: "n1" }] }, ["t", "u"]), []);
});

test("a table is not settled while a replica is not ready, and no other is meant", () => {
  const tables = { t: [{ replicas: ALL, ready: ["n0"] }], u: [{ replicas: ALL, ready: ["n0"] }] };
  assert.deepEqual(settledIn(tables, ["t"]), ["test.t"]);
  assert.deepEqual(settledIn(tables, []), []);
});

/** A status in which another server leads than the layout says. */
function ledBy(leaders: readonly string[], primary: string, shards = 1): ClusterStatus {
  const sketch = { replicas: ["n0", "n1", "n2"], primary };
  const given = status(ALL, { t: Array.from({ length: shards }, () => sketch) });
  return {
    ...given,
    tables: given.tables.map((table) => ({
      ...table,
      shards: (table.shards ?? []).map((shard, index) => ({
        ...shard,
        primary_replicas: index === shards - 1 ? leaders : [primary],
      })),
    })),
  };
}

test("a table is not settled while another server leads, in any of its shards", () => {
  assert.deepEqual(unsettledTables(["t"], ledBy(["n1"], "n0")), ["test.t"]);
  assert.deepEqual(unsettledTables(["t"], ledBy([], "n0")), ["test.t"]);
  assert.deepEqual(unsettledTables(["t"], ledBy(["n1"], "n0", 3)), ["test.t"]);
});

test("a primary that is not connected is not waited for", () => {
  const given = status(ALL, { t: [{ replicas: ["n0", "n1", "n9"], primary: "n9", ready: ["n0", "n1"] }] });
  assert.deepEqual(unsettledTables(["t"], given), []);
});

test("a table without a state is not settled", () => {
  const given = status(ALL, { t: [{ replicas: ALL }] });
  assert.deepEqual(unsettledTables(["t"], { ...given, tables: [] }), ["test.t"]);
  const [table] = given.tables;
  assert.ok(table);
  for (const shards of [null, []])
    assert.deepEqual(unsettledTables(["t"], { ...given, tables: [{ ...table, shards }] }), ["test.t"]);
});

test("a table whose layout cannot be read is not waited for", () => {
  assert.deepEqual(unsettledTables(["t"], { ...status(ALL), configs: [{ id: "t", db: "test", name: "t" }] }), []);
});
