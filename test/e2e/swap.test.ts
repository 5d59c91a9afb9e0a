/** A cluster that does not limit swap: what an engine without swap accounting stores, so that a refresh finds nothing changed. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inspect, TestStack } from "../support/stack";
import { missingWebUiImage } from "../support/prerequisites";

const NAME = "t-swap";
const MIB = 1024 * 1024;

interface Limits {
  readonly HostConfig: { readonly Memory: number; readonly MemorySwap: number };
}

function limitsOf(suffix: string): readonly [memory: number, swap: number] {
  const { Memory, MemorySwap } = inspect<Limits>("container", `${NAME}-${suffix}`).HostConfig;
  return [Memory / MIB, MemorySwap < 0 ? MemorySwap : MemorySwap / MIB];
}

describe("a cluster that does not limit swap", { skip: missingWebUiImage() }, () => {
  let stack: TestStack;

  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.62.0/24", driverPort: 31680, nodes: 1 });
    stack.configureJson("webUi", { enabled: true, publish: "none" });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], "password of the web UI");
    stack.configure({ limitSwap: "false" });
    await stack.mustUp();
  });

  after(() => {
    stack.dispose();
  });

  test("stores no limit of swap, and keeps the limit of memory", () => {
    assert.deepEqual(
      [limitsOf("n0"), limitsOf("ui-peer"), limitsOf("ui")],
      [
        [1024, -1],
        [512, -1],
        [128, -1],
      ],
    );
  });

  test("has nothing left to do, also after a refresh", async () => {
    assert.deepEqual(await stack.plannedChanges(), {});
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("limits swap again by one restart of each container", async () => {
    stack.configure({ limitSwap: "true" });
    await stack.mustUp();
    assert.deepEqual(
      [limitsOf("n0"), limitsOf("ui-peer"), limitsOf("ui")],
      [
        [1024, 1024],
        [512, 512],
        [128, 128],
      ],
    );
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });
});
