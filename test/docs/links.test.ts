/** Documents point at what is there: files exist, and the tests that docs/security.md names are real test names. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";

const LINK = /\[([^\]]+)\]\(([^)#]+)\)/g;

const FILES = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/README.md"],
  "docs/config.md",
  ...["security", "performance", "access", "review", "operations", "certificates", "hosts", "testing", "backups"].map(
    (name) => `docs/${name}.md`,
  ),
  ...["doctor", "_index", "installation-configuration"].map((name) => `docs/${name}.md`),
];

for (const file of FILES) {
  describe(file, () => {
    const text = readFileSync(file, "utf8");
    for (const [, name = "", target = ""] of text.matchAll(LINK)) {
      if (target.startsWith("http")) continue;
      test(`"${name}" leads to ${target}`, () => {
        const path = join(dirname(file), target);
        assert.ok(existsSync(path), `${path} is there`);
        if (!path.endsWith(".test.ts") || name.startsWith("the ")) return;
        // Some test names are put together from parts: the longest part written out must be there.
        const source = readFileSync(path, "utf8");
        assert.ok(source.includes(name), `${path} has a test "${name}"`);
      });
    }
  });
}
