/**
 * What an earlier version of the component put into a stack's state is declared in the same way today: an `up` takes such a
 * cluster over without restarting a server or making a key anew. Hashes, and defaults that providers add, are cut out.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RethinkdbCluster } from "../../components";
import { verbOf } from "../../judge/model/request";
import { record, unwrap } from "../support/mocks";

interface Entry {
  readonly type: string;
  readonly name: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

const EARLIER = JSON.parse(
  readFileSync(join(__dirname, "..", "fixtures", "earlierState.json"), "utf8"),
) as readonly Entry[];

function withoutHashes(value: unknown): unknown {
  const text = JSON.stringify(unwrap(value));
  return JSON.parse(text.replace(/\b[0-9a-f]{24}\b/g, "<identity>").replace(/\b[0-9a-f]{16}\b/g, "<hash>"));
}

test("a cluster that an earlier version made is declared as it was, name by name and input by input", async () => {
  const args = {
    clusterName: "orders",
    adminPassword: "correct horse battery staple",
    subnet: "10.220.99.0/24",
    driverPort: 34700,
    webUi: { enabled: true, port: 34790 },
    webUiPassword: "the password of the web UI",
  };
  const { resources } = await record(
    (recorder) => new RethinkdbCluster("rethinkdb", args, { transformations: [recorder] }),
  );
  for (const { type, name, inputs = {} } of EARLIER) {
    const found = resources.filter((resource) => resource.type === type && resource.name === name);
    assert.equal(found.length, 1, `${type} ${name}`);
    const now = found[0]?.inputs ?? {};
    for (const [key, value] of Object.entries(inputs)) {
      if (type === "command:local:Command" && ["create", "update", "delete"].includes(key)) {
        assert.equal(verbOf(now, key), verbOf(inputs, key), `${name}: ${key}`);
        assert.notEqual(verbOf(now, key), undefined, `${name}: ${key}`);
      } else assert.deepEqual(withoutHashes(now[key]), value, `${name}: ${key}`);
    }
    // One more input of a container, volume or network would replace it.
    if (type.startsWith("docker:")) assert.deepEqual(Object.keys(now).sort(), Object.keys(inputs).sort(), name);
  }
});
