/** A release says what it changes, and its version stands in one place. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkChangelog, readManifest } from "../../scripts/release";
import { PROJECT } from "../support/checkout";

const read = (path: string): string => readFileSync(join(PROJECT, path), "utf8");

test("a version without an entry in the changelog, or with an empty one, is no release", () => {
  const log = "# Changelog\n\n## 1.1.0\n\n## 1.0.0 (first)\n\n- One thing.\n";
  checkChangelog(log, "1.0.0");
  assert.throws(() => {
    checkChangelog(log, "1.2.0");
  }, new Error('CHANGELOG.md has no "## 1.2.0": say there what this version changes'));
  assert.throws(() => {
    checkChangelog(log, "1.1.0");
  }, new Error('CHANGELOG.md says nothing below "## 1.1.0"'));
});

test("this version has an entry", () => {
  checkChangelog(read("CHANGELOG.md"), readManifest().version);
});

test("every file that names the version has that of package.json", () => {
  const { version } = readManifest();
  for (const path of ["schema.json", join("judge", "pack", "package.json")]) {
    assert.equal((JSON.parse(read(path)) as { version: string }).version, version, path);
  }
  for (const path of ["docs/installation-configuration.md", "examples/README.md"]) {
    const named = [...read(path).matchAll(/(?:rethinkdb@|resource-rethinkdb-v|resource rethinkdb )(\d[\w.]*\d)/g)];
    assert.ok(named.length > 0, path);
    for (const [words, found] of named) assert.equal(found, version, `${path}: ${words}`);
  }
});
