/** Servers whose data is lost: the first, a middle and the last one, with tables that kept a majority and one that did not. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { mustPython, type Target } from "../support/python";
import { docker, TestStack } from "../support/stack";
import { doctor, type DoctorReport } from "../support/doctor";
import { layouts } from "../support/tables";

const NAME = "t-replace";
const PORT = 31700;
let stack: TestStack;
let ca: string;

function target(ordinal: number): Target {
  return { port: PORT + ordinal, password: stack.settings.adminPassword, ca };
}

function health(): DoctorReport {
  return doctor(stack);
}

describe("a cluster of three that loses a server's data", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.17.0/24", driverPort: PORT });
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    mustPython(
      target(0),
      `r.db("test").table_create("kept", shards=2, replicas=3).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
r.table("kept").insert([{"id": i} for i in range(1000)]).run(c)
return 1`,
    );
  });
  after(() => {
    stack.dispose();
  });

  for (const ordinal of [0, 1, 2]) {
    const name = `n${String(ordinal)}`;
    const other = (ordinal + 1) % 3;

    test(`${name} comes back empty where it was, and a table of which it had the only copy is named and left alone`, async () => {
      const lost = `lost${String(ordinal)}`;
      mustPython(
        target(other),
        `r.db("test").table_create("${lost}").run(c)
config = r.db("rethinkdb").table("table_config")
config.filter({"name": "${lost}"}).update({"shards": [{"primary_replica": "${name}", "replicas": ["${name}"]}]}).run(c)
r.table("${lost}").wait().run(c)
return 1`,
      );
      const kept = layouts(target(other))["kept"];
      // Refused while it is alive: no data is given up by a slip.
      stack.configure({ [`replacements.${name}`]: 1 });
      const refused = await stack.up();
      assert.notEqual(refused.code, 0);
      assert.match(
        refused.output,
        new RegExp(
          `replacements\\.${name}: ${name} runs with its data; only a server whose data is lost is replaced; ` +
            `if you mean it, stop it first: docker stop ${NAME}-${name}`,
        ),
      );

      docker("stop", `${NAME}-${name}`);
      const ill = health();
      assert.equal(ill.code, 1);
      assert.match(ill.problems.join("\n"), new RegExp(`^${name} is exited, exit code 0`, "m"));
      const output = await stack.mustUp();
      assert.match(output, new RegExp(`${name}: the old data is given up; its volume stays`));
      assert.match(output, new RegExp(`not available any more without it: test\\.${lost}`));
      assert.match(output, new RegExp(`${name}: taking its place in test\\.kept`));

      assert.deepEqual(layouts(target(ordinal))["kept"], kept);
      assert.equal(mustPython(target(ordinal), `return r.table("kept").count().run(c)`), 1000);
      const ready = `return list(r.db("rethinkdb").table("table_status").filter({"name": "kept"})["status"]["all_replicas_ready"].run(c))`;
      assert.deepEqual(mustPython(target(ordinal), ready), [true]);
      assert.ok(docker("volume", "ls", "-q").split("\n").includes(`${NAME}-${name}-data`), "the old volume stays");
      assert.deepEqual(health().problems, [`table test.${lost} cannot be read: no server that has it is connected`]);

      mustPython(target(ordinal), `return r.db("test").table_drop("${lost}").run(c)["tables_dropped"]`);
      assert.deepEqual(health(), { code: 0, problems: [] });
      assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    });
  }

  test("a replacement cannot be taken back", async () => {
    stack.configure({ "replacements.n1": 0 });
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(
      output,
      /replacements\.n1: was 1 and cannot become 0: the data that was given up would come back under its name; set it back to 1/,
    );
  });
});
