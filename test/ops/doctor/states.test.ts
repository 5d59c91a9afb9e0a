/** What the end of a run says of a cluster: by its containers and by what each of its servers sees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { health } from "../../../ops/doctor/health";
import { lookAtWhole } from "../../../ops/doctor/states";
import { operatorLogin, REF, withCluster } from "../../support/fakeCluster";

const THREE = ["n0", "n1", "n2"];
const REQUEST = { ...REF, operator: operatorLogin() };
const ALL = { n0: "serves", n1: "serves", n2: "serves" };
const REFUSED =
  "db: n0 refuses the account pulumi_operator, so nothing tells what this would cost; nothing was touched; " +
  "set the account again with pulumi up --target-replace '**-admin'";

test("a whole cluster has no problem", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    assert.deepEqual(await lookAtWhole(REQUEST, THREE), { states: ALL, problems: [] });
  });
});

test("a paused server is said to be", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.set("n2", "paused");
    assert.deepEqual(await lookAtWhole(REQUEST, THREE), {
      states: { ...ALL, n2: "paused" },
      problems: ["n2 is paused; docker unpause db-n2, or npx pulumi-rethinkdb doctor says why"],
    });
  });
});

test("a server that cannot be asked is said not to serve, closed or not known", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.door("n1").port = "closed";
    cluster.host().failOn(/^exec -i db-n2 channel/, "no space left on device");
    const report = await lookAtWhole(REQUEST, THREE);
    assert.deepEqual(report.states, {
      n0: "serves",
      n1: "runs and cannot be asked: its driver port is closed",
      n2: "runs and cannot be asked: no space left on device",
    });
    assert.equal(report.problems.length, 2);
  });
});

test("where the account is refused, that is the first problem", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("pulumi_operator", "another");
    const report = await lookAtWhole(REQUEST, ["n0"]);
    assert.equal(report.problems[0], REFUSED);
    assert.ok(report.problems.includes("no server answers, so nothing is known of the tables"));
  });
});

test("the doctor finds nothing wrong with a whole cluster", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    const { problems, servers, tables } = await health(REQUEST);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      servers.map(({ name, connected, diskFreePercent }) => [name, connected, diskFreePercent]),
      THREE.map((name) => [name, true, 40]),
    );
    assert.deepEqual(tables, { total: 1, ready: 1, unready: [] });
  });
});

test("the doctor names a partition", async () => {
  await withCluster(THREE, async (cluster) => {
    cluster.model.partition(["n0"], ["n1", "n2"]);
    const { problems } = await health(REQUEST);
    assert.equal(problems[0], "db: the servers do not all see each other: n0 sees n0; n1, n2 see n1, n2");
  });
});

test("the doctor tells of a cluster that refuses the account what Docker knows of it", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.model.users.set("pulumi_operator", "another");
    const { problems, servers } = await health(REQUEST);
    assert.equal(problems[0], REFUSED);
    assert.deepEqual(
      servers.map(({ name, state }) => [name, state]),
      [["n0", "running"]],
    );
  });
});
