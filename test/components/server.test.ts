/** One server's volumes and programs, and the network it is on: exact inputs, parents, and no path of any machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import { RethinkdbCluster, type RethinkdbClusterArgs } from "../../components";
import { DEFAULTS } from "../../args/shape/schema";
import { identityOf } from "../../core/plan/identity";
import { withFakeNode } from "../support/fakeNode";
import { listing } from "../support/noEngine";
import { inputsOf, isSecret, record, type Recording, requestOf, unwrap } from "../support/mocks";

const ARGS: RethinkdbClusterArgs = { clusterName: "orders", adminPassword: "correct horse battery staple" };
const IDENTITY = identityOf("public key of db-identity");

async function declared(): Promise<Recording> {
  return declaredWhere([]);
}

/** @param present servers that have a container. */
async function declaredWhere(present: readonly string[]): Promise<Recording> {
  const where = listing("orders", present);
  return record(
    (recorder) => new RethinkdbCluster("db", ARGS, { transformations: [recorder] }),
    false,
    undefined,
    where,
  );
}

test("volumes are made from nothing that can ever change", async () => {
  const recording = await declared();
  const labels = [
    { label: "pulumi-rethinkdb.cluster", value: "orders" },
    { label: "pulumi-rethinkdb.server", value: "n2" },
  ];
  assert.deepEqual(inputsOf(recording, "db-n2-data"), { name: "orders-n2-data", labels });
  assert.deepEqual(inputsOf(recording, "db-n2-tls"), { name: "orders-n2-tls", labels });
});

test("the network has a fixed subnet and the cluster's identity", async () => {
  assert.deepEqual(inputsOf(await declared(), "db-network"), {
    name: "orders",
    driver: "bridge",
    ipamConfigs: [{ subnet: DEFAULTS.subnet, gateway: "10.213.0.1", ipRange: "10.213.0.128/25" }],
    labels: [
      { label: "pulumi-rethinkdb.identity", value: IDENTITY },
      { label: "pulumi-rethinkdb.cluster", value: "orders" },
    ],
  });
});

test("each program is told on stdin what it needs and nothing else", async () => {
  const recording = await declared();
  const fields = (name: string): readonly string[] => {
    const { stdin } = inputsOf(recording, name);
    assert.ok(isSecret(stdin), name);
    return Object.keys(JSON.parse(unwrap(stdin) as string) as object).sort();
  };
  const all = ["clusterName", "dockerHost", "identity", "image"];
  const own: Readonly<Record<string, readonly string[]>> = {
    fleet: [
      ...[
        "allow",
        "cas",
        "driverClients",
        "driverNetworks",
        "network",
        "operator",
        "operatorGeneration",
        "ownCas",
        "passwordAccepted",
      ],
      ...["servers", "subnet"],
    ],
    departure: ["allow", "judged", "operator", "servers"],
    admin: ["adminPassword", "incarnation", "network", "operator", "operatorGeneration", "operatorRights", "uid"],
    peers: ["servers"],
    accounts: ["adminPassword", "client", "databases", "driverCa", "passwords", "users"],
    "n1-prepare": [
      ...["adopt", "dataVolume", "files", "fingerprint", "incarnation", "seeds", "server", "spec"],
      ...["tlsVolume", "uid"],
    ],
    "n1-permit": [
      ...["allow", "container", "dataVolume", "operator", "prepared", "protectSingleReplicaTables", "server", "spec"],
      ...["strictInterruption", "uid"],
    ],
    "n1-member": ["container", "fingerprint", "incarnation", "missing", "operator", "server", "tlsVolume"],
  };
  for (const [name, needs] of Object.entries(own)) {
    assert.deepEqual(fields(`db-${name}`), [...all, ...needs].sort(), name);
  }
});

test("a member is waited for again when its container or its permit changed", async () => {
  const recording = await declared();
  const { SPEC } = inputsOf(recording, "db-n1-permit")["environment"] as Readonly<Record<string, string>>;
  assert.match(SPEC ?? "", /^[0-9a-f]{16}$/);
  assert.deepEqual(inputsOf(recording, "db-n1-member")["environment"], { CONTAINER: "db-n1-id", PERMIT: "" });
});

test("the label that a permit compares with is the spec it was given", async () => {
  const recording = await declared();
  const { SPEC } = inputsOf(recording, "db-n1-permit")["environment"] as Readonly<Record<string, string>>;
  const labels = inputsOf(recording, "db-n1")["labels"] as readonly { label: string; value: string }[];
  assert.equal(labels.find(({ label }) => label === "pulumi-rethinkdb.spec")?.value, SPEC);
});

test("no container goes before the program that judges the stop of its server was asked", async () => {
  const recording = await declaredWhere(["n0", "n1", "n2"]);
  const options = recording.options.get("db-n1");
  assert.equal(options?.deleteBeforeReplace, false);
  const hooks = (options.hooks?.beforeCreate ?? []) as readonly pulumi.ResourceHook[];
  assert.deepEqual(
    hooks.map(({ name }) => name),
    ["db-n1-way"],
  );
  const asked = await withFakeNode(async () => {
    await hooks[0]?.callback({} as pulumi.ResourceHookArgs);
  });
  assert.equal(asked.verb, "makeWay");
  assert.deepEqual(asked.request, requestOf(recording, "db-n1-permit"));
});

test("where no container of that name was when the run began, nothing is asked before it is made", async () => {
  const { options } = await declaredWhere(["n0"]);
  const call = async (name: string): Promise<void> => {
    const [hook] = (options.get(name)?.hooks?.beforeCreate ?? []) as readonly pulumi.ResourceHook[];
    await hook?.callback({} as pulumi.ResourceHookArgs);
  };
  await assert.rejects(
    withFakeNode(() => call("db-n1")),
    { code: "ENOENT" },
  );
  assert.equal((await withFakeNode(() => call("db-n0"))).verb, "makeWay");
});

/** Every string among the inputs, programs' requests taken apart. */
function strings(value: unknown): readonly string[] {
  const plain = unwrap(value);
  if (typeof plain === "string") {
    return plain.startsWith("{") ? strings(JSON.parse(plain) as unknown) : [plain];
  }
  if (typeof plain !== "object" || plain === null) return [];
  return Object.values(plain).flatMap(strings);
}

test("no input is an absolute path, but of what lies inside a container", async () => {
  const { resources } = await declared();
  const paths = resources.flatMap(({ inputs }) => strings(inputs)).filter((text) => /(^|['"=:\s])\/[a-z]/.test(text));
  const inside = /^(\/data(\/rethinkdb)?|\/tls|\/tls\/join\.conf|\/tls\/[0-9a-f]{16}\/[a-z-]+\.(key|pem))$/;
  // The entry script and the health check run inside too.
  const scripts = /^(want="\$1" && shift\n|printf '\\xc3)/;
  assert.deepEqual(
    paths.filter((text) => !inside.test(text) && !scripts.test(text)),
    [],
  );
  assert.ok(paths.length > 0);
});

test("every child stands below the cluster", async () => {
  const { resources, options } = await declared();
  for (const { name, type } of resources.filter((resource) => !resource.type.startsWith("rethinkdb:"))) {
    const parent = options.get(name)?.parent as { readonly __pulumiType?: string } | undefined;
    const expected =
      type.startsWith("tls:") && !["db-identity", "db-operator-g1"].includes(name) ? "Pki" : "RethinkdbCluster";
    assert.equal(parent?.__pulumiType, `rethinkdb:index:${expected}`, name);
  }
});
