/** What the verbs decide before they touch anything. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { whyKept as whyVolumeKept } from "../../cli/engine/dataVolumes";
import { whyKept as whyLockKept } from "../../cli/stack/lock";
import { chooseDigest } from "../../cli/verbs/pin";
import { summarizeDestroy, summarizeUp } from "../../cli/print/summary";
import type { VolumeLook } from "../../core/decide/volumeOwner";

describe("a lock on the local stack", () => {
  const around = { hostname: "here", isPulumi: (pid: number): boolean => pid === 42 };
  const lock = (pid: number, hostname: string): Parameters<typeof whyLockKept>[0] => ({
    file: "lock.json",
    holder: { pid, hostname, username: "someone" },
  });

  for (const [what, held, expected] of [
    ["of a dead process goes", lock(41, "here"), undefined],
    [
      "of a living process stays",
      lock(42, "here"),
      "another run works on this stack right now (process 42 of someone); wait until it has ended",
    ],
    [
      "of another host is never judged from here",
      lock(41, "there"),
      'someone on the host "there" holds the lock of this stack (process 41), and it cannot be seen from here whether that run is alive; make sure there that it is not, then: npm run pulumi -- cancel --yes',
    ],
    [
      "that cannot be read stays",
      { file: "lock.json" },
      "the lock lock.json cannot be read; if no pulumi works on this stack, delete it with: npm run pulumi -- cancel --yes",
    ],
  ] as const) {
    test(what, () => {
      assert.equal(whyLockKept(held, around), expected);
    });
  }
});

describe("a data volume", () => {
  for (const [what, volume, expected] of [
    ["of this stack's cluster is deleted", { says: "mine/n0/0" }, undefined],
    ["of a cluster this stack once was is deleted", { says: "before/n0/0" }, undefined],
    ["that is empty is deleted", { says: "", names: ["rethinkdb", "identity.new"], hasData: false }, undefined],
    ["that a container uses stays", { says: "mine/n0/0", users: ["a", "b"] }, "is used by a, b"],
    ["of a stranger stays", { says: "other/n0/0" }, "has data of a cluster that this stack never was"],
    [
      "that does not say whose it is stays",
      { says: "", names: ["rethinkdb"] },
      "has rethinkdb and no identity, so this project did not fill it",
    ],
    [
      "with anything else on it stays",
      { says: "", names: ["photos"], hasData: false },
      "has photos and no identity, so this project did not fill it",
    ],
    [
      "with something beside its data stays",
      { says: "mine/n0/0", names: ["identity", "rethinkdb", "started", "dump.tar.gz"] },
      "has also dump.tar.gz, which this project did not put there",
    ],
  ] as readonly (readonly [string, Partial<VolumeLook> & { users?: readonly string[] }, string | undefined])[]) {
    test(what, () => {
      const { users = [], ...look } = volume;
      const facts = { name: "v", users, look: { says: "", names: ["identity", "rethinkdb"], hasData: true, ...look } };
      assert.equal(whyVolumeKept(facts, ["before", "mine"]), expected);
    });
  }
});

describe("a digest", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  for (const [image, known, expected] of [
    ["rethinkdb:2.4.4-bookworm-slim", [`rethinkdb@${digest}`], digest],
    ["docker.io/library/rethinkdb:2.4.3", [`rethinkdb@${digest}`], digest],
    ["localhost:5000/rethinkdb:2.4.3", ["rethinkdb@sha256:other", `localhost:5000/rethinkdb@${digest}`], digest],
    ["localhost:5000/rethinkdb:2.4.3", [`rethinkdb@${digest}`], undefined],
    ["rethinkdb:2.4.4-bookworm-slim", [], undefined],
  ] as const) {
    test(`of ${image} among ${JSON.stringify(known)} is ${expected === undefined ? "not known" : "its own"}`, () => {
      assert.equal(chooseDigest(image, known), expected);
    });
  }
});

test("the end of up says what a person needs next", () => {
  const servers = [
    { name: "n0", driverEndpoint: "127.0.0.1:28015" },
    { name: "n1", driverEndpoint: null },
  ];
  assert.equal(
    summarizeUp({ servers, allow: [], found: { states: { n0: "serves", n1: "serves" }, problems: [] } }),
    `
2 servers are up.
  n0  127.0.0.1:28015  serves
  n1  not published  serves

Password of admin:    cat .state/admin-password
A query over TLS:     RETHINKDB_PASSWORD=$(cat .state/admin-password) node .state/connect.js
All ways to connect:  npm run pulumi -- stack output connect  (as files: .state/connect.*)
More servers:         npm run up -- --nodes 3
Remove, data stays:   npm run destroy`,
  );
});

test("the end of up says what each server is where the cluster is not whole", () => {
  const servers = ["n0", "n1", "n2"].map((name) => ({ name, driverEndpoint: null }));
  const found = { states: { n0: "serves", n1: "paused" }, problems: ["n1 is paused", "n2 has no container"] };
  const lines = summarizeUp({ servers, allow: [], found }).split("\n");
  assert.deepEqual(lines.slice(1, 9), [
    "1 of 3 servers serve.",
    "  n0  not published  serves",
    "  n1  not published  paused",
    "  n2  not published  has no container",
    "",
    "The cluster is not whole:",
    "  ! n1 is paused",
    "  ! n2 has no container",
  ]);
});

test("the end of destroy names the volumes that stay, and both ways on", () => {
  assert.equal(
    summarizeDestroy({ clusterName: "orders", volumes: ["orders-n0-data"], allow: [] }),
    `
The cluster "orders" is gone. Its data is not: these volumes stay.
  orders-n0-data

Start on them again:   npm run pulumi -- config set --path 'allow[0]' adopt-data && npm run up
Delete them for ever:  npm run destroy -- --volumes`,
  );
});
