/** SIGKILL of `pulumi up` at ten moments of a create: the next `up` converges to the same cluster. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { clearAfterKill, killUpAfter } from "../support/kill";
import { mustPython } from "../support/python";
import { docker, TestStack } from "../support/stack";

const NAME = "t-kill";
let stack: TestStack;

describe("an up that is killed", () => {
  before(() => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.11.0/24", driverPort: 31300, nodes: 2 });
  });
  after(() => {
    stack.dispose();
  });

  // A create of two servers takes about 8 s here: the moments cover keys, volumes, network, containers and accounts.
  for (const moment of [1500, 2400, 3000, 3600, 4200, 4800, 5400, 6000, 6600, 7400]) {
    test(`after ${String(moment)} ms is mended by the next one`, async () => {
      await killUpAfter(stack, moment);
      clearAfterKill(stack);
      await stack.mustUp("--refresh");
      assert.equal(docker("ps", "-q", "--filter", `label=pulumi-rethinkdb.cluster=${NAME}`).split("\n").length, 2);
      const client = { port: 31301, password: stack.settings.adminPassword, ca: stack.output<string>("driverCaPem") };
      assert.deepEqual(
        mustPython(client, `return sorted(s["name"] for s in r.db("rethinkdb").table("server_status").run(c))`),
        ["n0", "n1"],
      );
      assert.deepEqual(await stack.plannedChanges("--refresh"), {});
      stack.pulumi(["destroy", "--yes", "--skip-preview"]);
      docker("volume", "rm", `${NAME}-n0-data`, `${NAME}-n1-data`);
    });
  }
});
