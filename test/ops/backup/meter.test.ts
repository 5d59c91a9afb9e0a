/** Progress in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { count, describeProgress } from "../../../ops/backup/meter";

const ALL = { tables: 20, rows: 1_000_000 };

test("says tables, rows, rate and the time left", () => {
  assert.equal(
    describeProgress("create", { tables: 3, rows: 250_000 }, ALL, 10),
    "create: 3 of 20 tables, 250 000 of about 1 000 000 rows, 25 000 rows/s, about 30 s left",
  );
});

test("guesses no time before the first row, and none at the end", () => {
  assert.equal(
    describeProgress("create", { tables: 0, rows: 0 }, ALL, 0),
    "create: 0 of 20 tables, 0 of about 1 000 000 rows, 0 rows/s",
  );
  assert.equal(
    describeProgress("create", { tables: 20, rows: 1_000_007 }, ALL, 50),
    "create: 20 of 20 tables, 1 000 007 rows, 20 000 rows/s",
  );
});

test("counts so that a person can read it", () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(count), ["0", "999", "1 000", "1 234 567"]);
});
