/** A cluster with rows of every kind, and runs of `backup` that are watched from outside. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mustPython, type Target } from "./python";
import type { TestStack } from "./stack";

export const BACKUP_PASSWORD = "the password of backups";
export const REPOSITORY_PASSWORD = "the password of the repository";
/** In many rows: nothing outside of RethinkDB and the repository may have it. */
export const ROW_MARK = "a row that only the cluster knows";

/** @returns why nothing can be backed up here, for a test's `skip`; false when it can. */
export function missingRestic(): string | false {
  return spawnSync("restic", ["version"]).status === 0 ? false : "restic is not installed";
}

/** Gives a stack an account for backups, a repository, and a folder of its own for temporary files. */
export function enableBackups(stack: TestStack, repository = join(stack.folder, "repository")): void {
  const password = join(stack.folder, "repository-password");
  const temporary = join(stack.folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  writeFileSync(password, REPOSITORY_PASSWORD, { mode: 0o600 });
  Object.assign(stack.env, { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD_FILE: password, TMPDIR: temporary });
  stack.configure({ "backups.enabled": "true" });
  stack.pulumi(["config", "set", "--secret", "backupPassword"], BACKUP_PASSWORD);
}

export function restic(stack: TestStack, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("restic", args, {
    env: stack.env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`restic ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}

export function admin(stack: TestStack): Target {
  const ca = stack.output<string>("driverCaPem");
  return { port: stack.settings.driverPort, password: stack.settings.adminPassword, ca };
}

/** @param nodes of the cluster: so many replicas. */
export function fill(target: Target, nodes: number, rows: number): void {
  mustPython(
    target,
    `
N, ROWS = ${String(nodes)}, ${String(rows)}
for db in ["shop", "geo", "empty"]: r.db_create(db).run(c)
s, g = r.db("shop"), r.db("geo")
for name, o in [("items", dict(shards=min(2, N), replicas=N)), ("orders", dict(replicas=min(2, N), primary_key="code", durability="soft")), ("logs", dict(shards=min(3, N))), ("hooked", {}), ("none", {})]:
    s.table_create(name, **o).run(c)
g.table_create("places", replicas=min(2, N)).run(c)
for name in ["items", "logs"]:
    for at in range(0, ROWS, 5000):
        s.table(name).insert(r.range(at, at + 5000).map({"id": r.row, "text": r.expr("${ROW_MARK} ").add(r.row.coerce_to("string")), "f": r.row.div(7), "tags": ["a", "b"], "when": r.now()})).run(c)
s.table("items").insert([
    {"id": "binary", "b": r.binary(bytes(range(256)) * 40)},
    {"id": "large", "big": "x" * 3000000},
    {"id": ["compound", 1.5, True], "n": None, "deep": {"a": {"": [[], {}, {"0": 1, "10": 2, "9": 3}]}}},
    {"id": "text", "u": "line\\n\\t\\u2028 \\\\ \\"quote\\" \\U0001f600 \\u0000 end"},
    {"id": "numbers", "e": [1e300, -1e-300, 0.1, 9007199254740992, -0.5]},
]).run(c)
s.table("items").insert(r.json('{"id":"proto","__proto__":{"a":1},"constructor":2}')).run(c)
s.table("items").index_create("text").run(c)
s.table("items").index_create("compound", [r.row["text"], r.row["f"]]).run(c)
s.table("items").index_create("tags", multi=True).run(c)
s.table("orders").insert(r.range(0, 300).map({"code": r.expr("c").add(r.row.coerce_to("string")), "at": r.time(2020, 2, 29, 1, 2, 3.25, "+05:30")})).run(c)
hook = lambda ctx, old, new: r.branch(new.eq(None), None, new.merge({"stamped": ctx["primary_key"]}))
for name in ["hooked", "orders"]: s.table(name).set_write_hook(hook).run(c)
s.table("hooked").insert([{"id": i} for i in range(5)]).run(c)
g.table("places").insert([{"id": i, "loc": r.point(i % 90, i % 80), "area": r.polygon([0, 0], [0, 1], [1, 1])} for i in range(200)]).run(c)
g.table("places").index_create("loc", geo=True).run(c)
g.table("places").index_create("locs", lambda p: [p["loc"]], geo=True, multi=True).run(c)
for t in [s.table("items"), g.table("places")]: t.index_wait().run(c)
`,
  );
}

/** Every table with all that is said of it and all its rows, as the official driver reads them. */
export function everything(target: Target, tables: readonly string[]): unknown {
  return mustPython(
    target,
    `
import hashlib
out = {}
for full in ${JSON.stringify(tables)}:
    db, name = full.split(".")
    t = r.db(db).table(name)
    raw = dict(time_format="raw", binary_format="raw")
    rows = sorted(json.dumps(row, sort_keys=True) for row in t.run(c, **raw))
    config = t.config().without("id", "indexes", "write_hook").run(c)
    for shard in config["shards"]: shard["replicas"].sort()
    indexes = t.index_status().pluck("index", "query", "multi", "geo", "function", "ready").run(c, **raw)
    hook = t.get_write_hook().run(c, **raw)
    out[full] = [len(rows), hashlib.sha256("".join(rows).encode()).hexdigest(), config, sorted(indexes, key=lambda i: i["index"]), hook]
return out
`,
  );
}

export interface Watched {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly stdout: string;
  /** Secrets that were seen in the arguments or the environment of any process, with whose. */
  readonly seen: readonly string[];
  /** How often processes were looked at. */
  readonly looks: number;
}

export interface WatchOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Looked for. */
  readonly secrets?: readonly string[];
  /** Kills it the hard way, with everything that it started: milliseconds after this is so. */
  readonly kill?: { readonly when: (output: string) => boolean; readonly after: number };
}

/** Runs `backup` on a stack, and looks at all processes meanwhile. */
export async function watchBackup(
  stack: TestStack,
  args: readonly string[],
  { env = {}, secrets = [], kill }: WatchOptions = {},
): Promise<Watched> {
  const main = join(stack.folder, "dist", "cli", "main.js");
  const argv = [main, "backup", ...args, "--stack", stack.settings.clusterName];
  const options = { cwd: stack.folder, env: { ...stack.env, ...env }, stdio: "pipe", detached: true } as const;
  const child = spawn(process.execPath, argv, options);
  let stdout = "";
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
    output += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once("close", (code, signal) => {
      resolve([code, signal]);
    }),
  );
  const seen = new Set<string>();
  let looks = 0;
  let killing = false;
  while (child.exitCode === null && child.signalCode === null) {
    for (const found of secrets.length > 0 ? processesWith(secrets) : []) seen.add(found);
    looks++;
    if (kill !== undefined && !killing && kill.when(output)) {
      killing = true;
      setTimeout(() => {
        if (child.exitCode === null) process.kill(-(child.pid ?? 0), "SIGKILL");
      }, kill.after);
    }
    await sleep(30);
  }
  const [code, signal] = await ended;
  while (killing && isThere(child.pid ?? 0)) await sleep(50);
  return { code, signal, output, stdout, seen: [...seen], looks };
}

/** Whether anything of a group is left, also what is dead and was not taken away yet: restic takes that for alive. */
function isThere(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

/** Of this machine. The test's own and its helpers' are not looked at. */
function processesWith(secrets: readonly string[]): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const read = (file: string): string => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, "latin1");
        } catch {
          return "";
        }
      };
      const [argv, env] = [read("cmdline"), read("environ")];
      return secrets
        .filter((secret) => argv.includes(secret) || env.includes(secret))
        .map((secret) => `"${secret}" in ${argv.replaceAll("\0", " ").slice(0, 100)}`);
    });
}

/** Files below a folder that have one of the secrets. */
export function filesWith(folder: string, secrets: readonly string[]): readonly string[] {
  const patterns = secrets.flatMap((secret) => ["-e", secret]);
  const { stdout, status } = spawnSync("grep", ["-rlaF", ...patterns, folder], { encoding: "utf8" });
  if (status !== 0 && status !== 1) throw new Error(`grep failed in ${folder}`);
  return stdout.split("\n").filter(Boolean);
}
