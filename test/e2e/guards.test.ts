/** Guards on a real cluster with writers at work: what is not known is refused, and what is healed is judged first. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { clustersIn, type ExportedState } from "../../cli/stack/state";
import { lookAtWhole } from "../../ops/doctor/states";
import { whileDockerFails } from "../support/brokenDocker";
import { untilOne, views } from "../support/cluster";
import { Load } from "../support/load";
import { mustPython, type Target } from "../support/python";
import { docker, inspect, TestStack, tryDocker } from "../support/stack";
import { layouts } from "../support/tables";

const NAME = "t-guards";
const PORTS = [31700, 31701, 31702, 31703];
const NAMES = ["n0", "n1", "n2"];
const TABLES = ["three", "two"];

let stack: TestStack;
let ca: string;
let placed: ReturnType<typeof layouts>;

function target(ordinal = 0): Target {
  return { port: PORTS[ordinal] ?? 0, password: stack.settings.adminPassword, ca };
}

function targets(): readonly Target[] {
  return [0, 1, 2].map(target);
}

function container(ordinal: number): string {
  return `${NAME}-n${String(ordinal)}`;
}

function startedAt(ordinal: number): string {
  return inspect<{ State: { StartedAt: string } }>("container", container(ordinal)).State.StartedAt;
}

/** Acts while clients write and read, and sees that every acknowledged write is there. */
async function underLoad<T>(act: () => Promise<T>): Promise<T> {
  const { adminPassword } = stack.settings;
  const load = await Load.start({ ports: PORTS.slice(0, 3), password: adminPassword, ca, tables: TABLES, rate: 30 });
  const value = await act().catch((error: unknown) => {
    load.kill();
    throw error;
  });
  const counted = await load.stop();
  console.log(JSON.stringify(counted));
  for (const [name, { acknowledged, lost }] of Object.entries(counted)) {
    assert.ok(acknowledged > 50, `${name}: ${String(acknowledged)} writes`);
    assert.equal(lost, 0, name);
  }
  return value;
}

/** In the network namespace of a server. */
function inNetworkOf(ordinal: number, ...command: readonly string[]): void {
  const pid = inspect<{ State: { Pid: number } }>("container", container(ordinal)).State.Pid;
  const { status, stderr } = spawnSync("nsenter", ["-t", String(pid), "-n", ...command], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

function addressOf(ordinal: number): string {
  return `10.220.47.${String(10 + ordinal)}`;
}

describe("the guards of a living cluster", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.47.0/24", driverPort: PORTS[0] ?? 0 });
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    mustPython(
      target(),
      `
r.db("test").table_create("three", replicas=3).run(c)
r.db("test").table_create("two", replicas=2).run(c)
r.db("rethinkdb").table("table_config").filter({"name": "two"}).update({"shards": [{"primary_replica": "n1", "replicas": ["n1", "n0"]}]}).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
return 1`,
    );
    placed = layouts(target());
  });
  after(() => {
    stack.dispose();
    tryDocker("volume", "rm", `${NAME}-n3-data`, `${NAME}-n3-tls`);
  });

  test("stop no server while servers run and cannot be asked, whatever is allowed to be interrupted", async () => {
    const started = [0, 1, 2].map(startedAt);
    stack.configure({ memoryMib: 900 });
    const { code, output } = await underLoad(() =>
      whileDockerFails(stack, `exec*`, "OCI runtime exec failed: no space left on device", () => stack.up()),
    );
    assert.notEqual(code, 0);
    assert.match(
      output,
      /n0: n0 \(.*no space left on device\), n1 \(.*no space left on device\), n2 \(.*no space left on device\) run and cannot be asked, so nothing tells what stopping n0 would cost; it was not stopped; repair that, then run pulumi up again, or add "lose-majority" to allow/,
    );
    assert.deepEqual([0, 1, 2].map(startedAt), started);
    stack.configure({ memoryMib: 1024 });
    await stack.mustUp();
    assert.deepEqual([0, 1, 2].map(startedAt), started);
  });

  test("heal what was changed by hand as a judged roll: handed over, no write lost, primaries back", async () => {
    const started = [0, 1, 2].map(startedAt);
    docker("update", "--memory", "900m", "--memory-swap", "900m", container(1));
    await underLoad(() => stack.mustUp("--refresh"));
    const now = [0, 1, 2].map(startedAt);
    assert.deepEqual([now[0], now[2]], [started[0], started[2]]);
    assert.notEqual(now[1], started[1]);
    assert.equal(
      inspect<{ HostConfig: { Memory: number } }>("container", container(1)).HostConfig.Memory,
      1024 * 1024 * 1024,
    );
    assert.deepEqual(layouts(target()), placed);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("refuse to make a server anew that a table cannot miss, also when pulumi is told to replace it", async () => {
    docker("stop", container(2));
    const started = startedAt(1);
    const { code, output } = await stack.up("--replace", "**rethinkdb-n1");
    assert.notEqual(code, 0);
    assert.match(
      output,
      /n1: stopping it now would take test\.three out of service, a replica elsewhere is missing already; it was not stopped; bring the missing server back/,
    );
    assert.equal(startedAt(1), started);
    docker("start", container(2));
    await untilOne(targets(), NAMES, 60);
  });

  test("stop nothing that the larger part of a partition lives by, though the smaller part does not see it", async () => {
    for (const other of [1, 2]) inNetworkOf(0, "ip", "route", "add", "blackhole", `${addressOf(other)}/32`);
    const split = JSON.stringify([["n0"], ["n1", "n2"], ["n1", "n2"]]);
    for (let tries = 0; JSON.stringify(views(targets())) !== split; tries++) {
      assert.ok(tries < 120, "the servers do not lose each other");
      await sleep(500);
    }
    docker("update", "--memory", "910m", "--memory-swap", "910m", container(1));
    const started = startedAt(1);
    const { code, output } = await stack.up("--refresh");
    assert.notEqual(code, 0);
    assert.match(output, /n1: stopping it now would take test\.three.* out of service/);
    assert.equal(startedAt(1), started);
    for (const other of [1, 2]) inNetworkOf(0, "ip", "route", "del", "blackhole", `${addressOf(other)}/32`);
    await untilOne(targets(), NAMES, 60);
    await stack.mustUp("--refresh");
    assert.notEqual(startedAt(1), started);
    assert.deepEqual(layouts(target()), placed);
  });

  test("tell what each server is, and that a cluster with a frozen one is not whole", async () => {
    const [cluster] = clustersIn(JSON.parse(stack.exported("--show-secrets")) as ExportedState);
    assert.ok(cluster);
    assert.deepEqual(await lookAtWhole(cluster, NAMES), {
      states: { n0: "serves", n1: "serves", n2: "serves" },
      problems: [],
    });
    docker("pause", container(2));
    const { states, problems } = await lookAtWhole(cluster, NAMES);
    docker("unpause", container(2));
    assert.deepEqual(states, { n0: "serves", n1: "serves", n2: "paused" });
    assert.equal(problems[0], `n2 is paused; docker unpause ${container(2)}, or npx pulumi-rethinkdb doctor says why`);
    await untilOne(targets(), NAMES, 60);
  });

  test("start no server on anything that this project did not put on its volumes, and say what lies there", async () => {
    docker("volume", "create", `${NAME}-n3-data`);
    docker(
      ...["run", "--rm", "--volume", `${NAME}-n3-data:/v`, "--entrypoint", "bash", "rethinkdb:2.4.4-bookworm-slim"],
      ...["-c", "echo mine > /v/photos.tar"],
    );
    stack.configure({ nodes: 4, allow: ["adopt-data"] });
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(
      output,
      /volume t-guards-n3-data holds photos\.tar and no identity, so this project did not fill it; nothing was touched; move it away or delete it \(docker volume rm t-guards-n3-data\), or choose another clusterName/,
    );
    assert.notEqual(tryDocker("container", "inspect", `${NAME}-n3`).code, 0);
    docker("volume", "rm", `${NAME}-n3-data`);
    stack.unset("allow");
  });

  test("let a server go only when nothing was put on it since, and take it back whole where the step is turned back", async () => {
    stack.configure({ nodes: 4 });
    await stack.mustUp();
    stack.configure({ nodes: 3 });
    const fails = (): Promise<{ code: number | null; output: string }> =>
      whileDockerFails(stack, `volume inspect ${NAME}-n3-tls`, "Error response from daemon: i/o timeout", () =>
        stack.up(),
      );
    assert.match((await fails()).output, /docker volume inspect t-guards-n3-tls failed: .*i\/o timeout/);
    assert.deepEqual(tagsOf("n3"), []);

    // Turned back while it is stopped: no mark, no note, its tags as before.
    docker("stop", `${NAME}-n3`);
    stack.configure({ nodes: 4 });
    assert.match(await stack.mustUp(), /n3 is wanted again and is exited: starting it/);
    assert.deepEqual(tagsOf("n3"), ["default"]);
    assert.equal(docker("exec", `${NAME}-n3`, "bash", "-c", "ls /tls /data").match(/left|leaving/), null);

    stack.configure({ nodes: 3 });
    assert.match((await fails()).output, /docker volume inspect t-guards-n3-tls failed: .*i\/o timeout/);
    // Put on it by hand after its data was moved.
    mustPython(
      target(),
      `
r.db("rethinkdb").table("table_config").filter({"name": "two"}).update({"shards": [{"primary_replica": "n3", "replicas": ["n3"]}]}).run(c)
r.db("test").table("two").wait(wait_for="all_replicas_ready").run(c)
return 1`,
    );
    const rows = mustPython(target(), `return r.db("test").table("two").count().run(c)`);
    assert.match(await stack.mustUp(), /test\.two was put on it since its data was moved: moving it again/);
    assert.notEqual(tryDocker("container", "inspect", `${NAME}-n3`).code, 0);
    assert.equal(mustPython(target(), `return r.db("test").table("two").count().run(c)`), rows);
  });
});

function tagsOf(server: string): unknown {
  return mustPython(
    target(),
    `return r.db("rethinkdb").table("server_config").filter({"name": "${server}"}).nth(0)["tags"].run(c)`,
  );
}
