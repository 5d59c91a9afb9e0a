/** How the command line finds the cluster that is meant, and what it says of accounts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeDrift } from "../../../cli/verbs/look/accounts";
import { chooseCluster } from "../../../cli/stack/liveCluster";
import { passwordOf } from "../../../cli/verbs/connect/shell";
import type { ExportedState } from "../../../cli/stack/state";
import { describeTunnel } from "../../../cli/verbs/connect/tunnel";
import { describeUi } from "../../../cli/verbs/connect/ui";
import type { AccountsRequest } from "../../../core/programs/accounts";
import { Failure } from "../../../ops/lib/failure";

const SECRET = "4dabf18193072939515e22adb298388d";

function state(...clusters: readonly string[]): ExportedState {
  const resources = clusters.flatMap((clusterName) => {
    const urn = (program: string): string =>
      `urn:pulumi:s::rethinkdb::rethinkdb:index:RethinkdbCluster$command:local:Command::${clusterName}-${program}`;
    const request: AccountsRequest = {
      ...{ clusterName, identity: `identity of ${clusterName}`, image: "i", dockerHost: null },
      ...{ driverCa: "", client: null, adminPassword: "a", databases: [], users: [], passwords: {} },
    };
    const stdin = { [SECRET]: "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(JSON.stringify(request)) };
    const type = "command:local:Command";
    return [
      { urn: urn("admin"), type, inputs: { stdin }, outputs: {} },
      { urn: urn("accounts"), type, inputs: { stdin }, outputs: { stdout: `{"databases":[],"users":["web"]}` } },
    ];
  });
  return { version: 3, deployment: { resources } };
}

test("finds the one cluster of a stack, and whom it manages", () => {
  const { request, managed } = chooseCluster(state("a"), undefined);
  assert.deepEqual([request.clusterName, request.identity, managed], ["a", "identity of a", ["web"]]);
});

test("finds one of two by its name", () => {
  assert.equal(chooseCluster(state("a", "b"), "b").request.clusterName, "b");
});

test("reads no request of another version, and says what it misses", () => {
  const found = state("a");
  const stdin = { [SECRET]: "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(`{"clusterName":"a"}`) };
  const old = (found.deployment.resources ?? []).map((resource) => ({ ...resource, inputs: { stdin } }));
  assert.throws(
    () => chooseCluster({ version: 3, deployment: { resources: old } }, undefined),
    new Failure("the stack's state is of another version (accounts: identity is missing); run up first"),
  );
});

test("is not kept from one cluster by another of an earlier version", () => {
  const { deployment } = state("a", "b");
  const stdin = { [SECRET]: "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(`{"clusterName":"a"}`) };
  const resources = (deployment.resources ?? []).map((resource) =>
    resource.urn.endsWith("::a-accounts") ? { ...resource, inputs: { stdin } } : resource,
  );
  assert.equal(chooseCluster({ version: 3, deployment: { resources } }, "b").request.clusterName, "b");
});

for (const [what, found, wanted, message] of [
  ["no cluster", state(), undefined, "this stack has no cluster yet, or an older version made it; run up first"],
  ["an unknown one", state("a", "b"), "c", `--cluster: "c" is not in this stack; it has a, b`],
  [
    "two and no choice",
    state("a", "b"),
    undefined,
    "this stack has 2 clusters; choose one: --cluster a or --cluster b",
  ],
] as const) {
  test(`says so when there is ${what}`, () => {
    assert.throws(() => chooseCluster(found, wanted), new Failure(message));
  });
}

test("knows the passwords of the stack's users, and asks for those of others", () => {
  assert.equal(passwordOf("admin", "a", { admin: "not this" }, "nor this"), "a");
  assert.equal(passwordOf("web", "a", { web: "w" }, "not this"), "w");
  assert.equal(passwordOf("byhand", "a", {}, "given"), "given");
  assert.throws(
    () => passwordOf("toString", "a", {}, undefined),
    new Failure(`--user: "toString" is not a user of this stack; say the password in RETHINKDB_PASSWORD`),
  );
});

test("says in one line that nothing differs", () => {
  assert.equal(describeDrift({ lines: [], unmanaged: [] }), "Databases, users and grants are as the stack says.");
});

test("a tunnel tells where it is and what to paste", () => {
  assert.equal(
    describeTunnel(28015, ".state/driver-ca.pem"),
    `
127.0.0.1:28015 leads to the driver port of the cluster, over TLS; Ctrl-C ends it.
Its CA: .state/driver-ca.pem

  // Node.js: npm install rethinkdb-ts
  r.connect({ server: { host: "localhost", port: 28015, tls: true, ca: fs.readFileSync(".state/driver-ca.pem") }, user, password })
  # Python: python3 -m venv .venv && .venv/bin/pip install rethinkdb
  r.connect(host="localhost", port=28015, ssl={"ca_certs": ".state/driver-ca.pem"}, user=user, password=password)
  .venv/bin/rethinkdb-dump --connect localhost:28015 --tls-cert .state/driver-ca.pem --password
`,
  );
  assert.match(
    describeTunnel(1, undefined),
    /^Its CA: pulumi stack output driverCaPem > ca\.pem {2}\(or: --ca ca\.pem\)$/m,
  );
});

test("says where the web UI is, and how its password and its CA are read, of the local stack and of another one", () => {
  assert.equal(
    describeUi("https://127.0.0.1:8080/", "admin", undefined),
    [
      `The web UI is at https://127.0.0.1:8080/, user admin.`,
      `Its password: npm run pulumi -- config get webUiPassword`,
      `Its certificate is of the driver CA (.state/driver-ca.pem): import that into the browser, or compare before you trust it.`,
    ].join("\n"),
  );
  assert.equal(
    describeUi("https://127.0.0.1:8080/", "me", "prod"),
    [
      `The web UI is at https://127.0.0.1:8080/, user me.`,
      `Its password: pulumi config get webUiPassword --stack prod`,
      `Its certificate is of the driver CA (pulumi stack output driverCaPem --stack prod): import that into the browser, or compare before you trust it.`,
    ].join("\n"),
  );
});
