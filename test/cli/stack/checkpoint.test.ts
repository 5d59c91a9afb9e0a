/** A state file that a kill left torn is replaced by the one before it, and by nothing else. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readRecorded, type Recorded, restoreTornCheckpoint } from "../../../cli/stack/checkpoint";

for (const [what, now, before, restored] of [
  ["an empty one", "", `{"version":1}`, true],
  ["one that was cut short", `{"version":2,"check`, `{"version":1}`, true],
  ["a whole one", `{"version":2}`, `{"version":1}`, false],
  ["one without another before it", "", undefined, false],
  ["one whose other is torn too", "", `{"vers`, false],
  ["none", undefined, `{"version":1}`, false],
] as const) {
  test(`${restored ? "replaces" : "leaves"} ${what}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
    try {
      const path = join(folder, "stack.json");
      if (now !== undefined) writeFileSync(path, now);
      if (before !== undefined) writeFileSync(`${path}.bak`, before);
      assert.equal(restoreTornCheckpoint(path), restored);
      assert.equal(existsSync(path) ? readFileSync(path, "utf8") : undefined, restored ? before : now);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

test("removes torn files of attributes, which keep pulumi from reading a whole one, and no others", () => {
  const folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  try {
    const path = join(folder, "stack.json");
    writeFileSync(path, "{}");
    writeFileSync(`${path}.bak`, "{}");
    writeFileSync(`${path}.attrs`, "");
    writeFileSync(`${path}.bak.attrs`, `{"md5":""}`);
    assert.equal(restoreTornCheckpoint(path), false);
    assert.deepEqual(readdirSync(folder).sort(), ["stack.json", "stack.json.bak", "stack.json.bak.attrs"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("what the file says in clear", () => {
  const read = (text: string | undefined): Recorded | undefined => {
    const folder = mkdtempSync(join(tmpdir(), "rethinkdb-recorded-"));
    try {
      if (text !== undefined) writeFileSync(join(folder, "local.json"), text);
      return readRecorded(join(folder, "local.json"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const file = (latest: unknown, more: object = { version: 3 }): string =>
    JSON.stringify({ ...more, checkpoint: { stack: "local", latest } });
  const pending = { resource: { urn: "urn:b" }, type: "creating" };

  test("is read of every form that is known", () => {
    assert.deepEqual(read(file({ resources: [{ urn: "urn:a" }], pending_operations: [pending] })), {
      resources: ["urn:a"],
      pending: ["urn:b"],
    });
    assert.deepEqual(read(file({}, { version: 4, features: ["hooks"] })), { resources: [], pending: [] });
    assert.deepEqual(read(file(undefined)), { resources: [], pending: [] });
  });

  for (const [what, text] of [
    ["is not there", undefined],
    ["is torn", file({}).slice(0, -4)],
    ["is of another version", file({}, { version: 5 })],
    ["has a feature that is not known", file({}, { version: 4, features: ["hooks", "journal"] })],
    ["has something else in place of resources", file({ resources: {} })],
    ["has a resource without a URN", file({ resources: [{}] })],
    ["has an operation without a resource", file({ pending_operations: [{ type: "creating" }] })],
    ["holds no object", "[]"],
  ] as const) {
    test(`is not taken from a file that ${what}`, () => {
      assert.equal(read(text), undefined);
    });
  }
});
