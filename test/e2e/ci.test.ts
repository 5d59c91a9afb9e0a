/** The schemas of GitHub and GitLab, as check-jsonschema brings them, accept what others copy. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PYTHON } from "../support/python";

function check(...args: readonly string[]): void {
  const result = spawnSync(PYTHON, ["-m", "check_jsonschema", ...args], { encoding: "utf8" });
  assert.equal(result.status, 0, `${result.stdout}${result.stderr}(pip install -r test/requirements.txt)`);
}

test("GitHub's schema accepts the workflows", () => {
  const folder = join(".github", "workflows");
  check("--builtin-schema", "vendor.github-workflows", ...readdirSync(folder).map((name) => join(folder, name)));
});

test("GitLab's schema accepts the pipeline", () => {
  check("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", ".gitlab-ci.yml");
});
