/** Backups killed at many moments, and in repositories that are far away: S3 and sftp. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { admin, enableBackups, everything, fill, missingRestic, restic, watchBackup } from "../support/backups";
import { mustPython } from "../support/python";
import { missingSshd, prepareSshd } from "../support/sshd";
import { docker, TestStack } from "../support/stack";

const NAME = "t-bak-soak";
const TABLES = ["geo.places", "shop.hooked", "shop.items", "shop.logs", "shop.none", "shop.orders"];
const ROWS = 30_000;
const S3_PORT = 31895;
const skip = missingRestic();

let stack: TestStack;
let recorded: unknown;

function missingMinio(): string | false {
  return spawnSync("minio", ["--version"]).status === 0 ? false : "minio is not installed";
}

function lines(): readonly string[] {
  return stack.cli("backup", "list").stdout.trim().split("\n").slice(1);
}

function names(): readonly string[] {
  const query = `return [t["db"] + "." + t["name"] for t in r.db("rethinkdb").table("table_config").run(c)]`;
  return mustPython(admin(stack), query) as readonly string[];
}

function ofVerify(): readonly string[] {
  return ["ps -a --format {{.Names}}", "volume ls --format {{.Name}}", "network ls --format {{.Name}}"]
    .flatMap((words) => docker(...words.split(" ")).split("\n"))
    .filter((name) => name.startsWith(`${NAME}-verify-`));
}

/** From its start on. */
function killAfter(milliseconds: number): { readonly kill: { readonly when: () => boolean; readonly after: number } } {
  return { kill: { when: () => true, after: milliseconds } };
}

async function must(...args: readonly string[]): Promise<string> {
  const { code, output, stdout } = await watchBackup(stack, args);
  assert.equal(code, 0, output);
  return stdout;
}

describe("backups", { skip }, () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.222.31.0/24", driverPort: 31890, nodes: 1 });
    enableBackups(stack);
    await stack.mustUp();
    fill(admin(stack), 1, ROWS);
    recorded = everything(admin(stack), TABLES);
    restic(stack, "init");
  });
  after(() => {
    stack.dispose();
  });

  for (const moment of [500, 1500, 2500, 3500]) {
    test(`create is killed after ${String(moment)} ms: what is there is whole or said to be none`, async () => {
      const { signal, code } = await watchBackup(stack, ["create"], killAfter(moment));
      assert.ok(signal === "SIGKILL" || code === 0);
      await must("prune");
      const whole = lines();
      assert.ok(whole.every((line) => !line.includes("cut short")));
      const id = /^Backup (\w{8})/.exec(await must("create"))?.[1] ?? "";
      assert.ok(lines().some((line) => line.startsWith(id)));
    });
  }

  for (const moment of [2500, 4500, 7000]) {
    test(`restore is killed after ${String(moment)} ms: it starts over, and the cluster has every row`, async () => {
      const had = names();
      mustPython(admin(stack), `for db in ["shop", "geo", "empty"]: r.db_drop(db).run(c)`);
      assert.equal(had.length >= TABLES.length, true);
      await watchBackup(stack, ["restore"], killAfter(moment));
      const whole = names().filter((name) => !name.includes("restoring_"));
      // A table that has its name has all its rows.
      const then = recorded as Readonly<Record<string, unknown>>;
      const now = everything(admin(stack), whole) as Readonly<Record<string, unknown>>;
      for (const name of whole) assert.deepEqual(now[name], then[name], name);
      await must("restore", ...(whole.length === 0 ? [] : ["--replace", whole.join(",")]));
      assert.deepEqual(everything(admin(stack), TABLES), recorded);
      assert.deepEqual(
        names().filter((name) => name.includes("restoring_")),
        [],
      );
    });
  }

  for (const moment of [6000, 12_000, 17_000]) {
    test(`verify is killed after ${String(moment)} ms: the next one removes what it left`, async () => {
      await watchBackup(stack, ["verify", "--subnet", "10.222.32.0/24"], killAfter(moment));
      assert.match(await must("verify", "--subnet", "10.222.32.0/24"), /^Backup \w{8} is verified: 6 tables /m);
      assert.deepEqual(ofVerify(), []);
    });
  }

  test("are kept in S3", { skip: missingMinio() }, async () => {
    const data = join(stack.folder, "s3");
    mkdirSync(data);
    const keys = { MINIO_ROOT_USER: "backups", MINIO_ROOT_PASSWORD: "the key of backups" };
    const address = `127.0.0.1:${String(S3_PORT)}`;
    const server = spawn("minio", ["server", "--quiet", "--address", address, data], {
      env: { ...process.env, ...keys },
      stdio: "ignore",
    });
    const own = {
      RESTIC_REPOSITORY: `s3:http://${address}/backups`,
      AWS_ACCESS_KEY_ID: keys.MINIO_ROOT_USER,
      AWS_SECRET_ACCESS_KEY: keys.MINIO_ROOT_PASSWORD,
    };
    try {
      await roundTrip(own);
    } finally {
      await ended(server);
    }
  });

  test("are kept behind sftp", { skip: missingSshd() }, async () => {
    const folder = join(stack.folder, "ssh");
    mkdirSync(folder);
    prepareSshd(folder, "host", "client");
    const at = (name: string): string => join(folder, name);
    writeFileSync(at("known_hosts"), `backups ${readFileSync(at("host.pub"), "utf8")}`);
    const server = [`HostKey=${at("host")}`, `AuthorizedKeysFile=${at("client.pub")}`, "StrictModes=no", "UsePAM=no"]
      .concat("Subsystem=sftp internal-sftp", "PermitRootLogin=prohibit-password")
      .flatMap((option) => ["-o", `'${option}'`]);
    writeFileSync(
      at("config"),
      [
        "Host backups",
        `ProxyCommand /usr/sbin/sshd -i -f /dev/null ${server.join(" ")}`,
        `UserKnownHostsFile ${at("known_hosts")}`,
        `IdentityFile ${at("client")}`,
        "BatchMode yes",
        "",
      ].join("\n"),
    );
    const bin = at("bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${at("config")} "$@"\n`);
    chmodSync(join(bin, "ssh"), 0o755);
    const own = {
      RESTIC_REPOSITORY: `sftp:root@backups:${at("repository")}`,
      PATH: `${bin}:${String(stack.env["PATH"])}`,
    };
    await roundTrip(own);
  });
});

async function roundTrip(env: Readonly<Record<string, string>>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { status, stderr } = spawnSync("restic", ["init"], { env: { ...stack.env, ...env }, encoding: "utf8" });
    if (status === 0) break;
    assert.ok(tries < 20, stderr);
    await sleep(500);
  }
  const made = await watchBackup(stack, ["create"], { env });
  assert.equal(made.code, 0, made.output);
  const verified = await watchBackup(stack, ["verify", "--subnet", "10.222.32.0/24"], { env });
  assert.equal(verified.code, 0, verified.output);
  assert.match(verified.stdout, /^Backup \w{8} is verified: 6 tables /m);
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill();
  await closed;
}
