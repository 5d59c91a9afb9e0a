/** Twenty tables of every kind leave with their servers, under readers and writers: five servers become three, then one. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { untilOne } from "../support/cluster";
import { doctor } from "../support/doctor";
import { Load } from "../support/load";
import { mustPython, type Target } from "../support/python";
import { docker, TestStack } from "../support/stack";
import { layouts, tableFacts } from "../support/tables";

const NAME = "t-shrink";
const PORT = 31750;
let stack: TestStack;
let ca: string;

function target(): Target {
  return { port: PORT, password: stack.settings.adminPassword, ca };
}

/** t0 to t17 with 1 to 3 replicas and 1 to 4 shards, one with a write hook, one with a layout made by hand. */
const MAKE_TABLES = `
for i in range(18):
    r.db("test").table_create("t%d" % i, replicas=i % 3 + 1, shards=i % 4 + 1).run(c)
r.db("test").table_create("hooked", replicas=2).run(c)
r.table("hooked").set_write_hook(lambda ctx, old, new: new).run(c)
r.table("hooked").index_create("n").run(c)
r.db("test").table_create("handmade").run(c)
r.db("rethinkdb").table("table_config").filter({"name": "handmade"}).update({"shards": [
    {"primary_replica": "n4", "replicas": ["n4", "n2", "n3"], "nonvoting_replicas": ["n3"]}],
    "write_acks": "single", "durability": "soft"}).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
names = [n for n in r.db("test").table_list().run(c) if n != "loaded" and n != "loaded2"]
for n in names: r.table(n).insert([{"id": i, "n": i} for i in range(300)]).run(c)
r.db("test").table_create("loaded", replicas=3, shards=2).run(c)
r.db("test").table_create("loaded2", replicas=2).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
return len(names)`;

/** Rows of the loaded tables have text ids, which do not add up. */
function facts(): unknown {
  return Object.fromEntries(Object.entries(tableFacts(target())).filter(([name]) => !name.startsWith("loaded")));
}

describe("a cluster of five with twenty tables", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.18.0/24", driverPort: PORT, nodes: 5 });
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    assert.equal(mustPython(target(), MAKE_TABLES), 20);
  });
  after(() => {
    stack.dispose();
  });

  test("becomes one of three: no row is lost, nothing becomes unavailable, every setting survives", async () => {
    const before = facts();
    const load = await startLoad();
    stack.configure({ nodes: 3 });
    const started = Date.now();
    const running = stack.mustUp();
    const born = await makeTablesWhile(running);
    const output = await running;
    const seconds = (Date.now() - started) / 1000;
    const counted = await load.stop();
    console.log(JSON.stringify({ what: "5 to 3 servers, 22 tables", seconds, counted }));
    for (const [name, { lost, writeGap, readGap }] of Object.entries(counted)) {
      assert.equal(lost, 0, name);
      assert.ok(writeGap < 3 && readGap < 3, `${name}: gaps ${String(writeGap)}, ${String(readGap)}`);
    }
    for (const name of born) mustPython(target(), `return r.db("test").table_drop("${name}").run(c)`);
    assert.deepEqual(facts(), before);
    const holders = new Set(Object.values(layouts(target())).flatMap((shards) => shards.flatMap((s) => s.replicas)));
    assert.deepEqual([...holders].sort(), ["n0", "n1", "n2"]);
    assert.match(output, /moving data off n3, n4: \d+ tables and \d+ replicas left, \d+ replicas a minute/);
  });

  test("is refused one server while tables have more replicas, and reaches it with the override in the same up", async () => {
    const before = facts() as Record<string, { rows: number; sum: number; indexes: unknown; hook: boolean }>;
    stack.configure({ nodes: 1 });
    const refused = await stack.up();
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.output,
      /nodes: test\.handmade, .*test\.t1, .* has more replicas than the one server that remains/,
    );

    stack.configure({ allow: ["lower-replicas"] });
    const load = await startLoad();
    const output = await stack.mustUp();
    const counted = await load.stop();
    console.log(JSON.stringify({ what: "3 to 1 servers, 22 tables", counted }));
    for (const [name, { lost }] of Object.entries(counted)) assert.equal(lost, 0, name);
    assert.match(
      output,
      /allow: "lower-replicas" lets servers leave although tables keep fewer replicas than they have/,
    );
    const now = facts() as typeof before;
    for (const [name, { rows, sum, indexes, hook }] of Object.entries(before)) {
      assert.deepEqual([name, now[name]?.rows, now[name]?.sum], [name, rows, sum]);
      assert.deepEqual([now[name]?.indexes, now[name]?.hook], [indexes, hook], name);
    }
    stack.unset("allow");
    await stack.mustUp();
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("lets a server go whose container was removed by hand", async () => {
    stack.configure({ nodes: 2 });
    await stack.mustUp();
    docker("rm", "--force", `${NAME}-n1`);
    stack.configure({ nodes: 1 });
    const output = await stack.mustUp("--refresh");
    assert.match(
      output,
      /n1 may go; these data volumes stay until you delete them with docker volume rm: t-shrink-n1-data/,
    );
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("is refused while it holds a table that cannot be read, and stops when a move stalls; the next up goes on", async () => {
    stack.configure({ nodes: 3 });
    await stack.mustUp();
    const put = (table: string): string =>
      `r.db("test").table_create("${table}").run(c)
r.db("rethinkdb").table("table_config").filter({"name": "${table}"}).update({"shards": [{"primary_replica": "n2", "replicas": ["n2"]}]}).run(c)
r.table("${table}").wait().run(c)
return 1`;
    mustPython(target(), put("far"));
    docker("stop", `${NAME}-n2`);
    stack.configure({ nodes: 2 });
    const refused = await stack.up();
    assert.match(
      refused.output,
      /nodes: no server knows where test\.far has its replicas; start the servers that have them/,
    );
    docker("start", `${NAME}-n2`);
    await untilOne([target()], ["n0", "n1", "n2"], 60);

    for (let i = 0; i < 12; i++) mustPython(target(), put(`far${String(i)}`));
    // Nothing is on n1 so far, so that it takes the most of it; it freezes in the middle.
    const stalled = stack.up();
    await untilHolds("n1");
    docker("pause", `${NAME}-n1`);
    const { code, output } = await stalled;
    assert.notEqual(code, 0);
    assert.match(output, /nodes: nothing changed for 180 seconds/);
    docker("unpause", `${NAME}-n1`);
    await untilOne([target()], ["n0", "n1", "n2"], 60);
    await stack.mustUp();
    const holders = new Set(Object.values(layouts(target())).flatMap((shards) => shards.flatMap((s) => s.replicas)));
    assert.ok(!holders.has("n2"));
    for (const shards of Object.values(layouts(target()))) for (const s of shards) assert.equal(s.replicas.length, 1);
  });

  /** Waits until a server has a replica of something. */
  async function untilHolds(server: string): Promise<void> {
    const has = (): boolean =>
      Object.values(layouts(target())).some((shards) => shards.some((s) => s.replicas.includes(server)));
    for (let tries = 0; tries < 600 && !has(); tries++) await sleep(50);
    assert.ok(has());
  }

  /** @returns names of tables that were made while something ran. */
  async function makeTablesWhile(running: Promise<unknown>): Promise<readonly string[]> {
    const made: string[] = [];
    const ended = running.then(
      () => true,
      () => true,
    );
    do {
      const name = `born${String(made.length)}`;
      mustPython(target(), `return r.db("test").table_create("${name}", replicas=2).run(c)`);
      made.push(name);
    } while (!(await Promise.race([ended, sleep(4000, false)])));
    return made;
  }

  function startLoad(): Promise<Load> {
    const { adminPassword: password } = stack.settings;
    return Load.start({ ports: [PORT], password, ca, tables: ["loaded", "loaded2"], rate: 50 });
  }
});
