/** The local stack with a stand-in for pulumi: what is made, with which rights, and after a kill between any two steps. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { LocalStack } from "../../../cli/stack/localStack";
import { PulumiCli } from "../../../cli/stack/pulumiCli";

/** Writes down each call, and the files that the real one would make. FAIL_AT ends it at one call, as a kill would. */
const STAND_IN = `
const { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const argv = process.argv.slice(2);
const stdin = readFileSync(0, "utf8");
const { PULUMI_BACKEND_URL, PULUMI_STACK, PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = process.env;
const env = { PULUMI_BACKEND_URL, PULUMI_STACK, PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE };
appendFileSync("calls", JSON.stringify({ argv, stdin, env }) + "\\n");
if (argv[0] === process.env.FAIL_AT) { console.error("error: killed"); process.exit(1); }
if (argv[0] === "stack") {
  mkdirSync(".state/.pulumi/stacks/rethinkdb", { recursive: true });
  writeFileSync(".state/.pulumi/stacks/rethinkdb/local.json", "{}");
  if (!existsSync("Pulumi.local.yaml")) writeFileSync("Pulumi.local.yaml", "encryptionsalt: x\\n");
}
if (argv[0] === "config") appendFileSync("Pulumi.local.yaml", "config:\\n  rethinkdb:adminPassword:\\n    secure: y\\n");
`;

interface Call {
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const INIT = "stack init local --no-select --secrets-provider passphrase";
const SET = "config set --secret adminPassword";

let project: string;
let ambient: string | undefined;

function stack(): LocalStack {
  return new LocalStack(project, [process.execPath, join(project, "stand-in.js")]);
}

function calls(): readonly Call[] {
  const path = join(project, "calls");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").trim().split("\n");
  rmSync(path);
  return lines.map((line) => JSON.parse(line) as Call);
}

function verbs(): readonly string[] {
  return calls().map(({ argv }) => argv.join(" "));
}

const state = (name: string): string => join(project, ".state", name);
const read = (name: string): string => readFileSync(state(name), "utf8");

test("a machine without the Pulumi CLI and without a network reads the cause and the next step", async () => {
  const script = `console.error("Downloading pulumi v3.259.0..."); console.error("pulumi: fetch failed"); process.exit(1)`;
  const cli = new PulumiCli(tmpdir(), process.env, [process.execPath, "-e", script]);
  await assert.rejects(cli.read(["stack", "init"]), {
    name: "Failure",
    message:
      "the Pulumi CLI 3.259.0 is not on this machine, and its download failed (fetch failed): connect to the network for the first " +
      "run, or copy ~/.pulumi from a machine where npm run up has run\n" +
      "npx pulumi-rethinkdb plan works without it: it shows what would be made.",
  });
});

describe("the local stack", () => {
  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "rethinkdb #1 %20 "));
    writeFileSync(join(project, "stand-in.js"), STAND_IN);
    ambient = process.env["PULUMI_CONFIG_PASSPHRASE"];
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "someone's own";
  });
  afterEach(() => {
    delete process.env["FAIL_AT"];
    if (ambient === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    else process.env["PULUMI_CONFIG_PASSPHRASE"] = ambient;
    rmSync(project, { recursive: true, force: true });
  });

  test("finds a password that stands in its file in flow style, and sets no other", async () => {
    writeFileSync(join(project, "Pulumi.local.yaml"), `config: { 'rethinkdb:adminPassword': { secure: y } }\n`);
    mkdirSync(join(project, ".state"));
    writeFileSync(state("passphrase"), "x");
    await stack().ensure();
    assert.deepEqual(verbs(), [INIT]);
  });

  test("is made once, with secrets that no other user can read and that no argument holds", async () => {
    await stack().ensure();
    const [init, set, ...more] = calls();
    assert.equal(more.length, 0);
    assert.equal(init?.argv.join(" "), INIT);
    assert.equal(set?.argv.join(" "), SET);
    assert.equal(`${set.stdin}\n`, read("admin-password"));
    assert.match(set.stdin, /^[\w-]{32}$/);
    assert.match(read("passphrase"), /^[\w-]{32}$/);
    assert.notEqual(set.stdin, read("passphrase"));
    for (const name of ["passphrase", "admin-password"]) assert.equal(statSync(state(name)).mode & 0o777, 0o600);
    assert.equal(statSync(join(project, ".state")).mode & 0o777, 0o700);
    assert.deepEqual(set.env, {
      PULUMI_BACKEND_URL: `file://${encodeURI(project).replace("#", "%23")}/.state`,
      PULUMI_STACK: "local",
      PULUMI_CONFIG_PASSPHRASE_FILE: state("passphrase"),
    });
    await stack().ensure();
    assert.deepEqual(verbs(), []);
  });

  test("closes a folder that was open", async () => {
    mkdirSync(join(project, ".state"), { mode: 0o755 });
    await stack().ensure();
    assert.equal(statSync(join(project, ".state")).mode & 0o777, 0o700);
  });

  test("is completed after a kill before the stack was there", async () => {
    process.env["FAIL_AT"] = "stack";
    await assert.rejects(stack().ensure(), { name: "Failure", message: "pulumi stack init failed: killed" });
    const passphrase = read("passphrase");
    delete process.env["FAIL_AT"];
    await stack().ensure();
    assert.deepEqual(verbs(), [INIT, INIT, SET]);
    assert.equal(read("passphrase"), passphrase);
  });

  test("is completed after a kill before the password was set", async () => {
    process.env["FAIL_AT"] = "config";
    await assert.rejects(stack().ensure(), { name: "Failure", message: "pulumi config set failed: killed" });
    const password = read("admin-password");
    delete process.env["FAIL_AT"];
    await stack().ensure();
    const made = calls();
    assert.deepEqual(
      made.map(({ argv }) => argv.join(" ")),
      [INIT, SET, SET],
    );
    assert.equal(`${made.at(-1)?.stdin ?? ""}\n`, password);
  });

  test("keeps a password that a person had set", async () => {
    await stack().ensure();
    calls();
    rmSync(state("admin-password"));
    await stack().ensure();
    assert.deepEqual(verbs(), []);
  });

  for (const [what, lose, orphan] of [
    ["its state", (): void => undefined, "the stack in .state/"],
    [
      "its config",
      (): void => {
        rmSync(join(project, ".state", ".pulumi"), { recursive: true });
      },
      "Pulumi.local.yaml",
    ],
  ] as const) {
    test(`says in one sentence that the passphrase of ${what} is lost`, async () => {
      await stack().ensure();
      calls();
      rmSync(state("passphrase"));
      lose();
      await assert.rejects(stack().ensure(), {
        name: "Failure",
        message:
          `.state/passphrase is gone, and ${orphan} is encrypted with it: put the file back from a copy, ` +
          `or start over: delete .state/ and Pulumi.local.yaml (a running cluster then has to be removed by hand)`,
      });
      assert.deepEqual(verbs(), []);
      assert.equal(existsSync(state("passphrase")), false);
    });
  }

  test("remembers every cluster that it was", () => {
    mkdirSync(join(project, ".state"));
    stack().keepIdentities([]);
    assert.deepEqual(stack().knownIdentities, []);
    stack().keepIdentities(["a"]);
    stack().keepIdentities(["b", "a"]);
    assert.deepEqual(stack().knownIdentities, ["a", "b"]);
  });
});

test("lets Pulumi use memory before it collects garbage, unless the caller says how much", async () => {
  const before = process.env["GOGC"];
  const asked = async (): Promise<string> =>
    new LocalStack(tmpdir(), [process.execPath, "-p", "process.env.GOGC", "--"]).pulumi.read([]);
  try {
    Reflect.deleteProperty(process.env, "GOGC");
    assert.equal((await asked()).trim(), "300");
    process.env["GOGC"] = "50";
    assert.equal((await asked()).trim(), "50");
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, "GOGC");
    else process.env["GOGC"] = before;
  }
});
