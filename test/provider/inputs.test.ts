/** What programs in other languages give: Outputs stay Outputs where an arg takes them, and are plain values elsewhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { normalArgs } from "../../components/checkedArgs";
import { ARGS } from "../../args/shape/schema";
import { readShape } from "../../args/shape/shape";
import { knownInputs, plainInputs } from "../../provider/inputs";

type Given = Readonly<Record<string, unknown>>;

/** As the SDK makes it of what an engine sends. */
function output(value: unknown, known: boolean, secret = false): pulumi.Output<unknown> {
  const made = pulumi.Output as unknown as new (...args: readonly unknown[]) => pulumi.Output<unknown>;
  const flags = [Promise.resolve(value), Promise.resolve(known), Promise.resolve(secret), Promise.resolve([])];
  return new made([], ...flags);
}

test("a plain arg that comes as a known Output is unwrapped, at any depth", async () => {
  const inputs = {
    clusterName: output("db", true),
    driverNetworks: [output("apps", true), "jobs"],
    users: output([{ name: "api", grants: [{ db: output("shop", true), read: true }] }], true),
    placement: { n0: output("a", true) },
  };
  assert.deepEqual(await plainInputs<Given>(inputs), {
    clusterName: "db",
    driverNetworks: ["apps", "jobs"],
    users: [{ name: "api", grants: [{ db: "shop", read: true }] }],
    placement: { n0: "a" },
  });
});

test("a plain arg whose value is not known yet, or is a secret, is refused in one sentence", async () => {
  const given = await plainInputs<Given>({
    clusterName: output("db", false),
    driverNetworks: [output("apps", true, true)],
    adminPassword: "correct horse battery",
  });
  assert.deepEqual(readShape(ARGS, given).wrong, [
    "clusterName: is an Output, known only while resources are made; give a plain value",
    "driverNetworks[0]: is an Output, known only while resources are made; give a plain value",
  ]);
});

test("an arg that takes an Output keeps it, with its secrecy", async () => {
  const adminPassword = output("correct horse battery", true, true);
  const api = output("another horse", true, true);
  const given = await plainInputs<Given>({ adminPassword, userPasswords: { api } });
  assert.equal(given["adminPassword"], adminPassword);
  assert.equal((given["userPasswords"] as Given)["api"], api);
});

test("everything that is known is judged, secrets too, and what is not known stays open", async () => {
  const unknown = output("later", false);
  const known = await knownInputs<Given>({
    adminPassword: output("correct horse battery", true, true),
    userPasswords: output({ api: output("x", true, true) }, true, true),
    webUiPassword: unknown,
    nodes: 3,
  });
  assert.deepEqual(known, {
    adminPassword: "correct horse battery",
    userPasswords: { api: "x" },
    webUiPassword: unknown,
    nodes: 3,
  });
});

test("a secret where a plain value is meant is not looked at, so that no message shows it", async () => {
  const given = { driverSans: [output("the secret", true, true)], users: output([{ name: "x" }], true, true) };
  const known = await knownInputs<Given>(given);
  assert.doesNotMatch(JSON.stringify(readShape(ARGS, known).wrong), /the secret/);
  assert.equal((known["driverSans"] as unknown[])[0], given.driverSans[0]);
  assert.equal(known["users"], given.users);
});

test("a value of another kind passes through, for the component to name", async () => {
  const given = await plainInputs<never>({ clusterName: "db", adminPassword: "x", driverSans: 5, nodes: [1] });
  assert.deepEqual(readShape(ARGS, normalArgs(given)).wrong, [
    "driverSans: 5 is not a list",
    "nodes: [1] is not a number",
  ]);
});
