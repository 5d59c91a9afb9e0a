/** What docstrings say about defaults is what the code does, and every generated file is what the interfaces say. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import schema from "../../../schema.json";
import { DEFAULT_IMAGE, DEFAULT_UI_IMAGE } from "../../../args/constants";
import { CONFIG_KEYS, DEFAULTS, fillArgs, type Property, PROPERTIES } from "../../../args/shape/schema";
import { planCluster } from "../../../core/plan/cluster";

const CLUSTER = {
  properties: PROPERTIES,
  required: schema.resources["rethinkdb:index:RethinkdbCluster"].requiredInputs,
};
const ROOT = join(__dirname, "..", "..", "..");
const REQUIRED = { clusterName: "db", adminPassword: "correct horse battery" };

test("schema.json, the config keys of Pulumi.yaml and the table of docs/config.md are not stale", () => {
  const script = join(ROOT, "scripts", "schema.ts");
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, "--check"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  assert.deepEqual([status, stderr], [0, ""]);
});

test("every arg and every field says what it is", () => {
  const objects = Object.values(schema.types) as unknown as readonly {
    readonly description: string;
    readonly properties: Readonly<Record<string, Property>>;
  }[];
  for (const { description, properties } of [{ description: "the cluster", properties: PROPERTIES }, ...objects]) {
    assert.notEqual(description, "");
    for (const [name, property] of Object.entries(properties)) assert.notEqual(property.description ?? "", "", name);
  }
});

test("every optional arg and field has a default, or says what it is without one", () => {
  const types = Object.entries(schema.types).filter(([token]) => isGiven(token));
  const objects = [CLUSTER, ...types.map(([, type]) => type)] as unknown as readonly {
    readonly properties: Readonly<Record<string, Property>>;
    readonly required: readonly string[];
  }[];
  const silent = objects.flatMap(({ properties, required }) =>
    Object.entries(properties)
      .filter(([name]) => !required.includes(name))
      .filter(([, property]) => property.default === undefined && property.language?.rethinkdb?.default === undefined)
      .filter(([, { description = "" }]) => !/ Default: .+\.$/.test(description))
      .map(([name]) => name),
  );
  assert.deepEqual(silent, []);
  assert.deepEqual(CLUSTER.required, Object.keys(REQUIRED));
});

/** Whether a type is part of the args, and not only of what comes out. */
function isGiven(token: string): boolean {
  return JSON.stringify([PROPERTIES, schema.types]).includes(`"#/types/${token}"`);
}

test("the images that messages name are the defaults", () => {
  assert.deepEqual([DEFAULTS.image, DEFAULTS.webUi.image], [DEFAULT_IMAGE, DEFAULT_UI_IMAGE]);
});

test("the defaults of the docstrings are these", () => {
  assert.deepEqual(DEFAULTS, {
    nodes: 3,
    image: DEFAULT_IMAGE,
    replacements: {},
    operatorGeneration: 1,
    memoryMib: 1024,
    limitSwap: true,
    runAsUid: 28015,
    protectSingleReplicaTables: false,
    strictInterruption: false,
    subnet: "10.213.0.0/24",
    driverPublish: "127.0.0.1",
    driverPort: 28015,
    driverSans: [],
    driverNetworks: [],
    driverClients: [],
    certValidityDays: 90,
    certEarlyRenewalDays: 30,
    caValidityDays: 3650,
    renewal: "auto",
    clusterCa: { issue: 1, trust: [1] },
    driverCa: { issue: 1, trust: [1] },
    clientCa: { issue: 1, trust: [1] },
    clusterCaPems: {},
    driverCaPems: {},
    hosts: [],
    placement: {},
    databases: [],
    users: [],
    userPasswords: {},
    backups: { enabled: false, user: "backup", databases: [], keepDaily: 7, keepWeekly: 4, keepMonthly: 12 },
    webUi: { enabled: false, publish: "127.0.0.1", port: 8080, user: "admin", image: "nginx:1.30.6" },
    allow: [],
  });
});

test("a field of the web UI that is left out, or undefined, has its default", () => {
  const { webUi } = fillArgs({ ...REQUIRED, webUi: { enabled: true, port: 8443, ...{ user: undefined } } as never });
  assert.deepEqual(webUi, { ...DEFAULTS.webUi, enabled: true, port: 8443 });
});

test("args that are left out plan what the defaults plan", () => {
  const cacheSizeMib = DEFAULTS.memoryMib / 2;
  assert.deepEqual(planCluster(REQUIRED), planCluster({ ...REQUIRED, ...DEFAULTS, cacheSizeMib }));
});

test("Pulumi.yaml lists every key that a value can stand for, with the default of the args", () => {
  const { config } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    readonly config: Readonly<Record<string, { readonly default?: unknown }>>;
  };
  const { adminPassword, ...others } = config;
  assert.deepEqual(adminPassword, {
    type: "string",
    secret: true,
    description: "Password of RethinkDB's `admin` account.",
  });
  assert.deepEqual(Object.fromEntries(Object.entries(others).map(([name, key]) => [name, key.default])), {
    ...DEFAULTS,
    clusterName: "",
    cacheSizeMib: 0,
    webUi: { enabled: false },
    backups: { enabled: false },
  });
});

test("secrets are never listed with a value, and the engine is no key", () => {
  const keys = CONFIG_KEYS;
  assert.equal(
    keys.find(({ name }) => name === "dockerHost"),
    undefined,
  );
  assert.deepEqual(
    keys.filter(({ isSecret }) => isSecret).map(({ name, placeholder }) => [name, placeholder]),
    [
      ["adminPassword", null],
      ["clusterCaPems", {}],
      ["driverCaPems", {}],
      ["userPasswords", {}],
      ["webUiPassword", null],
      ["backupPassword", null],
    ],
  );
});
