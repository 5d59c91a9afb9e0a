/** A backup of a cluster that is being written to: verified, restored elsewhere, read by the official tool, imported. */
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  admin,
  BACKUP_PASSWORD,
  enableBackups,
  everything,
  filesWith,
  fill,
  missingRestic,
  REPOSITORY_PASSWORD,
  restic,
  ROW_MARK,
  watchBackup,
} from "../support/backups";
import { mustPython, PYTHON } from "../support/python";
import { docker, removeCluster, TestStack } from "../support/stack";

const NAME = "t-bak-from";
const FOREIGN = "t-bak-foreign";
const TABLES = ["geo.places", "shop.hooked", "shop.items", "shop.logs", "shop.none", "shop.orders"];
const ROWS = 20_000;
const skip = missingRestic();

let from: TestStack;
let to: TestStack;
let secrets: readonly string[];
let id: string;

/** Inserts and changes rows until its stdin ends; tells how many rows it was told are there. */
class Writers {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<Writers> {
    const { port, password, ca } = admin(from);
    const file = join(from.folder, "writer-ca.pem");
    writeFileSync(file, ca ?? "");
    const code = `
import sys, json, threading
from rethinkdb import r
t = json.load(open(0))
c = r.connect(host="localhost", port=t["port"], user="admin", password=t["password"], ssl={"ca_certs": t["ca"]})
l = r.db("shop").table("live")
l.insert([{"id": i, "n": 0} for i in range(2000)]).run(c)
print("ready", flush=True)
i = 0
while not __import__("os").path.exists(t["stop"]):
    i += 1
    l.insert({"id": 100000 + i, "n": i}).run(c)
    l.get(i % 2000).update({"n": i}).run(c)
print(i, flush=True)
`;
    const child = spawn(PYTHON, ["-c", code], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(JSON.stringify({ port, password, ca: file, stop: Writers.stopFile }));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    return new Writers(child);
  }

  private static get stopFile(): string {
    return join(from.folder, "stop-writers");
  }

  /** @returns how many rows were added while it ran. */
  async stop(): Promise<number> {
    const said = new Promise<string>((resolve) =>
      this.child.stdout?.once("data", (chunk: Buffer) => {
        resolve(String(chunk));
      }),
    );
    writeFileSync(Writers.stopFile, "");
    return Number(await said);
  }
}

function leftOfVerify(): readonly string[] {
  return ["ps -a --format {{.Names}}", "volume ls --format {{.Name}}", "network ls --format {{.Name}}"]
    .flatMap((words) => docker(...words.split(" ")).split("\n"))
    .filter((name) => name.startsWith(`${NAME}-verify-`));
}

describe("a backup", { skip }, () => {
  before(async () => {
    from = TestStack.create({ clusterName: NAME, subnet: "10.222.11.0/24", driverPort: 31850 });
    to = TestStack.create({ clusterName: "t-bak-to", subnet: "10.222.12.0/24", driverPort: 31860 });
    enableBackups(from);
    enableBackups(to, join(from.folder, "repository"));
    await Promise.all([from.mustUp(), to.mustUp()]);
    fill(admin(from), 3, ROWS);
    mustPython(admin(from), `r.db("shop").table_create("live").run(c)`);
    restic(from, "init");
    const passwords = [from, to].map(({ settings }) => settings.adminPassword);
    secrets = [BACKUP_PASSWORD, REPOSITORY_PASSWORD, ROW_MARK, ...passwords];
  });
  after(() => {
    docker("rm", "--force", "--volumes", FOREIGN);
    from.dispose();
    to.dispose();
  });

  test("is made while rows are written, and nothing of it is seen on the way", async () => {
    const writers = await Writers.start();
    const { code, output, stdout, seen, looks } = await watchBackup(from, ["create"], { secrets });
    const added = await writers.stop();
    assert.equal(code, 0, output);
    assert.ok(looks > 10);
    assert.deepEqual(seen, []);
    const [, made = "", rows = ""] = /^Backup (\w{8}) has 7 tables with ([\d ]+) rows:$/m.exec(stdout) ?? [];
    id = made;
    const live = Number(/shop\.live: ([\d ]+) rows/.exec(stdout)?.[1]?.replaceAll(" ", ""));
    // Every row that was there before, and of those that were added meanwhile some.
    assert.ok(live >= 2000 && live <= 2000 + added, `${String(live)} of ${String(added)}`);
    assert.equal(Number(rows.replaceAll(" ", "")), 2 * ROWS + 6 + 300 + 5 + 200 + live);
    assert.match(output, /create: 7 of 7 tables, [\d ]+ rows, [\d ]+ rows\/s/);
    assert.deepEqual(filesWith(String(from.env["TMPDIR"]), secrets), []);
    assert.deepEqual(filesWith(String(from.env["RESTIC_REPOSITORY"]), secrets), []);
    assert.deepEqual(
      secrets.filter((secret) => output.includes(secret)),
      [],
    );
    const contents = JSON.parse(restic(from, "dump", "--tag", "part:manifest", "latest", "/manifest.json")) as Contents;
    assert.deepEqual(contents.databases, ["empty", "geo", "shop", "test"]);
    assert.deepEqual(contents.users, ["admin", "backup", "pulumi_operator"]);
    assert.equal((JSON.parse(contents.config) as { nodes: number }).nodes, 3);
    assert.deepEqual(
      secrets.filter((secret) => JSON.stringify(contents).includes(secret)),
      [],
    );
  });

  test("is verified in a cluster of its own, of which nothing is left", async () => {
    const { code, output, stdout, seen } = await watchBackup(from, ["verify", "--subnet", "10.222.13.0/24"], {
      secrets,
    });
    assert.equal(code, 0, output);
    assert.match(
      stdout,
      new RegExp(
        `^Backup ${id} is verified: 7 tables with [\\d ]+ rows, their indexes and write hooks were restored into a cluster ` +
          `of their own, and are what was recorded \\(\\d+ s\\)\\.\\n$`,
      ),
    );
    assert.deepEqual(seen, []);
    assert.deepEqual(leftOfVerify(), []);
    const folder = join(from.folder, ".state", "backups");
    const record = JSON.parse(readFileSync(join(folder, `${NAME}-${NAME}.json`), "utf8")) as Record<string, unknown>;
    assert.deepEqual([record["version"], record["snapshot"], record["tables"]], [1, id, 7]);
    assert.ok(Date.now() - Date.parse(String(record["lastVerified"])) < 60_000);
    assert.equal(existsSync(join(folder, `verify-${NAME}-${NAME}`)), false);
    assert.deepEqual(filesWith(String(from.env["TMPDIR"]), secrets), []);
    assert.match(from.cli("backup", "list").stdout, new RegExp(`^${id}  .*  verified \\d{4}-\\d\\d-\\d\\d$`, "m"));
  });

  test("is restored into another cluster: every row, index, hook and layout is the same", async () => {
    const { code, output, stdout } = await watchBackup(to, ["restore", "--backup", id]);
    assert.equal(code, 0, output);
    assert.match(stdout, new RegExp(`^Backup ${id} of .* UTC: 7 tables with [\\d ]+ rows are restored\\.$`, "m"));
    assert.deepEqual(everything(admin(to), TABLES), everything(admin(from), TABLES));
    const lists = mustPython(admin(to), `return [r.db_list().run(c), r.db("shop").table_list().run(c)]`);
    assert.deepEqual(lists, [
      ["empty", "geo", "rethinkdb", "shop", "test"],
      ["hooked", "items", "live", "logs", "none", "orders"],
    ]);
  });

  test("is refused where its tables are, and replaces one that is named", async () => {
    const refused = await watchBackup(to, ["restore", "--backup", id, "--only", "geo,shop.hooked"]);
    assert.deepEqual(
      [refused.code, refused.output],
      [
        1,
        "restore: geo.places, shop.hooked exist already, and nothing was touched; to replace: --replace geo.places,shop.hooked\n",
      ],
    );
    mustPython(admin(to), `r.db("shop").table("hooked").delete().run(c); r.db("geo").table("places").delete().run(c)`);
    const args = ["restore", "--backup", id, "--only", "shop.hooked", "--replace", "shop.hooked"];
    const { code, output } = await watchBackup(to, args);
    assert.equal(code, 0, output);
    const counts = `return [r.db("shop").table("hooked").count().run(c), r.db("geo").table("places").count().run(c)]`;
    assert.deepEqual(mustPython(admin(to), counts), [5, 0]);
    assert.deepEqual(everything(admin(to), ["shop.hooked"]), everything(admin(from), ["shop.hooked"]));
  });

  test("is an archive that the official tool restores", () => {
    mustPython(admin(to), `r.db_drop("geo").run(c)`);
    const [archive, password, ca] = ["dump.tar", "password", "ca.pem"].map((name) => join(to.folder, name));
    const { port, ca: pem } = admin(to);
    writeFileSync(String(ca), String(pem));
    writeFileSync(String(password), to.settings.adminPassword);
    const dump = spawnSync("restic", ["dump", id, "/rethinkdb_dump.tar"], { env: from.env, maxBuffer: 1 << 28 });
    writeFileSync(String(archive), dump.stdout);
    const args = [String(archive), "-i", "geo", "-c", `localhost:${String(port)}`, "--replicas", "2"];
    const tool = existsSync(join(dirname(PYTHON), "rethinkdb-restore"))
      ? join(dirname(PYTHON), "rethinkdb-restore")
      : "rethinkdb-restore";
    const login = ["--tls-cert", String(ca), "--password-file", String(password)];
    const { status, stderr, stdout } = spawnSync(tool, [...args, ...login], { encoding: "utf8" });
    assert.equal(status, 0, stderr + stdout);
    const rows = (all: unknown): unknown => (all as Record<string, unknown[]>)["geo.places"]?.slice(0, 2);
    assert.deepEqual(rows(everything(admin(to), ["geo.places"])), rows(everything(admin(from), ["geo.places"])));
  });

  test("databases of another RethinkDB are imported, with a password, and over TLS", async () => {
    removeCluster(FOREIGN);
    docker(
      "run",
      "-d",
      "--name",
      FOREIGN,
      "-p",
      "127.0.0.1:31870:28015",
      "rethinkdb:2.4.4-bookworm-slim",
      "rethinkdb",
      "--bind",
      "all",
      "--no-http-admin",
      "--initial-password",
      "foreign password",
    );
    const foreign = { port: 31870, password: "foreign password" };
    await reachable(foreign);
    mustPython(
      foreign,
      `r.db_create("old").run(c); r.db("old").table_create("t").run(c); r.db("old").table("t").insert([{"id": i, "b": r.binary(b"x")} for i in range(900)]).run(c); r.db("old").table("t").index_create("b").run(c)`,
    );
    const wrong = await watchBackup(to, ["import", "--from", "127.0.0.1:31870"], {
      env: { RETHINKDB_PASSWORD: "wrong" },
    });
    assert.match(
      wrong.output,
      /^import: 127\.0\.0\.1:31870 refuses user "admin"; say the user with --user and the password in RETHINKDB_PASSWORD$/m,
    );
    const plain = await watchBackup(to, ["import", "--from", "127.0.0.1:31870"], {
      env: { RETHINKDB_PASSWORD: "foreign password" },
    });
    assert.equal(plain.code, 0, plain.output);
    assert.equal(
      plain.stdout,
      "1 tables with 900 rows of 127.0.0.1:31870 are imported. Users and rights are not: add them to the stack's config, then run up.\n",
    );
    const [ours, theirs] = [admin(to), foreign].map(
      (at) => (everything(at, ["old.t"]) as Record<string, unknown[]>)["old.t"],
    );
    assert.deepEqual([ours?.slice(0, 2), ours?.[3]], [theirs?.slice(0, 2), theirs?.[3]]);

    const ca = join(from.folder, "ca.pem");
    writeFileSync(ca, String(admin(from).ca));
    mustPython(admin(to), `r.db_drop("shop").run(c)`);
    const tls = ["import", "--from", "localhost:31850", "--ca", ca, "--user", "admin", "--only", "shop.orders"];
    const over = await watchBackup(to, tls, { env: { RETHINKDB_PASSWORD: from.settings.adminPassword } });
    assert.equal(over.code, 0, over.output);
    assert.deepEqual(everything(admin(to), ["shop.orders"]), everything(admin(from), ["shop.orders"]));
  });

  test("old ones are removed as the args say, never those of another cluster", async () => {
    const another = await watchBackup(from, ["create"]);
    const newer = /^Backup (\w{8})/m.exec(another.stdout)?.[1] ?? "";
    const other = await watchBackup(to, ["create"]);
    const others = /^Backup (\w{8})/m.exec(other.stdout)?.[1] ?? "";
    from.configure({ "backups.keepDaily": 1, "backups.keepWeekly": 0, "backups.keepMonthly": 0 });
    await from.mustUp();
    const { output } = from.cli("backup", "prune");
    assert.equal(output, "1 backups are removed, 0 that were cut short too; 1 are kept.\n");
    const listed = from.cli("backup", "list", "--all").stdout;
    assert.deepEqual([...listed.matchAll(/^(\w{8}) {2}/gm)].map(([, found]) => found).sort(), [newer, others].sort());
  });
});

interface Contents {
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly config: string;
}

async function reachable(target: { readonly port: number; readonly password: string }): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      mustPython(target, `return 1`);
      return;
    } catch (error) {
      if (tries > 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
