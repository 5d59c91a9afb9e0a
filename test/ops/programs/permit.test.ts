/** When a server may be stopped for a change of its container, and when that is refused. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LABELS } from "../../../core/render/labels";
import type { PermitRequest, PermitResult } from "../../../core/programs/permit";
import { Failure } from "../../../ops/lib/failure";
import { makeWay, permit } from "../../../ops/programs/permit";
import { type FakeCluster, operatorLogin, OTHER_IDENTITY, REF, withCluster } from "../../support/fakeCluster";
import { fakePki } from "../../support/fake/pki";
import { ScriptRun } from "../../support/scriptRun";

const request = (more: Partial<PermitRequest> = {}): PermitRequest => ({
  ...REF,
  server: "n1",
  container: "db-n1",
  dataVolume: "db-n1-data",
  uid: 28015,
  spec: "new",
  prepared: { fingerprint: "aaaaaaaaaaaaaaaa", spec: "new", run: "a run" },
  allow: [],
  protectSingleReplicaTables: false,
  strictInterruption: false,
  operator: operatorLogin(),
  ...more,
});

const STOPPED: PermitResult = { run: "a run", stopped: true, interrupted: [], missing: [] };
const UNTOUCHED: PermitResult = { ...STOPPED, stopped: false };
const STOP = "stop --time 60 db-n1";
const OWN_UID = process.getuid?.() ?? 0;
const THREE = ["n0", "n1", "n2"];

/** A server's container was stopped. */
const isStopped = (cluster: FakeCluster): boolean => cluster.changes.includes(STOP);

async function assertRefused(cluster: FakeCluster, message: string, more: Partial<PermitRequest> = {}): Promise<void> {
  await assert.rejects(permit(request(more)), new Failure(message));
  assert.equal(isStopped(cluster), false);
}

const notStopped = (why: string): string =>
  `n1: ${why}; it was not stopped; bring the missing server back, then run pulumi up again, or add "lose-majority" to allow`;
const notAsked = (who: string, runs = "runs"): string =>
  `n1: ${who} ${runs} and cannot be asked, so nothing tells what stopping n1 would cost; it was not stopped; ` +
  `repair that, then run pulumi up again, or add "lose-majority" to allow`;
const interrupts = (tables: string): string =>
  `n1: ${tables} would not be available while it restarts, and strictInterruption is on; ` +
  "it was not stopped; give each table three replicas, or set protectSingleReplicaTables";
const SPLIT = "n1: the servers do not all see each other: n0, n2 see n0, n2; n1 sees n1";
const OUTSIDE = "n1: is not part of the cluster, so there is nothing to hand over";

test("stops a server whose tables live on without it, after it has handed them over", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    assert.deepEqual(await permit(request()), STOPPED);
    assert.deepEqual(cluster.model.layout, ["test.t: n1 n0* n2"]);
    assert.deepEqual(cluster.changes, [
      "write /data/handover.json of db-n1: []",
      `write /data/handover.json of db-n1: [{"table":"uuid-test.t","shard":0,"how":"primary","to":"n0"}]`,
      STOP,
    ]);
    assert.deepEqual(cluster.said, ["n1: handing over 1 shard of 1 table", "n1: stopping"]);
  });
});

test("refuses to stop a server that a table cannot do without, since a replica elsewhere is missing", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.set("n2", "exited");
    const why = "stopping it now would take test.t out of service, a replica elsewhere is missing already";
    await assertRefused(cluster, notStopped(why));
    assert.deepEqual(cluster.changes, []);
  });
});

test("stops it all the same where the majority may be lost", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.set("n2", "exited");
    assert.deepEqual(await permit(request({ allow: ["lose-majority"] })), { ...STOPPED, missing: ["n2"] });
    assert.ok(isStopped(cluster));
  });
});

test("stops it all the same where only other things are allowed is refused", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.set("n2", "exited");
    const why = "stopping it now would take test.t out of service, a replica elsewhere is missing already";
    await assertRefused(cluster, notStopped(why), { allow: ["abandon-data", "adopt-data", "lose-host"] });
  });
});

test("refuses what became dangerous while tables were handed over", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.model.addTable("test.u", "n1* n0 n2");
    cluster.model.refuseChange = () => {
      cluster.set("n2", "exited");
      return undefined;
    };
    const why = "stopping it now would take test.t, test.u out of service, a replica elsewhere is missing already";
    await assertRefused(cluster, notStopped(why));
    assert.deepEqual(cluster.model.changes, ["test.u: n1 n0 n2*"]);
  });
});

test("says which tables are away while it restarts, for want of another replica", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.a", "n1*");
    cluster.model.addTable("test.b", "n1*");
    assert.deepEqual(await permit(request()), { ...STOPPED, interrupted: ["test.a", "test.b"] });
    assert.deepEqual(cluster.said, [
      "n1: not available while it restarts, for want of another replica: test.a, test.b",
      "n1: stopping",
    ]);
  });
});

test("refuses an interruption where strictInterruption is on", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.single", "n1*");
    await assertRefused(cluster, interrupts("test.single"), { strictInterruption: true });
  });
});

test("copies a table of one replica to another server first where that is wanted", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.single", "n1*");
    const wanted = request({ strictInterruption: true, protectSingleReplicaTables: true });
    assert.deepEqual(await permit(wanted), STOPPED);
    assert.deepEqual(cluster.model.layout, ["test.single: n0*"]);
  });
});

test("hands nothing to a server that was drained", async () => {
  await withCluster(["n0", "n1", "n2", "n3"], async (cluster) => {
    for (const name of ["n0", "n2"]) Object.assign(cluster.model.server(name) ?? {}, { tags: [] });
    cluster.model.addTable("test.single", "n1*");
    cluster.model.addTable("test.t", "n1* n0 n3");
    assert.deepEqual(await permit(request({ protectSingleReplicaTables: true })), STOPPED);
    assert.deepEqual(cluster.model.layout, ["test.single: n3*", "test.t: n1 n0 n3*"]);
  });
});

test("goes on with what an interrupted run had begun to hand over", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    const begun = { table: "uuid-test.t", shard: 0, how: "primary", to: "n2" };
    cluster.volume("db-n1-data")?.files.set("handover.json", JSON.stringify([begun]));
    assert.deepEqual(await permit(request()), STOPPED);
    assert.deepEqual(cluster.model.layout, ["test.t: n1 n0 n2*"]);
    assert.deepEqual(cluster.note("n1", "handover"), [begun]);
  });
});

test("hands nothing over where the server cannot keep a note of it", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    cluster.host().failOn(/cat > \/data\/handover\.json/, "cat: write error: No space left on device");
    assert.deepEqual(await permit(request()), STOPPED);
    assert.deepEqual(cluster.model.changes, []);
    assert.deepEqual(cluster.said, [
      "n1: hands nothing over: db-n1: cannot write /data/handover.json: cat: write error: No space left on device",
      "n1: stopping",
    ]);
  });
});

test("does not stop a server whose tables cannot be handed over", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    cluster.model.refuseChange = () => "the table is busy";
    cluster.clock.pace = 100;
    const message =
      "n1: cannot change test.t (the table is busy), nothing changed for 180 seconds; it was not stopped; " +
      "look at npx pulumi-rethinkdb doctor --health, then run pulumi up again";
    await assertRefused(cluster, message);
  });
});

/** Each way of not knowing what another server has. */
const UNKNOWN: readonly (readonly [what: string, spoil: (cluster: FakeCluster) => void, reason: string])[] = [
  [
    "cannot be entered, for want of disk",
    (cluster) => {
      cluster.host().failOn(/^exec -i db-n2 channel/, "OCI runtime exec failed: no space left on device");
    },
    "OCI runtime exec failed: no space left on device",
  ],
  [
    "presents a stranger's certificate",
    (cluster) => {
      cluster.door("n2").certificate = fakePki().strangers;
    },
    "unable to verify the first certificate",
  ],
  [
    "presents a certificate that has expired by this machine's clock alone",
    (cluster) => {
      cluster.door("n2").certificate = fakePki().expired;
    },
    "certificate has expired by the clock of this machine, but its certificate is valid by the clock of its host: set the clock",
  ],
  [
    "never answers a query",
    (cluster) => {
      cluster.door("n2").meet = () => "silence";
    },
    "no answer in 30 seconds",
  ],
  [
    "is frozen before the login",
    (cluster) => {
      cluster.door("n2").port = "frozen";
    },
    "Failed to connect to localhost:28015 in less than 15s.",
  ],
  [
    "refuses the operator's account",
    (cluster) => {
      cluster.door("n2").passwordOf = () => "another password";
    },
    "it refuses the account pulumi_operator",
  ],
  [
    "does not let the operator read its tables",
    (cluster) => {
      cluster.door("n2").meet = () => "end";
    },
    "The connection was closed before the query could be completed",
  ],
];

for (const [what, spoil, reason] of UNKNOWN) {
  // Its link to the others is cut: none of them can speak for it.
  test(`refuses where another server runs, is not seen by any server and ${what}`, async () => {
    await withCluster(THREE, async (cluster) => {
      cluster.model.partition(["n2"], ["n0", "n1"]);
      spoil(cluster);
      await assert.rejects(permit(request()), (error: Error) => {
        assert.ok(error instanceof Failure);
        assert.equal(error.message.split("\n")[0], notAsked(`n2 (${reason})`));
        return true;
      });
      assert.equal(isStopped(cluster), false);
    });
  });

  test(`goes on where a server ${what} and the others see it`, async () => {
    await withCluster(THREE, async (cluster) => {
      spoil(cluster);
      assert.deepEqual(await permit(request()), STOPPED);
    });
  });
}

test("refuses where no server can be asked, though each runs", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.host().failOn(/ channel$/, "OCI runtime exec failed: no space left on device");
    const reason = "(OCI runtime exec failed: no space left on device)";
    await assertRefused(cluster, notAsked(`n0 ${reason}, n1 ${reason}, n2 ${reason}`, "run"), {
      strictInterruption: true,
    });
  });
});

test("stops it where none can be asked and the majority may be lost, and names them", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    cluster.host().failOn(/ channel$/, "no space left on device");
    assert.deepEqual(await permit(request({ allow: ["lose-majority"] })), STOPPED);
    assert.deepEqual(cluster.said, [
      "n1: not known, and allow says to go on: n0 (no space left on device), n1 (no space left on device)",
      "n1: no server serves, so there is no service to protect",
      "n1: stopping",
    ]);
  });
});

test("stops it where each server's driver port was seen closed", async () => {
  await withCluster(THREE, async (cluster) => {
    for (const name of THREE) cluster.door(name).port = "closed";
    assert.deepEqual(await permit(request()), STOPPED);
    assert.deepEqual(cluster.said, [
      ...THREE.map((name) => `n1: ${name} cannot be asked: its driver port is closed`),
      "n1: no server serves, so there is no service to protect",
      "n1: stopping",
    ]);
  });
});

test("stops it where each server's certificate is proven expired by its host's clock", async () => {
  await withCluster(THREE, async (cluster) => {
    const { expired } = fakePki();
    for (const name of THREE) {
      cluster.door(name).certificate = expired;
      cluster.volume(`db-${name}-tls`)?.files.set("aaaaaaaaaaaaaaaa/driver.pem", expired.certPem);
    }
    assert.deepEqual(await permit(request()), STOPPED);
    assert.ok(cluster.said.includes("n1: n0 cannot be asked: its certificate has expired"));
  });
});

test("refuses where the account is refused everywhere", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.users.set("pulumi_operator", "another password");
    const message =
      "n1: n0 refuses the account pulumi_operator, so nothing tells what this would cost; " +
      "nothing was touched; set the account again with pulumi up --target-replace '**-admin'";
    await assertRefused(cluster, message);
  });
});

test("judges a partition by all of its parts, and not by the first that answers", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    cluster.model.partition(["n0"], ["n1", "n2"]);
    const why = "stopping it now would take test.t out of service, a replica elsewhere is missing already";
    await assertRefused(cluster, notStopped(why));
    assert.deepEqual(cluster.said, ["n1: the servers do not all see each other: n0 sees n0; n1, n2 see n1, n2"]);
  });
});

test("waits a moment for servers to see each other after a restart", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    cluster.model.partition(["n0"], ["n1", "n2"]);
    cluster.clock.onWait = (time) => {
      if (time >= 2000) cluster.model.cuts.length = 0;
    };
    assert.deepEqual(await permit(request()), STOPPED);
    assert.deepEqual(cluster.model.layout, ["test.t: n1 n0* n2"]);
  });
});

test("hands nothing over from a server that no other one sees, and that sees no other one", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.model.partition(["n1"], ["n0", "n2"]);
    assert.deepEqual(await permit(request()), { ...STOPPED, missing: ["n1"] });
    assert.deepEqual(cluster.said, [SPLIT, OUTSIDE, "n1: stopping"]);
    assert.deepEqual(cluster.model.changes, []);
  });
});

test("says which tables such a server serves alone, to clients that reach it", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.a", "n1*");
    cluster.model.addTable("test.b", "n1*");
    cluster.model.partition(["n1"], ["n0", "n2"]);
    assert.deepEqual(await permit(request()), { ...STOPPED, interrupted: ["test.a", "test.b"], missing: ["n1"] });
    assert.deepEqual(cluster.said, [
      SPLIT,
      OUTSIDE,
      "n1: not available while it restarts, for want of another replica: test.a, test.b",
      "n1: stopping",
    ]);
  });
});

test("refuses to interrupt such tables where strictInterruption is on", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.a", "n1*");
    cluster.model.addTable("test.b", "n1*");
    cluster.model.partition(["n1"], ["n0", "n2"]);
    await assertRefused(cluster, interrupts("test.a, test.b"), { strictInterruption: true });
  });
});

test("hands over within its own part of a cluster that is split, and calls the rest missing", async () => {
  await withCluster(["n0", "n1", "n2", "n3", "n4"], async (cluster) => {
    cluster.model.addTable("test.t", "n1* n4");
    cluster.model.partition(["n0", "n2", "n3"], ["n1", "n4"]);
    assert.deepEqual(await permit(request()), { ...STOPPED, missing: ["n0", "n2", "n3"] });
    assert.deepEqual(cluster.model.layout, ["test.t: (n1) n4*"]);
  });
});

test("asks again when a server goes away while it is asked", async () => {
  await withCluster(THREE, async (cluster) => {
    let times = 0;
    cluster.door("n0").meet = (query) => (query.includes("table_status") && ++times === 2 ? "end" : "answer");
    cluster.model.addTable("test.t", "n1* n0 n2");
    assert.deepEqual(await permit(request()), STOPPED);
    assert.match(cluster.said[0] ?? "", /^n1: a server went away while it was asked: /);
  });
});

test("gives up when servers go away each time they are asked", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    let times = 0;
    cluster.door("n1").meet = (query) => (query.includes("table_status") && ++times % 2 === 0 ? "end" : "answer");
    cluster.model.addTable("test.t", "n1* n0");
    const message =
      "n1: the servers cannot say what this would cost (The connection was closed before the query could be completed); " +
      "nothing more was done; run pulumi up again";
    await assertRefused(cluster, message);
  });
});

for (const state of ["restarting", "paused", "exited"] as const) {
  test(`stops a server that is ${state} without asking anyone`, async () => {
    await withCluster(THREE, async (cluster) => {
      cluster.model.addTable("test.t", "n0* n1 n2");
      cluster.set("n2", "exited");
      cluster.set("n1", state);
      assert.deepEqual(await permit(request()), STOPPED);
      assert.deepEqual(cluster.changes, state === "paused" ? ["unpause db-n1", STOP] : [STOP]);
      assert.deepEqual(cluster.said, state === "exited" ? [] : ["n1: stopping"]);
    });
  });
}

test("stops nothing where the container is as it should be", async () => {
  await withCluster(THREE, async (cluster) => {
    assert.deepEqual(await permit(request({ spec: "old" })), UNTOUCHED);
    assert.deepEqual(cluster.changes, []);
  });
});

test("starts a stopped container that is as it should be, when its data is the server's", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.set("n1", "exited");
    assert.deepEqual(await permit(request({ spec: "old" })), UNTOUCHED);
    assert.deepEqual(cluster.changes, ["give db-n1-data to 28015", "start db-n1"]);
  });
});

test("gives the data to another uid only after the server was stopped", async () => {
  await withCluster(THREE, async (cluster) => {
    assert.deepEqual(await permit(request({ uid: 1000 })), STOPPED);
    assert.deepEqual(cluster.changes.slice(-2), [STOP, "give db-n1-data to 1000"]);
  });
});

test("gives the data to the server's uid where there is no container", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.host().addVolume("db-n1-data");
    assert.deepEqual(await permit(request()), UNTOUCHED);
    assert.deepEqual(cluster.changes, ["give db-n1-data to 28015"]);
  });
});

test("says why the data cannot be given to the server's uid", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.host().addVolume("db-n1-data");
    cluster.host().unreadable.add("db-n1-data");
    const message = "n1: cannot give its data to uid 28015: db-n1-data: Input/output error";
    await assert.rejects(permit(request()), new Failure(message));
    cluster.host().unreadable.clear();
    cluster.host().failOn(/=chown/, "chown: Read-only file system\nchown: and so on");
    const first = "n1: cannot give its data to uid 28015: chown: Read-only file system";
    await assert.rejects(permit(request()), new Failure(first));
  });
});

test("has four hours to give all data of a server to its uid", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.host().addVolume("db-n1-data");
    cluster.host().hangOn(/=chown/);
    await assert.rejects(permit(request()), Failure);
    assert.equal(cluster.clock.time, 4 * 3600 * 1000);
  });
});

for (const [what, uid, expected] of [
  [
    "that another uid has is given",
    OWN_UID + 1,
    (place: string) => `-R ${String(OWN_UID + 1)}:${String(OWN_UID + 1)} ${place}\n`,
  ],
  ["that the uid has already is left as it is", OWN_UID, () => ""],
] as const) {
  test(`data ${what}, with no more rights than that takes`, async () => {
    await withCluster(["n0"], async (cluster) => {
      cluster.host().addVolume("db-n1-data");
      const helpers = new ScriptRun(cluster.host(), /=chown/, "/data");
      try {
        mkdirSync(join(helpers.folder, "rethinkdb"));
        helpers.stub("chown");
        await permit(request({ uid }));
        assert.equal(helpers.callsOf("chown"), expected(join(helpers.folder, "rethinkdb")));
        assert.deepEqual(helpers.capabilities, ["CHOWN", "FOWNER", "DAC_OVERRIDE"]);
      } finally {
        helpers.close();
      }
    });
  });
}

for (const [what, act] of [
  ["permit", permit],
  ["makeWay", makeWay],
] as const) {
  test(`${what} touches no container of another cluster`, async () => {
    await withCluster(THREE, async (cluster) => {
      Object.assign(cluster.container("n1") ?? {}, { labels: { [LABELS.identity]: OTHER_IDENTITY } });
      const message = "n1: container db-n1 is not this cluster's; nothing was touched; choose another clusterName";
      await assert.rejects(act(request()), new Failure(message));
      assert.deepEqual(cluster.changes, []);
    });
  });

  test(`${what} touches no container that has no label`, async () => {
    await withCluster(THREE, async (cluster) => {
      Object.assign(cluster.container("n1") ?? {}, { labels: null });
      const message = "n1: container db-n1 is not this cluster's; nothing was touched; choose another clusterName";
      await assert.rejects(act(request()), new Failure(message));
      assert.deepEqual(cluster.changes, []);
    });
  });

  test(`${what} says which engine hangs`, async () => {
    await withCluster(THREE, async (cluster) => {
      cluster.host().hangOn(/^container inspect/);
      const message =
        "docker container inspect db-n1 did not end in 60 seconds at tcp://192.0.2.1:2376: the Docker engine hangs, " +
        "or the way to it; nothing more was done; when docker version answers there, run the same command again";
      await assert.rejects(act(request()), new Failure(message));
      assert.equal(cluster.clock.time, 60_000);
    });
  });
}

test("makeWay judges a running server, hands it over, and removes its container", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    assert.deepEqual(await makeWay(request({ spec: "old" })), { removed: true });
    assert.deepEqual(cluster.model.layout, ["test.t: n1 n0* n2"]);
    assert.deepEqual(cluster.changes.slice(-2), [STOP, "rm --force db-n1"]);
    assert.equal(cluster.said[0], "n1: its container is made again");
  });
});

test("makeWay removes no server that a table cannot do without", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.set("n2", "exited");
    const why = "stopping it now would take test.t out of service, a replica elsewhere is missing already";
    await assert.rejects(makeWay(request()), new Failure(notStopped(why)));
    assert.deepEqual(cluster.changes, []);
  });
});

test("makeWay removes a server that a killed run started before it had an account, and no other", async () => {
  await withCluster(["n1"], async (cluster) => {
    cluster.model.users.set("pulumi_operator", "none");
    const refused =
      "n1: n1 refuses the account pulumi_operator, so nothing tells what this would cost; " +
      "nothing was touched; set the account again with pulumi up --target-replace '**-admin'";
    await assert.rejects(makeWay(request()), new Failure(refused));
    assert.deepEqual(cluster.changes, []);
    cluster.volume("db-n1-data")?.files.delete("started");
    assert.deepEqual(await makeWay(request()), { removed: true });
    assert.ok(cluster.said.includes("n1: n1 cannot be asked: it has never been a member"));
  });
});

test("makeWay removes a container that the permit has stopped", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.set("n1", "exited");
    assert.deepEqual(await makeWay(request()), { removed: true });
    assert.deepEqual(cluster.changes, ["rm db-n1"]);
    assert.deepEqual(cluster.said, []);
  });
});

test("makeWay has nothing to do where there is no container", async () => {
  await withCluster(["n0"], async (cluster) => {
    assert.deepEqual(await makeWay(request()), { removed: false });
    assert.deepEqual(cluster.changes, []);
  });
});
