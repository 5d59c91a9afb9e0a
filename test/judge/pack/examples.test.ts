/** Every program that the documents show passes every rule that is mandatory. */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { declareOffline } from "../../../cli/offline/declare";
import { judge } from "../../../judge/pack/judge";
import { PROJECT } from "../../support/checkout";

const README = /```ts\n(import \* as pulumi[^`]*)```/.exec(readFileSync(join(PROJECT, "README.md"), "utf8"))?.[1];
assert.ok(README, "README.md shows a program");

const EXAMPLES = join(PROJECT, "examples", "typescript");
const folders = existsSync(EXAMPLES) ? readdirSync(EXAMPLES).map((name) => join(EXAMPLES, name)) : [];
const examples = folders.filter((folder) => existsSync(join(folder, "Pulumi.yaml")));

/** A folder in which the package is found under its name. */
function projectWith(fill: (folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "rethinkdb-example-"));
  fill(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "pulumi-rethinkdb" }));
  for (const name of ["node_modules", "components", "core", "args", "schema.json"])
    symlinkSync(join(PROJECT, name), join(folder, name));
  return folder;
}

assert.ok(examples.length >= 3, "examples/ holds programs");

const PROGRAMS: readonly (readonly [string, (folder: string) => void])[] = [
  [
    "the README's program",
    (folder) => {
      writeFileSync(join(folder, "index.ts"), README);
      writeFileSync(
        join(folder, "Pulumi.yaml"),
        "name: mine\nruntime: nodejs\nconfig:\n  adminPassword:\n    secret: true\n",
      );
    },
  ],
  ...examples.map((from) => {
    const copy = (folder: string): void => {
      cpSync(from, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
    };
    return [from.slice(PROJECT.length + 1), copy] as const;
  }),
];

describe("the policy pack finds nothing mandatory in", () => {
  for (const [name, fill] of PROGRAMS) {
    test(name, async () => {
      const folder = projectWith(fill);
      try {
        const { set } = await declareOffline({ side: name, folder, stack: "example" });
        const findings = judge(set).filter(({ level }) => level === "mandatory");
        assert.ok(set.resources.length > 20);
        assert.deepEqual(findings, []);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
