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
} from "../../core/handOver";
import { type ClusterStatus, judgeStop, votersOf } from "../../core/whole";
import { settled, status, type TableSketch } from "../support/status";

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
