/** The tunnel and the shell on a cluster that publishes nothing, and dump and restore through the tunnel. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { type Connection, r } from "rethinkdb-ts";
import { grants } from "../../components";
import { mustPython, PYTHON, type Target } from "../support/python";
import { RunningVerb, until } from "../support/runningVerb";
import { docker, TestStack } from "../support/stack";
import { connectThrough } from "../support/throughTunnel";

const NAME = "t-ways-tunnel";
const PORT = 33010;
const DUMP_PASSWORD = "the password of dump";
const CONNECTIONS = 50;
const MEGABYTES = 100;

let stack: TestStack;
let ca: string;

interface Client {
  connection?: Connection | undefined;
  /** How often its connection ended under it, or while it was opened. */
  broken: number;
}

function startTunnel(): Promise<RunningVerb> {
  const args = ["--port", String(PORT), "--ca", join(stack.folder, "ca.pem")];
  return RunningVerb.start(stack, "tunnel", args, "Ctrl-C ends it");
}

/** Processes of the tunnel on this host and inside the containers. */
function leftovers(): readonly string[] {
  const host = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout.split("\n");
  const inside = [0, 1, 2].flatMap((i) => docker("top", `${NAME}-n${String(i)}`, "-eo", "pid,args").split("\n"));
  return [
    ...host.filter((line) => line.startsWith("docker exec") && line.includes(NAME)),
    // Not the health check's.
    ...inside.filter((line) => /^\s*\d+\s+(bash|cat)/.test(line) && !line.includes("openssl")),
  ];
}

function connected(): Promise<Connection> {
  return connectThrough(PORT, stack.settings.adminPassword, ca);
}

function admin(): Target {
  return { port: PORT, password: stack.settings.adminPassword, ca };
}

function shell(input: string, ...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const main = join(stack.folder, "dist", "cli", "main.js");
  const argv = [main, "shell", "--stack", NAME, ...args];
  const options = { cwd: stack.folder, env: stack.env, encoding: "utf8", input, timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, options);
  return { code: status, output: stdout + stderr };
}

describe("a tunnel", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.230.11.0/24", driverPort: PORT });
    stack.configure({ driverPublish: "none" });
    stack.configureJson("databases", ["shop"]);
    stack.configureJson("users", [{ name: "dump", grants: grants.backup() }]);
    stack.setUserPasswords({ dump: DUMP_PASSWORD });
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
  });
  afterEach(() => {
    RunningVerb.killAll();
  });
  after(() => {
    stack.dispose();
  });

  test("leads an ordinary driver to a cluster that publishes nothing, until Ctrl-C", async () => {
    assert.equal(docker("port", `${NAME}-n0`), "");
    const tunnel = await startTunnel();
    assert.equal(mustPython(admin(), `return r.expr(42).run(c)`), 42);
    assert.ok(!tunnel.output.includes(stack.settings.adminPassword));
    const connection = await connected();
    assert.equal(await tunnel.stop("SIGINT"), 0, tunnel.output);
    assert.match(tunnel.output, /The tunnel is closed\.\n$/);
    await until(
      () => leftovers().length === 0,
      () => leftovers().join("\n"),
      30,
    );
    await connection.close({ noreplyWait: false }).catch(() => undefined);
  });

  test("leaves no process behind when it is killed the hard way", async () => {
    const tunnel = await startTunnel();
    const connections = await Promise.all(Array.from({ length: 5 }, connected));
    assert.ok(leftovers().length >= 10, "five channels are seen from here and from inside");
    // Only the tunnel itself: its docker processes have to notice.
    process.kill(tunnel.child.pid ?? 0, "SIGKILL");
    await tunnel.ended;
    await until(
      () => leftovers().length === 0,
      () => leftovers().join("\n"),
      30,
    );
    for (const connection of connections) await connection.close({ noreplyWait: false }).catch(() => undefined);
  });

  test(`carries ${String(CONNECTIONS)} connections and ${String(MEGABYTES)} MB each way, byte for byte, moving on when a server restarts`, async () => {
    const tunnel = await startTunnel();
    const first = await connected();
    await r.db("shop").tableCreate("blobs", { replicas: 3 }).run(first);
    const table = r.db("shop").table<{ id: string; blob: Buffer }>("blobs");
    const share = (MEGABYTES * 1_000_000) / CONNECTIONS / 2;
    const started = Date.now();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, index) => {
        const connection = await connected();
        for (const part of ["a", "b"]) {
          const blob = randomBytes(share);
          const id = `${String(index)}${part}`;
          await table.insert({ id, blob }, { durability: "soft" }).run(connection);
          const found = await table.get(id).run(connection);
          assert.ok(found && blob.equals(found.blob), id);
        }
        await connection.close();
      }),
    );
    console.log(`${String(MEGABYTES)} MB each way: ${((Date.now() - started) / 1000).toFixed(1)} s`);

    const serving = /connections go to (n\d)/.exec(tunnel.output)?.[1] ?? "";
    docker("restart", "--time", "60", `${NAME}-${serving}`);
    const connection = await connected();
    assert.equal(await r.expr(1).run(connection), 1);
    await connection.close();
    // While it was away: the tunnel asks the server it knows first, so only a connection in that time moves on.
    docker("stop", "--time", "60", `${NAME}-${serving}`);
    const moved = await connected();
    assert.equal(await r.expr(2).run(moved), 2);
    // The table's own fail-over takes a moment; the tunnel has no part in it.
    await table.wait({ waitFor: "ready_for_reads", timeout: 30 }).run(moved);
    assert.equal(await table.count().run(moved), 2 * CONNECTIONS);
    await moved.close();
    assert.equal(tunnel.output.match(/connections go to/g)?.length, 2, tunnel.output);
    docker("start", `${NAME}-${serving}`);
    await first.close({ noreplyWait: false }).catch(() => undefined);
    assert.equal(await tunnel.stop("SIGINT"), 0);
    await until(
      () => leftovers().length === 0,
      () => leftovers().join("\n"),
      30,
    );
  });

  test("breaks the connections of a server that is stopped under load, and leads each that is opened again to another one", async () => {
    const tunnel = await startTunnel();
    const table = r.db("shop").table<{ id: string; blob: Buffer }>("blobs");
    const first = await connected();
    await table.delete().run(first);
    await first.close();
    const serving = /connections go to (n\d)/.exec(tunnel.output)?.[1] ?? "";
    const parts = 5;
    const size = (MEGABYTES * 1_000_000) / CONNECTIONS / parts;
    let written = 0;
    /** As an application does it: what was not acknowledged is done again, on a connection that is opened anew. */
    const write = async (client: Client, id: string, blob: Buffer): Promise<void> => {
      for (;;) {
        try {
          client.connection ??= await connected();
          await table.insert({ id, blob }, { durability: "soft", conflict: "replace" }).run(client.connection);
          const found = await table.get(id).run(client.connection);
          assert.ok(found && blob.equals(found.blob), id);
          written++;
          return;
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          // A table without its primary for a moment is no matter of the tunnel.
          if (client.connection?.open) continue;
          client.connection = undefined;
          client.broken++;
          assert.ok(client.broken <= 5, String(error));
        }
      }
    };
    const clients: readonly Client[] = Array.from({ length: CONNECTIONS }, () => ({ broken: 0 }));
    const load = Promise.all(
      clients.map(async (client, index) => {
        for (let part = 0; part < parts; part++)
          await write(client, `${String(index)}-${String(part)}`, randomBytes(size));
        await client.connection?.close();
      }),
    );
    await until(
      () => written >= CONNECTIONS,
      () => `${String(written)} of ${String(CONNECTIONS)}`,
      120,
    );
    // Not with spawnSync: the load runs in this process.
    const stopped = spawn("docker", ["stop", "--time", "60", `${NAME}-${serving}`], { stdio: "ignore" });
    await new Promise((resolve) => stopped.once("close", resolve));
    await until(
      () => (tunnel.output.match(/connections go to/g)?.length ?? 0) > 1,
      () => tunnel.output,
    );
    docker("start", `${NAME}-${serving}`);
    await load;
    const broken = clients.map((client) => client.broken);
    console.log(`${serving} was stopped under load: connections broke ${broken.join(" ")} times`);
    assert.ok(broken.some((times) => times > 0));
    assert.equal(written, CONNECTIONS * parts);
    const last = await connected();
    await table.wait({ waitFor: "ready_for_reads", timeout: 60 }).run(last);
    assert.equal(await table.count().run(last), CONNECTIONS * parts);
    await last.close();
    const names = [...tunnel.output.matchAll(/connections go to (n\d)/g)].map(([, name]) => name);
    assert.ok(names.length >= 2 && names[1] !== serving, tunnel.output);
    assert.doesNotMatch(tunnel.output, /Warning/);
    assert.equal(await tunnel.stop("SIGINT"), 0);
    await until(
      () => leftovers().length === 0,
      () => leftovers().join("\n"),
    );
  });

  test("is a way for rethinkdb-dump and rethinkdb-restore, as the user with the preset for it", async () => {
    const tunnel = await startTunnel();
    const caFile = join(stack.folder, "ca.pem");
    const passwordFile = join(stack.folder, "dump-password");
    writeFileSync(passwordFile, DUMP_PASSWORD);
    chmodSync(passwordFile, 0o600);
    const archive = join(stack.folder, "dump.tar.gz");
    mustPython(
      admin(),
      `
r.db("shop").table_create("items").run(c)
r.db("shop").table("items").index_create("by_n").run(c)
r.db("shop").table("items").insert([{"id": i, "n": i % 7} for i in range(500)]).run(c)
return 1`,
    );
    const tool = (name: string, ...args: readonly string[]): string => {
      const common = ["--connect", `localhost:${String(PORT)}`, "--tls-cert", caFile];
      const login = ["--user", "dump", "--password-file", passwordFile];
      const command = join(dirname(PYTHON), name);
      const found = spawnSync(command, [...common, ...login, ...args], { encoding: "utf8", timeout: 120_000 });
      assert.equal(found.status, 0, found.stdout + found.stderr);
      return found.stdout;
    };
    tool("rethinkdb-dump", "--export", "shop.items", "--file", archive);
    mustPython(admin(), `return r.db("shop").table_drop("items").run(c)["tables_dropped"]`);
    tool("rethinkdb-restore", archive);
    assert.deepEqual(
      mustPython(
        admin(),
        `return [r.db("shop").table("items").count().run(c), r.db("shop").table("items").sum("n").run(c), r.db("shop").table("items").index_list().run(c)]`,
      ),
      [500, Array.from({ length: 500 }, (_, i) => i % 7).reduce((a, b) => a + b), ["by_n"]],
    );
    assert.equal(await tunnel.stop("SIGINT"), 0);
  });

  test("says so when its port is taken", async () => {
    const tunnel = await startTunnel();
    const second = stack.cli("tunnel", "--port", String(PORT));
    assert.equal(second.code, 1);
    assert.equal(second.output, `--port: 127.0.0.1:${String(PORT)} is in use by another program; choose another one\n`);
    assert.equal(await tunnel.stop("SIGINT"), 0);
  });

  test("is not needed for a prompt: the shell runs what is typed, as admin or as a user", () => {
    const asAdmin = shell(
      `const t = r.db("shop")\nt.table("items").count()\nr.db("shop").table("nope")\nr.db("rethinkdb").table("users").count().gt(1)\n`,
    );
    assert.equal(asAdmin.code, 0, asAdmin.output);
    assert.match(asAdmin.output, /^connected to n\d as admin\n/);
    assert.match(asAdmin.output, /\n500\nReqlOpFailedError: Table `shop\.nope` does not exist in:\n.*\n.*\ntrue\n$/);
    const asUser = shell(`r.db("rethinkdb").table("users").count()\n`, "--user", "dump");
    assert.equal(asUser.code, 0, asUser.output);
    assert.match(asUser.output, /as dump\n[^]*User `dump` does not have the required `read` permission/);
    const stranger = shell(`1\n`, "--user", "nobody");
    assert.deepEqual(
      [stranger.code, stranger.output],
      [1, `--user: "nobody" is not a user of this stack; say the password in RETHINKDB_PASSWORD\n`],
    );
  });
});
