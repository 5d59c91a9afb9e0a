/** The doctor's words for a person, and what it says where there is nothing to look at. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeHealth, doctor } from "../../cli/doctor";
import { clustersIn } from "../../cli/stackState";
import { Failure } from "../../ops/failure";

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

test("without a choice it says what there is to look at", async () => {
  await assert.rejects(doctor("nowhere", []), new Failure("doctor: say what to look at: npm run doctor -- --health"));
});

test("asks each cluster of a stack once, as its members were asked last", () => {
  const member = (name: string, identity: string): object => {
    const operator = { password: "secret", driverCa: "CA" };
    const request = { clusterName: identity, identity, image: "i", dockerHost: null, server: name, operator };
    return {
      urn: `urn:pulumi:s::p::command:local:Command::${identity}-${name}-member`,
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
    operator: { password: "secret", driverCa: "CA" },
  });
});
