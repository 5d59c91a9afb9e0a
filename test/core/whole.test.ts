/** Whether a cluster is whole, and what stopping one server would cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ClusterStatus,
  givenUpReplicas,
  judgeStop,
  missingToWhole,
  tablesOfAbsentServers,
} from "../../core/whole";
import { status, type TableSketch } from "../support/status";

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
  assert.deepEqual(tablesOfAbsentServers(ALL, { ...given, configs: [...given.configs, lost] }), ["test.t", "test.v"]);
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

test("a replica on data that was given up counts for nothing, whoever has the server's name now", () => {
  const kept = status(ALL, { t: [{ replicas: ALL, ready: ["n0", "n2"], givenUp: ["n1"] }] });
  assert.deepEqual(givenUpReplicas(kept.configs[0] ?? assert.fail(), kept), [["n1"]]);
  assert.deepEqual(missingToWhole(ALL, kept), []);
  assert.deepEqual(tablesOfAbsentServers(ALL, kept), []);
  const lost = status(ALL, { t: [{ replicas: ["n1"], ready: [], givenUp: ["n1"] }] });
  assert.deepEqual(missingToWhole(ALL, lost), []);
  assert.deepEqual(tablesOfAbsentServers(ALL, lost), ["test.t"]);
});
