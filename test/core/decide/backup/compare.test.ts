/** Every way in which a restored table may not be what was recorded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, type RestoredTable } from "../../../../core/decide/backup/compare";
import type { TableFacts } from "../../../../core/decide/backup/manifest";

const INDEX = { name: "name", query: "indexCreate(...)", multi: false, geo: false };
const RESTORED: RestoredTable = {
  ...{ db: "shop", name: "items", primaryKey: "id", indexes: [INDEX], writeHook: "setWriteHook(...)" },
  ...{ rows: 3, checksum: "abc" },
};
const RECORDED: TableFacts = { ...RESTORED, durability: "hard", writeAcks: "majority", shards: [], bytes: 9 };

test("says nothing where all is the same", () => {
  assert.deepEqual(differences([RECORDED], [RESTORED]), []);
});

for (const [line, now] of [
  ["shop.items: primary key code instead of id", { primaryKey: "code" }],
  ["shop.items: rows 2 instead of 3", { rows: 2 }],
  ["shop.items: the rows differ", { checksum: "abd" }],
  [`shop.items: index "name" is missing`, { indexes: [] }],
  [`shop.items: index "name" is another one`, { indexes: [{ ...INDEX, query: "other" }] }],
  [`shop.items: index "name" is another one`, { indexes: [{ ...INDEX, multi: true }] }],
  [`shop.items: index "name" is another one`, { indexes: [{ ...INDEX, geo: true }] }],
  [`shop.items: index "more" is new`, { indexes: [INDEX, { ...INDEX, name: "more" }] }],
  ["shop.items: the write hook is missing", { writeHook: null }],
  ["shop.items: the write hook is another one", { writeHook: "other" }],
] as const) {
  test(`says: ${line} (${JSON.stringify(now).slice(0, 50)})`, () => {
    assert.deepEqual(differences([RECORDED], [{ ...RESTORED, ...now }]), [line]);
  });
}

test("says which tables are missing, and which were not there", () => {
  assert.deepEqual(differences([RECORDED], [{ ...RESTORED, name: "other" }]), [
    "shop.items is missing",
    "shop.other was not in the backup",
  ]);
  assert.deepEqual(differences([{ ...RECORDED, writeHook: null }], [RESTORED]), ["shop.items: the write hook is new"]);
});
