/** Backups that go wrong: one clear sentence each, and nothing half-done is left in silence. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { admin, enableBackups, everything, fill, missingRestic, restic, watchBackup } from "../support/backups";
import { mustPython } from "../support/python";
import { docker, TestStack } from "../support/stack";

const NAME = "t-bak-faults";
const TABLES = ["geo.places", "shop.hooked", "shop.items", "shop.logs", "shop.none", "shop.orders"];
const ROWS = 40_000;
const skip = missingRestic();

let stack: TestStack;
let repository: string;

/** A backup by its id, without those that are none. */
function wholeBackups(): readonly string[] {
  const { stdout } = stack.cli("backup", "list");
  return [...stdout.matchAll(/^(\w{8}) {2}[\d-]+ [\d:]+ {2}\d+ /gm)].map(([, id = ""]) => id);
}

async function fails(
  args: readonly string[],
  message: RegExp | string,
  env: Record<string, string> = {},
): Promise<void> {
  const { code, output } = await watchBackup(stack, args, { env });
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  if (typeof message === "string") assert.equal(last, message, output);
  else assert.match(last, message, output);
  assert.equal(code, 1, output);
}

function namesOfTables(): unknown {
  return mustPython(
    admin(stack),
    `return sorted(t["db"] + "." + t["name"] for t in r.db("rethinkdb").table("table_config").run(c))`,
  );
}

describe("a backup that goes wrong", { skip }, () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.222.21.0/24", driverPort: 31880, nodes: 1 });
    repository = join(stack.folder, "repository");
    enableBackups(stack);
    await stack.mustUp();
    fill(admin(stack), 1, ROWS);
  });
  after(() => {
    stack.dispose();
  });

  test("has no repository, or its password is wrong", async () => {
    await fails(["create"], "backup: there is no repository at RESTIC_REPOSITORY; make it once: restic init");
    restic(stack, "init");
    const wrong = join(stack.folder, "wrong");
    writeFileSync(wrong, "wrong");
    await fails(
      ["create"],
      "backup: the password does not open the repository; look at RESTIC_PASSWORD_FILE, RESTIC_PASSWORD_COMMAND or RESTIC_PASSWORD",
      { RESTIC_PASSWORD_FILE: wrong },
    );
    await fails(["verify"], "verify: the repository has no whole backup; npx pulumi-rethinkdb backup create makes one");
  });

  test("finds the repository's disk full", async (t) => {
    const small = join(stack.folder, "small");
    mkdirSync(small);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small]).status !== 0) {
      t.skip("this user may not mount");
      return;
    }
    try {
      const env = { RESTIC_REPOSITORY: join(small, "repository") };
      spawnSync("restic", ["init"], { env: { ...stack.env, ...env } });
      await fails(["create"], "backup: the repository's disk is full; make room there, then run it again", env);
    } finally {
      spawnSync("umount", [small]);
    }
  });

  test("may not read", async () => {
    const grant = (right: string): unknown =>
      mustPython(admin(stack), `r.db("shop").grant("backup", {"read": ${right}}).run(c)`);
    grant("False");
    await fails(
      ["create"],
      /^create: user "backup" may not read what a backup needs \(User `backup` does not have the required `read` permission\.?\); the next up sets its rights again$/,
    );
    grant("None");
    assert.deepEqual(wholeBackups(), []);
  });

  test("is killed while it is made: it is no backup, and the next one is", async () => {
    const { signal } = await watchBackup(stack, ["create"], {
      kill: { when: () => resticRuns(), after: 150 },
    });
    assert.equal(signal, "SIGKILL");
    assert.deepEqual(wholeBackups(), []);
    const { code, output } = await watchBackup(stack, ["create"]);
    assert.equal(code, 0, output);
    assert.equal(wholeBackups().length, 1);
  });

  test("is cut short where only its reader dies: it is listed as none, and goes with the next prune", () => {
    // What restic keeps when its input ends too early.
    const tags = ["pulumi-rethinkdb", `cluster:${identity()}`, "run:00000000", "part:data"].flatMap((tag) => [
      "--tag",
      tag,
    ]);
    const args = ["backup", "--stdin", "--stdin-filename", "rethinkdb_dump.tar", "--host", NAME, ...tags];
    spawnSync("restic", args, { env: stack.env, input: "half of an archive" });
    assert.match(stack.cli("backup", "list").stdout, / {2}cut short: this is no backup$/m);
    assert.equal(wholeBackups().length, 1);
    assert.equal(
      stack.cli("backup", "prune").output,
      "0 backups are removed, 1 that were cut short too; 1 are kept.\n",
    );
    assert.doesNotMatch(stack.cli("backup", "list").stdout, /cut short/);
  });

  test("is killed while it is restored: no table looks whole that is not, and the next run says what was there", async () => {
    const before = everything(admin(stack), TABLES);
    mustPython(admin(stack), `r.db_drop("shop").run(c); r.db_drop("geo").run(c)`);
    const { signal } = await watchBackup(stack, ["restore"], {
      kill: { when: () => /restoring_(items|logs)/.test(JSON.stringify(namesOfTables())), after: 700 },
    });
    assert.equal(signal, "SIGKILL");
    const left = namesOfTables() as readonly string[];
    const filling = left.filter((name) => name.includes("restoring_"));
    assert.equal(filling.length, 1, left.join());
    const whole = left.filter((name) => !filling.includes(name));
    const { code, output } = await watchBackup(stack, ["restore", "--replace", whole.join(",")]);
    assert.equal(code, 0, output);
    assert.ok(
      output.includes(
        `a restore was killed before ${String(filling[0])} was whole: it is dropped, and filled anew where it is wanted\n`,
      ),
      output,
    );
    assert.deepEqual(everything(admin(stack), TABLES), before);
  });

  test("does not restore to what was recorded: verify says what differs, and keeps no record", async () => {
    const manifest = JSON.parse(restic(stack, "dump", "--tag", "part:manifest", "latest", "/manifest.json")) as {
      tables: { db: string; name: string; checksum: string; indexes: { name: string; query: string }[] }[];
    };
    const [found] = JSON.parse(restic(stack, "snapshots", "--json", "--tag", "part:manifest")) as { tags: string[] }[];
    const write = (): void => {
      const tags = (found?.tags ?? []).flatMap((tag) => ["--tag", tag]);
      const args = ["backup", "--stdin", "--stdin-filename", "manifest.json", "--host", NAME, ...tags];
      spawnSync("restic", args, { env: stack.env, input: JSON.stringify(manifest) });
    };
    const items = manifest.tables.find(({ name }) => name === "items");
    const index = items?.indexes.find(({ name }) => name === "text");
    assert.ok(items !== undefined && index !== undefined);
    const query = index.query;
    index.query = "another";
    write();
    const verify = ["verify", "--subnet", "10.222.22.0/24"];
    await fails(verify, `  shop.items: index "text" is another one`);
    index.query = query;
    items.checksum = "0".repeat(64);
    write();
    await fails(
      verify,
      `restore: shop.items has ${String(ROWS + 6)} rows in the archive and ${String(ROWS + 6)} were recorded, or they differ; ` +
        "the backup is damaged; use another one",
    );
    assert.equal(existsSync(join(stack.folder, ".state", "backups", `${NAME}-${NAME}.json`)), false);
  });

  test("has a repository that is damaged: neither verified nor restored", async () => {
    const packs = readdirSync(join(repository, "data"), { recursive: true, encoding: "utf8" })
      .map((name) => join(repository, "data", name))
      .filter((path) => statSync(path).isFile());
    const largest = [...packs].sort((a, b) => statSync(b).size - statSync(a).size)[0] ?? "";
    const bytes = readFileSync(largest);
    for (let at = 1000; at < bytes.length - 5000; at += 1000) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    spawnSync("chmod", ["u+w", largest]);
    writeFileSync(largest, bytes);
    mustPython(admin(stack), `r.db_drop("shop").run(c); r.db_drop("geo").run(c)`);
    const damaged =
      "backup: the repository is damaged; restic check --read-data says where, and restic's own documentation how to repair it";
    await fails(["restore"], damaged);
    assert.deepEqual(
      (namesOfTables() as readonly string[]).filter((name) => /restoring_|items|logs/.test(name)),
      [],
    );
    rmSync(largest);
    await fails(["verify"], damaged);
  });

  test("loses its only server while it is made", async () => {
    rmSync(repository, { recursive: true });
    restic(stack, "init");
    mustPython(admin(stack), `for db in ["shop", "geo", "empty"]: r.db_drop(db).run(c)`);
    fill(admin(stack), 1, ROWS);
    const running = watchBackup(stack, ["create"]);
    while (!resticRuns()) await new Promise((resolve) => setTimeout(resolve, 20));
    docker("kill", `${NAME}-n0`);
    const { code, output } = await running;
    assert.match(
      output,
      /^create: \w+\.\w+ of t-bak-faults could not be read to its end \(.+\), so that nothing was kept; run it again$/m,
    );
    assert.equal(code, 1);
    assert.deepEqual(wholeBackups(), []);
  });
});

/** A restic that writes an archive into this stack's repository. */
function resticRuns(): boolean {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return argv[0] === "restic" && argv.includes(NAME) && argv.includes("rethinkdb_dump.tar");
      } catch {
        return false;
      }
    });
}

function identity(): string {
  return docker("inspect", `${NAME}-n0`, "--format", `{{json .Config.Labels}}`).replace(
    /^.*identity":"(\w+)".*$/,
    "$1",
  );
}
