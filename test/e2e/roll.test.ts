/** A roll under load: what a change of every server costs the tables, and what a broken one leaves untouched. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { untilOne } from "../support/cluster";
import { doctor } from "../support/doctor";
import { imageWith } from "../support/images";
import { Load } from "../support/load";
import { mustPython, type Target } from "../support/python";
import { docker, inspect, TestStack, tryDocker } from "../support/stack";
import { layouts } from "../support/tables";

const NAME = "t-roll";
const PORTS = [31600, 31601, 31602];
const TABLES = ["three", "sharded", "two", "one"];
const BROKEN = "t-roll-broken:2.4.4";

let stack: TestStack;
let ca: string;
let before3: ReturnType<typeof layouts>;

function target(ordinal = 0): Target {
  return { port: PORTS[ordinal] ?? 0, password: stack.settings.adminPassword, ca };
}

function startedAt(ordinal: number): string {
  return inspect<{ State: { StartedAt: string } }>("container", `${NAME}-n${String(ordinal)}`).State.StartedAt;
}

describe("a roll of three servers", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.16.0/24", driverPort: 31600 });
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    mustPython(
      target(),
      `
r.db("test").table_create("three", replicas=3).run(c)
r.db("test").table_create("sharded", shards=2, replicas=3).run(c)
r.db("test").table_create("two").run(c)
r.db("test").table_create("one").run(c)
config = r.db("rethinkdb").table("table_config")
config.filter({"name": "two"}).update({"shards": [{"primary_replica": "n0", "replicas": ["n0", "n2"]}]}).run(c)
config.filter({"name": "one"}).update({"shards": [{"primary_replica": "n1", "replicas": ["n1"]}]}).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
return 1`,
    );
    before3 = layouts(target());
  });
  after(() => {
    stack.dispose();
    tryDocker("image", "rm", BROKEN);
  });

  test("loses no acknowledged write, keeps each table's gap below a plain restart's, and gives every primary back", async () => {
    const started = [0, 1, 2].map(startedAt);
    stack.configure({ memoryMib: 900, protectSingleReplicaTables: "true" });
    const load = await Load.start({
      ports: PORTS,
      password: stack.settings.adminPassword,
      ca,
      tables: TABLES,
      rate: 30,
    });
    const output = await stack.mustUp();
    const counted = await load.stop();
    console.log(JSON.stringify(counted));
    for (const [i, at] of started.entries()) assert.notEqual(startedAt(i), at, `n${String(i)} was restarted`);
    for (const name of TABLES) {
      const { acknowledged, lost, writeGap } = counted[name] ?? assert.fail(name);
      assert.ok(acknowledged > 100, `${name}: ${String(acknowledged)} writes`);
      assert.equal(lost, 0, name);
      // A plain stop of a primary that also leads its table: more than two seconds (docs/operations.md).
      assert.ok(writeGap < 2, `${name}: ${String(writeGap)} seconds without a write`);
    }
    assert.deepEqual(layouts(target()), before3);
    assert.match(output, /n0: handing over \d+ shards of \d+ tables/);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("that breaks stops after one server, and the corrected up succeeds", async () => {
    imageWith(BROKEN, `[ "$1" = --version ] && exec rethinkdb.real --version; echo "broken on purpose" >&2; exit 1`);
    const others = [1, 2].map(startedAt);
    stack.configure({ image: BROKEN });
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(
      output,
      /n0: its container is restarting, exit code 1: broken on purpose; repair it, then run pulumi up again/,
    );
    assert.deepEqual([1, 2].map(startedAt), others);
    assert.notDeepEqual(layouts(target(1)), before3, "its primaries are where they can serve");

    stack.unset("image");
    await stack.mustUp();
    assert.deepEqual([1, 2].map(startedAt), others);
    assert.deepEqual(layouts(target()), before3);
  });

  test("names the tables that a restart interrupts, and refuses where that was asked for", async () => {
    stack.configure({ memoryMib: 910, protectSingleReplicaTables: "false", strictInterruption: "true" });
    const before = [0, 1, 2].map(startedAt);
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(
      output,
      /n1: test\.one would not be available while it restarts, and strictInterruption is on; it was not stopped; give each table three replicas, or set protectSingleReplicaTables/,
    );
    assert.notEqual(startedAt(0), before[0]);
    assert.deepEqual([1, 2].map(startedAt), before.slice(1));

    stack.configure({ strictInterruption: "false" });
    assert.match(await stack.mustUp(), /n1: not available while it restarts, for want of another replica: test\.one/);
    assert.deepEqual(layouts(target()), before3);
  });

  test("mends the server that is the fault first, wherever it stands", async () => {
    docker("stop", `${NAME}-n1`);
    // A change of every server, begun while one is down: n0 first would take test.three out of service.
    stack.configure({ memoryMib: 920 });
    await stack.mustUp();
    assert.deepEqual(layouts(target()), before3);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("is one cluster again after all stopped and the first server comes back last", async () => {
    const containers = [0, 1, 2].map((i) => `${NAME}-n${String(i)}`);
    docker("stop", ...containers);
    docker("start", ...containers.slice(1));
    await untilOne([target(1), target(2)], ["n1", "n2"], 60);
    docker("start", ...containers.slice(0, 1));
    await untilOne([0, 1, 2].map(target), ["n0", "n1", "n2"], 60);
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
  });
});
