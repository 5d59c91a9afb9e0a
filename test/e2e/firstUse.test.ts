/** The README's way in: `npm run up`, grow, a kill, destroy, from a checkout of one's own. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { copyProject, PROJECT } from "../support/checkout";
import { installedPythons, mustPython } from "../support/python";
import { docker, finish, type Finished, removeCluster } from "../support/stack";

const NAME = "t-first";
let folder: string;

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn("npm", ["run", "--silent", ...words], {
    cwd: folder,
    env: { ...process.env, ...env, NO_COLOR: "1" },
    stdio: "pipe",
    detached: true,
  });
}

async function run(...words: readonly string[]): Promise<Finished> {
  return finish(start(words));
}

async function must(...words: readonly string[]): Promise<string> {
  const { code, output } = await run(...words);
  assert.equal(code, 0, output);
  return output;
}

function containers(): readonly string[] {
  return docker("ps", "-a", "--format", "{{.Names}}", "--filter", `label=pulumi-rethinkdb.cluster=${NAME}`)
    .split("\n")
    .filter(Boolean)
    .sort();
}

function volumes(): readonly string[] {
  return docker("volume", "ls", "--format", "{{.Name}}", "--filter", `label=pulumi-rethinkdb.cluster=${NAME}`)
    .split("\n")
    .filter(Boolean)
    .sort();
}

async function client(): Promise<{ port: number; password: string; ca: string }> {
  const password = readFileSync(join(folder, ".state", "admin-password"), "utf8").trim();
  const ca = (await finish(start(["pulumi", "--", "stack", "output", "driverCaPem"]))).stdout;
  return { port: 31900, password, ca };
}

describe("a newcomer", () => {
  before(() => {
    removeCluster(NAME);
    folder = copyProject();
  });
  after(() => {
    removeCluster(NAME);
    rmSync(folder, { recursive: true, force: true });
  });

  test("without Docker reads one sentence, and nothing is made", async () => {
    const { code, output } = await finish(start(["up"], { DOCKER_HOST: "unix:///nowhere.sock" }));
    assert.equal(code, 1);
    assert.match(
      output,
      /^Docker does not answer at unix:\/\/\/nowhere\.sock: start the engine, or say where it is with DOCKER_HOST or docker context use/,
    );
    assert.equal(existsSync(join(folder, ".state")), false);
  });

  test("gets a cluster from npm run up, and reads what to do next", async () => {
    await must(
      "pulumi",
      "--",
      "config",
      "set-all",
      "--plaintext",
      `clusterName=${NAME}`,
      "--plaintext",
      "subnet=10.220.9.0/24",
      "--plaintext",
      "driverPort=31900",
    );
    const output = await must("up");
    const servers = [0, 1, 2].map((i) => `  n${String(i)}  127.0.0.1:3190${String(i)}  serves\n`).join("");
    assert.ok(output.includes(`\n3 servers are up.\n${servers}\n`), output);
    assert.match(output, /Password of admin: +cat \.state\/admin-password/);
    assert.deepEqual(containers(), ["t-first-n0", "t-first-n1", "t-first-n2"]);
    assert.equal(
      mustPython(
        await client(),
        `r.db("test").table_create("kept").run(c)\nr.table("kept").insert({"id": 1}).run(c)\nreturn r.table("kept").count().run(c)`,
      ),
      1,
    );
    for (const name of [".state/passphrase", ".state/admin-password"])
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, ".state")).mode & 0o777, 0o700);
    const password = readFileSync(join(folder, ".state", "admin-password"), "utf8").trim();
    assert.ok(!output.includes(password));
    assert.ok(!readFileSync(join(folder, "Pulumi.local.yaml"), "utf8").includes(password));
  });

  test("connects with the pasted JavaScript snippets, with every server in the pool", async () => {
    const connect = JSON.parse(
      (await finish(start(["pulumi", "--", "stack", "output", "connect", "--json"]))).stdout,
    ) as { javascript: string; pool: string };
    const env = { ...process.env, RETHINKDB_PASSWORD: (await client()).password };
    const paste = async (text: string): Promise<string> =>
      (await finish(spawn("node", ["-e", text], { cwd: folder, env, stdio: "pipe" }))).output;
    assert.match(await paste(connect.javascript), /^connected over TLS$/m);
    assert.match(await paste(connect.pool), /^connected over TLS$/m);
    const counting = connect.pool.replace(
      "  await pool.drain();",
      "  await new Promise((later) => setTimeout(later, 5000));\n" +
        "  console.log(`servers: ${pool.getPools().map(({ server }) => server.port)}`);\n  process.exit();",
    );
    assert.match(await paste(counting), /^servers: 31900,31901,31902$/m);
  });

  for (const command of installedPythons()) {
    test(`connects and dumps with ${command}, as the README says word for word`, async () => {
      const readme = readFileSync(join(PROJECT, "README.md"), "utf8");
      const block = /^```sh\n(python3 -m venv [^]*?)^```$/m.exec(readme)?.[1] ?? "";
      assert.match(block, /connect\.py/);
      const paste = async (script: string): Promise<string> => {
        const said = await finish(
          spawn("bash", ["-euc", script.replace(/^python3 /m, `${command} `)], { cwd: folder, stdio: "pipe" }),
        );
        assert.equal(said.code, 0, said.output);
        return said.output;
      };
      assert.match(await paste(block), /^connected over TLS$/m);
      const dump = readFileSync(join(folder, ".state", "connect.sh"), "utf8");
      const asked = dump.replace(/--password$/m, "--password-file .state/admin-password --file dump.tar.gz");
      assert.notEqual(asked, dump);
      assert.match(await paste(asked), /Done/);
      for (const name of [".venv", "dump.tar.gz"]) rmSync(join(folder, name), { recursive: true });
    });
  }

  test("kills an up that grows, and the next one clears the lock and finishes", async () => {
    const child = start(["up", "--", "--nodes", "4"]);
    const finished = finish(child);
    await new Promise<void>((updating) => {
      child.stdout?.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes("Updating (local)")) updating();
      });
    });
    const second = await run("up");
    assert.equal(second.code, 1);
    assert.match(
      second.output,
      /^another run works on this stack right now \(process \d+ of \w+\); wait until it has ended$/m,
    );
    assert.ok(child.pid !== undefined);
    process.kill(-child.pid, "SIGKILL");
    await finished;
    const output = await must("up");
    assert.match(
      output,
      /The last run was interrupted: its lock and unfinished operations are cleared, this one goes on\./,
    );
    assert.deepEqual(containers(), ["t-first-n0", "t-first-n1", "t-first-n2", "t-first-n3"]);
  });

  test("reads which port is busy, and nothing is made", async () => {
    const holder = createServer().listen(31904, "127.0.0.1");
    await once(holder, "listening");
    try {
      const { code, output } = await run("up", "--", "--nodes", "5");
      assert.notEqual(code, 0);
      assert.match(
        output,
        /^ +driverPort: 127\.0\.0\.1:31904 for n4 is in use by another program; choose another driverPort$/m,
      );
      assert.equal(containers().length, 4);
      assert.equal(volumes().length, 8);
    } finally {
      holder.close();
    }
    await must("pulumi", "--", "config", "set", "nodes", "4");
  });

  test("destroys it, is told which data stays, and starts on that data only when asked to", async () => {
    const names = [0, 1, 2, 3].map((i) => `${NAME}-n${String(i)}-data`);
    assert.match(
      await must("destroy"),
      new RegExp(`Its data is not: these volumes stay\\.\n  ${names.join("\n  ")}\n`),
    );
    assert.deepEqual(volumes(), names);
    const { code, output } = await run("up");
    assert.notEqual(code, 0);
    assert.match(
      output,
      /data volumes of an earlier cluster "t-first" are still here: .*start on them with allow: \["adopt-data"\], or delete them with docker volume rm/,
    );
    await must("pulumi", "--", "config", "set", "--path", "allow[0]", "adopt-data");
    await must("up");
    assert.equal(mustPython(await client(), `return r.table("kept").count().run(c)`), 1);
  });

  test("destroys also what a killed up had made and never wrote down", async () => {
    await must("destroy");
    const child = start(["up"]);
    const finished = finish(child);
    await new Promise<void>((creating) => {
      child.stdout?.on("data", (chunk: Buffer) => {
        if (chunk.toString().includes("Container rethinkdb-n1 creating")) creating();
      });
    });
    while (!containers().includes("t-first-n1")) await sleep(20);
    assert.ok(child.pid !== undefined);
    process.kill(-child.pid, "SIGKILL");
    await finished;
    await must("destroy");
    assert.deepEqual(containers(), []);
    assert.equal(docker("network", "ls", "-q", "--filter", `name=^${NAME}$`), "");
  });

  test("deletes the data when that is asked for", async () => {
    assert.match(
      await must("destroy", "--", "--volumes"),
      /These data volumes are deleted:\n {2}t-first-n0-data\n {2}t-first-n1-data\n {2}t-first-n2-data\n {2}t-first-n3-data\n/,
    );
    assert.deepEqual(volumes(), []);
    assert.match(await must("destroy"), /The cluster "t-first" is gone, and no data volume is left\./);
  });
});
