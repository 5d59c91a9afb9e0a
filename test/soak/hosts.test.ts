/** Five servers over three hosts under readers and writers: a host cut off, an engine killed, a bad network, a host drained and one lost. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { untilOne } from "../support/cluster";
import { doctor } from "../support/doctor";
import { TestHosts, whyNoHosts } from "../support/hosts";
import { Load } from "../support/load";
import { mustPython, type Target } from "../support/python";
import { TestStack } from "../support/stack";

const NAME = "h-soak";
const PORT = 38100;
/** Seconds for which a host is cut off. */
const CUT = Number(process.env["SOAK_CUT"] ?? "60");
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hosts.test.ts, because ${skip}`);

let hosts: TestHosts;
let stack: TestStack;
let ca: string;
const places: Record<string, string> = { n0: "a", n1: "b", n2: "c", n3: "a", n4: "b" };

function target(server: string): Target {
  const host = hosts.get(places[server] ?? "");
  return { host: host.address, port: PORT + Number(server.slice(1)), password: stack.settings.adminPassword, ca };
}

const names = (): readonly string[] => Object.keys(places).sort();
const targets = (...only: readonly string[]): readonly Target[] => (only.length > 0 ? only : names()).map(target);

async function assertWhole(seconds = 120): Promise<number> {
  const took = await untilOne(targets(), names(), seconds);
  const body = `r.table("kept").wait(wait_for="all_replicas_ready", timeout=${String(seconds)}).run(c)
return r.db("rethinkdb").table("current_issues").count().run(c)`;
  assert.equal(mustPython(target("n0"), body), 0);
  return took;
}

/** Acts while clients work, and counts what they lost. */
async function underLoad(what: string, act: () => Promise<object | undefined>, settle = true): Promise<void> {
  const load = await Load.start({
    ports: names().map((name) => target(name).port),
    hosts: names().map((name) => target(name).host ?? ""),
    password: stack.settings.adminPassword,
    ca,
    tables: ["kept"],
    rate: 30,
  });
  let seen: object | undefined;
  try {
    seen = await act();
    if (settle) await assertWhole();
  } catch (error) {
    load.kill();
    throw error;
  }
  const counted = (await load.stop())["kept"] ?? assert.fail();
  console.log(JSON.stringify({ what, ...seen, ...counted }));
  assert.equal(counted.lost, 0, what);
}

async function timed<T>(act: () => Promise<T>): Promise<readonly [seconds: number, value: T]> {
  const started = Date.now();
  const value = await act();
  return [(Date.now() - started) / 1000, value];
}

/** An `up` while host `name` is away: refused in time, with what it had and the ways on. */
async function refusedUp(name: string, servers: string): Promise<object> {
  const [seconds, { code, output }] = await timed(() => stack.up());
  assert.notEqual(code, 0);
  const said = output.split("\n").find((line) => line.includes(`hosts.${name}: `)) ?? assert.fail(output);
  assert.match(said, new RegExp(`It has ${servers}; the one table works without it\\. Nothing was touched\\.`));
  assert.ok(seconds < 90, `${String(seconds)} s`);
  return { upRefusedAfterSeconds: seconds, said: said.trim() };
}

describe("five servers over three hosts", { skip: skip ?? false }, () => {
  before(async () => {
    hosts = await TestHosts.start("h-soak", "10.88.202", ["a", "b", "c"]);
    stack = TestStack.create({ clusterName: NAME, subnet: "10.88.2.0/24", driverPort: PORT, nodes: 5 });
    stack.configure({ driverPublish: "host-address", memoryMiB: 256 });
    stack.configureJson("hosts", hosts.args({ a: "east", b: "west", c: "south" }));
    stack.configureJson("placement", places);
    const [seconds] = await timed(() => stack.mustUp());
    console.log(JSON.stringify({ what: "first up of 5 servers over 3 hosts", seconds }));
    ca = stack.output<string>("driverCaPem");
    mustPython(
      target("n0"),
      `r.db("test").table_create("kept", replicas={"east": 1, "west": 1, "south": 1}, primary_replica_tag="east").run(c)
return r.table("kept").wait(wait_for="all_replicas_ready", timeout=60).run(c)["ready"]`,
    );
  });
  after(async () => {
    stack.dispose();
    await hosts.dispose();
  });

  test("tables are spread over zones by the servers' tags", () => {
    const replicas = mustPython(
      target("n1"),
      `return r.table("kept").config()["shards"][0]["replicas"].run(c)`,
    ) as readonly string[];
    assert.deepEqual(replicas.map((server) => places[server]).sort(), ["a", "b", "c"]);
  });

  test("nothing listens on any host but sshd and what was asked for", () => {
    for (const { name, address } of hosts.hosts) {
      const mine = names().filter((server) => places[server] === name);
      const asked = mine.flatMap((server) =>
        [29015, PORT].map((port) => `${address}:${String(port + Number(server.slice(1)))}`),
      );
      assert.deepEqual(hosts.listeners(name), [`${address}:22`, ...asked].sort(), name);
    }
  });

  test(`a host is cut off for ${String(CUT)} seconds: up refuses in time, clients go on, and it comes back by itself`, async () => {
    await underLoad(`host b is cut off for ${String(CUT)} s`, async () => {
      hosts.link("b", "down");
      const until = sleep(CUT * 1000);
      const seen = await refusedUp("b", "n1, n4");
      const told = doctor(stack);
      assert.equal(told.code, 1);
      await until;
      hosts.link("b", "up");
      return { ...seen, doctor: told.problems, wholeAfterSeconds: await assertWhole() };
    });
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
  });

  test("a host's engine is killed: clients go on, and up mends it", async () => {
    await underLoad("engine of host c is killed", async () => {
      await hosts.crash("c");
      const seen = await refusedUp("c", "n2");
      await hosts.revive("c");
      const [seconds] = await timed(() => stack.mustUp("--refresh"));
      return { ...seen, mendingUpSeconds: seconds };
    });
  });

  test("a slow and lossy network: a roll goes through and loses nothing", async () => {
    if (!hosts.canDelay) console.log("!! NOT RUN: packets held up for 50 ms, because this kernel has no netem");
    const what = `loss of 1 %${hosts.canDelay ? ", delay of 50 ms" : ""}: a roll of 5 servers`;
    await underLoad(what, async () => {
      hosts.disturb(50);
      stack.configure({ memoryMiB: 320 });
      const [seconds] = await timed(() => stack.mustUp());
      hosts.calm();
      return { rollSeconds: seconds };
    });
  });

  test("a host is lost for good: given up with an override, then taken out", async () => {
    await underLoad("host b is lost", async () => {
      hosts.link("b", "down");
      const given = hosts
        .args({ a: "east", b: "west", c: "south" })
        .map((host) => ({ ...host, ...((host as { name: string }).name === "b" ? { lost: true } : {}) }));
      stack.configureJson("hosts", given);
      const { output } = await stack.up();
      assert.match(
        output,
        /hosts\[1\]\.lost: gives up "b" with all that only its servers have; add "lose-host" to allow if you mean it/,
      );
      stack.configure({ allow: ["lose-host"] });
      const [giveUpSeconds] = await timed(() => stack.mustUp());
      delete places["n1"];
      delete places["n4"];
      stack.configureJson(
        "hosts",
        hosts.args({ a: "east", c: "south" }).filter((host) => (host as { name: string }).name !== "b"),
      );
      stack.configureJson("placement", places);
      stack.configure({ nodes: 3 });
      stack.unset("allow");
      const [takeOutSeconds] = await timed(() => stack.mustUp());
      assert.deepEqual(await stack.plannedChanges(), {});
      return { giveUpSeconds, takeOutSeconds };
    });
    const replicas = mustPython(
      target("n0"),
      `return sorted(r.table("kept").config()["shards"][0]["replicas"].run(c))`,
    );
    assert.deepEqual(replicas, ["n0", "n2", "n3"]);
  });
});
