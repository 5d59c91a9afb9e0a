/** A state file that a kill left torn is replaced by the one before it, and by nothing else. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { restoreTornCheckpoint } from "../../../cli/stack/checkpoint";

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
