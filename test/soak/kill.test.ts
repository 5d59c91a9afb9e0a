/**
 * Kills `up` at random moments of growth, roll and shrinking, for as many rounds as `SOAK_KILLS` says (default 20), and
 * sets every third change back before the next run.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { clearAfterKill, killUpAfter } from "../support/kill";
import { mustPython, type Target } from "../support/python";
import { TestStack } from "../support/stack";
import { type Layout, layouts } from "../support/tables";

const ROUNDS = Number(process.env["SOAK_KILLS"] ?? "20");
let stack: TestStack;
let placed: Readonly<Record<string, readonly Layout[]>>;

interface Change {
  readonly what: string;
  readonly nodes: (now: number) => number;
  readonly memoryMib: (round: number) => number;
  /** Milliseconds after which the run is killed. */
  readonly moment: readonly [number, number];
}

const keep = (now: number): number => now;
/** Moments lie where each kind of change does its work, on two cores. */
const CHANGES: readonly Change[] = [
  { what: "growth", nodes: () => 5, memoryMib: () => 700, moment: [1500, 12_000] },
  { what: "a roll", nodes: keep, memoryMib: (round) => 701 + round, moment: [2000, 30_000] },
  { what: "shrinking", nodes: () => 3, memoryMib: () => 700, moment: [1500, 20_000] },
  { what: "a roll of three", nodes: keep, memoryMib: (round) => 701 + round, moment: [2000, 20_000] },
];

describe("a cluster whose deployer dies again and again", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: "t-soak", subnet: "10.220.12.0/24", driverPort: 31400 });
    await stack.mustUp();
    const rows = `
r.db("test").table_create("kept", replicas=3, shards=2).run(c)
r.db("test").table_create("pair", replicas=2).run(c)
r.db("test").table_create("alone").run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
for t in ["kept", "pair", "alone"]: r.table(t).insert([{"id": i} for i in range(500)]).run(c)
return 1`;
    mustPython(client(), rows);
    placed = layouts(client());
  });
  after(() => {
    stack.dispose();
  });

  function client(): Target {
    return { port: 31400, password: stack.settings.adminPassword, ca: stack.output<string>("driverCaPem") };
  }

  let now = { nodes: 3, memoryMib: 1024 };
  for (let round = 0; round < ROUNDS; round++) {
    const change = CHANGES[round % CHANGES.length] as Change;
    const moment = randomInt(...change.moment);
    const back = round % 3 === 2;
    test(`round ${String(round)}: ${change.what} killed after ${String(moment)} ms${back ? ", then set back" : ""}, converges with every row`, async () => {
      const next = { nodes: change.nodes(now.nodes), memoryMib: change.memoryMib(round) };
      stack.configure(next);
      await killUpAfter(stack, moment);
      clearAfterKill(stack);
      if (!back) now = next;
      stack.configure(now);
      await stack.mustUp("--refresh");
      const seen = mustPython(
        client(),
        `r.db("test").wait(wait_for="all_replicas_ready", timeout=60).run(c)
return [r.db("rethinkdb").table("server_status").count().run(c), [r.table(t).count().run(c) for t in ["kept", "pair", "alone"]], r.db("rethinkdb").table("current_issues").count().run(c)]`,
      );
      assert.deepEqual(seen, [now.nodes, [500, 500, 500], 0]);
      // Nothing of it was ever on a server that left, so nothing may have moved for good.
      assert.deepEqual(layouts(client()), placed);
      const tags = `return [s["name"] for s in r.db("rethinkdb").table("server_config").run(c) if s["tags"] != ["default"]]`;
      assert.deepEqual(mustPython(client(), tags), []);
      assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    });
  }
});
