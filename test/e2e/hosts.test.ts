/** One cluster over two hosts, each a Docker engine in a network namespace of its own, reached over ssh as a deployer does. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { TestHosts, whyNoHosts } from "../support/hosts";
import { mustPython, type Target } from "../support/python";
import { docker, TestStack } from "../support/stack";

const NAME = "t-hosts";
const PORT = 38000;
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hosts.test.ts, because ${skip}`);

let hosts: TestHosts;
let stack: TestStack;
let ca: string;
const places: Record<string, string> = { n0: "a", n1: "b", n2: "a" };

function target(server: string): Target {
  const host = hosts.get(places[server] ?? "");
  return { host: host.address, port: PORT + Number(server.slice(1)), password: stack.settings.adminPassword, ca };
}

function peersSeenBy(server: string): unknown {
  return mustPython(
    target(server),
    `return {s["name"]: sorted(s["network"]["connected_to"]) for s in r.db("rethinkdb").table("server_status").run(c)}`,
  );
}

function assertWhole(): void {
  const names = Object.keys(places).sort();
  const all = Object.fromEntries(names.map((name) => [name, names.filter((other) => other !== name)]));
  for (const name of names) assert.deepEqual(peersSeenBy(name), all, name);
}

/** Container ids and starts of servers. */
function footprint(...servers: readonly string[]): unknown {
  return servers.map((server) =>
    hosts.docker(places[server] ?? "", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", `${NAME}-${server}`),
  );
}

describe("a cluster over two hosts", { skip: skip ?? false }, () => {
  before(async () => {
    hosts = await TestHosts.start("t-hosts", "10.88.201", ["a", "b"]);
    stack = TestStack.create({ clusterName: NAME, subnet: "10.88.1.0/24", driverPort: PORT });
    stack.configure({ driverPublish: "host-address" });
    stack.configureJson("hosts", hosts.args({ a: "east", b: "west" }));
    stack.configureJson("placement", places);
  });
  after(async () => {
    stack.dispose();
    await hosts.dispose();
  });

  test("is made in one run, and every server sees every other through their hosts' addresses", async () => {
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    assertWhole();
    assert.deepEqual(await stack.plannedChanges(), {});
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    mustPython(
      target("n0"),
      `r.db("test").table_create("kept", replicas=3).run(c)
r.table("kept").insert([{"id": i} for i in range(1000)]).run(c)
return 1`,
    );
  });

  test("refuses a server without a place with the line to add, before anything is touched", async () => {
    stack.configure({ nodes: 5 });
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.ok(
      output.includes(
        "placement: nodes is 5 and 3 servers have a place; add n3: b, n4: a (npx pulumi-rethinkdb place writes it)",
      ),
      output,
    );
  });

  test("grows by two servers and a host and touches no server that runs", async () => {
    await hosts.add("c");
    const before = footprint("n0", "n1", "n2");
    Object.assign(places, { n3: "c", n4: "c" });
    stack.configureJson("hosts", hosts.args({ a: "east", b: "west", c: "west" }));
    stack.configureJson("placement", places);
    await stack.mustUp();
    assertWhole();
    assert.deepEqual(footprint("n0", "n1", "n2"), before);
  });

  test("rolls through all hosts, one server at a time", async () => {
    const before = footprint("n0", "n1", "n2", "n3", "n4");
    stack.configure({ memoryMib: 512 });
    await stack.mustUp();
    assertWhole();
    assert.notDeepEqual(footprint("n0", "n1", "n2", "n3", "n4"), before);
    assert.equal(mustPython(target("n0"), `return r.table("kept").count().run(c)`), 1000);
  });

  test("drains a host that is taken out with its servers, in one run", async () => {
    delete places["n1"];
    stack.configureJson(
      "hosts",
      hosts.args({ a: "east", c: "west" }).filter((host) => (host as { name: string }).name !== "b"),
    );
    stack.configureJson("placement", places);
    stack.configure({ nodes: 4 });
    await stack.mustUp();
    assertWhole();
    assert.equal(hosts.docker("b", "ps", "-aq"), "");
    assert.equal(hosts.docker("b", "network", "ls", "--filter", "name=t-hosts", "-q"), "");
    assert.equal(hosts.docker("b", "volume", "ls", "-q"), `${NAME}-n1-data`);
    assert.equal(mustPython(target("n0"), `return r.table("kept").count().run(c)`), 1000);
    assert.deepEqual(await stack.plannedChanges(), {});
  });

  test("is destroyed on every host, and leaves the data volumes", () => {
    stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    for (const name of ["a", "c"]) {
      assert.equal(hosts.docker(name, "ps", "-aq"), "");
      const kept = Object.keys(places).filter((server) => places[server] === name);
      assert.deepEqual(
        hosts.docker(name, "volume", "ls", "-q").split("\n"),
        kept.map((server) => `${NAME}-${server}-data`),
      );
    }
  });
});

describe("a cluster on one engine", () => {
  const ENGINE = "unix:///var/run/docker.sock";
  let one: TestStack;
  before(async () => {
    one = TestStack.create({ clusterName: "t-hosts-one", subnet: "10.88.3.0/24", driverPort: PORT + 50, nodes: 1 });
    await one.mustUp();
  });
  after(() => {
    one.dispose();
  });

  test("is not replaced when that engine is named as its only host", async () => {
    one.configureJson("hosts", [{ name: "here", dockerHost: ENGINE }]);
    const operations = new Set(Object.values(await one.plannedChanges()));
    operations.delete("update");
    assert.deepEqual([...operations], []);
    const id = docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "t-hosts-one-n0");
    await one.mustUp();
    assert.equal(docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "t-hosts-one-n0"), id);
  });

  test("is not spread over hosts: refused, with the way to move the data", async () => {
    one.configureJson("hosts", [{ name: "here", dockerHost: ENGINE, address: "10.88.0.1" }]);
    one.configureJson("placement", { n0: "here" });
    const { code, output } = await one.up();
    assert.notEqual(code, 0);
    assert.ok(
      output.includes("make a second stack with the hosts you want, and move the data with rethinkdb dump and restore"),
      output,
    );
  });
});
