/** Probes on what was read, for faults that are not planted on a shared engine, and what is not tried. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Attempt } from "../../../core/decide/audit/report";
import { Failure } from "../../../ops/lib/failure";
import { notTriedFor, type Probe, tryEach } from "../../../ops/doctor/probe";
import { ENGINE_ENDPOINT, ENGINE_SETTINGS, ENGINE_SOCKET } from "../../../ops/doctor/probes/docker/engine";
import { FOREIGN_CONTAINERS } from "../../../ops/doctor/probes/docker/drift";
import { CLOCKS, DISKS } from "../../../ops/doctor/probes/docker/time";
import { HTTP_FLAG } from "../../../ops/doctor/probes/network/httpPort";
import { FOREIGN_NETWORK } from "../../../ops/doctor/probes/network/openPorts";
import { NotTried, type Scene } from "../../../ops/doctor/scene/scene";

const SERVERS = [{ name: "n0", container: "db-n0", host: "" }];

/** Only what a probe reads. */
async function run(probe: Probe, scene: object): Promise<readonly Attempt[]> {
  return probe.run({
    declared: { servers: SERVERS, network: "db" },
    lostHosts: [],
    hosts: [],
    ...scene,
  } as unknown as Scene);
}

function engineHost(host: object): object {
  return { hosts: [{ name: "", title: "the Docker engine", ...host }] };
}

const GOOD = {
  ServerVersion: "20.10.24",
  SecurityOptions: ["name=seccomp,profile=default"],
  LiveRestoreEnabled: false,
  OperatingSystem: "Linux",
};

describe("the engine", () => {
  test("without seccomp or older than 20.10 is found, and of today's is said what it is", async () => {
    assert.deepEqual(await run(ENGINE_SETTINGS, engineHost({ info: GOOD })), [
      {
        outcome: "held",
        subject: "the Docker engine",
        seen: "20.10.24 on Linux, runs as root, without user namespaces, live restore off, swarm inactive",
      },
    ]);
    const bad = { ...GOOD, ServerVersion: "19.03.15", SecurityOptions: [] };
    assert.deepEqual(await run(ENGINE_SETTINGS, engineHost({ info: bad })), [
      {
        ...{ outcome: "found", subject: "the Docker engine", severity: "medium" },
        seen: "the engine has no seccomp: containers may make every system call",
        todo: "use a kernel and an engine with seccomp",
      },
      {
        ...{ outcome: "found", subject: "the Docker engine", severity: "medium" },
        ...{ seen: "the engine is 19.03.15, older than 20.10", todo: "update the engine" },
      },
    ]);
  });

  test("that is reached without TLS is found", async () => {
    const at = (engine: object): object => engineHost({ engine });
    const [found] = await run(
      ENGINE_ENDPOINT,
      at({ endpoint: "tcp://10.0.0.1:2375", isLocal: false, isBehindSsh: false, verifiesTls: false }),
    );
    assert.equal(
      found?.outcome === "found" && `${found.severity}: ${found.seen}`,
      "critical: tcp://10.0.0.1:2375 is reached without TLS",
    );
    for (const way of [{ isLocal: true }, { isBehindSsh: true }, { verifiesTls: true }]) {
      assert.equal((await run(ENGINE_ENDPOINT, at({ endpoint: "x", ...way })))[0]?.outcome, "held");
    }
  });

  test("on another machine has a socket that is not looked at, which does not spoil the verdict", async () => {
    const [left] = await run(ENGINE_SOCKET, engineHost({ engine: { isLocal: false } }));
    assert.deepEqual(left, {
      ...{ outcome: "not-tried", subject: "the Docker engine", essential: false },
      reason: "its socket is on another machine: look with stat -c '%a %U %G' /var/run/docker.sock there",
    });
  });

  test("that does not answer is not tried, and spoils the verdict", async () => {
    const lost = { lostHosts: [{ name: "b", title: "host b", trouble: "hosts.b: it is gone" }] };
    assert.deepEqual(await run(ENGINE_SETTINGS, lost), [
      { outcome: "not-tried", subject: "host b", reason: "hosts.b: it is gone", essential: true },
    ]);
  });
});

test("a helper on the cluster's volumes is one for five minutes", async () => {
  const declared = { containers: [], network: "db", volumes: [{ name: "db-n0-tls" }], identity: "abc" };
  const aged = async (milliseconds: number): Promise<Attempt | undefined> => {
    const container = {
      ...{ Name: "/stranger", Created: new Date(Date.now() - milliseconds).toISOString() },
      Config: { Labels: { "pulumi-rethinkdb.helper": "x" } },
      Mounts: [{ Name: "db-n0-tls", RW: false }],
      NetworkSettings: { Networks: {} },
    };
    const host = engineHost({ containers: [container], clockAheadMs: 0 });
    return (await run(FOREIGN_CONTAINERS, { ...host, declared }))[0];
  };
  assert.equal((await aged(4 * 60_000))?.outcome, "held");
  const old = await aged(6 * 60_000);
  assert.equal(
    old?.outcome === "found" && `${old.severity}, ${old.subject}: ${old.seen}`,
    "critical, stranger: it uses db-n0-tls, which belongs to the cluster",
  );
});

test("a clock that is a minute off is found", async () => {
  const at = async (clockAheadMs: number): Promise<Attempt | undefined> =>
    (await run(CLOCKS, engineHost({ clockAheadMs })))[0];
  assert.deepEqual(await at(59_000), {
    ...{ outcome: "held", subject: "the Docker engine" },
    seen: "its clock is 59 seconds ahead of this machine's",
  });
  const late = await at(-61_000);
  assert.equal(
    late?.outcome === "found" && `${late.severity}: ${late.seen}`,
    "medium: its clock is 61 seconds behind this machine's",
  );
});

test("a disk that fills up is found", async () => {
  const at = async (freeBytes: number): Promise<Attempt | undefined> =>
    (await run(DISKS, { inside: () => Promise.resolve({ disk: { totalBytes: 100, freeBytes } }) }))[0];
  assert.equal((await at(10))?.outcome, "held");
  for (const [free, severity] of [
    [9, "high"],
    [4, "critical"],
  ] as const) {
    const found = await at(free);
    assert.equal(
      found?.outcome === "found" && `${found.severity}: ${found.seen}`,
      `${severity}: ${String(free)} % of its disk is free`,
    );
  }
  const unknown = (await run(DISKS, { inside: () => Promise.resolve({ disk: null }) }))[0];
  assert.deepEqual(unknown, { outcome: "not-tried", subject: "n0", reason: "df said nothing", essential: true });
});

test("a server whose process has no --no-http-admin is found", async () => {
  const withArgv = async (...argv: readonly string[]): Promise<string | undefined> =>
    (await run(HTTP_FLAG, { inside: () => Promise.resolve({ processes: [{ pid: 1, argv }] }) }))[0]?.outcome;
  assert.equal(await withArgv("rethinkdb", "--no-http-admin"), "held");
  assert.equal(await withArgv("rethinkdb", "--bind", "all"), "found");
  const unseen = await run(HTTP_FLAG, { inside: () => Promise.resolve({ processes: [] }) });
  assert.deepEqual(unseen, [
    { outcome: "not-tried", subject: "n0", reason: "its first process is not seen", essential: true },
  ]);
});

test("a port that Docker's default network reaches is found", async () => {
  const from = async (open: readonly number[]): Promise<Attempt | undefined> => {
    const vantage = {
      name: "Docker's default network",
      attempt: async (_: string, port: number, act: (dialled: object) => Promise<unknown>) =>
        act(open.includes(port) ? { socket: {} } : { closed: "no answer" }),
    };
    const live = { host: {}, container: { NetworkSettings: { Networks: { db: { IPAddress: "10.0.0.10" } } } } };
    return (await run(FOREIGN_NETWORK, { server: () => live, onForeignNetwork: () => Promise.resolve(vantage) }))[0];
  };
  assert.equal((await from([]))?.outcome, "held");
  const found = await from([29015]);
  assert.equal(
    found?.outcome === "found" && `${found.severity}, ${found.subject}: ${found.seen}`,
    "high, n0 from Docker's default network: port 29015 of 10.0.0.10 is reached",
  );
});

describe("what cannot be tried", () => {
  test("is not tried with its reason, and never held", async () => {
    const attempts = await tryEach(
      ["a", "b", "c"],
      (name) => name,
      (name) => {
        if (name === "a") throw new NotTried("it is exited");
        if (name === "b") throw new Failure("Docker does not answer");
        return { outcome: "held", subject: name, seen: "closed" };
      },
    );
    assert.deepEqual(attempts, [
      { outcome: "not-tried", subject: "a", reason: "it is exited", essential: true },
      { outcome: "not-tried", subject: "b", reason: "Docker does not answer", essential: true },
      { outcome: "held", subject: "c", seen: "closed" },
    ]);
  });

  test("a mistake of the program is none of the cluster", () => {
    const bug = new TypeError("bug");
    assert.throws(() => notTriedFor("a", bug), bug);
  });
});
