/** How long a server that was started is waited for, and what it gets back. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { MemberRequest } from "../../../core/programs/member";
import { Failure } from "../../../ops/lib/failure";
import { member } from "../../../ops/programs/member";
import { type FakeCluster, FINGERPRINT, operatorLogin, REF, withCluster } from "../../support/fakeCluster";
import { fakePki } from "../../support/fake/pki";
import { ScriptRun } from "../../support/scriptRun";

const asked = (more: Partial<MemberRequest> = {}): MemberRequest => ({
  ...REF,
  server: "n1",
  container: "db-n1",
  tlsVolume: "db-n1-tls",
  fingerprint: FINGERPRINT,
  incarnation: 0,
  missing: [],
  operator: operatorLogin(),
  ...more,
});
const DONE = { member: "n1" };
const THREE = ["n0", "n1", "n2"];
const mend = (why: string): string =>
  `n1: nothing changed for 180 seconds: ${why}; look at docker logs db-n1, repair it, then run pulumi up again`;

/** Something is wrong until the clock says a time, and the member must not be done before. */
async function assertWaits(
  cluster: FakeCluster,
  until: number,
  mended: () => void,
  more: Partial<MemberRequest> = {},
): Promise<void> {
  cluster.clock.onWait = (time) => {
    if (time >= until) mended();
  };
  assert.deepEqual(await member(asked(more)), DONE);
  assert.ok(cluster.clock.time >= until, `done at ${String(cluster.clock.time)}`);
}

test("is done at once where the cluster is whole, and marks the data as begun", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.volume("db-n1-data")?.files.delete("started");
    cluster.model.addTable("test.t", "n0* n1 n2");
    assert.deepEqual(await member(asked()), DONE);
    assert.deepEqual(cluster.changes, ["write /data/started of db-n1"]);
    assert.deepEqual(cluster.said, []);
  });
});

test("waits until a server has joined the others", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n1"], ["n0", "n2"]);
    await assertWaits(cluster, 3000, () => (cluster.model.cuts.length = 0));
    assert.deepEqual(cluster.said, ["n1: waiting: n0, n2 not connected"]);
  });
});

test("waits until tables have all their replicas", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1").copying.set("0 id-n1", 40);
    assert.deepEqual(await member(asked()), DONE);
    assert.ok(cluster.clock.time >= 3000);
    assert.deepEqual(cluster.said, ["n1: waiting: table test.t is not ready on all its replicas"]);
  });
});

test("waits for its own tables, though it was itself missing before", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2").copying.set("0 id-n1", 40);
    assert.deepEqual(await member(asked({ missing: ["n1"] })), DONE);
    assert.ok(cluster.clock.time >= 3000);
  });
});

test("enters a container once, as root to whom the data belongs, where nothing is to be given back", async () => {
  await withCluster(THREE, async (cluster) => {
    assert.deepEqual(await member(asked()), DONE);
    const entries = cluster.host().commands.filter((line) => line.startsWith("exec ") && !line.endsWith(" channel"));
    assert.equal(entries.length, 1);
    assert.match(entries[0] ?? "", /^exec --user 0 db-n1 bash /);
  });
});

test("waits longer than its patience while data is copied", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1").copying.set("0 id-n1", 300);
    cluster.clock.pace = 20;
    assert.deepEqual(await member(asked()), DONE);
    assert.ok(cluster.clock.time > 400_000);
  });
});

test("gives up on a copy that stands still", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1").copying.set("0 id-n1", 1);
    cluster.model.isStuck = true;
    cluster.clock.pace = 50;
    await assert.rejects(member(asked()), new Failure(mend("table test.t is not ready on all its replicas")));
  });
});

test("does not wait for servers that were missing before, and says which", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.model.addTable("test.lost", "n2*");
    cluster.door("n2").port = "closed";
    assert.deepEqual(await member(asked({ missing: ["n2"] })), DONE);
    assert.deepEqual(cluster.said, [
      "n1: not waited for, since missing before: n2",
      "n1: not available without servers that are not there: test.lost",
    ]);
  });
});

test("names all servers and tables that it does not wait for", async () => {
  await withCluster(["n0", "n1", "n2", "n3"], async (cluster) => {
    cluster.model.addTable("test.a", "n2*");
    cluster.model.addTable("test.b", "n3*");
    cluster.set("n2", "exited");
    cluster.set("n3", "exited");
    assert.deepEqual(await member(asked()), DONE);
    assert.deepEqual(cluster.said, [
      "n1: not waited for, since missing before: n2, n3",
      "n1: not available without servers that are not there: test.a, test.b",
    ]);
  });
});

test("says nothing of a server that was missing before and is back", async () => {
  await withCluster(THREE, async (cluster) => {
    assert.deepEqual(await member(asked({ missing: ["n2"] })), DONE);
    assert.deepEqual(cluster.said, []);
  });
});

test("says everything that it waits for", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1").copying.set("0 id-n1", 1);
    cluster.model.isStuck = true;
    cluster.model.partition(["n1"], ["n2"]);
    cluster.clock.pace = 50;
    const why = "n2 not connected; table test.t is not ready on all its replicas";
    await assert.rejects(member(asked()), new Failure(mend(why)));
    assert.deepEqual(cluster.said, [`n1: waiting: ${why}`]);
  });
});

test("asks rarely how much data was copied, which is dear", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    let sizes = 0;
    cluster.door("n1").meet = (query) => {
      if (query.includes('"stats"')) sizes++;
      return "answer";
    };
    cluster.model.addTable("test.t", "n0* n1").copying.set("0 id-n1", 120);
    assert.deepEqual(await member(asked()), DONE);
    assert.equal(sizes, 2);
  });
});

test("does not wait for servers that are down", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.set("n2", "exited");
    assert.deepEqual(await member(asked()), DONE);
    assert.deepEqual(cluster.said, ["n1: not waited for, since missing before: n2"]);
  });
});

test("waits for a server that runs and was not missing", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.door("n2").port = "closed";
    await assertWaits(cluster, 2000, () => (cluster.door("n2").port = "open"));
  });
});

test("does not wait for servers whose certificates have expired", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.addServer("n3");
    cluster.model.partition(["n2", "n3"], ["n0", "n1"]);
    for (const name of ["n2", "n3"])
      cluster.volume(`db-${name}-tls`)?.files.set(`${FINGERPRINT}/cluster.pem`, fakePki().expired.certPem);
    assert.deepEqual(await member(asked()), DONE);
    assert.ok(cluster.said.includes("n1: not waited for, since their certificates have expired: n2, n3"));
    assert.ok(cluster.clock.time >= 2900, "not before others had time to connect");
  });
});

test("gives up on a server that never joins", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n1"], ["n0", "n2"]);
    cluster.clock.pace = 50;
    await assert.rejects(member(asked()), new Failure(mend("n0, n2 not connected")));
  });
});

test("waits for a server to take the cluster's accounts", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.door("n1").passwordOf = () => "its own";
    await assertWaits(cluster, 2000, () => (cluster.door("n1").passwordOf = undefined));
    assert.deepEqual(cluster.said, ["n1: waiting: it has not taken the cluster's accounts yet"]);
  });
});

test("gives up on a server whose driver port stays closed", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.door("n1").port = "closed";
    cluster.clock.pace = 100;
    await assert.rejects(member(asked()), new Failure(mend("it does not answer (port 28015 stayed closed)")));
  });
});

test("lets the next server be restarted where the certificates of all others have expired", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.door("n1").port = "closed";
    for (const name of ["n0", "n2"])
      cluster.volume(`db-${name}-tls`)?.files.set(`${FINGERPRINT}/cluster.pem`, fakePki().expired.certPem);
    assert.deepEqual(await member(asked()), DONE);
    assert.deepEqual(cluster.said, [
      "n1: waits for another server, and the certificates of all others have expired; it serves as soon as the next one was restarted",
    ]);
  });
});

test("does not count a server that is down among the others whose certificates have expired", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.door("n1").port = "closed";
    cluster.set("n2", "exited");
    cluster.volume("db-n0-tls")?.files.set(`${FINGERPRINT}/cluster.pem`, fakePki().expired.certPem);
    cluster.clock.pace = 100;
    assert.deepEqual(await member(asked()), DONE);
    assert.equal(cluster.clock.time, 0);
  });
});

for (const [what, names, expired] of [
  ["only some of the others have expired certificates", THREE, ["n0"]],
  ["there are no others", ["n1"], []],
] as const) {
  test(`goes on waiting for its port where ${what}`, async () => {
    await withCluster(names, async (cluster) => {
      cluster.door("n1").port = "closed";
      cluster.clock.pace = 100;
      for (const name of expired)
        cluster.volume(`db-${name}-tls`)?.files.set(`${FINGERPRINT}/cluster.pem`, fakePki().expired.certPem);
      await assert.rejects(member(asked()), new Failure(mend("it does not answer (port 28015 stayed closed)")));
    });
  });
}

test("asks again where the server goes away in the middle", async () => {
  await withCluster(THREE, async (cluster) => {
    let queries = 0;
    cluster.door("n1").meet = () => (++queries === 3 ? "end" : "answer");
    assert.deepEqual(await member(asked()), DONE);
    assert.match(cluster.said[0] ?? "", /^n1: waiting: it went away \(The connection was closed/);
    assert.equal(await cluster.settleChannels(), 0);
  });
});

test("hangs up on a server that does not answer before it logs in anew", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    let logins = 0;
    cluster.onChannel = () => logins++;
    cluster.door("n1").meet = () => (logins === 1 ? "silence" : "answer");
    assert.deepEqual(await member(asked()), DONE);
    assert.deepEqual(cluster.said, ["n1: waiting: it went away (no answer in 30 seconds)"]);
    assert.equal(logins, 2);
    assert.equal(await cluster.settleChannels(), 0);
  });
});

test("hangs up when it is done, and when it gives up", async () => {
  await withCluster(THREE, async (cluster) => {
    assert.deepEqual(await member(asked()), DONE);
    assert.equal(await cluster.settleChannels(), 0);
    cluster.model.partition(["n1"], ["n0", "n2"]);
    cluster.clock.pace = 50;
    await assert.rejects(member(asked()), Failure);
    assert.equal(await cluster.settleChannels(), 0);
  });
});

test("gets back the tables that were handed over, and the note goes", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1 n0* n2");
    cluster.model.addTable("test.two", "n0* (n1)");
    cluster.model.addTable("test.single", "n2*");
    const entries = [
      { table: "uuid-test.t", shard: 0, how: "primary", to: "n0" },
      { table: "uuid-test.two", shard: 0, how: "nonvoting", to: "n0" },
      { table: "uuid-test.single", shard: 0, how: "copied", to: "n2" },
    ];
    cluster.volume("db-n1-data")?.files.set("handover.json", JSON.stringify(entries));
    assert.deepEqual(await member(asked()), DONE);
    assert.deepEqual(cluster.model.layout, ["test.t: n1* n0 n2", "test.two: n0 n1*", "test.single: n1*"]);
    assert.equal(cluster.note("n1", "handover"), undefined);
    assert.deepEqual(cluster.said, ["n1: taking back 3 shards of 3 tables"]);
  });
});

test("says nothing of a note that holds no table, and removes it", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.volume("db-n1-data")?.files.set("handover.json", "[]");
    assert.deepEqual(await member(asked()), DONE);
    assert.equal(cluster.note("n1", "handover"), undefined);
    assert.deepEqual(cluster.said, []);
  });
});

test("keeps the note where tables cannot be given back", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1 n0* n2");
    cluster
      .volume("db-n1-data")
      ?.files.set("handover.json", JSON.stringify([{ table: "uuid-test.t", shard: 0, how: "primary", to: "n0" }]));
    cluster.model.refuseChange = () => "no";
    cluster.clock.pace = 100;
    const message =
      "n1: cannot change test.t (no), nothing changed for 180 seconds; look at npx pulumi-rethinkdb doctor --health, then run pulumi up again";
    await assert.rejects(member(asked()), new Failure(message));
    assert.notEqual(cluster.note("n1", "handover"), undefined);
  });
});

test("gets back the tags that were taken when it began to leave", async () => {
  await withCluster(THREE, async (cluster) => {
    Object.assign(cluster.model.server("n1") ?? {}, { tags: [] });
    cluster.volume("db-n1-data")?.files.set("leaving.json", JSON.stringify({ tags: ["default", "zone-a"] }));
    assert.deepEqual(await member(asked()), DONE);
    assert.deepEqual(cluster.model.server("n1")?.tags, ["default", "zone-a"]);
    assert.equal(cluster.note("n1", "leaving"), undefined);
  });
});

test("takes the place of the data that was given up, where it was replaced", async () => {
  await withCluster(THREE, async (cluster) => {
    const { model } = cluster;
    model.addTable("test.t", "n0* n1 n2");
    model.addTable("test.other", "n0* n2");
    Object.assign(model.server("n1") ?? {}, { id: "new-n1" });
    assert.deepEqual(await member(asked({ incarnation: 1 })), DONE);
    assert.deepEqual(model.table("test.t").shards[0]?.replicas, ["id-n0", "new-n1", "id-n2"]);
    assert.deepEqual(model.changes.length, 1);
    assert.ok(cluster.said.includes("n1: taking its place in test.t"));
  });
});

test("takes no place of other data where it was never replaced", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    Object.assign(cluster.model.server("n1") ?? {}, { id: "new-n1" });
    cluster.clock.pace = 100;
    await member(asked()).catch(() => undefined);
    assert.deepEqual(cluster.model.changes, []);
  });
});

test("removes certificates of the past, and keeps its own and all else", async () => {
  await withCluster(THREE, async (cluster) => {
    const files = cluster.volume("db-n1-tls")?.files;
    assert.ok(files);
    const kept = ["letters", "xbbbbbbbbbbbbbbbb/driver.key", "bbbbbbbbbbbbbbbb.old/driver.key", "bbbbbbbbbbbbbbb/x"];
    for (const path of ["bbbbbbbbbbbbbbbb/driver.key", "cccccccccccccccc.new/driver.key", ...kept]) files.set(path, "");
    await member(asked());
    assert.ok(cluster.changes.includes("prune db-n1-tls: bbbbbbbbbbbbbbbb cccccccccccccccc.new"));
    assert.equal(files.has(`${FINGERPRINT}/driver.pem`), true);
    assert.ok(kept.every((path) => files.has(path)));
  });
});

test("removes them with no more rights than that takes, and touches nothing beside them", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.volume("db-n1-tls")?.files.set("bbbbbbbbbbbbbbbb/driver.key", "");
    const helpers = new ScriptRun(cluster.host(), /=prune/, "/tls");
    try {
      for (const name of [FINGERPRINT, "bbbbbbbbbbbbbbbb"]) {
        mkdirSync(join(helpers.folder, name));
        writeFileSync(join(helpers.folder, name, "driver.key"), "");
      }
      assert.deepEqual(await member(asked()), DONE);
      assert.deepEqual(readdirSync(helpers.folder), [FINGERPRINT]);
      assert.deepEqual(helpers.capabilities, ["FOWNER", "DAC_OVERRIDE"]);
    } finally {
      helpers.close();
    }
  });
});

test("says that certificates of the past cannot be removed", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.volume("db-n1-tls")?.files.set("bbbbbbbbbbbbbbbb/driver.key", "");
    cluster.host().failOn(/helper=prune/, "Read-only file system\nmore");
    const message = "n1: cannot remove old certificates: Read-only file system";
    await assert.rejects(member(asked()), new Failure(message));
  });
});

test("waits for a container that started over fewer than three times, and says why at the third", async () => {
  await withCluster(THREE, async (cluster) => {
    Object.assign(cluster.container("n1") ?? {}, {
      state: "restarting",
      restartCount: 2,
      stderr: "old\nrefused: it is empty\n",
    });
    cluster.clock.onWait = () => Object.assign(cluster.container("n1") ?? {}, { restartCount: 3, exitCode: 64 });
    const message =
      "n1: its container is restarting, exit code 64: refused: it is empty; repair it, then run pulumi up again";
    await assert.rejects(member(asked()), new Failure(message));
    assert.equal(cluster.clock.time, 100);
  });
});

test("says at once why a container ended that does not start over, by the last line of a log of any length", async () => {
  await withCluster(THREE, async (cluster) => {
    const stderr = "starting\nlistening\nrefused: it is empty\n";
    Object.assign(cluster.container("n1") ?? {}, { state: "exited", exitCode: 64, stderr });
    const message =
      "n1: its container is exited, exit code 64: refused: it is empty; repair it, then run pulumi up again";
    await assert.rejects(member(asked()), new Failure(message));
    assert.equal(cluster.clock.time, 0);
    // All of a log may be gigabytes.
    assert.ok(cluster.host().commands.includes("logs --tail 5 db-n1"));
  });
});
