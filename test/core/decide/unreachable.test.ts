/** What is said of a host that does not answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeUnreachable } from "../../../core/decide/unreachable";
import type { ClusterStatus } from "../../../core/decide/availability";

const HOST = { name: "b", reason: "root@10.0.0.2 cannot be reached: timed out" };
const SERVERS = [
  { name: "n0", host: "a" },
  { name: "n1", host: "b" },
  { name: "n4", host: "b" },
];
const END =
  "Nothing was touched. Put that right and run pulumi up again; " +
  "or, where the host is gone for good, give it up with all that only its servers have: " +
  'set lost: true for it in hosts and add "lose-host" to allow';

function status(...tables: readonly (readonly string[])[]): ClusterStatus {
  return {
    servers: ["n0", "n2"].map((name) => ({ id: name, name, network: { connected_to: {} } })),
    configs: tables.map((replicas, i) => ({
      ...{ id: String(i), db: "test", name: `t${String(i)}` },
      shards: [{ primary_replica: replicas[0] ?? "", replicas, nonvoting_replicas: [] }],
    })),
    tables: [],
    issues: [],
    untagged: [],
  };
}

const CASES: readonly (readonly [what: string, status: ClusterStatus | undefined, middle: string])[] = [
  [
    "no other server answers",
    undefined,
    "no server on the other hosts answers, so it is not known what works without it",
  ],
  ["there are no tables", status(), "there are no tables that could miss it"],
];

for (const [what, seen, middle] of CASES) {
  test(`names its servers and both ways on: ${what}`, () => {
    assert.equal(
      describeUnreachable(HOST, SERVERS, seen),
      `hosts.b: ${HOST.reason}. It is the place of n1, n4; ${middle}. ${END}`,
    );
  });
}

test("says of a host without servers that it has none", () => {
  assert.equal(
    describeUnreachable({ ...HOST, name: "c" }, SERVERS, status()),
    `hosts.c: ${HOST.reason}. It has no server; there are no tables that could miss it. ${END}`,
  );
});
