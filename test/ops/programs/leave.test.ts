/** The end of a server's membership: only what is marked and empty may go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LeaveRequest } from "../../../core/programs/member";
import { Failure } from "../../../ops/lib/failure";
import { leave } from "../../../ops/programs/leave";
import { type FakeCluster, IDENTITY, operatorLogin, OTHER_IDENTITY, REF, withCluster } from "../../support/fakeCluster";

const LEAVE: LeaveRequest = { ...REF, server: "n3", tlsVolume: "db-n3-tls", operator: operatorLogin() };
const NOT_LEFT =
  "n3: it has not left the cluster and may hold the only copy of data; it was not touched; " +
  "run pulumi up again, without --target, so that its data is moved first";
const notKnown = (why: string): string =>
  `n3: it was not touched, since it is not known to be empty: ${why}; or set nodes back, run pulumi up, and lower it again`;
const MARK_GONE = "the mark that its data was moved is gone with the volume db-n3-tls; ";

/** A cluster of four; the last is marked as left. */
async function withMarked(act: (cluster: FakeCluster) => Promise<void>, mark: string | null = IDENTITY): Promise<void> {
  await withCluster(["n0", "n1", "n2", "n3"], async (cluster) => {
    if (mark !== null) cluster.volume("db-n3-tls")?.files.set("left", mark);
    Object.assign(cluster.model.server("n3") ?? {}, { tags: [] });
    cluster.model.addTable("test.t", "n0* n1 n2");
    await act(cluster);
  });
}

test("lets a marked and empty server go", async () => {
  await withMarked(async (cluster) => {
    assert.deepEqual(await leave(LEAVE), { left: "n3" });
    assert.deepEqual(cluster.changes, []);
    assert.deepEqual(cluster.model.changes, []);
  });
});

for (const [what, mark] of [
  ["has no mark", null],
  ["has another cluster's mark", OTHER_IDENTITY],
  ["has a mark that was cut off", IDENTITY.slice(1)],
] as const) {
  test(`refuses a server that ${what}, empty or not`, async () => {
    await withMarked(async (cluster) => {
      await assert.rejects(leave(LEAVE), new Failure(NOT_LEFT));
      assert.deepEqual(cluster.changes, []);
    }, mark);
  });
}

test("refuses where the mark cannot be read", async () => {
  await withMarked(async (cluster) => {
    cluster.host().unreadable.add("db-n3-tls");
    const message = "cannot read or write who has left: db-n3-tls: Input/output error";
    await assert.rejects(leave(LEAVE), new Failure(message));
  });
});

test("refuses where something else lies on the volume that would be deleted", async () => {
  await withMarked(async (cluster) => {
    cluster.volume("db-n3-tls")?.files.set("letters", "");
    const message =
      "n3: the volume db-n3-tls would be deleted and holds letters, which this project did not put there; " +
      "move that away, then run pulumi up again";
    await assert.rejects(leave(LEAVE), new Failure(message));
  });
});

test("lets a server go with what could not be moved, where that was allowed when it left", async () => {
  await withMarked(async (cluster) => {
    cluster.model.addTable("test.stuck", "n3* n2");
    cluster.set("n2", "exited");
    assert.deepEqual(await leave(LEAVE), { left: "n3" });
    assert.deepEqual(cluster.model.changes, []);
  }, `${IDENTITY}\nabandon-data`);
});

test("moves away what was put on it since, before it goes", async () => {
  await withMarked(async (cluster) => {
    cluster.model.addTable("test.late", "n3* n0 n1");
    cluster.model.addTable("test.later", "n3*");
    assert.deepEqual(await leave(LEAVE), { left: "n3" });
    assert.ok(cluster.model.layout.every((line) => !line.includes("n3")));
    assert.ok(
      cluster.said.includes("n3: test.late, test.later were put on it since its data was moved: moving them again"),
    );
  });
});

test("does not move it to another server that was marked as left", async () => {
  await withMarked(async (cluster) => {
    cluster.volume("db-n2-tls")?.files.set("left", IDENTITY);
    cluster.model.addTable("test.late", "n3*");
    cluster.model.addTable("test.busy", "n0* n1");
    await leave(LEAVE);
    assert.ok(cluster.said.includes("n3: test.late was put on it since its data was moved: moving it again"));
    assert.match(cluster.model.layout.find((line) => line.startsWith("test.late")) ?? "", /^test\.late: n[01]\*$/);
  });
});

test("refuses where that cannot be moved", async () => {
  await withMarked(async (cluster) => {
    cluster.model.addTable("test.late", "n3*");
    cluster.model.refuseChange = () => "no";
    cluster.clock.pace = 100;
    const why =
      "nodes: cannot change test.late (no), nothing changed for 180 seconds; what was moved stays moved; " +
      "look at npx pulumi-rethinkdb doctor --health, then run pulumi up again";
    await assert.rejects(leave(LEAVE), new Failure(notKnown(why)));
  });
});

test("goes by what each server sees, and not by the first alone", async () => {
  await withMarked(async (cluster) => {
    cluster.model.addTable("test.late", "n3*");
    cluster.model.partition(["n0"], ["n1", "n2", "n3"]);
    const why =
      "nodes: the servers do not all see each other: n0 sees n0; n1, n2, n3 see n1, n2, n3; repair the network between them, " +
      `or stop the servers that are cut off, then run pulumi up again, or go on without them with allow: ["abandon-data"]`;
    await assert.rejects(leave(LEAVE), new Failure(notKnown(why)));
  });
});

test("refuses where no server answers", async () => {
  await withMarked(async (cluster) => {
    for (const name of ["n0", "n1", "n2", "n3"]) cluster.set(name, "exited");
    const why = "nodes: no server answers, so nothing tells what is on n3; start the servers, then run pulumi up again";
    await assert.rejects(leave(LEAVE), new Failure(notKnown(why)));
  });
});

test("goes without its tls volume where the cluster says that it is empty, and makes no volume anew", async () => {
  await withMarked(async (cluster) => {
    cluster.host().volumes.delete("db-n3-tls");
    assert.deepEqual(await leave(LEAVE), { left: "n3" });
    assert.deepEqual(cluster.changes, []);
  });
});

for (const [what, tables, are] of [
  ["a table", ["test.late"], "test.late is"],
  ["tables", ["test.late", "test.later"], "test.late, test.later are"],
] as const) {
  test(`refuses one without its tls volume that has ${what}`, async () => {
    await withMarked(async (cluster) => {
      cluster.host().volumes.delete("db-n3-tls");
      for (const table of tables) cluster.model.addTable(table, "n3*");
      await assert.rejects(leave(LEAVE), new Failure(notKnown(`${MARK_GONE}${are} still on it`)));
      assert.deepEqual(cluster.model.changes, []);
    });
  });
}

test("frees the volume from a helper that a killed run created and never started", async () => {
  await withMarked(async (cluster) => {
    const mounts = [{ Name: "db-n3-tls", Destination: "/v/000" }];
    const labels = { "pulumi-rethinkdb.helper": "left" };
    cluster.host().addContainer("dead", { labels, mounts, state: "created" });
    cluster.host().addContainer("alive", { labels, mounts, state: "running" });
    cluster.host().addContainer("other", { labels, mounts: [], state: "created" });
    cluster.host().addContainer("foreign", { labels: {}, mounts, state: "created" });
    await leave(LEAVE);
    assert.deepEqual(cluster.changes, ["rm id of dead"]);
  });
});
