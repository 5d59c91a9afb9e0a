/** How servers leave: what is moved off them, what marks them, and when nothing may be moved. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LABELS } from "../../../core/render/labels";
import type { DrainRequest } from "../../../core/programs/drain";
import type { HostRef } from "../../../core/programs/parts/shared";
import { drain } from "../../../ops/programs/drain";
import { Failure } from "../../../ops/lib/failure";
import { DOCKER_HOST, type FakeCluster, IDENTITY, operatorLogin, REF, withCluster } from "../../support/fakeCluster";

const FOUR = ["n0", "n1", "n2", "n3"];
const wanting = (servers: readonly string[], more: Partial<DrainRequest> = {}): DrainRequest => ({
  ...REF,
  servers,
  judged: { leaving: [], run: "a run" },
  allow: [],
  operator: operatorLogin(),
  ...more,
});
const THREE_STAY = wanting(["n0", "n1", "n2"]);

const mark = (cluster: FakeCluster, server: string): string | undefined =>
  cluster.volume(`db-${server}-tls`)?.files.get("left");
const tags = (cluster: FakeCluster, server: string): readonly string[] => cluster.model.server(server)?.tags ?? [];

const MAY_GO = "leaving: n3 may go; these data volumes stay until you delete them with docker volume rm: db-n3-data";
const NEXT = "what was moved stays moved; look at npx pulumi-rethinkdb doctor --health, then run pulumi up again";
/** Notes that were written on a server's volume, in order. */
const written = (cluster: FakeCluster, server: string, name: string): readonly string[] =>
  cluster.changes.filter((change) => change.startsWith(`write /data/${name}.json of db-${server}: `));

/** Nothing was moved, marked or written. */
function assertUntouched(cluster: FakeCluster): void {
  assert.deepEqual(cluster.model.changes, []);
  assert.deepEqual(cluster.model.writes, []);
  assert.deepEqual(cluster.changes, []);
}

test("moves everything off a server that goes, and marks it only then", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n3* n0 n1");
    cluster.model.addTable("test.u", "n0* (n3)");
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.deepEqual(cluster.model.layout, ["test.t: n0 n1* n2", "test.u: n0* (n1)"]);
    assert.deepEqual(cluster.model.changes.slice(0, 1), ["test.t: n3 n0 n1*"]);
    assert.deepEqual(tags(cluster, "n3"), []);
    assert.deepEqual(tags(cluster, "n0"), ["default", "n0"]);
    assert.deepEqual(cluster.note("n3", "leaving"), { tags: ["default", "n3"] });
    assert.equal(mark(cluster, "n3"), IDENTITY);
    assert.equal(cluster.note("n0", "moves"), undefined);
    assert.equal(cluster.changes.at(-1), "mark db-n3-tls");
    assert.deepEqual(cluster.said, [
      "leaving: moving data off n3: 2 tables and 2 replicas left",
      "leaving: moving data off n3: 1 tables and 1 replicas left",
      MAY_GO,
    ]);
  });
});

test("waits for copies, however long they take while they move", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n3* n0 n1");
    cluster.model.copyReads = 250;
    cluster.clock.pace = 20;
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.equal(mark(cluster, "n3"), IDENTITY);
  });
});

test("gives up on a copy that stands still, and marks nothing", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n3* n0 n1");
    cluster.model.copyReads = 1;
    cluster.model.isStuck = true;
    cluster.clock.pace = 100;
    const message =
      "nodes: nothing changed for 180 seconds: test.t not ready on all replicas; what was moved stays moved; " +
      "look at npx pulumi-rethinkdb doctor --health, then run pulumi up again";
    await assert.rejects(drain(THREE_STAY), new Failure(message));
    assert.equal(mark(cluster, "n3"), undefined);
    assert.deepEqual(cluster.note("n0", "moves"), [{ table: "uuid-test.t", shards: [{ voting: 3, nonvoting: 0 }] }]);
  });
});

test("looks once more for what was put on the server meanwhile", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n3* n0 n1");
    let looks = 0;
    cluster.door("n0").meet = (query) => {
      if (!query.includes("server_status")) return "answer";
      const isEmpty = cluster.model.layout.every((line) => !line.includes("n3"));
      if (isEmpty && ++looks === 5) cluster.model.addTable("test.late", "n3*");
      return "answer";
    };
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.ok(cluster.model.layout.every((line) => !line.includes("n3")));
    assert.equal(cluster.model.tables.length, 2);
    assert.equal(written(cluster, "n0", "moves").length, 2);
  });
});

test("puts nothing on a server that was drained", async () => {
  await withCluster([...FOUR, "n4"], async (cluster) => {
    cluster.model.addTable("test.t", "n4* n0");
    Object.assign(cluster.model.server("n1") ?? {}, { tags: [] });
    Object.assign(cluster.model.server("n2") ?? {}, { tags: [] });
    await drain(wanting(FOUR));
    assert.deepEqual(cluster.model.layout, ["test.t: n0* n3"]);
  });
});

test("goes on where an interrupted run stopped, with the layout from before it", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n3");
    const before = [{ table: "uuid-test.t", shards: [{ voting: 3, nonvoting: 0 }] }];
    cluster.volume("db-n0-data")?.files.set("moves.json", JSON.stringify(before));
    await drain(THREE_STAY);
    assert.deepEqual(cluster.model.layout, ["test.t: n0* n1 n2"]);
    assert.deepEqual(written(cluster, "n0", "moves"), []);
    assert.equal(cluster.note("n0", "moves"), undefined);
  });
});

test("lowers replicas only where that is allowed", async () => {
  for (const [allow, works] of [
    [["lower-replicas"], true],
    [[], false],
  ] as const) {
    await withCluster(FOUR, async (cluster) => {
      cluster.model.addTable("test.t", "n3* n0 n1 n2");
      const asked = drain(wanting(["n0", "n1", "n2"], { allow }));
      if (works) {
        assert.deepEqual(await asked, { left: ["n3"] });
        assert.deepEqual(cluster.model.layout, ["test.t: n0* n1 n2"]);
        return;
      }
      const message =
        "nodes: test.t has more replicas than the 3 servers that remain; " +
        `lower them with allow: ["lower-replicas"], or keep more servers`;
      await assert.rejects(asked, new Failure(message));
      assertUntouched(cluster);
    });
  }
});

test("marks servers whose containers were removed by hand", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.host().containers.pop();
    assert.deepEqual(await drain(wanting(["n0", "n1", "n2"], { judged: { leaving: ["n3"], run: "a run" } })), {
      left: ["n3"],
    });
    assert.equal(mark(cluster, "n3"), IDENTITY);
  });
});

test("does nothing where no server of those that are wanted is there", async () => {
  await withCluster(["n3"], async (cluster) => {
    assert.deepEqual(await drain(THREE_STAY), { left: [] });
    assertUntouched(cluster);
  });
});

test("does nothing where every server is wanted, and asks none", async () => {
  await withCluster(["n0", "n1", "n2"], async (cluster) => {
    cluster.onChannel = () => assert.fail("a server is asked");
    assert.deepEqual(await drain(THREE_STAY), { left: [] });
    assertUntouched(cluster);
  });
});

/** Each way of not knowing what lies on a server that goes. */
const UNKNOWN: readonly (readonly [what: string, spoil: (cluster: FakeCluster) => void, why: string])[] = [
  [
    "no server answers",
    (cluster) => {
      for (const name of FOUR) cluster.door(name).port = "closed";
    },
    "nodes: no server answers (n0 (its driver port is closed), n1 (its driver port is closed), n2 (its driver port is closed), " +
      "n3 (its driver port is closed)), so nothing tells what is on n3; start the servers, then run pulumi up again",
  ],
  [
    "the servers see two halves",
    (cluster) => {
      cluster.model.partition(["n0", "n3"], ["n1", "n2"]);
    },
    "nodes: the servers do not all see each other: n0, n3 see n0, n3; n1, n2 see n1, n2; repair the network between them, " +
      'or stop the servers that are cut off, then run pulumi up again, or go on without them with allow: ["abandon-data"]',
  ],
  [
    "a server that no other one sees cannot be asked",
    (cluster) => {
      cluster.model.partition(["n3"], ["n0", "n1", "n2"]);
      cluster.host().failOn(/^exec -i db-n3 channel/, "no space left on device");
    },
    "nodes: n3 (no space left on device) runs and cannot be asked, so nothing tells what is on n3; " +
      `repair that, then run pulumi up again, or go on without with allow: ["abandon-data"]`,
  ],
];

for (const [what, spoil, message] of UNKNOWN) {
  test(`refuses where ${what}`, async () => {
    await withCluster(FOUR, async (cluster) => {
      cluster.model.addTable("test.t", "n3* n0 n1");
      spoil(cluster);
      await assert.rejects(drain(THREE_STAY), new Failure(message));
      assertUntouched(cluster);
    });
  });
}

test("goes on where a server that is wanted again cannot be started: a later step makes it anew", async () => {
  await withCluster(FOUR, async (cluster) => {
    await drain(THREE_STAY);
    cluster.set("n3", "exited");
    cluster.host().failOn(/^start db-n3$/, "driver failed programming external connectivity");
    await drain(wanting(FOUR));
    assert.equal(mark(cluster, "n3"), undefined);
    assert.ok(
      cluster.said.includes("leaving: n3 could not be started: driver failed programming external connectivity"),
    );
  });
});

test("leaves behind what cannot be moved where data may be abandoned, and says what", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.lost", "n3*");
    cluster.model.addTable("test.stuck", "n3* n0");
    // It has no majority, and who leads it is there.
    cluster.model.addTable("test.half", "n0* n3");
    cluster.model.addTable("test.t", "n0* n1 n3");
    cluster.set("n3", "exited");
    const or = `or leave its data behind with allow: ["abandon-data"]`;
    const messages = [
      `nodes: test.half, test.stuck cannot be moved, too many of its replicas are on servers that do not answer; start those servers, ${or}`,
      `nodes: no server knows where test.lost has its replicas; start the servers that have them, ${or}`,
    ];
    await assert.rejects(drain(THREE_STAY), new Failure(messages.join("\n")));
    assertUntouched(cluster);
    assert.deepEqual(await drain(wanting(["n0", "n1", "n2"], { allow: ["abandon-data"] })), { left: ["n3"] });
    assert.equal(mark(cluster, "n3"), `${IDENTITY}\nabandon-data`);
    assert.deepEqual(cluster.model.layout, [
      "test.lost: n3*",
      "test.stuck: n3* n0",
      "test.half: n0* n3",
      "test.t: n0* n1 n2",
    ]);
    assert.deepEqual(cluster.said.slice(-3), [
      "leaving: left behind, as allow says: test.lost, test.stuck, test.half",
      "leaving: moving data off n3: 1 tables and 1 replicas left",
      MAY_GO,
    ]);
  });
});

test("refuses where none of the servers that stay runs", async () => {
  await withCluster(["n0", "n3"], async (cluster) => {
    cluster.model.addTable("test.t", "n3*");
    cluster.set("n0", "exited");
    const message = "nodes: none of the servers that remain runs; start them, then run pulumi up again";
    await assert.rejects(drain(wanting(["n0"])), new Failure(message));
    assert.equal(mark(cluster, "n3"), undefined);
  });
});

test("takes mark and note off a server that is wanted again, and gives its tags back", async () => {
  await withCluster(FOUR, async (cluster) => {
    await drain(THREE_STAY);
    assert.equal(mark(cluster, "n3"), IDENTITY);
    const [{ length: saidBefore }, { length: changesBefore }] = [cluster.said, cluster.changes];
    assert.deepEqual(await drain(wanting(FOUR)), { left: [] });
    assert.equal(mark(cluster, "n3"), undefined);
    assert.equal(cluster.note("n3", "leaving"), undefined);
    assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
    assert.deepEqual(cluster.said.slice(saidBefore), []);
    assert.deepEqual(cluster.changes.slice(changesBefore), ["unmark db-n3-tls", "remove /data/leaving.json of db-n3"]);
  });
});

for (const [state, command] of [
  ["exited", "start"],
  ["created", "start"],
  ["paused", "unpause"],
] as const) {
  test(`starts a server that is wanted again and is ${state}`, async () => {
    await withCluster(FOUR, async (cluster) => {
      await drain(THREE_STAY);
      cluster.set("n3", state);
      await drain(wanting(FOUR));
      assert.ok(cluster.changes.includes(`${command} db-n3`));
      assert.equal(mark(cluster, "n3"), undefined);
      assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
      assert.deepEqual(cluster.said.slice(1), [`leaving: n3 is wanted again and is ${state}: starting it`]);
    });
  });
}

test("takes the mark off a server that is wanted again though no server answers", async () => {
  await withCluster(FOUR, async (cluster) => {
    await drain(THREE_STAY);
    for (const name of FOUR) cluster.door(name).port = "closed";
    await drain(wanting(FOUR));
    assert.equal(mark(cluster, "n3"), undefined);
    assert.notEqual(cluster.note("n3", "leaving"), undefined);
  });
});

test("leaves the note of a server that is wanted again and has not joined yet", async () => {
  await withCluster(FOUR, async (cluster) => {
    await drain(THREE_STAY);
    cluster.door("n3").port = "closed";
    const started = cluster.clock.time;
    await drain(wanting(FOUR));
    const seconds = (cluster.clock.time - started) / 1000;
    assert.ok(seconds >= 30 && seconds < 60, String(seconds));
    assert.deepEqual(cluster.note("n3", "leaving"), { tags: ["default", "n3"] });
    assert.ok(
      cluster.said.includes(
        "leaving: n3 is wanted again and not part of the cluster yet: it gets its tags back when it is",
      ),
    );
  });
});

test("waits for a server that is wanted again to join", async () => {
  await withCluster(FOUR, async (cluster) => {
    await drain(THREE_STAY);
    cluster.door("n3").port = "closed";
    const started = cluster.clock.time;
    cluster.clock.onWait = (time) => {
      if (time > started + 20_000) cluster.door("n3").port = "open";
    };
    await drain(wanting(FOUR));
    assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
  });
});

test("says that marks cannot be written", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.host().unreadable.add("db-n3-tls");
    const message = "cannot read or write who has left: db-n3-tls: Input/output error";
    await assert.rejects(drain(THREE_STAY), new Failure(message));
  });
});

test("says that RethinkDB refuses the tags, and moves nothing", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n3* n0 n1");
    cluster.model.refuseWrite = () => "no";
    await assert.rejects(drain(THREE_STAY), new Failure("n3: RethinkDB refused its tags: no"));
    assert.deepEqual(cluster.model.changes, []);
    assert.equal(mark(cluster, "n3"), undefined);
  });
});

test("says who refuses the operator where no server answers", async () => {
  await withCluster(FOUR, async (cluster) => {
    for (const name of FOUR) cluster.door(name).passwordOf = () => undefined;
    for (const name of FOUR) cluster.volume(`db-${name}-data`)?.files.set("started", "");
    const message =
      "leaving: n0 refuses the account pulumi_operator, so nothing tells what this would cost; nothing was touched; " +
      "set the account again with pulumi up --target-replace '**-admin'";
    await assert.rejects(drain(THREE_STAY), new Failure(message));
    assertUntouched(cluster);
  });
});

test("a server that has nothing goes though the note of the layouts from before could not be removed", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.host().failOn(/rm -f \/data\/moves\.json/, "no space left on device");
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.equal(mark(cluster, "n3"), IDENTITY);
  });
});

test("names those that go once each, in the order of their numbers", async () => {
  await withCluster(["n0", "n1", "n2", "n10"], async (cluster) => {
    cluster.model.addTable("test.t", "n10* n2");
    const request = wanting(["n0", "n1"], { judged: { leaving: ["n10", "n2"], run: "a run" } });
    assert.deepEqual(await drain(request), { left: ["n2", "n10"] });
    assert.deepEqual(cluster.said, [
      "leaving: moving data off n2, n10: 1 tables and 2 replicas left",
      "leaving: n2, n10 may go; these data volumes stay until you delete them with docker volume rm: db-n2-data, db-n10-data",
    ]);
  });
});

test("finds a server on a host that is declared no more, and names the host of its volume", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    const other = "tcp://192.0.2.2:2376";
    cluster.addServer("n3", other);
    cluster.model.addTable("test.t", "n3* n0");
    const host = (name: string, dockerHost: string): HostRef => ({ name, dockerHost, certPath: null, address: null });
    const hosts = [host("a", DOCKER_HOST)];
    const judged = { leaving: [], run: "a run", hosts: [host("b", other)] };
    assert.deepEqual(await drain(wanting(["n0", "n1"], { hosts, judged })), { left: ["n3"] });
    assert.deepEqual(cluster.model.layout, ["test.t: n0* n1"]);
    assert.equal(mark(cluster, "n3"), IDENTITY);
    assert.deepEqual(
      cluster.changes.filter((change) => change.startsWith("mark")),
      ["mark db-n3-tls"],
    );
    assert.equal(cluster.said.at(-1), `${MAY_GO} on b`);
    // It is wanted again, on its host.
    await drain(wanting(["n0", "n1", "n3"], { hosts, judged }));
    assert.equal(mark(cluster, "n3"), undefined);
    assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
  });
});

test("names no data volume that is deleted already", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.host().volumes.delete("db-n3-data");
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.deepEqual(cluster.said, ["leaving: n3 may go; its data volume is deleted already"]);
  });
});

test("marks no volume of another cluster or another server", async () => {
  await withCluster(FOUR, async (cluster) => {
    const foreign = cluster.host().addVolume("other-n3-tls", { [LABELS.clusterName]: "other", [LABELS.server]: "n3" });
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.equal(foreign.files.get("left"), undefined);
    assert.deepEqual(cluster.said, [MAY_GO]);
    assert.deepEqual(
      FOUR.map((name) => mark(cluster, name)),
      [undefined, undefined, undefined, IDENTITY],
    );
  });
});

test("a host that is given up may take its data along, and the mark says so", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.lost", "n3*");
    cluster.set("n3", "exited");
    const request = wanting(["n0", "n1", "n2"], { allow: ["lose-host"], lost: ["n3"] });
    assert.deepEqual(await drain(request), { left: ["n3"] });
    assert.equal(mark(cluster, "n3"), `${IDENTITY}\nabandon-data`);
  });
});

test("gives its tags back to a server that began to leave and was not marked yet", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n3* n0 n1");
    cluster.model.refuseChange = () => "no";
    cluster.clock.pace = 1000;
    await assert.rejects(drain(THREE_STAY), Failure);
    assert.deepEqual(tags(cluster, "n3"), []);
    assert.deepEqual(await drain(wanting(FOUR)), { left: [] });
    assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
    assert.equal(cluster.note("n3", "leaving"), undefined);
    assert.ok(!cluster.changes.some((change) => change.startsWith("unmark")));
  });
});

test("a server that is wanted and whose volumes Docker does not know by its labels has no mark", async () => {
  await withCluster(FOUR, async (cluster) => {
    for (const part of ["data", "tls"]) cluster.host().addVolume(`db-n0-${part}`, {}, { left: IDENTITY });
    cluster.host().failOn(/^run(?!.* --volume )/, "there is nothing to look into");
    cluster.onChannel = () => assert.fail("a server is asked");
    assert.deepEqual(await drain(wanting(FOUR)), { left: [] });
    assertUntouched(cluster);
  });
});

test("neither waits for a server that is away and was never to leave, nor speaks of it", async () => {
  await withCluster(FOUR, async (cluster) => {
    await drain(THREE_STAY);
    cluster.door("n2").port = "closed";
    const [{ length }, started] = [cluster.said, cluster.clock.time];
    await drain(wanting(FOUR));
    assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
    assert.deepEqual(cluster.said.slice(length), ["leaving: n2 cannot be asked: its driver port is closed"]);
    assert.ok(cluster.clock.time < started + 10_000);
  });
});

test("asks another server where the one that it asks goes away while a server is to join", async () => {
  await withCluster(FOUR, async (cluster) => {
    await drain(THREE_STAY);
    let looks = 0;
    cluster.door("n0").meet = (query) => {
      // All that is read of a status comes first.
      if (!query.includes('"server_config"') || ++looks === 1) return "answer";
      cluster.door("n0").port = "closed";
      return "end";
    };
    await drain(wanting(FOUR));
    assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
    assert.ok(cluster.said.some((line) => line.startsWith("leaving: a server went away while it was asked: ")));
  });
});

test("keeps the layouts from before on a server that runs", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n3* n1");
    cluster.set("n0", "exited");
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.equal(written(cluster, "n1", "moves").length, 1);
    assert.equal(cluster.note("n1", "moves"), undefined);
  });
});

test("takes no tags of a server that does not run, though others see it still", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n3");
    cluster.set("n3", "paused");
    cluster.model.isUp = () => true;
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.deepEqual(tags(cluster, "n3"), ["default", "n3"]);
    assert.deepEqual(cluster.model.layout, ["test.t: n0* n1 n2"]);
  });
});

for (const [seconds, copyReads, pace, rates] of [
  [0, 0, 1, [""]],
  [0.6, 6, 1, ["", ", 200 replicas a minute"]],
  [60, 6, 100, [", 4 replicas a minute", ", 2 replicas a minute"]],
] as const) {
  test(`says how many replicas go in a minute only once there was time to tell: copies of ${String(seconds)} seconds`, async () => {
    await withCluster(FOUR, async (cluster) => {
      // Four of them go first.
      for (const name of ["a", "b", "c", "d", "e"]) cluster.model.addTable(`test.${name}`, "n3*");
      cluster.model.copyReads = copyReads;
      cluster.clock.time = 1e6;
      cluster.clock.pace = pace;
      await drain(THREE_STAY);
      assert.deepEqual(cluster.said, [
        "leaving: moving data off n3: 5 tables and 5 replicas left",
        ...rates.map((rate) => `leaving: moving data off n3: 1 tables and 1 replicas left${rate}`),
        MAY_GO,
      ]);
    });
  });
}

test("waits too for a table that an interrupted run had moved, before it lets a server go", async () => {
  await withCluster(FOUR, async (cluster) => {
    cluster.model.addTable("test.before", "n0* n1").copying.set("0 id-n1", 40);
    cluster.model.addTable("test.t", "n3*");
    const before = [{ table: "uuid-test.before", shards: [{ voting: 2, nonvoting: 0 }] }];
    cluster.volume("db-n0-data")?.files.set("moves.json", JSON.stringify(before));
    await drain(THREE_STAY);
    assert.equal(cluster.model.table("test.before").copying.size, 0);
    assert.ok(cluster.said.includes("leaving: waiting for test.before"));
  });
});

test("gives up where a server that went away keeps tables from moving", async () => {
  await withCluster([...FOUR, "n4"], async (cluster) => {
    cluster.model.addTable("test.u", "n2* n3");
    cluster.model.addTable("test.t", "n2* n4");
    // It goes after everything was judged.
    cluster.model.refuseWrite = () => {
      cluster.set("n2", "exited");
      return undefined;
    };
    cluster.clock.pace = 100;
    const message = `nodes: nothing changed for 180 seconds, still on n3, n4: test.t, test.u; ${NEXT}`;
    await assert.rejects(drain(THREE_STAY), new Failure(message));
    assert.equal(mark(cluster, "n3"), undefined);
  });
});

test("goes on for as long as fewer replicas are left", async () => {
  await withCluster(FOUR, async (cluster) => {
    const table = cluster.model.addTable("test.t", "n2* n3", "n2* n3", "n2* n3");
    cluster.model.refuseWrite = () => {
      cluster.set("n2", "exited");
      return undefined;
    };
    cluster.clock.pace = 1000;
    // Someone takes one off by hand each time.
    cluster.clock.onWait = () => {
      const left = table.shards.filter(({ replicas }) => replicas.includes("id-n3")).length;
      table.shards = table.shards.map((shard, index) => (index < left - 1 ? shard : cluster.model.parse("n0*")));
    };
    assert.deepEqual(await drain(THREE_STAY), { left: ["n3"] });
    assert.ok(cluster.clock.time > 180_000, String(cluster.clock.time));
  });
});

test("gives up where the same table is put on the server again and again", async () => {
  await withCluster(FOUR, async (cluster) => {
    const table = cluster.model.addTable("test.t", "n3*");
    cluster.clock.pace = 100;
    let last = 0;
    cluster.clock.onWait = (time) => {
      // Not between two steps of a move, which take no time here.
      if (time > last && !cluster.model.layout.join().includes("n3")) table.shards = [cluster.model.parse("n3*")];
      last = time;
    };
    await assert.rejects(
      drain(THREE_STAY),
      new Failure(`nodes: nothing changed for 180 seconds, still on n3: test.t; ${NEXT}`),
    );
    assert.equal(mark(cluster, "n3"), undefined);
  });
});
