/** Every field at any depth has one name and one kind; what the caller reads otherwise, in full. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import type { RethinkdbClusterArgs } from "../../../args/args";
import { ARGS } from "../../../args/shape/schema";
import { checkArgs } from "../../../args/check";
import { nearest } from "../../../args/values/nearest";
import { planCluster } from "../../../core/plan/cluster";
import { readShape, type Shape } from "../../../args/shape/shape";

const GOOD: RethinkdbClusterArgs = { clusterName: "db", adminPassword: "correct horse battery" };

/** All files of the args as one. */
const FOLDER = join(__dirname, "..", "..", "..", "args");
const SOURCE = ts.createSourceFile(
  "args.ts",
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(FOLDER, name), "utf8"))
    .join("\n"),
  ts.ScriptTarget.ES2022,
  true,
);

/** A shape in the words of TypeScript. */
function typeOf(shape: Shape): string {
  const late = (type: string): string => ("late" in shape ? `Input<${type}>` : type);
  switch (shape.kind) {
    case "text":
      return late("string");
    case "number":
    case "boolean":
      return shape.kind;
    case "list":
      return `readonly ${typeOf(shape.of)}[]`;
    case "map":
      return late(`Readonly<Record<string, ${typeOf(shape.of)}>>`);
    case "object":
      return INTERFACES.find((name) => sameKeys(name, shape)) ?? "unknown";
  }
}

const INTERFACES = [
  ...["RethinkdbClusterArgs", "CaArgs", "CaPems", "HostArgs", "WebUiArgs", "BackupsArgs", "UserArgs", "GrantArgs"],
];

/** A config of two keys may have lost one of them: checks of their own say so with the cure. */
const SAID_ELSEWHERE = ["CaArgs", "CaPems"];

function membersOf(name: string): readonly ts.PropertySignature[] {
  const found = SOURCE.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === name);
  assert.ok(found, name);
  const parents = (found.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText(SOURCE)));
  return [...parents.flatMap(membersOf), ...found.members.filter(ts.isPropertySignature)];
}

function sameKeys(name: string, shape: Shape & { kind: "object" }): boolean {
  return (
    membersOf(name)
      .map((member) => member.name.getText(SOURCE))
      .join() === Object.keys(shape.fields).join()
  );
}

function objectsIn(shape: Shape): readonly (Shape & { kind: "object" })[] {
  if (shape.kind === "object") return [shape, ...Object.values(shape.fields).flatMap(objectsIn)];
  return "of" in shape ? objectsIn(shape.of) : [];
}

test("the shapes are the interfaces of the args, field by field", () => {
  const seen = objectsIn(ARGS).map((shape) => {
    const name = typeOf(shape);
    const expected = membersOf(name).map((member) => [
      member.name.getText(SOURCE),
      member.type?.getText(SOURCE),
      member.questionToken === undefined && !SAID_ELSEWHERE.includes(name),
    ]);
    const found = Object.entries(shape.fields).map(([key, field]) => [key, typeOf(field), field.required === true]);
    assert.deepEqual(found, expected, name);
    return name;
  });
  assert.deepEqual([...new Set(seen)].sort(), [...INTERFACES].sort());
});

const HOST = { name: "a", dockerHost: "ssh://a", address: "10.0.0.1" };

for (const [what, args, ...messages] of [
  ["a misspelt arg", { nodez: 3 }, `nodez: is no field; do you mean "nodes"?`],
  [
    "a misspelt field of a host",
    { hosts: [{ name: "a", dockerHost: "ssh://a", adress: "10.0.0.1" }] },
    `hosts[0].adress: is no field; do you mean "address"?`,
  ],
  [
    "a misspelt field of the web UI",
    { webUi: { enabled: false, publsh: "none" } },
    `webUi.publsh: is no field; do you mean "publish"?`,
  ],
  [
    "a field that is like no other",
    { webUi: { enabled: false, tls: true } },
    `webUi.tls: is no field; known are enabled, publish, port, user, image`,
  ],
  [
    "text where true or false is meant",
    { webUi: { enabled: "true" } },
    `webUi.enabled: "true" is neither true nor false; write it without quotes`,
  ],
  ["a web UI that does not say whether there is one", { webUi: { publish: "none" } }, `webUi.enabled: is missing`],
  [
    "swap that is text",
    { limitSwap: "false" },
    `limitSwap: "false" is neither true nor false; write it without quotes`,
  ],
  [
    "a user that is nothing",
    { users: [null] },
    `users[0]: has no value; give an object of name, grants, or take it out`,
  ],
  ["grants that are text", { users: [{ name: "web", grants: "read" }] }, `users[0].grants: "read" is not a list`],
  [
    "a grant that is text",
    { users: [{ name: "web", grants: ["read"] }] },
    `users[0].grants[0]: "read" is not an object of db, table, read, write, connect, config`,
  ],
  ["a list that is one word", { driverSans: "db.example" }, `driverSans: "db.example" is not a list`],
  ["an empty value", { hosts: [{ ...HOST, zone: null }] }, `hosts[0].zone: has no value; give a text, or take it out`],
  ["a host without an engine", { hosts: [{ name: "a" }] }, `hosts[0].dockerHost: is missing`],
  [
    "a number in quotes",
    { webUi: { enabled: false, port: "8080" } },
    `webUi.port: "8080" is not a number; write it without quotes`,
  ],
  ["a fraction where text is meant", { databases: [1.5] }, `databases[0]: 1.5 is not a text`],
  ["true where text is meant", { databases: [true] }, `databases[0]: true is not a text`],
  ["a map that is a list", { placement: ["a"] }, `placement: ["a"] is not a map of names to values`],
  ["a place that is an object", { placement: { n0: {} } }, `placement.n0: {} is not a text`],
  [
    "generations in quotes",
    { driverCa: { issue: "1", trust: ["1"] } },
    `driverCa.issue: "1" is not a number; write it without quotes`,
    `driverCa.trust[0]: "1" is not a number; write it without quotes`,
  ],
  [
    "a key in place of a CA, without showing it",
    { clusterCaPems: { "1": "-----BEGIN PRIVATE KEY-----" } },
    `clusterCaPems["1"]: is not an object of certPem, keyPem`,
  ],
  [
    "a key in place of all CAs, without showing it",
    { driverCaPems: "-----BEGIN PRIVATE KEY-----" },
    `driverCaPems: is not a map of names to values`,
  ],
  ["a password that is a list, without showing it", { adminPassword: ["hunter2"] }, `adminPassword: is not a text`],
  [
    "passwords that are a list, without showing them",
    { userPasswords: ["hunter2"] },
    `userPasswords: is not a map of names to values`,
  ],
  [
    "a key that is an object, without showing it",
    { driverCaPems: { "1": { certPem: "x", keyPem: { hunter: 2 } } } },
    `driverCaPems["1"].keyPem: is not a text`,
  ],
  [
    "an Output where a plain value is meant",
    { clusterName: pulumi.output("db") },
    `clusterName: is an Output, known only while resources are made; give a plain value`,
  ],
] as const) {
  test(`refuses ${what}`, () => {
    const { errors } = checkArgs({ ...GOOD, ...args } as unknown as RethinkdbClusterArgs);
    assert.deepEqual(errors, messages);
  });
}

test("says unknown fields together with everything else that is wrong", () => {
  const args = { ...GOOD, nodez: 3, nodes: 0 } as RethinkdbClusterArgs;
  assert.deepEqual(checkArgs(args).errors, [
    `nodez: is no field; do you mean "nodes"?`,
    "nodes: 0 is not a whole number from 1 to 64",
  ]);
});

test("takes whole numbers as text where text is meant, as pulumi config set makes them", () => {
  const args = {
    ...GOOD,
    nodes: 1,
    databases: [2024],
    hosts: [{ ...HOST, zone: 1 }],
    placement: { n0: "a" },
    users: [{ name: 7, grants: [{ db: 2024, read: true }] }],
    userPasswords: { "7": 123456789012 },
  } as unknown as RethinkdbClusterArgs;
  const { value, unknown, wrong } = readShape(ARGS, args);
  assert.deepEqual([unknown, wrong], [[], []]);
  assert.deepEqual(checkArgs(args).errors, []);
  const plan = planCluster(value);
  assert.deepEqual(plan.accounts.databases, ["2024"]);
  assert.equal(plan.servers[0]?.zone, "1");
  assert.equal(plan.accounts.users[0]?.name, "7");
  assert.deepEqual(value.userPasswords, { "7": "123456789012" });
});

test("leaves what is right as it is, Outputs too", () => {
  const password = pulumi.secret("correct horse battery");
  const args: RethinkdbClusterArgs = {
    ...GOOD,
    adminPassword: password,
    driverSans: ["db.example"],
    webUi: { enabled: false },
  };
  const { value } = readShape(ARGS, args);
  assert.deepEqual({ ...value, adminPassword: "" }, { ...args, adminPassword: "" });
  assert.equal(value.adminPassword, password);
});

test("finds the name that was probably meant, and none where nothing is like it", () => {
  const names = ["address", "zone", "dockerHost", "lost"];
  assert.deepEqual(
    ["adress", "Address", "zoen", "dockerhost", "lots", "x", "region", ""].map((word) => nearest(word, names)),
    ["address", "address", "zone", "dockerHost", "lost", undefined, undefined, undefined],
  );
});
