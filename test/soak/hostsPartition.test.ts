/** A partition between three hosts in the middle of a roll, under readers and writers, while the deployer reaches all of them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { views } from "../support/cluster";
import { HostCluster, timed } from "../support/hostCluster";
import { whyNoHosts } from "../support/hosts";
import { finish } from "../support/stack";

const NAME = "h-part";
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsPartition.test.ts, because ${skip}`);

let cluster: HostCluster;

/** Empty while its container is made again. */
function startedAt(server: string): string {
  const host = cluster.hosts.get(cluster.places[server] ?? "").engine.host;
  const format = ["inspect", "--format", "{{.State.StartedAt}}", `${NAME}-${server}`];
  return spawnSync("docker", ["--host", host, ...format], { encoding: "utf8" }).stdout.trim();
}

/** Host a neither reaches the other two nor answers them; the deployer reaches all three. */
function cut(verb: "add" | "del"): void {
  const { hosts } = cluster;
  const { netns } = hosts.get("a").engine;
  for (const other of ["b", "c"]) {
    const route = ["route", verb, "blackhole", `${hosts.get(other).address}/32`];
    const { status, stderr } = spawnSync("ip", ["-n", netns, ...route], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }
}

/** @param look what it is like now; the wait ends when that is what is wanted. */
async function until(what: string, look: () => unknown, isWanted: (found: string) => boolean): Promise<void> {
  for (let tries = 0; ; tries++) {
    const found = JSON.stringify(look());
    if (isWanted(found)) return;
    assert.ok(tries < 400, `never: ${what}; it is ${found}`);
    await sleep(200);
  }
}

describe("three servers over three hosts", { skip: skip ?? false }, () => {
  before(async () => {
    cluster = await HostCluster.start({
      ...{ name: NAME, network: "10.88.209", subnet: "10.88.9.0/24", driverPort: 38900 },
      nodes: 3,
    });
  });
  after(async () => {
    await cluster.dispose();
  });

  test("a partition in the middle of a roll stops it before the larger part loses a server it lives by", async () => {
    const { stack, names } = cluster;
    await cluster.underLoad("host a is cut off from the others in the middle of a roll", async () => {
      const before = names.map(startedAt);
      stack.configure({ memoryMib: 260 });
      const child = stack.start(["up", "--yes", "--skip-preview"]);
      const finished = finish(child);
      await until(
        "n0 is restarted",
        () => startedAt("n0"),
        (found) => !["", before[0]].map((time) => JSON.stringify(time)).includes(found),
      );
      cut("add");
      const { code, output } = await finished;
      assert.notEqual(code, 0, output);
      const now = names.map(startedAt);
      assert.deepEqual(now.slice(1), before.slice(1), output);
      // Until the smaller part has given up the others, and they it.
      await until(
        "each part sees itself alone",
        () => views(names.map((name) => cluster.target(name))),
        (found) => found === JSON.stringify([["n0"], ["n1", "n2"], ["n1", "n2"]]),
      );
      const [refusedAfterSeconds, refused] = await timed(() => stack.up());
      assert.notEqual(refused.code, 0);
      const said =
        /n1: stopping it now would take test\.kept out of service|n0: .*does not see|n0: nothing changed/.exec(
          refused.output,
        );
      assert.ok(said, refused.output);
      assert.deepEqual(names.map(startedAt).slice(1), before.slice(1));
      cut("del");
      await cluster.assertWhole();
      await stack.mustUp();
      assert.ok(names.every((name, index) => startedAt(name) !== before[index]));
      return { refusedAfterSeconds, said: said[0] };
    });
    await cluster.assertSettled();
  });
});
