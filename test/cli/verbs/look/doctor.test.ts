/** The doctor's words for a person, and what it says where there is nothing to look at. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeHealth, doctor, managedAccounts, withDrift } from "../../../../cli/verbs/look/doctor";
import { clustersIn } from "../../../../cli/stack/state";
import type { AccountsRequest } from "../../../../core/programs/accounts";
import { Failure } from "../../../../ops/lib/failure";

const N0 = {
  name: "n0",
  container: "db-n0",
  state: "running",
  connected: true,
  version: "2.4.4",
  diskFreePercent: 41,
  certificateDaysLeft: 60,
};

test("a report is a table, the tables, and a verdict", () => {
  const report = {
    clusterName: "db",
    servers: [N0, { ...N0, name: "n1", container: "db-n1", state: "exited", connected: false, version: "" }],
    tables: { total: 2, ready: 1, unready: ["test.t"] },
    issues: ["a table is slow\n"],
    problems: ["n1 is exited"],
  };
  assert.equal(
    describeHealth(report),
    [
      "server  container  state    in the cluster  version  disk free  certificate ends",
      "n0      db-n0      running  yes             2.4.4    41 %       in 60 days",
      "n1      db-n1      exited   no              -        41 %       in 60 days",
      "",
      "1 of 2 tables are ready on all their replicas.",
      "RethinkDB says: a table is slow",
      "",
      "! n1 is exited",
    ].join("\n"),
  );
  const well = { ...report, servers: [N0], issues: [], problems: [] };
  assert.match(describeHealth(well), /\ndb is well\.$/);
});

test("refuses what a look at health alone cannot give", async () => {
  for (const [argv, message] of [
    [["--bundle", "x"], "doctor: --bundle needs the probes, which --health leaves out"],
    [["--only", "disks"], "doctor: --only needs the probes, which --health leaves out"],
    [
      ["--format", "html"],
      "doctor: --format html shows the probes, which --health leaves out; with it there is terminal or json",
    ],
  ] as const) {
    await assert.rejects(doctor(process.cwd(), ["--health", ...argv]), new Failure(message));
  }
});

test("does the useful thing without an option", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    for (const argv of [[], ["--health"]]) {
      await assert.rejects(
        doctor(process.cwd(), argv),
        new Failure(
          "the docker command is not installed: install Docker's CLI\nnpx pulumi-rethinkdb plan works without Docker: it shows what would be made.",
        ),
      );
    }
  } finally {
    process.env["PATH"] = path;
  }
});

test("asks each cluster of a stack once, as its members were asked last", () => {
  const member = (name: string, identity: string): object => {
    const operator = { password: "secret", previousPassword: null, driverCa: "CA", client: null };
    const request = { clusterName: identity, identity, image: "i", dockerHost: null, server: name, operator };
    return {
      urn: `urn:pulumi:s::p::rethinkdb:index:RethinkdbCluster$command:local:Command::${identity}-${name}-member`,
      type: "command:local:Command",
      inputs: { stdin: { plaintext: JSON.stringify(JSON.stringify(request)) } },
    };
  };
  const resources = [member("n0", "a"), member("n1", "a"), member("n0", "b")];
  const state = { version: 3, deployment: { resources } } as unknown as Parameters<typeof clustersIn>[0];
  assert.deepEqual(
    clustersIn(state).map(({ clusterName }) => clusterName),
    ["a", "b"],
  );
  assert.deepEqual(clustersIn(state)[0], {
    ...{ clusterName: "a", identity: "a", image: "i", dockerHost: null },
    operator: { password: "secret", previousPassword: null, driverCa: "CA", client: null },
  });
});

/** A stack in which each cluster's accounts are asked for this, and were managed so at the last run. */
function stateWith(accounts: Readonly<Record<string, readonly [users: readonly string[], before: string]>>): State {
  const resources = Object.entries(accounts).map(([identity, [users, stdout]]) => {
    const request: AccountsRequest = {
      ...{ clusterName: identity, identity, image: "i", dockerHost: null, driverCa: "", client: null },
      ...{ adminPassword: "a", databases: [], users: users.map((name) => ({ name, grants: [] })), passwords: {} },
    };
    return {
      urn: `urn:pulumi:s::p::rethinkdb:index:RethinkdbCluster$command:local:Command::${identity}-accounts`,
      type: "command:local:Command",
      inputs: { stdin: { plaintext: JSON.stringify(JSON.stringify(request)) } },
      outputs: { stdout },
    };
  });
  return { version: 3, deployment: { resources } };
}
type State = Parameters<typeof managedAccounts>[0];

test("looks for drift where the stack has accounts, or had some", () => {
  const state = stateWith({
    none: [[], `{"databases":[],"users":[]}`],
    some: [["web"], ""],
    left: [[], `{"databases":[],"users":["old"]}`],
  });
  assert.deepEqual(
    managedAccounts(state).map(({ request, before }) => [request.identity, before]),
    [
      ["some", []],
      ["left", ["old"]],
    ],
  );
});

const WELL = {
  clusterName: "db",
  servers: [N0],
  tables: { total: 0, ready: 0, unready: [] },
  issues: [],
  problems: ["n1 is exited"],
};
const [ACCOUNTS] = managedAccounts(stateWith({ db: [["web"], `{"databases":[],"users":["web","old"]}`] }));

test("each drift of accounts is a problem, after the others", async () => {
  const asked: unknown[] = [];
  const report = await withDrift(WELL, ACCOUNTS, (request, before) => {
    asked.push(request.identity, before);
    return Promise.resolve({ lines: [`user "web" is missing`, `user "old" is still there`], unmanaged: ["byhand"] });
  });
  assert.deepEqual(asked, ["db", ["web", "old"]]);
  assert.deepEqual(report, {
    ...WELL,
    problems: [
      "n1 is exited",
      `drift: user "web" is missing; the next up puts it back`,
      `drift: user "old" is still there; the next up puts it back`,
    ],
  });
});

test("a drift that cannot be told is a problem, and a mistake of the program is none of the cluster", async () => {
  const refused = await withDrift(WELL, ACCOUNTS, () => Promise.reject(new Failure("accounts: no")));
  assert.deepEqual(refused.problems, ["n1 is exited", "drift: nothing is known of it: accounts: no"]);
  const bug = new TypeError("bug");
  await assert.rejects(
    withDrift(WELL, ACCOUNTS, () => Promise.reject(bug)),
    bug,
  );
});

test("no server is asked for drift where there are no accounts, or no server answers", async () => {
  const never = (): never => assert.fail("asked");
  assert.equal(await withDrift(WELL, undefined, never), WELL);
  const dead = { ...WELL, servers: [{ ...N0, connected: false }] };
  assert.equal(await withDrift(dead, ACCOUNTS, never), dead);
});
