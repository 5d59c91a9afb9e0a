/** Databases, users and grants as code on a running cluster, judged by the official Python driver. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { grants } from "../../components";
import type { UserArgs } from "../../args/accounts";
import { doctor } from "../support/doctor";
import { mustPython, PYTHON, python, type Target } from "../support/python";
import { TestStack } from "../support/stack";

const NAME = "t-ways-accounts";
const PORT = 33000;

let stack: TestStack;
let ca: string;

function passwordOf(user: string): string {
  return `the password of ${user}, "$1"`;
}

function as(user: string, password = passwordOf(user)): Target {
  return { port: PORT, user, password, ca };
}

function admin(): Target {
  return as("admin", stack.settings.adminPassword);
}

function want(users: readonly UserArgs[], passwords?: Readonly<Record<string, string>>): void {
  stack.configureJson("users", users);
  stack.setUserPasswords(passwords ?? Object.fromEntries(users.map(({ name }) => [name, passwordOf(name)])));
}

/** What a user may be able to do, as ReQL in Python. */
const OPERATIONS = {
  "read shop.items": `r.db("shop").table("items").count()`,
  "write shop.items": `r.db("shop").table("items").insert({})`,
  "read shop.cards": `r.db("shop").table("cards").count()`,
  "write shop.cards": `r.db("shop").table("cards").insert({})`,
  "read audit.log": `r.db("audit").table("log").count()`,
  "make a table in shop": `r.db("shop").table_create("made")`,
  "make a database": `r.db_create("made")`,
  "r.http": `r.http("http://127.0.0.1:9/", timeout=1, attempts=1)`,
  "read stats": `r.db("rethinkdb").table("stats").count()`,
  "read users": `r.db("rethinkdb").table("users").count()`,
  "write users": `r.db("rethinkdb").table("users").insert({"id": "evil", "password": "x"})`,
} as const;

type Operation = keyof typeof OPERATIONS;

/** @returns operations that the user's rights let through, whatever came of them. */
function allowed(target: Target): readonly string[] {
  const operations = Object.entries(OPERATIONS)
    .map(([name, query]) => `${JSON.stringify(name)}: lambda: ${query}`)
    .join(", ");
  return mustPython(
    target,
    `
from rethinkdb import errors
may = []
for name, query in {${operations}}.items():
    try:
        query().run(c)
        may.append(name)
    except errors.ReqlPermissionError:
        pass
    except errors.ReqlError as e:
        if "ermission" not in str(e): may.append(name)
return may`,
  ) as readonly string[];
}

function cleanUp(): void {
  mustPython(
    admin(),
    `
if "made" in r.db_list().run(c): r.db_drop("made").run(c)
if "made" in r.db("shop").table_list().run(c): r.db("shop").table_drop("made").run(c)
return 1`,
  );
}

const MATRIX: readonly (readonly [user: string, grants: UserArgs["grants"], may: readonly Operation[]])[] = [
  ["idle", [], []],
  ["reader", grants.readOnly("shop"), ["read shop.items", "read shop.cards"]],
  ["writer", grants.readWrite("shop"), ["read shop.items", "write shop.items", "read shop.cards", "write shop.cards"]],
  [
    "clerk",
    [
      { db: "shop", read: true, write: true },
      { db: "shop", table: "cards", read: false, write: false },
    ],
    ["read shop.items", "write shop.items"],
  ],
  ["narrow", [{ db: "shop", table: "cards", read: true }], ["read shop.cards"]],
  ["builder", [{ db: "shop", config: true }], ["make a table in shop"]],
  ["everywhere", grants.readOnly(), ["read shop.items", "read shop.cards", "read audit.log"]],
  ["caller", [{ connect: true }], ["r.http"]],
  ["watcher", grants.monitor(), ["read stats"]],
  [
    "saver",
    grants.backup(),
    [
      ...(["read shop.items", "write shop.items", "read shop.cards", "write shop.cards", "read audit.log"] as const),
      ...(["make a table in shop", "make a database"] as const),
    ],
  ],
];

const USERS = MATRIX.map(([name, list]): UserArgs => ({ name, ...(list && { grants: list }) }));

/** A Python process that keeps one connection open and does one thing for each line it is told. */
class OpenConnection {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  constructor(target: Target) {
    const script = `
import json, sys, tempfile
from rethinkdb import r
t = json.loads(sys.stdin.readline())
f = tempfile.NamedTemporaryFile("w", suffix=".pem"); f.write(t["ca"]); f.flush()
c = r.connect(host="localhost", port=t["port"], user=t["user"], password=t["password"], ssl={"ca_certs": f.name})
feed = r.db("shop").table("items").changes().run(c)
print("open", flush=True)
for line in sys.stdin:
    try:
        print(repr(eval(line)), flush=True)
    except Exception as e:
        print(type(e).__name__ + ": " + str(e).split("\\n")[0], flush=True)
`;
    this.child = spawn(PYTHON, ["-c", script], { stdio: "pipe" });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.child.stdin.write(`${JSON.stringify(target)}\n`);
  }

  async hear(): Promise<string> {
    return String((await this.lines.next()).value);
  }

  async ask(expression: string): Promise<string> {
    this.child.stdin.write(`${expression}\n`);
    return this.hear();
  }

  close(): void {
    this.child.kill();
  }
}

describe("accounts", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.230.10.0/24", driverPort: PORT, nodes: 1 });
    stack.configureJson("databases", ["shop", "audit"]);
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    mustPython(
      admin(),
      `
for db, table in [("shop", "items"), ("shop", "cards"), ("audit", "log")]:
    r.db(db).table_create(table).run(c)
r.db("rethinkdb").table("users").insert({"id": "byhand", "password": "byhand"}).run(c)
return 1`,
    );
  });
  after(() => {
    stack.dispose();
  });

  test("are made by up, with every right in the preview and no password anywhere", async () => {
    want(USERS);
    const preview = await stack.preview("--diff");
    assert.equal(preview.code, 0, preview.output);
    assert.match(preview.output, /USER_clerk *: "shop: read, write; shop\.cards: no read, no write"/);
    const output = await stack.mustUp();
    assert.match(output, /made user "reader": shop: read/);
    assert.match(output, /not of this stack and left alone: byhand/);
    for (const text of [preview.output, output, stack.exported()]) {
      for (const { name } of USERS) assert.ok(!text.includes(`the password of ${name}`), name);
    }
    assert.deepEqual(await stack.plannedChanges(), {}, "and a second preview is empty");
  });

  for (const [user, , may] of MATRIX) {
    test(`let ${user} do what is granted and nothing else`, () => {
      assert.deepEqual([...allowed(as(user))].sort(), [...may].sort());
      cleanUp();
    });
  }

  test("show drift, which the next reconciliation puts back, and leave the users of others alone", async () => {
    assert.equal(stack.cli("accounts").code, 0);
    mustPython(
      admin(),
      `
r.db("audit").grant("reader", {"read": True}).run(c)
r.db("shop").grant("writer", {"write": None}).run(c)
r.db("rethinkdb").table("users").get("watcher").update({"password": "changed by hand"}).run(c)
r.db("rethinkdb").table("users").get("builder").delete().run(c)
r.db("shop").table_drop("cards").run(c)
r.db("shop").table_create("cards").run(c)
return 1`,
    );
    const drift = stack.cli("accounts");
    assert.equal(drift.code, 1);
    assert.equal(
      drift.stdout,
      [
        `Not as the stack says; the next up puts it back:`,
        `  user "builder" is missing`,
        `  user "reader" has read on audit, which is not granted here`,
        `  user "builder" has nothing on shop instead of config`,
        `  user "clerk" has nothing on shop.cards instead of no read, no write`,
        `  user "narrow" has nothing on shop.cards instead of read`,
        `  user "writer" has read on shop instead of read, write`,
        `  user "watcher" has another password`,
        `Users that are not of this stack and left alone: byhand`,
        ``,
      ].join("\n"),
    );
    const inDoctor = (): readonly string[] => doctor(stack).problems.filter((problem) => problem.startsWith("drift: "));
    assert.deepEqual(
      inDoctor(),
      [...drift.stdout.matchAll(/^ {2}(.*)$/gm)].map(([, line]) => `drift: ${line ?? ""}; the next up puts it back`),
    );
    await stack.mustUp("--target-replace", "**rethinkdb-accounts");
    assert.equal(stack.cli("accounts").code, 0);
    assert.deepEqual(inDoctor(), []);
    for (const [user, , may] of MATRIX) {
      assert.deepEqual([...allowed(as(user))].sort(), [...may].sort(), user);
      cleanUp();
    }
    assert.equal(mustPython(as("byhand", "byhand"), `return r.expr(1).run(c)`), 1);
  });

  test("are changed and revoked by up; on open connections from the next query on, and open feeds end", async () => {
    const connection = new OpenConnection(as("reader"));
    try {
      assert.equal(await connection.hear(), "open");
      want(
        USERS.map((user) => (user.name === "reader" ? { name: "reader", grants: grants.readOnly("audit") } : user)),
        Object.fromEntries(
          USERS.map(({ name }) => [name, name === "reader" ? "another password of reader" : passwordOf(name)]),
        ),
      );
      const output = await stack.mustUp();
      assert.match(output, /changed user "reader": audit: read/);
      assert.match(output, /ended what user "reader" was running/);
      assert.equal(await connection.ask(`r.db("audit").table("log").count().run(c)`), "0");
      assert.match(await connection.ask(`r.db("shop").table("items").count().run(c)`), /^ReqlPermissionError/);
      mustPython(admin(), `return r.db("shop").table("items").insert({"id": "later"}).run(c)`);
      assert.match(await connection.ask(`feed.next(wait=5)`), /Query terminated by the `rethinkdb.jobs` table/);
      const old = python(as("reader"), `return 1`);
      assert.match(old.ok ? "accepted" : old.error, /Wrong password/);
      assert.equal(mustPython(as("reader", "another password of reader"), `return r.expr(1).run(c)`), 1);
    } finally {
      connection.close();
    }
  });

  test("are removed by up: an open connection stays and may do nothing any more", async () => {
    const connection = new OpenConnection(as("writer"));
    try {
      assert.equal(await connection.hear(), "open");
      want(USERS.filter(({ name }) => name !== "writer" && name !== "reader"));
      const output = await stack.mustUp();
      assert.match(output, /removed user "reader"/);
      assert.match(output, /removed user "writer"/);
      assert.equal(await connection.ask(`r.expr(1).run(c)`), "1");
      assert.match(await connection.ask(`r.db("shop").table("items").count().run(c)`), /^ReqlPermissionError/);
      mustPython(admin(), `return r.db("shop").table("items").insert({"id": "much later"}).run(c)`);
      assert.match(await connection.ask(`feed.next(wait=5)`), /Query terminated by the `rethinkdb.jobs` table/);
      const login = python(as("writer"), `return 1`);
      assert.match(login.ok ? "accepted" : login.error, /Unknown user/);
    } finally {
      connection.close();
    }
  });

  test("say every grant on what is not there, and touch nothing", async () => {
    want([
      ...USERS.filter(({ name }) => name !== "writer" && name !== "reader" && name !== "narrow"),
      { name: "lost", grants: [...grants.readOnly("nowhere"), { db: "shop", table: "nothing", read: true }] },
    ]);
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    for (const line of [
      `users "lost": a grant names database "nowhere", which is not there; add it to databases, or make it first`,
      `users "lost": a grant names table "shop.nothing", which is not there; make it first, or grant on "shop"`,
      `no account was touched`,
    ]) {
      assert.ok(output.includes(line), output);
    }
    assert.equal(mustPython(as("narrow"), `return r.expr(1).run(c)`), 1);
    assert.equal(python(as("lost"), `return 1`).ok, false);
  });

  test("are refused when a password stands in clear in the config", async () => {
    const file = join(stack.folder, `Pulumi.${NAME}.yaml`);
    const kept = readFileSync(file);
    stack.tryPulumi(["config", "rm", "userPasswords"]);
    stack.configureJson("userPasswords", { narrow: "in clear" });
    const { code, output } = await stack.preview();
    writeFileSync(file, kept);
    assert.notEqual(code, 0);
    assert.match(
      output,
      /userPasswords: stands in clear in the stack's config; set each with: pulumi config set --secret --path 'userPasswords\["NAME"\]'/,
    );
  });

  test("fifty more are made in one up, and a database that left the list keeps its tables", async () => {
    const many = Array.from({ length: 50 }, (_, index): UserArgs => ({
      name: `app-${String(index)}`,
      grants: grants.readWrite("shop"),
    }));
    stack.configureJson("databases", ["shop"]);
    want([...USERS, ...many]);
    const started = Date.now();
    await stack.mustUp();
    const seconds = (Date.now() - started) / 1000;
    console.log(`fifty users in one up: ${seconds.toFixed(1)} s`);
    assert.ok(seconds < 30, `it took ${seconds.toFixed(1)} s`);
    for (const name of ["app-0", "app-49"]) {
      assert.deepEqual(mustPython(as(name), `return r.db("shop").table_list().run(c)`), ["cards", "items"]);
    }
    assert.deepEqual(mustPython(admin(), `return r.db("audit").table_list().run(c)`), ["log"]);
  });
});
