/** Five servers over three hosts under readers and writers: a host cut off, an engine killed, and a host lost for good. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { doctor } from "../support/doctor";
import { HostCluster, timed, ZONES } from "../support/hostCluster";
import { whyNoHosts } from "../support/hosts";
import { mustPython } from "../support/python";

const NAME = "h-soak";
const PORT = 38100;
/** Seconds for which a host is cut off. */
const CUT = Number(process.env["SOAK_CUT"] ?? "60");
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hosts.test.ts, because ${skip}`);

let cluster: HostCluster;

/** An `up` while host `name` is away: refused in time, with what it had and the ways on. */
async function refusedUp(name: string, servers: string): Promise<object> {
  const [seconds, { code, output }] = await timed(() => cluster.stack.up());
  assert.notEqual(code, 0);
  const said = output.split("\n").find((line) => line.includes(`hosts.${name}: `)) ?? assert.fail(output);
  assert.match(
    said,
    new RegExp(`It is the place of ${servers}; the one table works without it\\. Nothing was touched\\.`),
  );
  assert.ok(seconds < 90, `${String(seconds)} s`);
  return { upRefusedAfterSeconds: seconds, said: said.slice(said.indexOf("hosts.")) };
}

describe("five servers over three hosts", { skip: skip ?? false }, () => {
  before(async () => {
    cluster = await HostCluster.start({ name: NAME, network: "10.88.202", subnet: "10.88.2.0/24", driverPort: PORT });
  });
  after(async () => {
    await cluster.dispose();
  });

  test("tables are spread over zones by the servers' tags", () => {
    const replicas = mustPython(
      cluster.target("n1"),
      `return r.table("kept").config()["shards"][0]["replicas"].run(c)`,
    ) as readonly string[];
    assert.deepEqual(replicas.map((server) => cluster.places[server]).sort(), ["a", "b", "c"]);
  });

  test("nothing listens on any host but sshd and what was asked for", () => {
    const { hosts, names, places } = cluster;
    for (const { name, address } of hosts.hosts) {
      const mine = names.filter((server) => places[server] === name);
      const asked = mine.flatMap((server) =>
        [29015, PORT].map((port) => `${address}:${String(port + Number(server.slice(1)))}`),
      );
      assert.deepEqual(hosts.listeners(name), [`${address}:22`, ...asked].sort(), name);
    }
  });

  test(`a host is cut off for ${String(CUT)} seconds: up refuses in time, clients go on, and it comes back by itself`, async () => {
    const { hosts, stack } = cluster;
    await cluster.underLoad(`host b is cut off for ${String(CUT)} s`, async () => {
      hosts.link("b", "down");
      const until = sleep(CUT * 1000);
      const seen = await refusedUp("b", "n1, n4");
      const told = doctor(stack);
      assert.equal(told.code, 1);
      await until;
      hosts.link("b", "up");
      return { ...seen, doctor: told.problems, wholeAfterSeconds: await cluster.assertWhole() };
    });
    await cluster.assertSettled();
  });

  test("a host's engine is killed: clients go on, and up mends it", async () => {
    const { hosts, stack } = cluster;
    await cluster.underLoad("engine of host c is killed", async () => {
      await hosts.crash("c");
      const seen = await refusedUp("c", "n2");
      await hosts.revive("c");
      const [seconds] = await timed(() => stack.mustUp("--refresh"));
      return { ...seen, mendingUpSeconds: seconds };
    });
  });

  test("a host is lost for good: given up with an override, then taken out", async () => {
    const { hosts, stack, places } = cluster;
    await cluster.underLoad("host b is lost", async () => {
      hosts.link("b", "down");
      const given = hosts
        .args(ZONES)
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
        hosts.args(ZONES).filter((host) => (host as { name: string }).name !== "b"),
      );
      stack.configureJson("placement", places);
      stack.configure({ nodes: 3 });
      stack.unset("allow");
      const [takeOutSeconds] = await timed(() => stack.mustUp());
      assert.deepEqual(await stack.plannedChanges(), {});
      return { giveUpSeconds, takeOutSeconds };
    });
    const replicas = mustPython(
      cluster.target("n0"),
      `return sorted(r.table("kept").config()["shards"][0]["replicas"].run(c))`,
    );
    assert.deepEqual(replicas, ["n0", "n2", "n3"]);
  });
});
