/** The laws of the house: what each room may import, no circles, no large folders and files. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ESLint } from "eslint";
import madge from "madge";
import tseslint from "typescript-eslint";

// Rules that need types are off: these files do not exist, so nothing is known about their types.
const eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });

const IMPORTS = "@typescript-eslint/no-restricted-imports";
const SYNTAX = "no-restricted-syntax";

async function refusals(filePath: string, code: string): Promise<readonly string[]> {
  const results = await eslint.lintText(code, { filePath });
  const laws = [IMPORTS, SYNTAX, "no-restricted-globals", "no-restricted-properties"];
  const messages = results.flatMap((result) => result.messages);
  assert.deepEqual(
    messages.filter((message) => message.fatal),
    [],
  );
  return messages.map((message) => message.ruleId ?? "").filter((rule) => laws.includes(rule));
}

const imports = (source: string): string => `import { x } from "${source}";\nexport const y = x;\n`;
const importsType = (source: string): string => `import type { X } from "${source}";\nexport type Y = X;\n`;
const loads = (source: string): string => `export const x = async (): Promise<unknown> => import("${source}");\n`;
const CONFIG = `import * as pulumi from "@pulumi/pulumi";\nexport const x = new pulumi.Config();\n`;

const REFUSED: readonly (readonly [path: string, code: string, rule: string])[] = [
  ...["../core/plan/cluster", "../components/server", "../ops/main", "node:crypto", "@pulumi/pulumi"].map(
    (source) => ["args/some.ts", imports(source), IMPORTS] as const,
  ),
  ["args/values/some.ts", imports("../../core/plan/cluster"), IMPORTS],
  ["args/some.ts", `export const x = process.env;\n`, "no-restricted-globals"],
  ...["../components/server", "../ops/docker/engine", "../cli/main", "../judge/pack/pack", "../config"].map(
    (source) => ["core/some.ts", imports(source), IMPORTS] as const,
  ),
  ["core/some.ts", imports("@pulumi/pulumi"), IMPORTS],
  ["core/some.ts", importsType("@pulumi/docker"), IMPORTS],
  ["core/some.ts", imports("node:fs"), IMPORTS],
  ["core/some.ts", imports("rethinkdb-ts"), IMPORTS],
  ["core/some.ts", `export { x } from "../ops/docker/engine";\n`, IMPORTS],
  ["core/some.ts", imports("./../ops/docker/engine"), IMPORTS],
  ["core/deep/some.ts", imports("../../ops/docker/engine"), IMPORTS],
  ["core/deep/er/some.ts", imports("../../../ops/docker/engine"), IMPORTS],
  ["core/some.ts", loads("node:fs"), SYNTAX],
  ["core/some.ts", `export const x = process.env;\n`, "no-restricted-globals"],
  ["core/some.ts", `export const x = Date.now();\n`, "no-restricted-globals"],
  ["core/some.ts", `export const x = Math.random();\n`, "no-restricted-properties"],
  ...["../ops/docker/engine", "../cli/main", "../judge/changes/compare", "../config", "rethinkdb-ts"].flatMap(
    (source) => [
      ["components/some.ts", imports(source), IMPORTS] as const,
      ["provider/some.ts", imports(source), IMPORTS] as const,
    ],
  ),
  ["components/some.ts", imports("../provider/main"), IMPORTS],
  ["components/pki/some.ts", imports("../../ops/docker/engine"), IMPORTS],
  ["components/some.ts", importsType("../ops/docker/engine"), IMPORTS],
  ["components/some.ts", loads("../ops/docker/engine"), SYNTAX],
  ["components/some.ts", CONFIG, SYNTAX],
  ["components/some.ts", `import { Config } from "@pulumi/pulumi";\nexport const x = new Config();\n`, SYNTAX],
  [
    "components/some.ts",
    `import * as pulumi from "@pulumi/pulumi";\nexport const x = pulumi.runtime.getConfig("p:x");\n`,
    SYNTAX,
  ],
  ...["../components/server", "../cli/main", "../index", "@pulumi/pulumi", "@pulumi/docker"].map(
    (source) => ["ops/some.ts", imports(source), IMPORTS] as const,
  ),
  ["ops/doctor/some.ts", imports("../../components/server"), IMPORTS],
  ...[
    "../components/server",
    "../judge/pack/pack",
    "../judge/pack",
    "../judge/facts/../pack/pack",
    "@pulumi/docker",
  ].map((source) => ["cli/some.ts", imports(source), IMPORTS] as const),
  ["judge/some.ts", imports("./pack/judge"), IMPORTS],
  ["judge/facts/some.ts", imports("../pack/judge"), IMPORTS],
  ["judge/facts/server/some.ts", imports("../../pack"), IMPORTS],
  ["cli/a/b/c/d/some.ts", imports("../../../../../components/server"), IMPORTS],
  ["cli/verbs/look/some.ts", imports("../../../components/server"), IMPORTS],
  ...["../components/server", "../ops/docker/engine", "@pulumi/docker", "@pulumi/policy"].map(
    (source) => ["judge/some.ts", imports(source), IMPORTS] as const,
  ),
  ["judge/facts/server/some.ts", imports("../../../ops/docker/engine"), IMPORTS],
  ...["../../components/server", "../../ops/docker/engine", "@pulumi/docker"].map(
    (source) => ["judge/pack/some.ts", imports(source), IMPORTS] as const,
  ),
  ["judge/pack/inner/some.ts", imports("../../../ops/docker/engine"), IMPORTS],
];

for (const [path, code, rule] of REFUSED) {
  test(`${path} is refused: ${code.split("\n").slice(0, -1).join(" ")}`, async () => {
    assert.deepEqual(await refusals(path, code), [rule]);
  });
}

const ALLOWED: readonly (readonly [path: string, code: string])[] = [
  ["args/some.ts", imports("./values/addresses")],
  ["args/some.ts", imports("../schema.json")],
  ["args/some.ts", importsType("@pulumi/pulumi")],
  ["args/values/some.ts", imports("../constants")],
  ["core/some.ts", imports("./plan")],
  ["core/some.ts", imports("ipaddr.js")],
  ["core/some.ts", imports("node:crypto")],
  ["core/some.ts", importsType("@pulumi/pulumi")],
  ["core/deep/some.ts", imports("../plan")],
  ["core/deep/some.ts", imports("../../args/constants")],
  ["components/some.ts", imports("./pki")],
  ["components/some.ts", imports("../core/plan/cluster")],
  ["components/some.ts", imports("@pulumi/docker")],
  ["components/some.ts", imports("node:path")],
  ["components/pki/some.ts", imports("../program")],
  ["ops/some.ts", imports("../core/render/labels")],
  ["ops/some.ts", imports("rethinkdb-ts")],
  ["ops/some.ts", imports("node:net")],
  ["ops/some.ts", loads("./programs/fleet.js")],
  ["ops/some.ts", `export const x = (live: { Config: { User: string } }): string => live.Config.User;\n`],
  ["ops/doctor/some.ts", imports("../docker/engine")],
  ["ops/doctor/some.ts", imports("../../core/render/labels")],
  ["cli/some.ts", imports("../ops/docker/engine")],
  ["cli/some.ts", imports("../args/shape/schema")],
  ["cli/some.ts", imports("../judge/changes/review")],
  ["cli/some.ts", imports("yaml")],
  ["cli/some.ts", imports("esbuild")],
  ["cli/some.ts", imports("../judge/pack/judge")],
  ["cli/verbs/look/some.ts", imports("../../print/table")],
  ["cli/verbs/look/some.ts", imports("../../../judge/pack/judge")],
  ["judge/some.ts", imports("../core/render/labels")],
  ["judge/facts/server/some.ts", imports("../../model/fact")],
  ["judge/pack/some.ts", imports("@pulumi/policy")],
  ["judge/pack/some.ts", imports("../../core/render/labels")],
  ["judge/pack/inner/some.ts", imports("../../model/fact")],
  ["config.ts", CONFIG],
];

for (const [path, code] of ALLOWED) {
  test(`${path} passes: ${code.split("\n").slice(0, -1).join(" ")}`, async () => {
    assert.deepEqual(await refusals(path, code), []);
  });
}

const ROOT = join(__dirname, "..", "..");
const ROOMS = ["args", "core", "components", "ops", "cli", "judge"];
const FILES_OF_A_FOLDER = 15;
const LINES_OF_A_FILE = 250;

test("no file imports itself by a detour, not even for a type", async () => {
  const graph = await madge(
    ROOMS.map((room) => join(ROOT, room)),
    { baseDir: ROOT, fileExtensions: ["ts"], tsConfig: join(ROOT, "tsconfig.json") },
  );
  assert.ok(Object.keys(graph.obj()).length > 150);
  assert.deepEqual(graph.circular(), []);
});

const sources = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(room, name)),
);

test(`no folder has more than ${String(FILES_OF_A_FOLDER)} files`, () => {
  const folders = new Map<string, number>();
  for (const source of sources) folders.set(dirname(source), (folders.get(dirname(source)) ?? 0) + 1);
  assert.deepEqual(
    [...folders].filter(([, count]) => count > FILES_OF_A_FOLDER),
    [],
  );
});

test(`no file has more than ${String(LINES_OF_A_FILE)} lines; the args may, for their docs`, () => {
  const long = sources
    .filter((source) => !source.startsWith("args"))
    .map((source) => [source, readFileSync(join(ROOT, source), "utf8").trimEnd().split("\n").length] as const)
    .filter(([, lines]) => lines > LINES_OF_A_FILE);
  assert.deepEqual(long, []);
});
