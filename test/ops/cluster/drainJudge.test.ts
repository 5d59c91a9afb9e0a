/** Who may go, asked before anything is changed: drains, replacements, and what is not known of a server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_CA } from "../../../args/shape/schema";
import type { FleetRequest } from "../../../core/programs/fleet";
import { mayAbandon } from "../../../ops/cluster/drainJudge";
import { checkDrain, checkReplaced } from "../../../ops/fleet/drains";
import { type FakeCluster, OPERATOR_PASSWORD, REF, withCluster } from "../../support/fakeCluster";

const THREE = ["n0", "n1", "n2"];
const asked = (servers: readonly string[], more: Partial<FleetRequest> = {}): FleetRequest => ({
  ...REF,
  network: "db",
  subnet: "198.51.100.0/24",
  operator: { password: OPERATOR_PASSWORD, previousPassword: null },
  cas: { clusterCa: FIRST_CA, driverCa: FIRST_CA, clientCa: FIRST_CA },
  ownCas: {},
  driverClients: [],
  operatorGeneration: 1,
  passwordAccepted: true,
  driverNetworks: [],
  servers: servers.map((name) => ({
    name,
    container: `db-${name}`,
    dataVolume: `db-${name}-data`,
    publish: null,
    incarnation: 0,
  })),
  allow: [],
  ...more,
});
const TWO_STAY = asked(["n0", "n1"]);

for (const [what, allow, lost, leaving, expected] of [
  ["nothing is allowed", [], ["n2"], ["n2"], false],
  ["data may be abandoned", ["abandon-data"], [], ["n2"], true],
  ["a host is given up with all that go", ["lose-host"], ["n1", "n2"], ["n2"], true],
  ["a host is given up with only some that go", ["lose-host"], ["n2"], ["n1", "n2"], false],
] as const) {
  test(`data ${expected ? "may" : "may not"} be left behind where ${what}`, () => {
    assert.equal(mayAbandon({ allow, lost }, leaving), expected);
  });
}

test("data may not be left behind where a host is given up and it is not said which servers are lost", () => {
  assert.equal(mayAbandon({ allow: ["lose-host"] }, ["n2"]), false);
});

test("no server leaves where none can be asked, and all that should leave are named with the reasons", async () => {
  await withCluster([...THREE, "n3"], async (cluster) => {
    for (const name of ["n2", "n3"]) cluster.set(name, "exited");
    cluster.door("n0").port = "closed";
    cluster.host().failOn(/^exec -i db-n1 channel/, "no space left on device");
    const problem =
      "nodes: no server answers (n0 (its driver port is closed), n1 (no space left on device)), so nothing tells what is on n2, n3; " +
      "start the servers, then run pulumi up again";
    for (const allow of [[], ["abandon-data"]])
      assert.deepEqual(await checkDrain({ ...TWO_STAY, allow }, ["n2", "n3"]), [problem]);
  });
});

test("what cannot be asked is left behind where data may be abandoned", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n2"], ["n0", "n1"]);
    cluster.host().failOn(/^exec -i db-n2 channel/, "no space left on device");
    const unknown =
      "nodes: n2 (no space left on device) runs and cannot be asked, so nothing tells what is on n1, n2; " +
      `repair that, then run pulumi up again, or go on without with allow: ["abandon-data"]`;
    assert.deepEqual(await checkDrain(TWO_STAY, ["n1", "n2"]), [unknown]);
    assert.deepEqual(await checkDrain({ ...TWO_STAY, allow: ["abandon-data"] }, ["n1", "n2"]), []);
  });
});

test("a server goes whose tables have a place elsewhere", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n2* n0");
    assert.deepEqual(await checkDrain(TWO_STAY, ["n2"]), []);
  });
});

test("a server stays whose tables have no place elsewhere", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    const lower = `lower them with allow: ["lower-replicas"], or keep more servers`;
    const problem = `nodes: test.t has more replicas than the 2 servers that remain; ${lower}`;
    assert.deepEqual(await checkDrain(TWO_STAY, ["n2"]), [problem]);
    assert.deepEqual(await checkDrain({ ...TWO_STAY, allow: ["lower-replicas"] }, ["n2"]), []);
  });
});

test("the layout from before an interrupted drain counts", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n2");
    const before = [{ table: "uuid-test.t", shards: [{ voting: 3, nonvoting: 0 }] }];
    cluster.volume("db-n0-data")?.files.set("moves.json", JSON.stringify(before));
    assert.equal((await checkDrain(TWO_STAY, ["n2"])).length, 1);
  });
});

test("servers that never ran hold nothing", async () => {
  await withCluster(THREE, async (cluster) => {
    for (const name of THREE) cluster.set(name, "created");
    assert.deepEqual(await checkDrain(TWO_STAY, ["n2"]), []);
    cluster.set("n1", "exited");
    const problem =
      "nodes: no server answers, so nothing tells what is on n2; start the servers, then run pulumi up again";
    assert.deepEqual(await checkDrain(TWO_STAY, ["n2"]), [problem]);
  });
});

const PARTED =
  "nodes: the servers do not all see each other: n0 sees n0; n1, n2 see n1, n2; repair the network between them, " +
  `or stop the servers that are cut off, then run pulumi up again, or go on without them with allow: ["abandon-data"]`;

test("no server leaves a cluster in two parts, unless data may be abandoned", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n0"], ["n1", "n2"]);
    assert.deepEqual(await checkDrain(TWO_STAY, ["n2"]), [PARTED]);
    assert.deepEqual(await checkDrain({ ...TWO_STAY, allow: ["abandon-data"] }, ["n2"]), []);
  });
});

test("all views are judged, and not the first alone", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n1* n0 n2");
    // Each sees the others; only n1's word for the table is another one.
    cluster.door("n0").port = "closed";
    cluster.model.isUp = () => true;
    assert.equal((await checkDrain(TWO_STAY, ["n2"])).length, 1);
  });
});

test("several that are not known are named together", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n1"], ["n0", "n2"]);
    cluster.model.partition(["n2"], ["n0"]);
    cluster.host().failOn(/^exec -i db-n[12] channel/, "no space left on device");
    const problem =
      "nodes: n1 (no space left on device), n2 (no space left on device) run and cannot be asked, so nothing tells what is on n2; " +
      `repair that, then run pulumi up again, or go on without with allow: ["abandon-data"]`;
    assert.deepEqual(await checkDrain(TWO_STAY, ["n2"]), [problem]);
  });
});

const runs = (name: string): string =>
  `replacements.${name}: ${name} runs with its data; only a server whose data is lost is replaced; ` +
  `if you mean it, stop it first: docker stop db-${name}`;

test("a server that others see is not replaced", async () => {
  await withCluster(THREE, async () => {
    assert.deepEqual(await checkReplaced(asked(THREE), ["n1", "n2"]), [runs("n1"), runs("n2")]);
  });
});

test("a server that runs is not replaced where none can be asked", async () => {
  await withCluster(THREE, async (cluster) => {
    for (const name of THREE) cluster.door(name).port = "closed";
    cluster.set("n2", "exited");
    assert.deepEqual(await checkReplaced(asked(THREE), ["n1"]), [runs("n1")]);
    assert.deepEqual(await checkReplaced(asked(THREE), ["n2"]), []);
  });
});

for (const [names, who, stop] of [
  [["n1"], "n1 (no space left on device) runs", "it"],
  [["n1", "n3"], "n1 (no space left on device), n3 (no space left on device) run", "them"],
] as const) {
  test(`nothing is replaced while it is not known what ${names.join(", ")} ${names.length === 1 ? "has" : "have"}`, async () => {
    await withCluster([...THREE, "n3"], async (cluster) => {
      cluster.set("n2", "exited");
      if (names.length === 1) cluster.set("n3", "exited");
      cluster.model.partition(names, ["n0"]);
      cluster.host().failOn(/^exec -i db-n[13] channel/, "no space left on device");
      const problem =
        `replacements: ${who} and cannot be asked, so nothing tells which data is lost; ` +
        `repair that, or stop ${stop}, then run pulumi up again`;
      assert.deepEqual(await checkReplaced(asked([...THREE, "n3"]), ["n2"]), [problem]);
    });
  });
}

test("what is lost with a server that is replaced is told", async () => {
  const check = async (act: (cluster: FakeCluster) => void): Promise<readonly string[]> =>
    withCluster(THREE, async (cluster) => {
      cluster.set("n2", "exited");
      act(cluster);
      assert.deepEqual(await checkReplaced(asked(THREE), ["n2"]), []);
      return cluster.said;
    });
  const said = await check(({ model }) => {
    model.addTable("test.lost", "n2*");
    model.addTable("test.half", "n0* n2");
    model.addTable("test.t", "n0* n1 n2");
  });
  assert.deepEqual(said, [
    "replacements: n2: the old data is given up; its volume stays",
    "replacements: not available any more without it: test.lost, test.half",
  ]);
  assert.deepEqual(await check(({ model }) => model.addTable("test.t", "n0* n1 n2")), said.slice(0, 1));
});
