/** Any order of starts after any order of stops ends in one cluster. `SOAK_PAUSE` is the seconds between two starts. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { untilOne } from "../support/cluster";
import { mustPython, type Target } from "../support/python";
import { docker, TestStack } from "../support/stack";

const NAME = "t-starts";
const PORT = 31800;
const PAUSE = Number(process.env["SOAK_PAUSE"] ?? "40");
const ALL = [0, 1, 2];
let stack: TestStack;
let targets: readonly Target[];

function orders(list: readonly number[]): readonly (readonly number[])[] {
  if (list.length <= 1) return [list];
  return list.flatMap((first) => orders(list.filter((other) => other !== first)).map((rest) => [first, ...rest]));
}

const SUBSETS = ALL.flatMap((a) => [[a], ...ALL.filter((b) => b > a).map((b) => [a, b])]).concat([ALL]);
const names = (ordinals: readonly number[]): string => ordinals.map((i) => `n${String(i)}`).join(", ");

describe("three servers", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.19.0/24", driverPort: PORT });
    await stack.mustUp();
    const ca = stack.output<string>("driverCaPem");
    targets = ALL.map((i) => ({ port: PORT + i, password: stack.settings.adminPassword, ca }));
    const table = `r.db("test").table_create("kept", replicas=3).run(c)
r.table("kept").insert([{"id": i} for i in range(200)]).run(c)
return 1`;
    mustPython(targets[0] as Target, table);
  });
  after(() => {
    stack.dispose();
  });

  for (const stopped of SUBSETS) {
    for (const order of orders(stopped)) {
      test(`${names(stopped)} stopped, started ${names(order)} with ${String(PAUSE)} s between: one cluster`, async () => {
        docker("stop", ...stopped.map((i) => `${NAME}-n${String(i)}`));
        for (const [turn, i] of order.entries()) {
          if (turn > 0) await sleep(PAUSE * 1000);
          docker("start", `${NAME}-n${String(i)}`);
        }
        await untilOne(targets, ["n0", "n1", "n2"], 90);
        for (const target of targets) {
          const seen = mustPython(
            target,
            `r.table("kept").wait(wait_for="all_replicas_ready", timeout=60).run(c)
return [r.table("kept").count().run(c), r.db("rethinkdb").table("current_issues").count().run(c)]`,
          );
          assert.deepEqual(seen, [200, 0]);
        }
      });
    }
  }
});
