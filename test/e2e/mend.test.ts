/** A cluster of one that someone damaged by hand: what `up` says, and the documented way back. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { mustPython, type Target } from "../support/python";
import { docker, inspect, TestStack, tryDocker } from "../support/stack";

let stack: TestStack;

function client(): Target {
  return { port: 31500, password: stack.settings.adminPassword, ca: stack.output<string>("driverCaPem") };
}

describe("a damaged cluster", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: "t-mend", subnet: "10.220.13.0/24", driverPort: 31500, nodes: 1 });
    await stack.mustUp();
  });
  after(() => {
    stack.dispose();
  });

  test("without the operator's account is not stopped blindly, and gets the account back", async () => {
    mustPython(client(), `return r.db("rethinkdb").table("users").get("pulumi_operator").delete().run(c)`);
    const before = inspect<{ Id: string }>("container", "t-mend-n0").Id;
    stack.configure({ memoryMib: 900 });
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(
      output,
      /n0: n0 refuses the account pulumi_operator, so nothing tells what this would cost; nothing was touched; set the account again with pulumi up --target-replace '\*\*-admin'/,
    );
    assert.equal(inspect<{ Id: string }>("container", "t-mend-n0").Id, before);
    await stack.mustUp("--target-replace", "**-admin");
    await stack.mustUp();
    assert.equal(
      inspect<{ HostConfig: { Memory: number } }>("container", "t-mend-n0").HostConfig.Memory,
      900 * 1024 * 1024,
    );
  });

  test("whose server was removed by hand is made again on its data by up --refresh", async () => {
    mustPython(
      client(),
      `r.db("test").table_create("kept").run(c)\nr.table("kept").insert({"id": 1}).run(c)\nreturn 1`,
    );
    docker("rm", "--force", "t-mend-n0");
    await stack.mustUp("--refresh");
    assert.equal(mustPython(client(), `return r.table("kept").count().run(c)`), 1);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("whose data was wiped is refused at its start, and says why", async () => {
    docker("stop", "t-mend-n0");
    const wipe = "rm -rf /data/rethinkdb && mkdir /data/rethinkdb && chown 28015:28015 /data/rethinkdb";
    const image = "rethinkdb:2.4.4-bookworm-slim";
    docker("run", "--rm", "--network", "none", "--volume", "t-mend-n0-data:/data", image, "bash", "-c", wipe);
    docker("start", "t-mend-n0");
    let said = "";
    for (let tries = 0; tries < 50 && !said.startsWith("refused"); tries++) {
      await sleep(100);
      said = tryDocker("logs", "--tail", "1", "t-mend-n0").output;
    }
    docker("stop", "t-mend-n0");
    assert.equal(
      said.trim(),
      "refused: the data of this server is gone from its volume. Put it back, or replace the server.",
    );
  });
});
