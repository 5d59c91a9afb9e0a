/** Places are proposed by zone, then by fewest, and never for a server that has one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proposePlacement } from "../../../args/values/placement";

const HOSTS = [
  { name: "a", zone: "east" },
  { name: "b", zone: "east" },
  { name: "c", zone: "west" },
];

test("servers go to the zone with the fewest, and there to the host with the fewest", () => {
  assert.deepEqual(proposePlacement(HOSTS, 5, {}), { n0: "a", n1: "c", n2: "b", n3: "c", n4: "a" });
  assert.deepEqual(proposePlacement(HOSTS, 5, { n0: "c", n1: "c", n2: "c" }), { n3: "a", n4: "b" });
});

test("hosts without a zone are each one of their own, and lost ones get nothing", () => {
  const hosts = [{ name: "a" }, { name: "b", lost: true }, { name: "c" }];
  assert.deepEqual(proposePlacement(hosts, 3, {}), { n0: "a", n1: "c", n2: "a" });
});

test("a number that is free between others is not used again", () => {
  assert.deepEqual(proposePlacement(HOSTS, 3, { n0: "a", n4: "c" }), { n5: "b" });
});

test("exactly the missing servers get a place, and no zone has two more than another", () => {
  const hosts = fc.uniqueArray(
    fc.record({ name: fc.stringMatching(/^[a-z]{1,3}$/), zone: fc.constantFrom("x", "y", "z") }),
    {
      minLength: 1,
      maxLength: 6,
      selector: ({ name }) => name,
    },
  );
  fc.assert(
    fc.property(hosts, fc.integer({ min: 1, max: 64 }), (all, nodes) => {
      const placed = Object.values(proposePlacement(all, nodes, {}));
      assert.equal(placed.length, nodes);
      const zones = [...new Set(all.map(({ zone }) => zone))].map(
        (zone) => placed.filter((host) => all.find(({ name }) => name === host)?.zone === zone).length,
      );
      assert.ok(Math.max(...zones) - Math.min(...zones) <= 1);
    }),
  );
});
