/** Whether servers may leave, and where their replicas go. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  abandonedTables,
  type Drain,
  judgeDrain,
  type LayoutBefore,
  layoutsBefore,
  planDrain,
} from "../../../core/decide/drain";
import { remainingOn } from "../../../core/decide/remaining";
import { type ClusterStatus, votersOf } from "../../../core/decide/availability";
import { settled, status, type TableSketch } from "../../support/status";

const FIVE = ["n0", "n1", "n2", "n3", "n4"];
const DRAIN: Drain = {
  leaving: ["n3", "n4"],
  staying: ["n0", "n1", "n2"],
  lowerReplicas: false,
  abandonData: false,
};

/** Every layout a drain goes through, the last one without leaving servers. */
function walk(drain: Drain, start: ClusterStatus, layouts: readonly LayoutBefore[]): readonly ClusterStatus[] {
  const seen = [start];
  for (let now = start; ;) {
    const updates = planDrain(drain, layouts, now);
    if (updates.length === 0) return seen;
    now = settled(now, updates);
    seen.push(now);
    assert.ok(seen.length < 10, "it comes to an end");
  }
}

const judged = (tables: Record<string, TableSketch[]>, more: Partial<Drain> = {}, servers = FIVE): unknown =>
  judgeDrain({ ...DRAIN, ...more }, status(servers, tables));

describe("a drain is refused", () => {
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

  test("where a table's layout cannot be read", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0"] }] });
    const configs = now.configs.map(({ id, db, name }) => ({ id, db, name }));
    assert.deepEqual(judgeDrain(DRAIN, { ...now, configs }), [
      "nodes: no server knows where test.t has its replicas; start the servers that have them, " +
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

describe("a drain", () => {
  test("adds a copy, then moves the primary, then drops the leaving replica, each in an update of its own", () => {
    const now = status(FIVE, { t: [{ replicas: ["n4"] }] });
    const shards = walk(DRAIN, now, layoutsBefore(DRAIN.leaving, [], now)).map((s) => s.configs[0]?.shards?.[0]);
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
    const end = walk(DRAIN, now, layoutsBefore(DRAIN.leaving, [], now)).at(-1);
    const count = (server: string): number =>
      end?.configs.filter(({ shards }) => shards?.[0]?.replicas[0] === server).length ?? 0;
    assert.deepEqual(["n0", "n1", "n2"].map(count), [3, 3, 3]);
  });

  test("leaves tables alone that have nothing on leaving servers, and shards of one that has", () => {
    const now = status(FIVE, { t: [{ replicas: ["n2", "n0"] }], u: [{ replicas: ["n1"] }, { replicas: ["n3"] }] });
    const updates = planDrain(DRAIN, [], now);
    assert.deepEqual(
      updates.map(({ table }) => table),
      ["u"],
    );
    assert.equal(updates[0]?.after[0], updates[0]?.before[0]);
  });

  test("names what the override leaves behind", () => {
    const now = status(FIVE.slice(0, 4), { t: [{ replicas: ["n4"], ready: [] }], u: [{ replicas: ["n3"] }] });
    assert.deepEqual(
      abandonedTables(DRAIN, now).map(({ name }) => name),
      ["t"],
    );
    assert.deepEqual(remainingOn(DRAIN.leaving, now, ["t"]), { tables: ["test.u"], replicas: 1 });
  });

  test("counts replicas that the layout has dropped and the servers have not", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0", "n4"] }] });
    const configs = now.configs.map((c) => ({
      ...c,
      shards: [{ primary_replica: "n0", replicas: ["n0"], nonvoting_replicas: [] }],
    }));
    assert.deepEqual(remainingOn(["n4"], { ...now, configs }, []), { tables: ["test.t"], replicas: 1 });
  });

  test("counts replicas that the layout has and the servers do not have yet", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0"] }] });
    const shards = [{ primary_replica: "n0", replicas: ["n0", "n4"], nonvoting_replicas: [] }];
    const configs = now.configs.map((config) => ({ ...config, shards }));
    assert.deepEqual(remainingOn(["n4"], { ...now, configs }, []), { tables: ["test.t"], replicas: 1 });
  });
});

describe("a judgement", () => {
  const away = (tables: string, names: string): string =>
    `nodes: ${tables} needs a place on ${names}, which is not connected or has no tags; ` +
    "start it, or give it back its tags in rethinkdb.server_config";

  test("counts replicas without a vote", () => {
    const tables = { t: [{ replicas: ["n4", "n0", "n1", "n2"], nonvoting: ["n1", "n2"] }] };
    assert.equal((judged(tables) as readonly string[]).length, 1);
  });

  test("counts replicas without a vote where a server that stays is away", () => {
    const tables = { t: [{ replicas: ["n0", "n4", "n1"], nonvoting: ["n1"] }] };
    assert.deepEqual(judged(tables, {}, ["n0", "n1", "n3", "n4"]), [away("test.t", "n2")]);
  });

  test("needs no place where nothing has to be moved", () => {
    assert.deepEqual(judged({}, {}, ["n3", "n4"]), []);
  });

  test("leaves alone what has nothing on leaving servers, working or not", () => {
    assert.deepEqual(judged({ t: [{ replicas: ["n0"], ready: [] }] }), []);
  });

  test("counts votes alone for whether a table can be changed", () => {
    const tables = { t: [{ replicas: ["n0", "n4", "n1"], nonvoting: ["n1"], ready: ["n4", "n1"] }] };
    assert.match((judged(tables) as readonly string[]).join(), /^nodes: test\.t cannot be moved/);
  });

  test("takes a server without tags for no place", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0", "n1", "n4"] }] }, { untagged: ["n2", "n4"] });
    assert.deepEqual(judgeDrain(DRAIN, now), [away("test.t", "n2")]);
  });

  test("finds no place where no server that stays is connected, though replicas may be lowered", () => {
    const tables = { t: [{ replicas: ["n3", "n4", "n0", "n1"] }] };
    assert.deepEqual(judged(tables, { lowerReplicas: true }, ["n3", "n4"]), [away("test.t", "n0, n1, n2")]);
  });

  test("names those without room before those with too many replicas", () => {
    const tables = { a: [{ replicas: FIVE }], t: [{ replicas: ["n0", "n1", "n4"] }] };
    assert.deepEqual(judged(tables, { lowerReplicas: true }, ["n0", "n1", "n3", "n4"]), [away("test.t", "n2")]);
  });
});

describe("the layout from before", () => {
  test("is noted of tables with replicas to move, and what was noted stays", () => {
    const now = status(FIVE, {
      moved: [{ replicas: ["n0", "n1", "n4"], nonvoting: ["n1"] }, { replicas: ["n0"] }],
      known: [{ replicas: ["n4"] }],
      staying: [{ replicas: ["n0"] }],
    });
    const known = [{ table: "known", shards: [{ voting: 3, nonvoting: 0 }] }];
    const configs = [...now.configs, { id: "unread", db: "test", name: "unread" }];
    assert.deepEqual(layoutsBefore(["n4"], known, { ...now, configs }), [
      ...known,
      {
        table: "moved",
        shards: [
          { voting: 2, nonvoting: 1 },
          { voting: 1, nonvoting: 0 },
        ],
      },
    ]);
  });

  test("counts for nothing where the table was cut anew since", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0", "n4"] }] });
    const two = { voting: 3, nonvoting: 0 };
    const [update] = planDrain(DRAIN, [{ table: "t", shards: [two, two] }], now);
    assert.deepEqual(update?.after[0]?.replicas, ["n0", "n1"]);
  });
});

describe("a move", () => {
  const after = (now: ClusterStatus, layouts: readonly LayoutBefore[] = [], more: Partial<Drain> = {}): unknown =>
    planDrain({ ...DRAIN, ...more }, layouts, now).map(({ name, after: shards }) => [name, ...shards]);
  const shard = (primary: string, replicas: readonly string[], nonvoting: readonly string[] = []): object => ({
    primary_replica: primary,
    replicas,
    nonvoting_replicas: nonvoting,
  });

  test("is not begun of a shard that cannot be changed", () => {
    assert.deepEqual(after(status(FIVE, { t: [{ replicas: ["n4", "n0"], ready: ["n0"] }] })), []);
  });

  test("is planned of the tables alone whose layout can be read", () => {
    const now = status(FIVE, { t: [{ replicas: ["n4"] }] });
    const configs = [{ id: "unread", db: "test", name: "unread" }, ...now.configs];
    assert.deepEqual(after({ ...now, configs }), [["test.t", shard("n4", ["n4", "n0"])]]);
  });

  test("keeps replicas without a vote while a copy is added", () => {
    const now = status(FIVE, { t: [{ replicas: ["n4", "n1"], nonvoting: ["n1"] }] });
    assert.deepEqual(after(now), [["test.t", shard("n4", ["n4", "n1", "n0"], ["n1"])]]);
  });

  test("goes to the server with the fewest replicas, by all tables", () => {
    const now = status(FIVE, { a: [{ replicas: ["n0", "n2"] }], t: [{ replicas: ["n4"] }] });
    assert.deepEqual(after(now), [["test.t", shard("n4", ["n4", "n1"])]]);
  });

  test("keeps the replicas that answer where fewer are wanted than there are", () => {
    const now = status(FIVE, { t: [{ replicas: ["n4", "n0", "n1"], primary: "n1", ready: ["n4", "n1"] }] });
    const layouts = [{ table: "t", shards: [{ voting: 1, nonvoting: 0 }] }];
    assert.deepEqual(after(now, layouts), [["test.t", shard("n1", ["n1"])]]);
  });

  test("drops replicas without a vote where fewer are wanted than there are", () => {
    const now = status(FIVE, { t: [{ replicas: ["n0", "n1", "n2", "n4"], nonvoting: ["n1", "n2", "n4"] }] });
    const layouts = [{ table: "t", shards: [{ voting: 1, nonvoting: 1 }] }];
    assert.deepEqual(after(now, layouts), [["test.t", shard("n0", ["n0", "n1"], ["n1"])]]);
  });

  test("lets one lead that is ready and has a vote already, however much it leads", () => {
    const now = status(FIVE, { a: [{ replicas: ["n0"] }], b: [{ replicas: ["n0"] }], t: [{ replicas: ["n4", "n0"] }] });
    assert.deepEqual(after(now), [["test.t", shard("n0", ["n4", "n0"])]]);
    const half = status(FIVE, {
      a: [{ replicas: ["n0"] }],
      t: [{ replicas: ["n4", "n1", "n0"], ready: ["n4", "n0"] }],
    });
    assert.deepEqual(after(half), [["test.t", shard("n0", ["n4", "n1", "n0"])]]);
  });

  test("spreads who leads", () => {
    const now = status(FIVE, { a: [{ replicas: ["n0"] }], t: [{ replicas: ["n4", "n0", "n1"] }] });
    assert.deepEqual(after(now), [["test.t", shard("n1", ["n4", "n0", "n1"])]]);
  });

  test("gives a vote to a replica without one where servers are too few", () => {
    const now = status(FIVE, { t: [{ replicas: ["n4", "n0"], nonvoting: ["n0"] }] });
    const alone = { leaving: ["n1", "n2", "n3", "n4"], staying: ["n0"], lowerReplicas: true };
    assert.deepEqual(after(now, [], alone), [["test.t", shard("n4", ["n4", "n0"])]]);
  });
});

describe("what is left", () => {
  test("is named in order, by the layout and by what the servers have", () => {
    const now = status(FIVE, { u: [{ replicas: ["n4"] }], t: [{ replicas: ["n3", "n4"] }, { replicas: ["n4"] }] });
    assert.deepEqual(remainingOn(["n3", "n4"], now, []), { tables: ["test.t", "test.u"], replicas: 4 });
  });

  test("is nothing of tables of which nothing can be read", () => {
    const now = status(FIVE, { t: [{ replicas: ["n4"] }] });
    const configs = now.configs.map(({ id, db, name }) => ({ id, db, name }));
    const tables = now.tables.map((table) => ({ ...table, shards: null }));
    assert.deepEqual(remainingOn(["n4"], { ...now, configs, tables }, []), { tables: [], replicas: 0 });
  });

  test("is abandoned where any of its shards cannot be moved, or nothing of it can be read", () => {
    const now = status(FIVE, {
      half: [{ replicas: ["n0", "n4"] }, { replicas: ["n0", "n4"], ready: ["n4"] }],
      fine: [{ replicas: ["n4"] }],
      other: [{ replicas: ["n0"], ready: [] }],
    });
    const configs = [...now.configs, { id: "unread", db: "test", name: "unread" }];
    assert.deepEqual(
      abandonedTables(DRAIN, { ...now, configs }).map(({ name }) => name),
      ["half", "unread"],
    );
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
      const drain = {
        leaving: FIVE.slice(remain),
        staying: FIVE.slice(0, remain),
        lowerReplicas: true,
        abandonData: false,
      };
      assert.deepEqual(judgeDrain(drain, start), []);
      const layouts = layoutsBefore(drain.leaving, [], start);
      const first = walk(drain, start, layouts);
      // Another run finds the note of the first and a cluster between two layouts.
      const halfway = first[Math.min(interruptedAfter, first.length - 1)] ?? start;
      const second = walk(drain, halfway, layoutsBefore(drain.leaving, layouts, halfway));
      const end = second.at(-1) ?? start;
      assert.deepEqual(remainingOn(drain.leaving, end, []), { tables: [], replicas: 0 });
      start.configs.forEach((config, t) => {
        config.shards?.forEach((shard, i) => {
          const now = end.configs[t]?.shards?.[i] ?? assert.fail();
          const voters = votersOf(shard).length;
          assert.equal(votersOf(now).length, Math.min(voters, remain), "votes");
          assert.equal(now.replicas.length, Math.min(shard.replicas.length, remain), "replicas");
          assert.ok(votersOf(now).includes(now.primary_replica), "the primary votes");
          assert.equal(new Set(now.replicas).size, now.replicas.length);
          const kept = shard.replicas.filter((name) => drain.staying.includes(name));
          if (kept.length === shard.replicas.length) assert.equal(now, shard, "untouched");
        });
      });
    }),
  );
});
