/** What a review says of the code of a change, read from two folders of which nothing runs. */
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readCode } from "../../../cli/offline/code";
import { compareCode } from "../../../judge/changes/code";
import { folders } from "../../support/folders";

type Files = Readonly<Record<string, string>>;

const LOCK = {
  packages: {
    "": { name: "mine" },
    "node_modules/a": { version: "1.0.0", resolved: "https://registry.example.com/a.tgz", integrity: "sha512-a" },
    "node_modules/b": { version: "2.0.0", resolved: "https://registry.example.com/b.tgz", integrity: "sha512-b" },
  },
};
const lock = (packages: Readonly<Record<string, object | undefined>>): string =>
  JSON.stringify({ packages: { ...LOCK.packages, ...packages } });

const BASE: Files = {
  "Pulumi.yaml": "name: mine\nruntime: nodejs\nconfig:\n  nodes: { type: integer, default: 3 }\n",
  "Pulumi.prod.yaml": "config:\n  mine:nodes: 3\n",
  "package.json": JSON.stringify({ name: "mine", version: "1.0.0", scripts: { build: "tsc" } }),
  "package-lock.json": lock({}),
  "index.ts": "/** A program. */\nexport const allow: readonly string[] = [];\n",
  "ops/permit.ts": "export function permit(count: number): boolean {\n  return count > 0; // never without\n}\n",
  "core/entry.sh": "exec rethinkdb\n",
  "docs/a.md": "text",
  "test/a.test.ts": "1;",
};

const write = folders("review-code");

const code = (folder: string): ReturnType<typeof readCode> => readCode(folder, join(folder, "Pulumi.prod.yaml"));

/** Without digests, which differ and say nothing here. */
async function said(changes: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const [was, is] = [await code(write(BASE)), await code(write({ ...BASE, ...changes }))];
  return compareCode(was, is).map(({ direction, rule, sentence }) =>
    `${direction} ${rule}: ${sentence}`.replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,16}\b/g, "#"),
  );
}

const program = (area: string, files: string): string =>
  `unknown code/files/${area}: ${area} differs in ${files}: its digest is now #; was #`;
const setting = (key: string, is = "#", was = "#"): string =>
  `unknown code/settings/${key}: ${key} is now ${is}; was ${was}`;
const packages = (what: string): string => `unknown code/packages: packages: ${what}: their digest is now #; was #`;

describe("the code of a change", () => {
  const NOTHING: readonly (readonly [string, Files])[] = [
    ["other comments", { "index.ts": "// Another.\nexport const allow: readonly string[] = []; // here\n" }],
    [
      "another format",
      { "ops/permit.ts": "export function permit(\n  count: number,\n): boolean {\n  return count > 0\n}\n" },
    ],
    ["other types", { "index.ts": "export const allow: string[] = [];\n" }],
    ["other docs and tests", { "docs/a.md": "other", "test/a.test.ts": "2;" }],
    ["another description", { "Pulumi.yaml": `${BASE["Pulumi.yaml"] ?? ""}description: mine\n` }],
    [
      "another version of the project",
      { "package.json": JSON.stringify({ name: "mine", version: "1.1.0", scripts: { build: "tsc" } }) },
    ],
    ["another config of the stack, which what it declares shows", { "Pulumi.prod.yaml": "config:\n  mine:nodes: 5\n" }],
    [
      "packages in another order",
      {
        "package-lock.json": JSON.stringify({ packages: Object.fromEntries(Object.entries(LOCK.packages).reverse()) }),
      },
    ],
  ];
  for (const [name, changes] of NOTHING) {
    test(`is the same with ${name}`, async () => {
      assert.deepEqual(await said(changes), []);
    });
  }

  const DIFFERENT: readonly (readonly [string, Readonly<Record<string, string | undefined>>, readonly string[]])[] = [
    [
      "a guard",
      { "ops/permit.ts": "export function permit(): boolean { return true; }" },
      [program("ops", "ops/permit.ts")],
    ],
    ["the program", { "index.ts": 'export const allow = ["public-driver"];' }, [program("program", "index.ts")]],
    ["a file that is no program", { "core/entry.sh": "true\nexec rethinkdb\n" }, [program("core", "core/entry.sh")]],
    [
      "a new area",
      { "judge/x.ts": "1;" },
      ["unknown code/files/judge: judge differs in judge/x.ts: its digest is now #; was none"],
    ],
    [
      "a file that is gone",
      { "ops/permit.ts": undefined },
      ["unknown code/files/ops: ops differs in ops/permit.ts: its digest is now none; was #"],
    ],
    [
      "workflows",
      { ".github/workflows/x.yml": "on: push" },
      ["unknown code/files/.github: .github differs in .github/workflows/x.yml: its digest is now #; was none"],
    ],
    [
      "a script of the manifest",
      { "package.json": JSON.stringify({ name: "mine", scripts: { build: "tsc", prepare: "sh x" } }) },
      [setting("package.json script prepare", "#", "none")],
    ],
    [
      "the runtime's options",
      {
        "Pulumi.yaml":
          "name: mine\nruntime:\n  name: nodejs\n  options: { nodeargs: --require ./x.js }\nconfig:\n  nodes: { type: integer, default: 3 }\n",
      },
      [setting("Pulumi.yaml runtime")],
    ],
    [
      "a plugin of the project's own",
      { "Pulumi.yaml": `${BASE["Pulumi.yaml"] ?? ""}plugins:\n  providers: [{ name: docker, path: ./x }]\n` },
      [setting("Pulumi.yaml plugins", "#", "none")],
    ],
    [
      "a default",
      { "Pulumi.yaml": "name: mine\nruntime: nodejs\nconfig:\n  nodes: { type: integer, default: 1 }\n" },
      [setting("Pulumi.yaml default of nodes")],
    ],
    [
      "who keeps the stack's secrets",
      { "Pulumi.prod.yaml": "secretsprovider: passphrase\nconfig:\n  mine:nodes: 3\n" },
      [setting("stack's secretsprovider", "#", "none")],
    ],
    [
      "the stack's environments",
      { "Pulumi.prod.yaml": "environment: [evil]\nconfig:\n  mine:nodes: 3\n" },
      [setting("stack's environment", "#", "none")],
    ],
    [
      "config of another package",
      { "Pulumi.prod.yaml": "config:\n  mine:nodes: 3\n  docker:host: tcp://203.0.113.9\n" },
      [setting("stack's config docker:host", "#", "none")],
    ],
    [
      "a new package",
      {
        "package-lock.json": lock({
          "node_modules/c": { version: "1.0.0", resolved: "https://registry.example.com/c.tgz", integrity: "sha512-c" },
        }),
      },
      [packages("new are c 1.0.0")],
    ],
    ["a package less", { "package-lock.json": lock({ "node_modules/b": undefined }) }, [packages("gone are b 2.0.0")]],
    [
      "another version",
      {
        "package-lock.json": lock({
          "node_modules/a": { version: "1.0.1", resolved: "https://registry.example.com/a.tgz", integrity: "sha512-x" },
        }),
      },
      [packages("other versions have a 1.0.0 to 1.0.1")],
    ],
    [
      "a package from elsewhere",
      {
        "package-lock.json": lock({
          "node_modules/a": { version: "1.0.0", resolved: "git+ssh://git@example.org/a.git", integrity: "sha512-a" },
        }),
      },
      [
        "weakened code/package/a/source: package a: source is now git+ssh://example.org; was https://registry.example.com",
        packages("other contents have a 1.0.0"),
      ],
    ],
    [
      "other contents of the same version",
      {
        "package-lock.json": lock({
          "node_modules/a": { version: "1.0.0", resolved: "https://registry.example.com/a.tgz", integrity: "sha512-x" },
        }),
      },
      [
        "weakened code/package/a/checksum: package a: checksum is now #; was #",
        packages("other contents have a 1.0.0"),
      ],
    ],
    [
      "a package that runs a script when it is installed",
      {
        "package-lock.json": lock({
          "node_modules/c": {
            version: "1.0.0",
            resolved: "https://registry.example.com/c.tgz",
            integrity: "sha512-c",
            hasInstallScript: true,
          },
        }),
      },
      [
        "weakened code/package/c/script-at-installation: package c: script at installation is now yes; was no",
        packages("new are c 1.0.0"),
      ],
    ],
    [
      "another kind of lock file",
      { "package-lock.json": undefined, "yarn.lock": "x" },
      [setting("yarn.lock", "#", "none"), "unknown code/packages: another kind of lock file is used"],
    ],
  ];
  for (const [name, changes, expected] of DIFFERENT) {
    test(`differs in ${name}, and is named`, async () => {
      assert.deepEqual(await said(changes), expected);
    });
  }

  test("is told apart from a link that leads elsewhere", async () => {
    const [was, is] = [write(BASE), write({ ...BASE, "index.ts": undefined })];
    symlinkSync("elsewhere.ts", join(is, "index.ts"));
    assert.deepEqual(
      compareCode(await code(was), await code(is)).map(({ rule }) => rule),
      ["code/files/program"],
    );
  });

  test("has the same digest wherever the folder lies", async () => {
    assert.deepEqual(await code(write(BASE)), await code(write(BASE)));
  });
});
