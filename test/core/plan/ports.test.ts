/** Which ports a cluster publishes, and which of them meet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planCluster, publishersOf } from "../../../core/plan/cluster";
import { portClashes, type Publisher } from "../../../core/plan/ports";
import type { RethinkdbClusterArgs } from "../../../args/args";

const ARGS: RethinkdbClusterArgs = { clusterName: "db", adminPassword: "correct horse battery" };

function publisher(owner: string, name: string, address: string, port: number, host = "local"): Publisher {
  return { owner, host, ports: [{ name, at: { address, port } }] };
}

test("a cluster publishes the driver port of each server, and the web UI where there is one", () => {
  const webUi = { enabled: true };
  assert.deepEqual(
    publishersOf(planCluster({ ...ARGS, nodes: 2, webUi, webUiPassword: "x" })).map(({ owner, ports }) => [
      owner,
      ports.map(({ name, at }) => `${name} ${at.address}:${String(at.port)}`),
    ]),
    [
      ["n0", ["driver 127.0.0.1:28015"]],
      ["n1", ["driver 127.0.0.1:28016"]],
      ["the cluster", ["webUi 127.0.0.1:8080"]],
    ],
  );
});

test("two ports of one address are refused, also where one of them is on every address", () => {
  const driver = publisher("n1", "driver", "0.0.0.0", 28016);
  const taken = ["webUi.port: 28016 is the driver port of n1; choose another one"];
  for (const address of ["0.0.0.0", "127.0.0.1"]) {
    assert.deepEqual(portClashes([driver, publisher("the cluster", "webUi", address, 28016)]), taken);
  }
  assert.deepEqual(
    portClashes([publisher("n0", "driver", "10.0.0.1", 29015), publisher("n0", "cluster", "10.0.0.1", 29015)]),
    ["driverPort: 29015 is the driver port of n0; choose another one"],
  );
});

test("ports of other hosts, other addresses, another kind of address or other numbers do not meet", () => {
  const driver = publisher("n0", "driver", "0.0.0.0", 8080);
  for (const other of [
    publisher("the cluster", "webUi", "127.0.0.1", 8080, "b"),
    publisher("the cluster", "webUi", "::1", 8080),
    publisher("the cluster", "webUi", "127.0.0.1", 8081),
  ]) {
    assert.deepEqual(portClashes([driver, other]), []);
  }
  assert.deepEqual(portClashes([publisher("a", "driver", "10.0.0.1", 1), publisher("b", "driver", "10.0.0.2", 1)]), []);
});
