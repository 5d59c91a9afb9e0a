/** The name of a container's spec: order does not count, everything else does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { specHash } from "../../../core/render/specHash";

test("is sixteen hexadecimal digits", () => {
  assert.match(specHash({ image: "x" }), /^[0-9a-f]{16}$/);
});

test("does not depend on the order of keys or on absent fields", () => {
  assert.equal(
    specHash({ a: 1, b: { c: [1, 2], d: null } }),
    specHash({ b: { d: null, c: [1, 2], e: undefined }, a: 1 }),
  );
});

test("depends on every value, its type and the order of lists", () => {
  const specs = [
    { a: 1 },
    { a: 2 },
    { a: "1" },
    { a: [1, 2] },
    { a: [2, 1] },
    { a: [[1], 2] },
    { b: 1 },
    { a: null },
    {},
  ];
  assert.equal(new Set(specs.map(specHash)).size, specs.length);
});

test("differs wherever JSON differs", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      if (JSON.stringify(a) !== JSON.stringify(b) && specHash(a) === specHash(b)) {
        // Only the order of keys may be the difference.
        assert.deepEqual(a, b);
      }
    }),
  );
});
