/** Hosts that do not answer: each is named in time, with what still works without it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnreachableRequest } from "../../../core/programs/unreachable";
import type { HostRef } from "../../../core/programs/parts/shared";
import { unreachable } from "../../../ops/programs/unreachable";
import { FakeCluster, OPERATOR_PASSWORD, REF } from "../../support/fakeCluster";

const engineOf = (host: string): string => `tcp://192.0.2.${String("abc".indexOf(host) + 1)}:2376`;
const HOSTS: readonly HostRef[] = ["a", "b", "c"].map((name) => ({
  name,
  dockerHost: engineOf(name),
  certPath: null,
  address: `192.0.2.1${name}`,
}));
const REQUEST: UnreachableRequest = {
  ...REF,
  dockerHost: engineOf("a"),
  hosts: HOSTS,
  servers: [
    { name: "n0", host: "a" },
    { name: "n1", host: "b" },
    { name: "n2", host: "c" },
  ],
  operator: { password: OPERATOR_PASSWORD, previousPassword: null },
};

async function withHosts(act: (cluster: FakeCluster) => Promise<void>): Promise<void> {
  const cluster = new FakeCluster([]);
  try {
    for (const { name, host } of REQUEST.servers) cluster.addServer(name, engineOf(host));
    await act(cluster);
  } finally {
    cluster.close();
  }
}

const END =
  "Nothing was touched. Put that right and run pulumi up again; or, where the host is gone for good, give it up with all that " +
  `only its servers have: set lost: true for it in hosts and add "lose-host" to allow`;
const WORKS = "It is the place of n2; the one table works without it.";

test("nothing is said where every host answers", async () => {
  await withHosts(async () => {
    assert.deepEqual(await unreachable(REQUEST), { unreachable: [] });
  });
});

test("a host that refuses is named with the reason and with what works without it", async () => {
  await withHosts(async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.set("n2", "exited");
    cluster.host(engineOf("c")).failOn(/./, "error during connect: dial tcp 192.0.2.3:2376: connect: no route to host");
    const reason =
      `Docker does not answer at tcp://192.0.2.3:2376: start the engine, or say where it is with DOCKER_HOST or docker context use ` +
      `(error during connect: dial tcp 192.0.2.3:2376: connect: no route to host)`;
    assert.deepEqual(await unreachable(REQUEST), { unreachable: [`hosts.c: ${reason}. ${WORKS} ${END}`] });
  });
});

test("a host that hangs is named after half a minute", async () => {
  await withHosts(async (cluster) => {
    cluster.model.addTable("test.t", "n0* n1 n2");
    cluster.set("n2", "exited");
    cluster.host(engineOf("c")).hangOn(/./);
    assert.deepEqual(await unreachable(REQUEST), {
      unreachable: [`hosts.c: no answer in 30 seconds. ${WORKS} ${END}`],
    });
    assert.equal(cluster.clock.time, 30_000);
  });
});

test("it is not known what works where no server on the other hosts answers", async () => {
  await withHosts(async (cluster) => {
    for (const name of ["n0", "n1", "n2"]) cluster.door(name).port = "closed";
    cluster.host(engineOf("c")).hangOn(/./);
    const unknown = "no server on the other hosts answers, so it is not known what works without it";
    assert.deepEqual(await unreachable(REQUEST), {
      unreachable: [`hosts.c: no answer in 30 seconds. It is the place of n2; ${unknown}. ${END}`],
    });
  });
});

test("it is not known what works where the account is refused", async () => {
  await withHosts(async (cluster) => {
    cluster.model.users.set("pulumi_operator", "another");
    cluster.host(engineOf("c")).hangOn(/./);
    const [line = ""] = (await unreachable(REQUEST)).unreachable;
    assert.match(line, /; no server on the other hosts answers, so it is not known what works without it\. /);
  });
});

test("each host that does not answer is named", async () => {
  await withHosts(async (cluster) => {
    for (const host of ["b", "c"]) cluster.host(engineOf(host)).hangOn(/./);
    const lines = (await unreachable(REQUEST)).unreachable.map((line) => line.slice(0, "hosts.x".length));
    assert.deepEqual(lines, ["hosts.b", "hosts.c"]);
  });
});
