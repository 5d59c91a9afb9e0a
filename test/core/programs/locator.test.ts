/** What a Command's text finds on machines that are laid out in different ways; run as the command provider runs it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { INTERPRETER } from "../../../core/programs/parts/locator";

let root = "";
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "rethinkdb-locator-"))));
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** A package whose programs say where they are, and what they were told. */
function lay(folder: string, version = "0.1.0", name = "pulumi-rethinkdb"): void {
  write(`${folder}/package.json`, JSON.stringify({ name, version }));
  write(`${folder}/dist/ops/main.js`, `console.log("${folder}", process.argv.slice(2).join())`);
}

function run(verb = "fleet", cwd = "app"): string {
  mkdirSync(join(root, cwd), { recursive: true });
  const [program = "", ...args] = INTERPRETER;
  const env = { PATH: process.env["PATH"], PULUMI_HOME: join(root, "home") };
  const { stdout, stderr, status } = spawnSync(program, [...args, verb], {
    cwd: join(root, cwd),
    env,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : `${String(status)}: ${stderr.trim()}`;
}

const NOWHERE =
  "1: the programs of pulumi-rethinkdb are neither in node_modules nor among the plugins of Pulumi on this machine: " +
  "run npm install in a Node.js project, or pulumi install in any other, then the same command again";

test("runs the verb that it is told from the package in node_modules", () => {
  lay("app/node_modules/pulumi-rethinkdb");
  assert.equal(run(), "app/node_modules/pulumi-rethinkdb fleet");
  assert.equal(run("permit"), "app/node_modules/pulumi-rethinkdb permit");
});

test("goes up to the node_modules of a workspace, and through pnpm's link", () => {
  lay("store/pulumi-rethinkdb@0.1.0");
  mkdirSync(join(root, "node_modules"));
  symlinkSync(join(root, "store/pulumi-rethinkdb@0.1.0"), join(root, "node_modules/pulumi-rethinkdb"));
  assert.equal(run("fleet", "packages/app"), "store/pulumi-rethinkdb@0.1.0 fleet");
});

test("runs from a checkout, from its examples, and not from another project with a folder of that name", () => {
  lay("checkout");
  lay("checkout/other", "9.0.0", "another-project");
  assert.equal(run("fleet", "checkout"), "checkout fleet");
  assert.equal(run("fleet", "checkout/examples/plain"), "checkout fleet");
  assert.equal(run("fleet", "checkout/other"), "checkout fleet");
});

test("runs the package whose provider Pulumi.yaml names", () => {
  lay("elsewhere");
  write("app/Pulumi.yaml", "name: shop\nruntime: python\npackages:\n  rethinkdb: ../elsewhere/provider\n");
  assert.equal(run(), "elsewhere fleet");
  write("app/Pulumi.yaml", `name: shop\nruntime: python\npackages:\n  rethinkdb: "${root}/elsewhere/provider"\n`);
  assert.equal(run(), "elsewhere fleet");
  write("app/Pulumi.yaml", "packages:\n  rethinkdb: https://git.example/org/rethinkdb.git/provider@0.1.0\n");
  assert.equal(run(), NOWHERE);
});

test("runs the newest plugin that is installed whole, whatever its folder is called", () => {
  lay("home/plugins/resource-rethinkdb-v0.9.0", "0.9.0");
  lay("home/plugins/resource-git.example_org_rethinkdb.git_provider-v0.10.0", "0.10.0");
  lay("home/plugins/resource-rethinkdb-v0.11.0-alpha.1", "0.11.0-alpha.1");
  lay("home/plugins/resource-rethinkdb-v2.0.0", "2.0.0");
  write("home/plugins/resource-rethinkdb-v2.0.0.partial", "");
  lay("home/plugins/resource-docker-v5.2.0", "5.2.0", "docker");
  lay("home/plugins/tool-rethinkdb-v7.0.0", "7.0.0");
  assert.equal(run(), "home/plugins/resource-rethinkdb-v0.11.0-alpha.1 fleet");
  lay("home/plugins/resource-rethinkdb-v0.11.0", "0.11.0");
  assert.equal(run(), "home/plugins/resource-rethinkdb-v0.11.0 fleet");
});

const isRoot = process.getuid?.() === 0;

test(
  "runs nothing that another user put above the project",
  { skip: isRoot ? false : "only root can give a file away" },
  () => {
    lay("node_modules/pulumi-rethinkdb", "99.0.0");
    assert.equal(run(), "node_modules/pulumi-rethinkdb fleet");
    chownSync(join(root, "node_modules/pulumi-rethinkdb/dist/ops/main.js"), 12345, 12345);
    assert.equal(run(), NOWHERE);
    // The project is that user's.
    chownSync(join(root, "app"), 12345, 12345);
    assert.equal(run(), "node_modules/pulumi-rethinkdb fleet");
  },
);

test("reads packages of Pulumi.yaml and no other part, in any quotes", () => {
  lay("elsewhere");
  write("app/Pulumi.yaml", "outputs:\n  rethinkdb: ${db.servers}\npackages:\n  rethinkdb: '../elsewhere/provider'\n");
  assert.equal(run(), "elsewhere fleet");
  write("app/Pulumi.yaml", "packages:\n  random: random@4.0.0\noutputs:\n  rethinkdb: ../elsewhere/provider\n");
  assert.equal(run(), NOWHERE);
});

test("prefers what the project has to what the home has", () => {
  lay("home/plugins/resource-rethinkdb-v0.9.0", "0.9.0");
  lay("app/node_modules/pulumi-rethinkdb");
  assert.equal(run(), "app/node_modules/pulumi-rethinkdb fleet");
});

test("says in one sentence that there is nothing to run", () => {
  assert.equal(run(), NOWHERE);
  lay("home/plugins/resource-docker-v5.2.0", "5.2.0", "docker");
  write("app/node_modules/pulumi-rethinkdb/package.json", `{ "name": "pulumi-rethinkdb", "version": "0.1.0" }`);
  assert.equal(run(), NOWHERE);
});

test("does nothing where there is nothing to do, and needs no program for it", () => {
  assert.equal(run(":"), "");
});

test("hands on the exit code of the program, and what it says", () => {
  lay("app/node_modules/pulumi-rethinkdb");
  write("app/node_modules/pulumi-rethinkdb/dist/ops/main.js", `console.error("no room"); process.exit(3)`);
  assert.equal(run(), "3: no room");
});

test("is the text that every cluster has in its state: another one updates each Command of each", () => {
  const digest = createHash("sha256").update(JSON.stringify(INTERPRETER)).digest("hex");
  assert.equal(digest.slice(0, 16), "0d360647d8e6dd42");
});

test("names no place and no version", () => {
  assert.doesNotMatch(INTERPRETER.join(" "), /\/home\/|\/root|\/work|\d+\.\d+\.\d+/);
  assert.doesNotMatch(INTERPRETER[2]?.replace(/^[^']*'([^']*)' "\$0"$/, "$1") ?? "'", /'/);
});
