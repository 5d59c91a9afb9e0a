/** Whether servers may leave, and where their replicas go. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  abandonedTables,
  type Departure,
  judgeLeaving,
  type LayoutBefore,
  layoutsBefore,
  planLeaving,
  remainingOn,
} from "../../core/leaving";
import { type ClusterStatus, votersOf } from "../../core/whole";
import { settled, status, type TableSketch } from "../support/status";

const FIVE = ["n0", "n1", "n2", "n3", "n4"];
const DEPARTURE: Departure = {
  leaving: ["n3", "n4"],
  staying: ["n0", "n1", "n2"],
  lowerReplicas: false,
  abandonData: false,
};

/** Every layout a departure goes through, the last one without leaving servers. */
function walk(departure: Departure, start: ClusterStatus, layouts: readonly LayoutBefore[]): readonly ClusterStatus[] {
  const seen = [start];
  for (let now = start; ;) {
    const updates = planLeaving(departure, layouts, now);
    if (updates.length === 0) return seen;
    now = settled(now, updates);
    seen.push(now);
    assert.ok(seen.length < 10, "it comes to an end");
  }
}

const judged = (tables: Record<string, TableSketch[]>, more: Partial<Departure> = {}, servers = FIVE): unknown =>
  judgeLeaving({ ...DEPARTURE, ...more }, status(servers, tables));

describe("a departure is refused", () => {
  const tooMany = (tables: string): string =>
    `nodes: ${tables} has more replicas than the 3 servers that remain; lower them with allow: ["lower-replicas"], or keep more servers`;

  test("where a table has more replicas than servers remain, by name, unless that is allowed", () => {
    const tables = { b: [{ replicas: FIVE }], a: [{ replicas: ["n0", "n1", "n3", "n4"] }], c: [{ replicas: ["n0"] }] };
    assert.deepEqual(judged(tables), [tooMany("test.a, test.b")]);
    assert.deepEqual(judged(tables, { lowerReplicas: true }), []);
  });

  test("where one server remains, in the words for one", () => {
    assert.deepEqual(
      judged({ t: [{ replicas: ["n0", "n4"] }] }, { leaving: ["n1", "n2", "n3", "n4"], staying: ["n0"] }),
      [
        `nodes: test.t has more replicas than the one server that remains; lower them with allow: ["lower-replicas"], or keep more servers`,
      ],
    );
  });

  test("where the only replica that works is on a server that does not answer, unless its data is given up", () => {
    const tables = { t: [{ replicas: ["n4"], ready: [] }] };
    const servers = FIVE.slice(0, 4);
    assert.deepEqual(judged(tables, {}, servers), [
      "nodes: test.t cannot be moved, too many of its replicas are on servers that do not answer; " +
        `start those servers, or leave its data behind with allow: ["abandon-data"]`,
    ]);
    assert.deepEqual(judged(tables, { abandonData: true }, servers), []);
  });

  test("where nobody can read a table's layout", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0"] }] });
    const configs = now.configs.map(({ id, db, name }) => ({ id, db, name }));
    assert.deepEqual(judgeLeaving(DEPARTURE, { ...now, configs }), [
      "nodes: nobody can read where test.t has its replicas; start the servers that have them, " +
        `or leave its data behind with allow: ["abandon-data"]`,
    ]);
  });

  test("where the place that it needs is on a server that is away", () => {
    const tables = { t: [{ replicas: ["n0", "n1", "n4"] }] };
    assert.deepEqual(judged(tables, {}, ["n0", "n1", "n3", "n4"]), [
      "nodes: test.t needs a place on n2, which is not connected or has no tags; " +
        "start it, or give it back its tags in rethinkdb.server_config",
    ]);
  });

  test("never for a dead server whose tables kept their majority", () => {
    assert.deepEqual(judged({ t: [{ replicas: ["n0", "n1", "n4"], ready: ["n0", "n1"] }] }, {}, FIVE.slice(0, 4)), []);
  });
});

describe("a departure", () => {
  test("adds a copy, then moves the primary, then drops the leaving replica, each in an update of its own", () => {
    const now = status(FIVE, { t: [{ replicas: ["n4"] }] });
    const shards = walk(DEPARTURE, now, layoutsBefore(DEPARTURE.leaving, [], now)).map(
      (s) => s.configs[0]?.shards?.[0],
    );
    assert.deepEqual(
      shards.map((shard) => [shard?.primary_replica, shard?.replicas]),
      [
        ["n4", ["n4"]],
        ["n4", ["n4", "n0"]],
        ["n0", ["n4", "n0"]],
        ["n0", ["n0"]],
      ],
    );
  });

  test("spreads what it moves over the servers that remain", () => {
    const tables = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`t${String(i)}`, [{ replicas: ["n4"] }]]));
    const now = status(FIVE, tables);
    const end = walk(DEPARTURE, now, layoutsBefore(DEPARTURE.leaving, [], now)).at(-1);
    const count = (server: string): number =>
      end?.configs.filter(({ shards }) => shards?.[0]?.replicas[0] === server).length ?? 0;
    assert.deepEqual(["n0", "n1", "n2"].map(count), [3, 3, 3]);
  });

  test("leaves tables alone that have nothing on leaving servers, and shards of one that has", () => {
    const now = status(FIVE, { t: [{ replicas: ["n2", "n0"] }], u: [{ replicas: ["n1"] }, { replicas: ["n3"] }] });
    const updates = planLeaving(DEPARTURE, [], now);
    assert.deepEqual(
      updates.map(({ table }) => table),
      ["u"],
    );
    assert.equal(updates[0]?.after[0], updates[0]?.before[0]);
  });

  test("names what the override leaves behind", () => {
    const now = status(FIVE.slice(0, 4), { t: [{ replicas: ["n4"], ready: [] }], u: [{ replicas: ["n3"] }] });
    assert.deepEqual(
      abandonedTables(DEPARTURE, now).map(({ name }) => name),
      ["t"],
    );
    assert.deepEqual(remainingOn(DEPARTURE.leaving, now, ["t"]), { tables: ["test.u"], replicas: 1 });
  });

  test("counts replicas that the layout has dropped and the servers have not", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0", "n4"] }] });
    const configs = now.configs.map((c) => ({
      ...c,
      shards: [{ primary_replica: "n0", replicas: ["n0"], nonvoting_replicas: [] }],
    }));
    assert.deepEqual(remainingOn(["n4"], { ...now, configs }, []), { tables: ["test.t"], replicas: 1 });
  });
});

const anyShard: fc.Arbitrary<TableSketch> = fc
  .uniqueArray(fc.constantFrom(...FIVE), { minLength: 1, maxLength: 5 })
  .chain((replicas) => fc.subarray(replicas.slice(1)).map((nonvoting) => ({ replicas, nonvoting })));
const anyStatus = fc
  .array(fc.array(anyShard, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  .map((tables) => status(FIVE, Object.fromEntries(tables.map((shards, i) => [`t${String(i)}`, shards]))));

test("whatever the layout and wherever it is interrupted: nothing is left behind, and every table keeps its shape", () => {
  fc.assert(
    fc.property(anyStatus, fc.integer({ min: 1, max: 4 }), fc.nat(3), (start, remain, interruptedAfter) => {
      const departure = {
        leaving: FIVE.slice(remain),
        staying: FIVE.slice(0, remain),
        lowerReplicas: true,
        abandonData: false,
      };
      assert.deepEqual(judgeLeaving(departure, start), []);
      const layouts = layoutsBefore(departure.leaving, [], start);
      const first = walk(departure, start, layouts);
      // Another run finds the note of the first and a cluster between two layouts.
      const halfway = first[Math.min(interruptedAfter, first.length - 1)] ?? start;
      const second = walk(departure, halfway, layoutsBefore(departure.leaving, layouts, halfway));
      const end = second.at(-1) ?? start;
      assert.deepEqual(remainingOn(departure.leaving, end, []), { tables: [], replicas: 0 });
      start.configs.forEach((config, t) => {
        config.shards?.forEach((shard, i) => {
          const now = end.configs[t]?.shards?.[i] ?? assert.fail();
          const voters = votersOf(shard).length;
          assert.equal(votersOf(now).length, Math.min(voters, remain), "votes");
          assert.equal(now.replicas.length, Math.min(shard.replicas.length, remain), "replicas");
          assert.ok(votersOf(now).includes(now.primary_replica), "the primary votes");
          assert.equal(new Set(now.replicas).size, now.replicas.length);
          const kept = shard.replicas.filter((name) => departure.staying.includes(name));
          if (kept.length === shard.replicas.length) assert.equal(now, shard, "untouched");
        });
      });
    }),
  );
});
