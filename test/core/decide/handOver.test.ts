/** What is moved off a server before its restart, and that everything comes back. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  HAND_OVER_STEPS,
  type HandedOver,
  type HandOverStep,
  inBatches,
  planHandOver,
  planStep,
  RETURN_STEPS,
  type ReturnStep,
  type ShardUpdate,
  updateOf,
} from "../../../core/decide/handOver";
import { type ClusterStatus, judgeStop, votersOf } from "../../../core/decide/availability";
import { settled, status, type TableSketch } from "../../support/status";

const ALL = ["n0", "n1", "n2", "n3"];
const NOTHING = { copySingles: false, begun: [] };

function walk(
  start: ClusterStatus,
  steps: readonly (HandOverStep | ReturnStep)[],
  server: string,
  entries: readonly HandedOver[],
  eachUpdate: (update: ShardUpdate) => void = () => undefined,
): ClusterStatus {
  return steps.reduce((now, step) => {
    const updates = planStep(step, server, entries, now);
    updates.forEach(eachUpdate);
    return settled(now, updates);
  }, start);
}

const shardsOf = (now: ClusterStatus): unknown =>
  now.configs.map(({ shards }) =>
    shards?.map(({ primary_replica, replicas, nonvoting_replicas }) => [
      primary_replica,
      [...replicas].sort(),
      [...nonvoting_replicas].sort(),
    ]),
  );

describe("a hand-over", () => {
  test("moves the primaries of tables with three voters, and nothing else of them", () => {
    const now = status(ALL, { t: [{ replicas: ["n0", "n1", "n2"] }, { replicas: ["n1", "n0", "n2"] }] });
    assert.deepEqual(planHandOver("n0", now, NOTHING), [{ table: "t", shard: 0, how: "primary", to: "n2" }]);
  });

  test("takes the vote besides where two vote, and only the vote where the server does not lead", () => {
    const now = status(ALL, { lead: [{ replicas: ["n0", "n1"] }], follow: [{ replicas: ["n1", "n0"] }] });
    assert.deepEqual(planHandOver("n0", now, NOTHING), [
      { table: "lead", shard: 0, how: "nonvoting", to: "n1" },
      { table: "follow", shard: 0, how: "nonvoting", to: null },
    ]);
  });

  test("copies a table of one replica only where that is wanted", () => {
    const now = status(ALL, { t: [{ replicas: ["n0"] }] });
    assert.deepEqual(planHandOver("n0", now, NOTHING), []);
    assert.deepEqual(planHandOver("n0", now, { copySingles: true, begun: [] }), [
      { table: "t", shard: 0, how: "copied", to: "n1" },
    ]);
  });

  test("leaves alone what cannot be helped: no other replica is ready, or the server has none that counts", () => {
    const now = status(ALL, {
      two: [{ replicas: ["n0", "n1"], ready: ["n0"] }],
      nonvoting: [{ replicas: ["n1", "n0"], nonvoting: ["n0"] }],
      elsewhere: [{ replicas: ["n1", "n2"] }],
      notReady: [{ replicas: ["n0", "n1", "n2"], ready: ["n1", "n2"], primary: "n1" }],
    });
    assert.deepEqual(planHandOver("n0", now, NOTHING), []);
  });

  test("keeps what an interrupted one had begun as the truth about the layout before", () => {
    const before = status(ALL, { t: [{ replicas: ["n0"] }] });
    const begun = planHandOver("n0", before, { copySingles: true, begun: [] });
    const halfway = settled(before, planStep("copy", "n0", begun, before));
    // Seen afresh it would be a table of two votes.
    assert.deepEqual(planHandOver("n0", halfway, { copySingles: true, begun }), begun);
    const done = walk(halfway, HAND_OVER_STEPS, "n0", begun);
    assert.deepEqual(shardsOf(walk(done, RETURN_STEPS, "n0", begun)), shardsOf(before));
  });

  test("changes nothing of a table that someone else changed since", () => {
    const before = status(ALL, { t: [{ replicas: ["n0", "n1", "n2"] }] });
    const entries = planHandOver("n0", before, NOTHING);
    const changed = status(ALL, { t: [{ replicas: ["n3", "n2"] }] });
    assert.deepEqual(
      RETURN_STEPS.flatMap((step) => planStep(step, "n0", entries, changed)),
      [],
    );
  });
});

/** `n0* n1 (n2)`: the primary has a star, a replica without a vote stands in brackets. */
function parse(text: string): TableSketch {
  const words = text.split(" ");
  const name = (word: string): string => word.replace(/[()*]/g, "");
  const [primary = ""] = words.filter((word) => word.includes("*")).map(name);
  return {
    replicas: words.map(name),
    nonvoting: words.filter((word) => word.startsWith("(")).map(name),
    primary,
  };
}

/** A step of n0's hand-over on one shard. @returns the shard after it; undefined where nothing is done. */
function stepOf(
  step: HandOverStep | ReturnStep,
  entry: Pick<HandedOver, "how" | "to">,
  shard: string,
): string | undefined {
  const now = status([...ALL, "n4"], { t: [parse(shard)] });
  const [update] = planStep(step, "n0", [{ table: "t", shard: 0, ...entry }], now);
  const after = update?.after[0];
  return after?.replicas
    .map((name) => `${name}${name === after.primary_replica ? "*" : ""}`)
    .map((word) => (after.nonvoting_replicas.includes(word) ? `(${word})` : word))
    .join(" ");
}

const LEADS = { how: "primary", to: "n1" } as const;
const VOTE = { how: "nonvoting", to: "n1" } as const;
const FOLLOWS = { how: "nonvoting", to: null } as const;
const COPIED = { how: "copied", to: "n1" } as const;
const NOWHERE = { how: "copied", to: null } as const;

const STEPS: readonly (readonly [
  step: HandOverStep | ReturnStep,
  entry: Pick<HandedOver, "how" | "to">,
  before: string,
  after: string | undefined,
])[] = [
  ["copy", COPIED, "n0*", "n0* n1"],
  ["copy", COPIED, "n0* n1", undefined],
  ["copy", COPIED, "n2*", undefined],
  ["copy", NOWHERE, "n0*", undefined],
  ["copy", LEADS, "n0* n2 n3", undefined],
  ["lead", LEADS, "n0* n1 n2", "n0 n1* n2"],
  ["lead", LEADS, "n0* (n1) n2", undefined],
  ["lead", LEADS, "n0* n3 n2", undefined],
  ["lead", LEADS, "n0 n1 n2*", undefined],
  ["lead", FOLLOWS, "n0* n1", undefined],
  ["reduce", VOTE, "n0 n1*", "(n0) n1*"],
  ["reduce", FOLLOWS, "n0 n1*", "(n0) n1*"],
  ["reduce", VOTE, "n0* n1", undefined],
  ["reduce", VOTE, "(n0) n1*", undefined],
  ["reduce", VOTE, "n0 n1* n2", undefined],
  ["reduce", VOTE, "n1* n2", undefined],
  ["reduce", LEADS, "n0 n1*", undefined],
  ["reduce", COPIED, "n0 n1*", "n1*"],
  ["reduce", COPIED, "n0* n1", undefined],
  ["reduce", COPIED, "n0 (n1) n2*", undefined],
  ["reduce", COPIED, "n1*", undefined],
  ["reduce", COPIED, "n0 n2*", undefined],
  ["reduce", NOWHERE, "n0 n1*", undefined],
  ["restore", VOTE, "(n0) n1*", "n0 n1*"],
  ["restore", VOTE, "(n0) n1* (n2)", "n0 n1* (n2)"],
  ["restore", VOTE, "n0 n1*", undefined],
  ["restore", VOTE, "n1* n2", undefined],
  ["restore", LEADS, "(n0) n1*", undefined],
  ["restore", COPIED, "n1*", "n1* n0"],
  ["restore", COPIED, "n0 n1*", undefined],
  ["restore", COPIED, "n2*", undefined],
  ["restore", NOWHERE, "n1*", undefined],
  ["restore", LEADS, "n1* n2", undefined],
  ["lead back", LEADS, "n0 n1* n2", "n0* n1 n2"],
  ["lead back", LEADS, "n0 n1 n2*", undefined],
  ["lead back", LEADS, "(n0) n1* n2", undefined],
  ["lead back", LEADS, "n1* n2", undefined],
  ["lead back", FOLLOWS, "n0 n1*", undefined],
  ["drop copies", COPIED, "n0* n1", "n0*"],
  ["drop copies", COPIED, "n0 n1*", undefined],
  ["drop copies", COPIED, "n0* n2", undefined],
  ["drop copies", NOWHERE, "n0* n1", undefined],
  ["drop copies", LEADS, "n0* n1 n2", undefined],
];

for (const [step, entry, before, after] of STEPS) {
  const what = `${entry.how} to ${entry.to ?? "no server"}`;
  test(`the step "${step}" of ${what} makes of ${before} ${after ?? "nothing else"}`, () => {
    assert.equal(stepOf(step, entry, before), after);
  });
}

test("a step changes only the shards that were handed over, of tables whose layout can be read", () => {
  const now = status(ALL, { t: [parse("n0* n1 n2"), parse("n0* n1 n2")], u: [parse("n0* n1 n2")] });
  const entries: readonly HandedOver[] = [
    { table: "t", shard: 1, ...LEADS },
    { table: "unread", shard: 0, ...LEADS },
  ];
  const configs = [...now.configs, { id: "unread", db: "test", name: "unread" }];
  const updates = planStep("lead", "n0", entries, { ...now, configs });
  assert.deepEqual(
    updates.map(({ table, name, after }) => [table, name, after.map((shard) => shard.primary_replica)]),
    [["t", "test.t", ["n0", "n1"]]],
  );
});

test("a layout that cannot be read is no update", () => {
  assert.deepEqual(updateOf({ id: "t", db: "test", name: "t" }, []), []);
  const now = { ...status(ALL), configs: [{ id: "t", db: "test", name: "t" }] };
  assert.deepEqual(planHandOver("n0", now, NOTHING), []);
});

test("who leads meanwhile is spread over the servers that stay", () => {
  const table = [parse("n0* n1 n2")];
  const to = planHandOver("n0", status(ALL, { a: table, b: table, c: table, d: table }), NOTHING).map(
    (entry) => entry.to,
  );
  assert.deepEqual(to, ["n1", "n2", "n1", "n2"]);
});

test("what is begun is kept by table and shard", () => {
  const now = status(ALL, { t: [parse("n0* n1 n2"), parse("n0* n1 n2")] });
  const begun: readonly HandedOver[] = [{ table: "t", shard: 1, how: "primary", to: "n2" }];
  assert.deepEqual(planHandOver("n0", now, { copySingles: false, begun }), [
    ...begun,
    { table: "t", shard: 0, how: "primary", to: "n1" },
  ]);
});

test("a copy goes to a server that has none of the shard, and to none where all have", () => {
  const options = { copySingles: true, begun: [] };
  const now = status(ALL, { t: [parse("n0* (n1)")] });
  assert.deepEqual(planHandOver("n0", now, options), [{ table: "t", shard: 0, how: "copied", to: "n2" }]);
  assert.deepEqual(planHandOver("n0", status(["n0", "n1"], { t: [parse("n0* (n1)")] }), options), []);
});

/** As many shards of each table as said, each handed over to n1. */
function batchesOf(...shards: readonly number[]): unknown {
  const tables = shards.map((count, index) => [
    `t${String(index)}`,
    Array.from({ length: count }, () => parse("n0* n1 n2")),
  ]);
  const now = status(ALL, Object.fromEntries(tables) as Record<string, TableSketch[]>);
  const entries = shards.flatMap((count, index) =>
    Array.from({ length: count }, (_, shard) => ({ table: `t${String(index)}`, shard, ...LEADS })),
  );
  const changed = ({ table, before, after }: ShardUpdate): string =>
    `${table}:${after.flatMap((shard, index) => (shard === before[index] ? [] : [index])).join("")}`;
  return inBatches(planStep("lead", "n0", entries, now)).map((batch) => batch.map(changed));
}

test("four shards are changed at once, and a table only once at a time", () => {
  assert.deepEqual(batchesOf(), []);
  assert.deepEqual(batchesOf(1, 1, 1, 1, 1), [["t0:0", "t1:0", "t2:0", "t3:0"], ["t4:0"]]);
  assert.deepEqual(batchesOf(2, 2, 1), [["t0:01", "t1:01"], ["t2:0"]]);
  assert.deepEqual(batchesOf(3, 2), [["t0:012"], ["t1:01"]]);
  assert.deepEqual(batchesOf(4, 1), [["t0:0123"], ["t1:0"]]);
  assert.deepEqual(batchesOf(8), [["t0:0123"], ["t0:4567"]]);
  assert.deepEqual(batchesOf(6, 2), [["t0:0123"], ["t0:45", "t1:01"]]);
  assert.deepEqual(batchesOf(1, 5), [["t0:0"], ["t1:0123"], ["t1:4"]]);
});

const anyTable: fc.Arbitrary<TableSketch[]> = fc.array(
  fc
    .uniqueArray(fc.constantFrom(...ALL), { minLength: 1, maxLength: 4 })
    .chain((replicas) => fc.subarray(replicas.slice(1)).map((nonvoting) => ({ replicas, nonvoting }))),
  { minLength: 1, maxLength: 6 },
);
const anyStatus = fc
  .array(anyTable, { maxLength: 6 })
  .map((tables) => status(ALL, Object.fromEntries(tables.map((shards, index) => [`t${String(index)}`, shards]))));

test("whatever the layout: after a hand-over the stop takes out only tables of one voter, and all comes back", () => {
  fc.assert(
    fc.property(anyStatus, fc.constantFrom(...ALL), fc.boolean(), (before, server, copySingles) => {
      const entries = planHandOver(server, before, { copySingles, begun: [] });
      const away = walk(before, HAND_OVER_STEPS, server, entries, ({ before: from, after: to }) => {
        to.forEach((shard, index) => {
          const old = from[index] ?? assert.fail();
          assert.ok(votersOf(shard).includes(shard.primary_replica), "a primary votes");
          const led = shard.primary_replica !== old.primary_replica;
          const voted = votersOf(shard).join() !== votersOf(old).join();
          assert.ok(!(led && voted), "a primary and a vote change in updates of their own");
        });
      });
      const { refused, interrupted } = judgeStop(server, away);
      assert.deepEqual(refused, []);
      const single = before.configs
        .filter((c) => c.shards?.some((s) => votersOf(s).length === 1 && votersOf(s)[0] === server))
        .map(({ name }) => `test.${name}`);
      // A copy needs a server that has none of the shard yet.
      if (!copySingles) assert.deepEqual(interrupted, single);
      else assert.ok(interrupted.every((name) => single.includes(name)));
      assert.deepEqual(shardsOf(walk(away, RETURN_STEPS, server, entries)), shardsOf(before));
    }),
  );
});

test("batches hold four shards at most, a table once, and everything in order", () => {
  fc.assert(
    fc.property(anyStatus, fc.constantFrom(...ALL), (now, server) => {
      const entries = planHandOver(server, now, NOTHING);
      const updates = planStep("lead", server, entries, now);
      const batches = inBatches(updates);
      for (const batch of batches) {
        const changed = batch.flatMap(({ before, after }) => after.filter((shard, i) => shard !== before[i]));
        assert.ok(changed.length >= 1 && changed.length <= 4);
        assert.equal(new Set(batch.map(({ table }) => table)).size, batch.length);
      }
      const end = batches.reduce(settled, now);
      assert.deepEqual(shardsOf(end), shardsOf(settled(now, updates)));
    }),
  );
});
