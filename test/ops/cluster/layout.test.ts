/** Changing layouts: what was changed meanwhile is planned anew, and what is refused is tried again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "rethinkdb-ts";
import type { ShardUpdate } from "../../../core/decide/handOver";
import type { ClusterStatus } from "../../../core/decide/availability";
import { Failure } from "../../../ops/lib/failure";
import { serversOf } from "../../../ops/cluster/hosts";
import { changeShards, type Mover, rearrange, waitForTables } from "../../../ops/cluster/layout";
import { Progress } from "../../../ops/lib/progress";
import { withViews } from "../../../ops/cluster/views";
import { type FakeCluster, operatorLogin, REF, withCluster } from "../../support/fakeCluster";

const THREE = ["n0", "n1", "n2"];

async function withMover(act: (mover: Mover, cluster: FakeCluster) => Promise<void>): Promise<void> {
  await withCluster(THREE, async (cluster) => {
    const progress = new Progress("who");
    // A server may not be asked twice for what a test makes of it.
    await withViews(await serversOf(REF), operatorLogin(), { name: "who", progress }, async ({ views }) => {
      const connection = views[0]?.connection as Connection;
      try {
        await act({ who: "who", connection, progress, next: "look again" }, cluster);
      } catch (error) {
        throw error instanceof Failure ? error : new Failure(String(error));
      }
    });
  });
}

/** Puts another server in front, where it is not. */
const lead =
  (to: string) =>
  (status: ClusterStatus): readonly ShardUpdate[] =>
    status.configs
      .filter(({ shards }) => shards?.some((shard) => shard.primary_replica !== to))
      .map(({ id, db, name, shards = [] }) => ({
        table: id,
        name: `${db}.${name}`,
        before: shards,
        after: shards.map((shard) => ({ ...shard, primary_replica: to })),
      }));

test("applies what is planned until nothing is", async () => {
  await withMover(async (mover, cluster) => {
    for (const name of ["a", "b", "c", "d", "e", "f"]) cluster.model.addTable(`test.${name}`, "n0* n1 n2");
    const lines: string[] = [];
    await rearrange(mover, lead("n1"), (status) => {
      lines.push(String(lead("n1")(status).length));
      return `${String(lines.length)} done`;
    });
    assert.ok(cluster.model.layout.every((line) => line.endsWith("n0 n1* n2")));
    // Four shards at once.
    assert.deepEqual(lines, ["6", "2"]);
    assert.deepEqual(cluster.said, ["who: 1 done", "who: 2 done"]);
    assert.equal(cluster.clock.time, 0);
  });
});

test("plans on only when what was changed is in place", async () => {
  await withMover(async (mover, cluster) => {
    for (const name of ["a", "b"]) cluster.model.addTable(`test.${name}`, "n0*");
    cluster.model.copyReads = 5;
    const ready: boolean[] = [];
    await rearrange(mover, ({ configs, tables }) => {
      ready.push(tables.every(({ status }) => status.all_replicas_ready));
      return configs
        .filter(({ shards }) => shards?.[0]?.replicas.length === 1)
        .map(({ id, db, name, shards = [] }) => ({
          table: id,
          name: `${db}.${name}`,
          before: shards,
          after: shards.map((shard) => ({ ...shard, replicas: ["n0", "n1"] })),
        }));
    });
    assert.deepEqual(cluster.model.layout, ["test.a: n0* n1", "test.b: n0* n1"]);
    assert.deepEqual(ready, [true, true]);
  });
});

test("says nothing before a batch of which there is nothing to say", async () => {
  await withMover(async (mover, cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    await rearrange(mover, lead("n1"), () => undefined);
    assert.deepEqual(cluster.model.layout, ["test.t: n0 n1* n2"]);
    assert.deepEqual(cluster.said, []);
  });
});

test("a table that was changed meanwhile is planned anew", async () => {
  await withMover(async (mover, cluster) => {
    const table = cluster.model.addTable("test.t", "n0* n1 n2");
    let looks = 0;
    await rearrange(mover, (status) => {
      if (++looks === 1) table.shards = [cluster.model.parse("n2* n1 n0")];
      return lead("n1")(status);
    });
    assert.deepEqual(cluster.model.changes, ["test.t: n2 n1* n0"]);
    assert.equal(cluster.clock.time, 100);
  });
});

test("a change that is refused says why, and is tried again for three minutes", async () => {
  await withMover(async (mover, cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.model.refuseChange = () => "it is busy";
    cluster.clock.pace = 100;
    const message = "who: cannot change test.t (it is busy), nothing changed for 180 seconds; look again";
    await assert.rejects(rearrange(mover, lead("n1")), new Failure(message));
  });
});

test("names each change of a batch that is refused", async () => {
  await withMover(async (mover, cluster) => {
    for (const name of ["a", "b", "c"]) cluster.model.addTable(`test.${name}`, "n0* n1 n2");
    cluster.model.refuseChange = (table) => (table === "test.b" ? undefined : `${table} is busy`);
    cluster.clock.pace = 100;
    const message =
      "who: cannot change test.a (test.a is busy); test.c (test.c is busy), nothing changed for 180 seconds; look again";
    await assert.rejects(rearrange(mover, lead("n1")), new Failure(message));
    assert.deepEqual(cluster.model.changes, ["test.b: n0 n1* n2"]);
  });
});

test("says what it is changing where the layout alone does not become what is planned", async () => {
  await withMover(async (mover, cluster) => {
    const [a, b] = ["test.a", "test.b"].map((name) => cluster.model.addTable(name, "n0* n1 n2"));
    assert.ok(a && b);
    cluster.clock.pace = 1000;
    // Each is put back as soon as it was changed, and a wait takes time.
    cluster.door("n0").meet = (query) => {
      if (!query.includes("server_status")) return "answer";
      for (const table of [a, b]) table.shards = [cluster.model.parse("n0* n1 n2")];
      cluster.clock.time += 1000;
      return "answer";
    };
    const message = "who: changing test.a, test.b, nothing changed for 180 seconds; look again";
    await assert.rejects(rearrange(mover, lead("n1")), new Failure(message));
  });
});

test("goes on for as long as another layout is seen each time", async () => {
  await withMover(async (mover, cluster) => {
    const table = cluster.model.addTable("test.t", "n0* n1 n2");
    let looks = 0;
    cluster.model.refuseChange = () => "it is busy";
    cluster.clock.pace = 1000;
    cluster.clock.onWait = () => {
      const order = ["n0* n1 n2", "n0* n2 n1", "n2* n0 n1", "n2* n1 n0", "n1 n0* n2", "n1 n2* n0", "n2 n0* n1"];
      table.shards = [cluster.model.parse(order[++looks] ?? "n1* n0 n2")];
    };
    await rearrange(mover, lead("n1"));
    assert.ok(cluster.clock.time > 300_000, String(cluster.clock.time));
  });
});

test("a refusal of a moment does no harm", async () => {
  await withMover(async (mover, cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    let times = 0;
    cluster.model.refuseChange = () => (++times < 4 ? "it is busy" : undefined);
    await rearrange(mover, lead("n1"));
    assert.deepEqual(cluster.model.layout, ["test.t: n0 n1* n2"]);
    assert.equal(cluster.clock.time, 300);
  });
});

test("a change says nothing when it is done, and why when it is not", async () => {
  await withMover(async ({ connection }, cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    const before = [{ primary_replica: "n0", replicas: THREE, nonvoting_replicas: [] }];
    const after = [{ primary_replica: "n1", replicas: THREE, nonvoting_replicas: [] }];
    assert.equal(await changeShards(connection, "name", "uuid-test.t", before, after), undefined);
    assert.equal(
      await changeShards(connection, "name", "uuid-test.t", before, after),
      "its layout was changed meanwhile",
    );
    const ids = THREE.map((name) => `id-${name}`);
    const byId = [{ primary_replica: "id-n1", replicas: ids, nonvoting_replicas: [] }];
    const moved = [{ primary_replica: "id-n2", replicas: ids, nonvoting_replicas: [] }];
    assert.equal(await changeShards(connection, "uuid", "uuid-test.t", byId, moved), undefined);
    assert.deepEqual(cluster.model.layout, ["test.t: n0 n1 n2*"]);
  });
});

test("an error of a query is a refusal, and the end of a connection is not", async () => {
  await withMover(async ({ connection }, cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    const rights = cluster.model.permissions.splice(0);
    const refusal = await changeShards(connection, "name", "uuid-test.t", [], []);
    assert.match(refusal ?? "", /does not have the required `read` permission/);
    cluster.model.permissions.push(...rights);
    cluster.door("n0").meet = () => "end";
    await assert.rejects(changeShards(connection, "name", "uuid-test.t", [], []), /connection was closed/);
  });
});

test("a change without an answer is no refusal", async () => {
  await withMover(async ({ connection }, cluster) => {
    cluster.door("n0").meet = () => "silence";
    await assert.rejects(changeShards(connection, "name", "uuid-test.t", [], []), /no answer in 30 seconds/);
  });
});

test("waits for the tables that it is told, and for no other", async () => {
  await withMover(async (mover, cluster) => {
    cluster.model.addTable("test.t", "n0* n1").copying.set("0 id-n1", 30);
    cluster.model.addTable("test.other", "n0* n1").copying.set("0 id-n1", 1e9);
    await waitForTables(mover, ["uuid-test.t"]);
    assert.ok(cluster.clock.time >= 2500 && cluster.clock.time < 5000, String(cluster.clock.time));
    assert.deepEqual(cluster.said, ["who: waiting for test.t"]);
  });
});

test("says nothing of a wait that is short, and asks for sizes only now and then", async () => {
  await withMover(async (mover, cluster) => {
    const { copying } = cluster.model.addTable("test.t", "n0* n1");
    let sizes = 0;
    cluster.door("n0").meet = (query) => {
      if (query.includes('"stats"')) sizes++;
      return "answer";
    };
    copying.set("0 id-n1", 18);
    await waitForTables(mover, ["uuid-test.t"]);
    assert.deepEqual(cluster.said, []);
    copying.set("0 id-n1", 130);
    await waitForTables(mover, ["uuid-test.t"]);
    assert.equal(sizes, 2);
  });
});

test("names every table that it waits for", async () => {
  await withMover(async (mover, cluster) => {
    for (const name of ["a", "b"]) cluster.model.addTable(`test.${name}`, "n0* n1").copying.set("0 id-n1", 30);
    cluster.model.isStuck = true;
    cluster.clock.pace = 100;
    const message = "who: nothing changed for 180 seconds: test.a, test.b not ready on all replicas; look again";
    await assert.rejects(waitForTables(mover, ["uuid-test.a", "uuid-test.b"]), new Failure(message));
    assert.deepEqual(cluster.said, ["who: waiting for test.a, test.b"]);
  });
});

test("waits for as long as one table after the other is ready, though no account may read their sizes", async () => {
  await withMover(async (mover, cluster) => {
    const { model } = cluster;
    const sizes = model.permissions.findIndex(({ id }) => id.at(-1) === "uuid-rethinkdb.stats");
    assert.equal(model.permissions.splice(sizes, 1).length, 1);
    for (const [index, name] of ["a", "b", "c", "d"].entries())
      model.addTable(`test.${name}`, "n0* n1").copying.set("0 id-n1", 12 * (index + 1));
    cluster.clock.pace = 100;
    await waitForTables(
      mover,
      model.tables.map(({ id }) => id),
    );
    assert.ok(cluster.clock.time > 400_000, String(cluster.clock.time));
  });
});

test("waits as long as bytes are copied, and no longer", async () => {
  await withMover(async (mover, cluster) => {
    const { copying } = cluster.model.addTable("test.t", "n0* n1");
    copying.set("0 id-n1", 200);
    cluster.clock.pace = 30;
    await waitForTables(mover, ["uuid-test.t"]);
    assert.ok(cluster.clock.time > 500_000);
    copying.set("0 id-n1", 1);
    cluster.model.isStuck = true;
    const message = "who: nothing changed for 180 seconds: test.t not ready on all replicas; look again";
    await assert.rejects(waitForTables(mover, ["uuid-test.t"]), new Failure(message));
  });
});
