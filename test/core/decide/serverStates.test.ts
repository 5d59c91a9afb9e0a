/** What is said of each server at the end of a run, and why the cluster is not whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { View } from "../../../core/decide/views";
import { reportWhole, type ServerState } from "../../../core/decide/serverStates";
import { status, type TableSketch } from "../../support/status";

const THREE = ["n0", "n1", "n2"];
const server = (name: string, state = "running"): ServerState => ({ name, container: `db-${name}`, state });
const views = (seen: readonly string[], tables: Readonly<Record<string, TableSketch[]>> = {}): readonly View[] =>
  seen.map((name) => ({ server: name, status: status(seen, tables) }));
const ALL = { n0: "serves", n1: "serves", n2: "serves" };

test("a cluster is whole where each server serves and each table is ready", () => {
  const tables = { t: [{ replicas: ["n0", "n1"] }] };
  const servers = THREE.map((name) => server(name));
  assert.deepEqual(reportWhole(THREE, servers, views(THREE, tables), {}), { states: ALL, problems: [] });
});

for (const [state, cure] of [
  ["paused", "docker unpause db-n2"],
  ["exited", "docker start db-n2"],
  ["created", "docker start db-n2"],
] as const) {
  test(`a server that is ${state} is said to be, with what helps`, () => {
    const servers = [server("n0"), server("n1"), server("n2", state)];
    assert.deepEqual(reportWhole(THREE, servers, views(["n0", "n1"]), {}), {
      states: { ...ALL, n2: state },
      problems: [`n2 is ${state}; ${cure}, or npx pulumi-rethinkdb doctor says why`],
    });
  });
}

test("a server that runs and cannot be asked is said to, with the reason", () => {
  const servers = THREE.map((name) => server(name));
  const report = reportWhole(THREE, servers, views(["n0", "n1"]), { n2: "no space left on device" });
  assert.deepEqual(report, {
    states: { ...ALL, n2: "runs and cannot be asked: no space left on device" },
    problems: ["n2 runs and cannot be asked: no space left on device; look at docker logs db-n2"],
  });
});

test("a server that cannot be asked does not serve, whatever the others see", () => {
  const servers = THREE.map((name) => server(name));
  const report = reportWhole(THREE, servers, views(THREE), { n2: "frozen" });
  assert.equal(report.states["n2"], "runs and cannot be asked: frozen");
});

test("a server that runs and that no other sees is not part of the cluster", () => {
  const servers = THREE.map((name) => server(name));
  assert.deepEqual(reportWhole(THREE, servers, views(["n0", "n1"]), {}), {
    states: { ...ALL, n2: "runs and is not part of the cluster" },
    problems: ["n2 runs and is not part of the cluster; look at docker logs db-n2"],
  });
});

test("a server that is wanted and has no container is missed", () => {
  const report = reportWhole(THREE, [server("n0"), server("n1")], views(["n0", "n1"]), {});
  assert.deepEqual(report, {
    states: { n0: "serves", n1: "serves" },
    problems: ["n2 has no container; run up"],
  });
});

test("a cluster without servers is not whole", () => {
  assert.deepEqual(reportWhole(["n0"], [], [], {}), {
    states: {},
    problems: ["n0 has no container; run up", "no server answers, so nothing is known of the tables"],
  });
});

test("a partition is told, though each server serves", () => {
  const halves: readonly View[] = [
    { server: "n0", status: status(["n0"]) },
    { server: "n1", status: status(["n1", "n2"]) },
    { server: "n2", status: status(["n1", "n2"]) },
  ];
  const servers = THREE.map((name) => server(name));
  assert.deepEqual(reportWhole(THREE, servers, halves, {}), {
    states: ALL,
    problems: ["the servers do not all see each other: n0 sees n0; n1, n2 see n1, n2", "n0 not connected"],
  });
});

test("a table that is not ready is told once, also where its servers are away", () => {
  const tables = { t: [{ replicas: ["n0", "n1"], ready: ["n0"] }], away: [{ replicas: ["n2"], ready: [] }] };
  const servers = [server("n0"), server("n1"), server("n2", "exited")];
  assert.deepEqual(reportWhole(THREE, servers, views(["n0", "n1"], tables), {}).problems, [
    "n2 is exited; docker start db-n2, or npx pulumi-rethinkdb doctor says why",
    "table test.t is not ready on all its replicas",
    "table test.away is not ready on all its replicas",
  ]);
});

test("a table of whose state nothing is known is not ready", () => {
  const [view] = views(["n0"], { t: [{ replicas: ["n0"] }] });
  assert.ok(view);
  const blind = { ...view, status: { ...view.status, tables: [] } };
  assert.deepEqual(reportWhole(["n0"], [server("n0")], [blind], {}).problems, [
    "table test.t is not ready on all its replicas",
  ]);
});
