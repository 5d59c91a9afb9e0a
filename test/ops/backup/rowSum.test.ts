/** The checksum of a table. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { RowSum } from "../../../ops/backup/rowSum";

function sumOf(rows: readonly string[]): string {
  const sum = new RowSum();
  for (const row of rows) sum.add(row);
  return sum.text;
}

test("of one row is its SHA-256, of none nothing", () => {
  assert.equal(sumOf(["{}"]), createHash("sha256").update("{}").digest("hex"));
  assert.equal(sumOf([]), "0".repeat(64));
});

test("is the same in every order, and another one when any row is changed, missing or there twice", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 20 }), fc.nat(), (rows, seed) => {
      const turned = [...rows.slice(seed % rows.length), ...rows.slice(0, seed % rows.length)].reverse();
      assert.equal(sumOf(turned), sumOf(rows));
      assert.notEqual(sumOf(rows.slice(1)), sumOf(rows));
      assert.notEqual(sumOf([...rows, rows[0] ?? ""]), sumOf(rows));
      assert.notEqual(sumOf([`${rows[0] ?? ""}.`, ...rows.slice(1)]), sumOf(rows));
    }),
  );
});
