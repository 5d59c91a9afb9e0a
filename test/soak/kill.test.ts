/** Kills `up` at random moments of create, growth and roll, for as many rounds as `SOAK_KILLS` says (default 20). */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { clearAfterKill, killUpAfter } from "../support/kill";
import { mustPython, type Target } from "../support/python";
import { TestStack } from "../support/stack";

const ROUNDS = Number(process.env["SOAK_KILLS"] ?? "20");
let stack: TestStack;

describe("a cluster whose deployer dies again and again", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: "t-soak", subnet: "10.220.12.0/24", driverPort: 31400 });
    await stack.mustUp();
    const rows = `r.db("test").table_create("kept", replicas=3).run(c)\nr.table("kept").insert([{"id": i} for i in range(500)]).run(c)\nreturn 1`;
    mustPython(client(), rows);
  });
  after(() => {
    stack.dispose();
  });

  function client(): Target {
    return { port: 31400, password: stack.settings.adminPassword, ca: stack.output<string>("driverCaPem") };
  }

  for (let round = 0; round < ROUNDS; round++) {
    const moment = randomInt(1500, 14000);
    test(`round ${String(round)}: killed ${String(moment)} ms into a change, it converges and keeps every row`, async () => {
      const nodes = Math.min(3 + round, 5);
      stack.configure({ nodes, memoryMiB: 700 + round });
      await killUpAfter(stack, moment);
      clearAfterKill(stack);
      // Reverted in between, half of the time: a stopped server must come back all the same.
      if (round % 2 === 1) stack.configure({ memoryMiB: 700 + round - 1 });
      await stack.mustUp("--refresh");
      const seen = mustPython(
        client(),
        `return [r.db("rethinkdb").table("server_status").count().run(c), r.table("kept").count().run(c), r.db("rethinkdb").table("current_issues").count().run(c)]`,
      );
      assert.deepEqual(seen, [nodes, 500, 0]);
      assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    });
  }
});
