/** Several clusters and other people's things on one engine: none is harmed, and no data is taken. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, describe, test } from "node:test";
import { mustPython } from "../support/python";
import { docker, inspect, TestStack, tryDocker } from "../support/stack";

const stacks: TestStack[] = [];

function create(settings: Parameters<typeof TestStack.create>[0]): TestStack {
  const stack = TestStack.create(settings);
  stacks.push(stack);
  return stack;
}

function ids(clusterName: string): string {
  return docker("ps", "-aq", "--no-trunc", "--filter", `label=pulumi-rethinkdb.cluster=${clusterName}`);
}

describe("clusters on one engine", () => {
  let first: TestStack;
  after(() => {
    for (const stack of stacks) stack.dispose();
    tryDocker("network", "rm", "t-taken");
  });

  test("live side by side and cannot join each other", async () => {
    first = create({ clusterName: "t-side-a", subnet: "10.220.4.0/24", driverPort: 31200, nodes: 1 });
    const second = create({ clusterName: "t-side-b", subnet: "10.220.5.0/24", driverPort: 31210, nodes: 1 });
    await first.mustUp();
    await second.mustUp();
    for (const stack of [first, second]) {
      const client = {
        port: stack.settings.driverPort,
        password: stack.settings.adminPassword,
        ca: stack.output<string>("driverCaPem"),
      };
      assert.equal(mustPython(client, `return r.db("rethinkdb").table("server_status").count().run(c)`), 1);
    }
    assert.notEqual(first.output("driverCaPem"), second.output("driverCaPem"));
  });

  test("grow from one server to three and change nothing of it", async () => {
    const before = inspect<{ Id: string; State: { StartedAt: string } }>("container", "t-side-a-n0");
    first.configure({ nodes: 3 });
    await first.mustUp();
    const now = inspect<{ Id: string; State: { StartedAt: string } }>("container", "t-side-a-n0");
    assert.deepEqual([now.Id, now.State.StartedAt], [before.Id, before.State.StartedAt]);
    const client = { port: 31202, password: first.settings.adminPassword, ca: first.output<string>("driverCaPem") };
    assert.equal(mustPython(client, `return r.db("rethinkdb").table("server_status").count().run(c)`), 3);
  });

  test("refuse a second stack of the same name, which harms nothing", async () => {
    const before = ids("t-side-a");
    // What a copy of the project finds whose state was lost, too.
    const copy = TestStack.create({ clusterName: "t-side-a", subnet: "10.220.6.0/24", driverPort: 31220 });
    const { code, output } = await copy.up();
    assert.notEqual(code, 0);
    assert.match(
      output,
      /clusterName: "t-side-a" is taken on this engine by t-side-a-n0, t-side-a-n1, t-side-a-n2, which another stack made, or this one before its state was lost; choose another clusterName, or restore that state/,
    );
    assert.equal(ids("t-side-a"), before);
    copy.pulumi(["destroy", "--yes", "--skip-preview"]);
    assert.equal(ids("t-side-a"), before);
    const client = { port: 31200, password: first.settings.adminPassword, ca: first.output<string>("driverCaPem") };
    assert.equal(mustPython(client, `return r.db("rethinkdb").table("server_status").count().run(c)`), 3);
  });
});

describe("a first up", () => {
  const settings = { clusterName: "t-refused", subnet: "10.220.7.0/24", driverPort: 31230 };
  let stack: TestStack;
  after(() => {
    stack.dispose();
  });

  async function refused(): Promise<string> {
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.equal(ids("t-refused"), "", "no container was made");
    assert.equal(
      docker("volume", "ls", "-q", "--filter", "label=pulumi-rethinkdb.cluster=t-refused"),
      "",
      "no volume was made",
    );
    assert.equal(tryDocker("network", "inspect", "t-refused").code, 1, "no network was made");
    return output;
  }

  test("finds every error of the config at once, before any resource", async () => {
    stack = TestStack.create(settings);
    stack.configure({ nodes: 0, driverPort: 70000, cacheSizeMib: 2048 });
    const output = await refused();
    assert.match(output, /nodes: 0 is not a whole number from 1 to 64/);
    assert.match(output, /driverPort: 70000 is not a whole number from 1 to 65535/);
    assert.match(
      output,
      /cacheSizeMib: 2048 leaves nothing of memoryMib 1024 for the server itself; use about half of it/,
    );
    assert.deepEqual(
      stack.resources().filter(({ type }) => type.startsWith("tls:") || type.startsWith("docker:")),
      [],
    );
    stack.configure({ nodes: 3, driverPort: settings.driverPort });
    stack.unset("cacheSizeMib");
  });

  test("says which program's port is in its way, and makes nothing", async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(31231, "127.0.0.1", listening));
    const output = await refused();
    await new Promise((closed) => server.close(closed));
    assert.match(
      output,
      /driverPort: 127\.0\.0\.1:31231 for n1 is in use by another program; choose another driverPort/,
    );
  });

  test("says that an address is not the host's", async () => {
    stack.configure({ driverPublish: "10.222.33.7" });
    assert.match(
      await refused(),
      /driverPublish: 10\.222\.33\.7 is not an address of this host; name one of its own, or "none"/,
    );
    stack.configure({ driverPublish: "127.0.0.1" });
  });

  test("says which network overlaps its subnet", async () => {
    tryDocker("network", "rm", "t-taken");
    docker("network", "create", "--subnet", "10.220.7.128/25", "t-taken");
    const output = await refused();
    docker("network", "rm", "t-taken");
    assert.match(
      output,
      /subnet: 10\.220\.7\.0\/24 overlaps Docker network "t-taken" \(10\.220\.7\.128\/25\); choose another subnet/,
    );
  });

  test("says that the image cannot be had", async () => {
    stack.configure({ image: "rethinkdb-that-is-nowhere:1" });
    assert.match(await refused(), /image: rethinkdb-that-is-nowhere:1 is not on this engine and cannot be pulled: /);
    stack.unset("image");
  });
});
