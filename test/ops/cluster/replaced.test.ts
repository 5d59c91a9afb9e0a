/** A server with new data takes the place that its old data had, where a table can still be changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "rethinkdb-ts";
import { Failure } from "../../../ops/lib/failure";
import { serversOf } from "../../../ops/cluster/hosts";
import { Progress } from "../../../ops/lib/progress";
import { adoptGivenUp } from "../../../ops/cluster/replaced";
import { withViews } from "../../../ops/cluster/views";
import { type FakeCluster, operatorLogin, REF, withCluster } from "../../support/fakeCluster";

/** `n1` was replaced: tables made before `act` know its old data. */
async function adopt(prepare: (cluster: FakeCluster) => void, server = "n1"): Promise<FakeCluster> {
  return withCluster(["n0", "n1", "n2"], async (cluster) => {
    prepare(cluster);
    const n1 = cluster.model.server("n1");
    assert.ok(n1);
    n1.id = "new-n1";
    const progress = new Progress("n1");
    await withViews(await serversOf(REF), operatorLogin(), { name: "n1", progress }, async ({ views }) => {
      const connection = views[0]?.connection as Connection;
      await adoptGivenUp({ name: server }, { who: "n1", connection, progress, next: "look again" });
    });
    return cluster;
  });
}

const replicas = ({ model }: FakeCluster, table: string): unknown =>
  model.table(table).shards.map(({ primary, replicas: ids, nonvoting }) => [primary, ids, nonvoting]);

test("takes each place as it was: a voter, one without a vote, in each shard", async () => {
  const cluster = await adopt(({ model }) => {
    model.addTable("test.voter", "n0* n1 n2", "n2* n1 n0");
    model.addTable("test.other", "n0* (n1)");
    model.addTable("test.none", "n0* n2");
  });
  assert.deepEqual(replicas(cluster, "test.voter"), [
    ["id-n0", ["id-n0", "new-n1", "id-n2"], []],
    ["id-n2", ["id-n2", "new-n1", "id-n0"], []],
  ]);
  assert.deepEqual(replicas(cluster, "test.other"), [["id-n0", ["id-n0", "new-n1"], ["new-n1"]]]);
  assert.deepEqual(cluster.model.changes.length, 2);
  assert.deepEqual(cluster.said, ["n1: taking its place in test.voter, test.other"]);
});

test("leads again where its old data led", async () => {
  const cluster = await adopt(({ model }) => model.addTable("test.t", "n1* n0 n2"));
  assert.deepEqual(replicas(cluster, "test.t"), [["new-n1", ["new-n1", "id-n0", "id-n2"], []]]);
});

test("leaves tables alone that lost their majority with the old data, and names them", async () => {
  const cluster = await adopt(({ model }) => {
    model.addTable("test.two", "n0* n1");
    model.addTable("test.t", "n0* n1 n2");
  });
  assert.deepEqual(replicas(cluster, "test.two"), [["id-n0", ["id-n0", "id-n1"], []]]);
  assert.deepEqual(cluster.said, [
    `n1: lost their majority with the old data and stay as they are: test.two; see docs/operations.md, "Replace a dead server"`,
    "n1: taking its place in test.t",
  ]);
});

test("does nothing where no table knew the old data", async () => {
  const cluster = await adopt(({ model }) => model.addTable("test.none", "n0* n2"));
  assert.deepEqual(cluster.model.changes, []);
  assert.deepEqual(cluster.said, []);
});

test("waits until the new replicas are there", async () => {
  const cluster = await adopt(({ model }) => {
    model.addTable("test.t", "n0* n1 n2");
    model.copyReads = 20;
  });
  assert.ok(cluster.clock.time >= 1500);
});

test("says why a place cannot be taken", async () => {
  await assert.rejects(
    adopt(({ model }) => {
      model.addTable("test.t", "n0* n1 n2");
      model.refuseChange = () => "it is busy";
    }),
    new Failure("n1: cannot take its place in test.t: it is busy; look again"),
  );
});

test("refuses for a server that is not part of the cluster", async () => {
  await assert.rejects(
    adopt(() => undefined, "n9"),
    new Failure("n9: is not part of the cluster; look again"),
  );
});
