/** Rows of an archive's file, as this project and as the official tools write it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readRowLines } from "../../../ops/backup/load";

async function rows(text: string, size = 3): Promise<readonly string[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
  }
  const found: string[] = [];
  for await (const row of readRowLines(stream())) found.push(row);
  return found;
}

test("has a row a line", async () => {
  for (const size of [1, 3, 1000]) {
    assert.deepEqual(await rows(`[\n{"id":"ü,"},\n{"id":2}\n]\n`, size), [`{"id":"ü,"}`, `{"id":2}`]);
    assert.deepEqual(await rows("[\n\n]\n", size), []);
    assert.deepEqual(await rows("[\n]\n", size), []);
  }
});

for (const [what, text, message] of [
  ["another file", "id,name\n", "the archive has a file that is no list of rows"],
  ["a list that is cut short", `[\n{"id":1},\n`, "the archive has a list of rows that ends too early"],
  ["nothing", "", "the archive has a list of rows that ends too early"],
  ["more than a list", "[\n]\n{}\n", "the archive has a file with something behind its list of rows"],
] as const) {
  test(`refuses ${what}`, async () => {
    await assert.rejects(rows(text), new Error(message));
  });
}
