/** Which stacks have hosts of their own, so that the engine of this machine is not asked. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { namesHosts } from "../../../cli/engine/check";

let project: string;
let home: string | undefined;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "rethinkdb-hosts-"));
  writeFileSync(join(project, "Pulumi.yaml"), "name: rethinkdb\nruntime: nodejs\n");
  writeFileSync(join(project, "package.json"), `{ "name": "pulumi-rethinkdb" }`);
  writeFileSync(join(project, "config.ts"), "");
  home = process.env["PULUMI_HOME"];
});
afterEach(() => {
  if (home === undefined) delete process.env["PULUMI_HOME"];
  else process.env["PULUMI_HOME"] = home;
  rmSync(project, { recursive: true, force: true });
});

for (const [how, file, text, expected] of [
  ["in block style", "Pulumi.local.yaml", "config:\n  rethinkdb:hosts:\n    - name: a\n", true],
  ["in flow style", "Pulumi.local.yaml", `{config: {"rethinkdb:hosts": [{name: a}]}}\n`, true],
  ["in single quotes", "Pulumi.local.yaml", "config:\n  'rethinkdb:hosts': [{ name: a }]\n", true],
  ["in a .yml", "Pulumi.local.yml", "config:\n  rethinkdb:hosts: [{ name: a }]\n", true],
  ["nowhere", "Pulumi.local.yaml", "config:\n  rethinkdb:nodes: 3\n", false],
  ["in an empty list", "Pulumi.local.yaml", "config:\n  rethinkdb:hosts: []\n", false],
  ["in a comment", "Pulumi.local.yaml", "config:\n  # rethinkdb:hosts: [{ name: a }]\n  rethinkdb:nodes: 3\n", false],
] as const) {
  test(`the local stack with its hosts ${how}`, async () => {
    writeFileSync(join(project, file), text);
    assert.equal(await namesHosts(project, "local"), expected);
  });
}

test("the local stack before it is made", async () => {
  assert.equal(await namesHosts(project, "local"), false);
});

/** Where the npm package looks for the CLI. */
function standIn(script: string): void {
  process.env["PULUMI_HOME"] = join(project, "home");
  const bin = join(project, "home", "versions", "3.259.0", "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "pulumi"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "pulumi"), 0o755);
}

test("a named stack is asked of Pulumi, by its full name, with what its environments say", async () => {
  standIn(
    `[ "$*" = "config --json --stack org/rethinkdb/dev" ] || exit 1\n` +
      `echo '{"rethinkdb:hosts":{"value":"[]","objectValue":[{"name":"a"}]}}'`,
  );
  assert.equal(await namesHosts(project, "org/rethinkdb/dev"), true);
  standIn(`echo '{"rethinkdb:nodes":{"value":"3"}}'`);
  assert.equal(await namesHosts(project, "dev"), false);
});

test("in another project, what its clusters were last given tells it", async () => {
  rmSync(join(project, "config.ts"));
  const cluster = (hosts: unknown): string =>
    JSON.stringify({
      deployment: { resources: [{ urn: "u", type: "rethinkdb:index:RethinkdbCluster", inputs: { hosts } }] },
    });
  standIn(`[ "$*" = "stack export --stack dev" ] || exit 1\ncat <<'E'\n${cluster([{ name: "a" }])}\nE`);
  assert.equal(await namesHosts(project, "dev"), true);
  standIn(`cat <<'E'\n${cluster(undefined)}\nE`);
  assert.equal(await namesHosts(project, "dev"), false);
});

test("a named stack that is not there is said in Pulumi's words", async () => {
  standIn(`echo "error: no stack named 'dev' found" >&2; exit 255`);
  await assert.rejects(namesHosts(project, "dev"), {
    name: "Failure",
    message: "pulumi config --json failed: no stack named 'dev' found",
  });
});
