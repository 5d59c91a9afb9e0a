/** What docstrings and `Pulumi.yaml` say about defaults is what the code does. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { DEFAULTS, WEB_UI_DEFAULTS } from "../../core/defaults";
import { planCluster } from "../../core/plan";

const ROOT = join(__dirname, "..", "..");

interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly docs: string;
  readonly byDefault: string | undefined;
}

function fields(name = "RethinkdbClusterArgs"): readonly Field[] {
  const path = join(ROOT, "core", "args.ts");
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  const contract = source.statements.filter(ts.isInterfaceDeclaration).find((found) => found.name.text === name);
  assert.ok(contract);
  return contract.members.filter(ts.isPropertySignature).map((member) => {
    const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
    return {
      name: member.name.getText(source),
      optional: member.questionToken !== undefined,
      docs: ts.getTextOfJSDocComment(ts.getJSDocCommentsAndTags(member)[0]?.comment) ?? "",
      byDefault: tag && ts.getTextOfJSDocComment(tag.comment),
    };
  });
}

/** Defaults that are no literal in `DEFAULTS`. */
const DESCRIBED: Readonly<Record<string, string>> = {
  driverSans: "[]",
  allow: "[]",
  replacements: "{}",
  cacheSizeMiB: "- half of `memoryMiB`",
  databases: "[]",
  users: "[]",
  userPasswords: "{}",
  driverNetworks: "[]",
  hosts: "[]",
  placement: "{}",
  webUi: "- no web UI",
  webUiPassword: "- none",
  clusterCa: "{ issue: 1, trust: [1] }",
  driverCa: "{ issue: 1, trust: [1] }",
  clientCa: "{ issue: 1, trust: [1] }",
  clusterCaPems: "{}",
  driverCaPems: "{}",
  driverClients: "[]",
  dockerHost: "- `DOCKER_HOST`, else the endpoint of the current Docker context, else the engine's own default socket",
};

test("every optional arg says its default, and the code has the same", () => {
  const said = Object.fromEntries(
    fields()
      .filter((f) => f.optional)
      .map((f) => [f.name, f.byDefault]),
  );
  const literals = Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, JSON.stringify(value)]));
  assert.deepEqual(said, { ...literals, ...DESCRIBED });
});

test("the web UI's args say their defaults, and the code has the same", () => {
  const said = Object.fromEntries(
    fields("WebUiArgs")
      .filter((f) => f.optional)
      .map((f) => [f.name, f.byDefault]),
  );
  const literals = Object.entries(WEB_UI_DEFAULTS).map(([name, value]) => [name, JSON.stringify(value)]);
  assert.deepEqual(said, Object.fromEntries(literals));
});

test("every arg says what it is, and a required one has no default", () => {
  const all = [
    ...fields(),
    ...fields("UserArgs"),
    ...fields("GrantArgs"),
    ...fields("WebUiArgs"),
    ...fields("HostArgs"),
  ];
  for (const { name, optional, docs, byDefault } of all) {
    assert.notEqual(docs, "", name);
    assert.equal(byDefault !== undefined, optional, name);
  }
});

test("args that are left out plan what the defaults plan", () => {
  const required = { clusterName: "db", adminPassword: "correct horse battery" };
  const cacheSizeMiB = DEFAULTS.memoryMiB / 2;
  assert.deepEqual(
    planCluster(required),
    planCluster({ ...required, ...DEFAULTS, cacheSizeMiB, driverSans: [], allow: [], databases: [], users: [] }),
  );
});

/** The `config:` part, which is plain enough to be read by lines: a key, then its fields. */
function stackDefaults(): Readonly<Record<string, string>> {
  const text = readFileSync(join(ROOT, "Pulumi.yaml"), "utf8");
  const found: Record<string, string> = {};
  let key = "";
  for (const line of text.slice(text.indexOf("\nconfig:")).split("\n")) {
    key = /^ {2}(\w+):$/.exec(line)?.[1] ?? key;
    const value = /^ {4}default: (.*)$/.exec(line)?.[1];
    if (value !== undefined) found[key] = value;
  }
  return found;
}

test("Pulumi.yaml has the same defaults", () => {
  const literals = Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, String(value)]));
  // An empty clusterName and a cache of 0 stand for values that config.ts and the plan calculate.
  const calculated = { clusterName: '""', cacheSizeMiB: "0" };
  assert.deepEqual(stackDefaults(), {
    ...literals,
    ...calculated,
    driverSans: "[]",
    replacements: "{}",
    allow: "[]",
    databases: "[]",
    users: "[]",
    userPasswords: "{}",
    driverNetworks: "[]",
    clusterCaPems: "{}",
    driverCaPems: "{}",
    driverClients: "[]",
    hosts: "[]",
    placement: "{}",
  });
});
