/** The life of one cluster on the real engine and server: what each change touches, and what it must not. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LABELS } from "../../core/render/labels";
import { mustPython, python, type Target } from "../support/python";
import { docker, inspect, TestStack } from "../support/stack";
import { tableFacts } from "../support/tables";

const NAME = "t-life";
let stack: TestStack;
let ca: string;
let ids: unknown;

interface ContainerFacts {
  readonly Id: string;
  readonly Created: string;
  readonly State: { readonly StartedAt: string };
}

function target(ordinal: number, password = stack.settings.adminPassword): Target {
  return { port: stack.settings.driverPort + ordinal, password, ca };
}

/** Everything of servers n0..count-1 that a count bump must not touch. */
function footprint(count: number): unknown {
  const ordinals = Array.from({ length: count }, (_, i) => i);
  const names = ordinals.map((i) => `rethinkdb-n${String(i)}`);
  return {
    containers: ordinals.map((i) => {
      const facts = inspect<ContainerFacts>("container", `${NAME}-n${String(i)}`);
      return [facts.Id, facts.Created, facts.State.StartedAt];
    }),
    // Docker's own CreatedAt of a volume is the time of the last change in it; a file's inode tells a new one.
    files: ordinals.map((i) =>
      docker("exec", `${NAME}-n${String(i)}`, "bash", "-c", "stat -c '%n %i' /data/rethinkdb/metadata /tls/*/*"),
    ),
    resources: stack
      .resources("--show-secrets")
      .filter(
        ({ urn }) =>
          names.some((name) => urn.endsWith(`::${name}`) || urn.includes(`::${name}-`)) || urn.includes("-ca-g"),
      )
      .map(({ urn, id, inputs, outputs }) => ({ urn, id, inputs, outputs })),
  };
}

function peersSeenBy(ordinal: number): unknown {
  return mustPython(
    target(ordinal),
    `return {s["name"]: sorted(s["network"]["connected_to"]) for s in r.db("rethinkdb").table("server_status").run(c)}`,
  );
}

function serverIds(): unknown {
  return mustPython(target(0), `return {s["name"]: s["id"] for s in r.db("rethinkdb").table("server_config").run(c)}`);
}

function everyoneSeesEveryone(count: number): Record<string, readonly string[]> {
  const names = Array.from({ length: count }, (_, i) => `n${String(i)}`);
  return Object.fromEntries(names.map((name) => [name, names.filter((other) => other !== name)]));
}

describe("a cluster of three", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.1.0/24", driverPort: 31000 });
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
  });
  after(() => {
    stack.dispose();
  });

  test("answers over TLS on every published port, and all servers see each other", () => {
    for (const ordinal of [0, 1, 2]) assert.deepEqual(peersSeenBy(ordinal), everyoneSeesEveryone(3));
    assert.deepEqual(
      stack.output<{ driverEndpoint: string }[]>("servers").map((server) => server.driverEndpoint),
      ["127.0.0.1:31000", "127.0.0.1:31001", "127.0.0.1:31002"],
    );
  });

  test("has nothing left to do: preview, second up and both with refresh are empty", async () => {
    assert.deepEqual(await stack.plannedChanges(), {});
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    assert.match(await stack.mustUp("--expect-no-changes"), /\b52 unchanged\b/);
    assert.match(await stack.mustUp("--refresh", "--expect-no-changes"), /\b52 unchanged\b/);
  });

  test("knows its peers for every later start: join.conf of each server names all others", () => {
    for (const i of [0, 1, 2]) {
      const conf = docker("exec", `${NAME}-n${String(i)}`, "cat", "/tls/join.conf")
        .split("\n")
        .slice(1);
      const others = [0, 1, 2].filter((j) => j !== i).map((j) => `join=10.220.1.${String(10 + j)}:29015`);
      assert.deepEqual(conf, others);
    }
  });

  test("grows to five and changes no existing server, volume, key or certificate", async () => {
    mustPython(
      target(0),
      `r.db("test").table_create("kept", replicas=3).run(c)\nr.table("kept").insert([{"id": i} for i in range(1000)]).run(c)\nreturn 1`,
    );
    stack.configure({ nodes: 5 });
    const planned = await stack.plannedChanges();
    const touched = Object.entries(planned).filter(([, op]) => op !== "create");
    assert.deepEqual(Object.fromEntries(touched), {
      rethinkdb: "update",
      "rethinkdb-departure": "update",
      "rethinkdb-fleet": "update",
      "rethinkdb-peers": "update",
    });
    const before = footprint(3);
    await stack.mustUp();
    assert.deepEqual(footprint(3), before);
    for (const ordinal of [0, 1, 2, 3, 4]) assert.deepEqual(peersSeenBy(ordinal), everyoneSeesEveryone(5));
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    // From now on the state has them one after the other, and they leave so.
    await stack.mustUp("--expect-no-changes");
    assert.deepEqual(footprint(3), before);
  });

  test("refuses to shrink below a table's replicas, names it, and touches nothing", async () => {
    const before = footprint(5);
    stack.configure({ nodes: 2 });
    for (const flags of [[], ["--continue-on-error"]]) {
      const { code, output } = await stack.up(...flags);
      assert.notEqual(code, 0);
      assert.match(
        output,
        /nodes: test\.kept has more replicas than the 2 servers that remain; lower them with allow: \["lower-replicas"\], or keep more servers/,
      );
    }
    assert.deepEqual(footprint(5), before);
    stack.configure({ nodes: 5 });
  });

  test("shrinks to three: every row and setting stays, what remains is not touched, the data volumes are named", async () => {
    mustPython(
      target(0),
      `
r.table("kept").index_create("n").run(c)
r.table("kept").set_write_hook(lambda ctx, old, new: new).run(c)
config = r.db("rethinkdb").table("table_config")
config.filter({"name": "kept"}).update({"shards": [{"primary_replica": "n4", "replicas": ["n0", "n3", "n4"]}], "write_acks": "single"}).run(c)
r.db("test").table_create("alone").run(c)
config.filter({"name": "alone"}).update({"shards": [{"primary_replica": "n3", "replicas": ["n3"]}], "durability": "soft"}).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
r.table("alone").insert([{"id": i} for i in range(500)]).run(c)
return 1`,
    );
    const [facts, touched] = [tableFacts(target(0)), footprint(3)];
    ids = serverIds();
    stack.configure({ nodes: 3 });
    const planned = await stack.plannedChanges();
    assert.deepEqual(
      Object.entries(planned).filter(([name, op]) => op !== "delete" || !/-n[34](-|$)/.test(name)),
      Object.entries({
        rethinkdb: "update",
        "rethinkdb-fleet": "update",
        "rethinkdb-departure": "update",
        "rethinkdb-peers": "update",
      }),
    );
    const output = await stack.mustUp();
    assert.match(output, /moving data off n3, n4: 2 tables and 3 replicas left/);
    assert.match(
      output,
      /n3, n4 may go; these data volumes stay until you delete them with docker volume rm: t-life-n3-data, t-life-n4-data/,
    );
    const gone = [...output.matchAll(/rethinkdb-(n[34](?:-member)?) deleted/g)].map((m) => m[1]);
    assert.deepEqual(gone, ["n4-member", "n4", "n3-member", "n3"], "the highest first, each after it was let go");
    assert.deepEqual(tableFacts(target(0)), facts);
    assert.deepEqual(footprint(3), touched);
    assert.deepEqual(peersSeenBy(1), everyoneSeesEveryone(3));
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("grows again to the same servers, which take new tables as before", async () => {
    stack.configure({ nodes: 5 });
    await stack.mustUp();
    assert.deepEqual(serverIds(), ids);
    const tags = `return {s["name"]: s["tags"] for s in r.db("rethinkdb").table("server_config").run(c)}`;
    assert.deepEqual(
      mustPython(target(0), tags),
      Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`n${String(i)}`, ["default"]])),
    );
    for (const ordinal of [0, 4]) assert.deepEqual(peersSeenBy(ordinal), everyoneSeesEveryone(5));
  });

  test("lets servers go in the very next run that came side by side, each after it was let go, and takes them back", async () => {
    const touched = footprint(3);
    stack.configure({ nodes: 3 });
    const output = await stack.mustUp();
    const gone = [...output.matchAll(/rethinkdb-(n[34](?:-member)?) deleted/g)].map((m) => m[1] ?? "");
    assert.deepEqual([...gone].sort(), ["n3", "n3-member", "n4", "n4-member"]);
    assert.deepEqual(gone.slice(0, 2).sort(), ["n3-member", "n4-member"], "both are let go before any of them stops");
    assert.deepEqual(footprint(3), touched);
    assert.deepEqual(peersSeenBy(1), everyoneSeesEveryone(3));
    stack.configure({ nodes: 5 });
    await stack.mustUp();
    assert.deepEqual(serverIds(), ids);
    for (const ordinal of [0, 4]) assert.deepEqual(peersSeenBy(ordinal), everyoneSeesEveryone(5));
  });

  for (const [key, value, old] of [
    ["clusterName", "t-other", NAME],
    ["subnet", "10.220.2.0/24", "10.220.1.0/24"],
  ] as const) {
    test(`refuses another ${key} on a living cluster and touches nothing`, async () => {
      const before = footprint(5);
      stack.configure({ [key]: value });
      const { code, output } = await stack.up();
      assert.notEqual(code, 0);
      assert.match(
        output,
        new RegExp(
          `${key}: is "${old.replaceAll(".", "\\.")}" for this cluster's whole life and cannot become "${value.replaceAll(".", "\\.")}"`,
        ),
      );
      assert.deepEqual(footprint(5), before);
      stack.configure({ [key]: old });
    });
  }

  test("has nothing to mend after a refusal but the record of the component's own args", async () => {
    assert.deepEqual(await stack.plannedChanges(), { rethinkdb: "update" });
  });

  test("sets a new admin password with no restart; the old one is refused", async () => {
    const started = (): readonly string[] =>
      [0, 1, 2, 3, 4].map((i) => inspect<ContainerFacts>("container", `${NAME}-n${String(i)}`).State.StartedAt);
    const before = started();
    const fresh = `new "$PASS" #2 \\ = '${NAME}`;
    stack.setPassword(fresh);
    await stack.mustUp();
    assert.deepEqual(started(), before);
    assert.equal(mustPython(target(4, fresh), `return r.expr(1).run(c)`), 1);
    const refused = python(target(4), `return 1`);
    assert.match(refused.ok ? "accepted" : refused.error, /Wrong password/);
    stack.setPassword(stack.settings.adminPassword);
    await stack.mustUp();
    assert.equal(mustPython(target(0), `return r.expr(1).run(c)`), 1);
  });

  test("shrinks and changes every server in one up: moves first, then one server at a time, and keeps every row", async () => {
    const facts = tableFacts(target(0));
    stack.configure({ nodes: 3, memoryMib: 768 });
    const output = await stack.mustUp();
    for (const i of [0, 1, 2]) {
      const limits = inspect<{ HostConfig: { Memory: number; MemorySwap: number } }>(
        "container",
        `${NAME}-n${String(i)}`,
      ).HostConfig;
      assert.equal(limits.Memory, 768 * 1024 * 1024);
      assert.equal(limits.MemorySwap, 768 * 1024 * 1024);
    }
    // A server is created anew only after the one before it is a member again.
    const order = [
      ...output.matchAll(/rethinkdb-(departure|n\d(?:-member|-permit)?) (?:created|updated|replaced|deleted)/g),
    ]
      .map((m) => m[1] ?? "")
      .filter((step) => !/^n[34]/.test(step));
    const expected = ["departure", ...[0, 1, 2].flatMap((i) => [`n${String(i)}-permit`, `n${String(i)}-member`])];
    assert.deepEqual(
      order.filter((step) => /departure|-permit|-member/.test(step)),
      expected,
    );
    assert.deepEqual(tableFacts(target(0)), facts);
    assert.deepEqual(peersSeenBy(2), everyoneSeesEveryone(3));
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("renews certificates one server at a time; a renewal keeps every key", async () => {
    const keys = (): unknown =>
      stack
        .resources("--show-secrets")
        .filter(({ type }) => type === "tls:index/privateKey:PrivateKey")
        .map(({ id }) => id);
    const before = keys();
    stack.configure({ certValidityDays: 100, certEarlyRenewalDays: 40 });
    await stack.mustUp();
    assert.deepEqual(keys(), before);
    assert.equal(mustPython(target(0), `return r.table("kept").count().run(c)`), 1000);
    const directories = docker("exec", `${NAME}-n0`, "ls", "/tls").split("\n");
    assert.equal(directories.length, 2, "old certificates are pruned");
    assert.deepEqual(await stack.plannedChanges(), {});
  });

  test("is destroyed to nothing but its data volumes, which the next up will not start on unasked", async () => {
    stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    const filter = `label=${LABELS.clusterName}=${NAME}`;
    assert.equal(docker("ps", "-aq", "--filter", filter), "");
    assert.equal(docker("network", "ls", "-q", "--filter", filter), "");
    const volumes = [0, 1, 2, 3, 4].map((i) => `${NAME}-n${String(i)}-data`);
    assert.deepEqual(docker("volume", "ls", "--format", "{{.Name}}", "--filter", filter).split("\n").sort(), volumes);

    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(output, /data volumes of an earlier cluster "t-life" are still here: t-life-n0-data, t-life-n1-data/);
    assert.equal(docker("ps", "-aq", "--filter", filter), "");
  });

  test("starts on kept volumes when asked to, with the admin password of today", async () => {
    stack.setPassword("a password of another day");
    stack.configure({ allow: ["adopt-data"] });
    const output = await stack.mustUp();
    assert.match(
      output,
      /allow: "adopt-data" starts servers on data volumes that an earlier cluster of the same name left behind/,
    );
    ca = stack.output<string>("driverCaPem");
    const now = target(2, "a password of another day");
    assert.equal(mustPython(now, `return r.table("kept").count().run(c)`), 1000);
    stack.unset("allow");
    await stack.mustUp();
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });
});
