/** The lint rule that keeps the rooms apart: each law refuses what breaks it and lets pass what keeps it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ESLint } from "eslint";
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
  ...["../components/node", "../ops/engine", "../cli/main", "../policy/pack", "../config"].map(
    (source) => ["core/some.ts", imports(source), IMPORTS] as const,
  ),
  ["core/some.ts", imports("@pulumi/pulumi"), IMPORTS],
  ["core/some.ts", importsType("@pulumi/docker"), IMPORTS],
  ["core/some.ts", imports("node:fs"), IMPORTS],
  ["core/some.ts", imports("rethinkdb-ts"), IMPORTS],
  ["core/some.ts", `export { x } from "../ops/engine";\n`, IMPORTS],
  ["core/some.ts", imports("./../ops/engine"), IMPORTS],
  ["core/deep/some.ts", imports("../../ops/engine"), IMPORTS],
  ["core/some.ts", loads("node:fs"), SYNTAX],
  ["core/some.ts", `export const x = process.env;\n`, "no-restricted-globals"],
  ["core/some.ts", `export const x = Date.now();\n`, "no-restricted-globals"],
  ["core/some.ts", `export const x = Math.random();\n`, "no-restricted-properties"],
  ...["../ops/engine", "../cli/main", "../policy/pack", "../review/compare", "../config", "rethinkdb-ts"].map(
    (source) => ["components/some.ts", imports(source), IMPORTS] as const,
  ),
  ["components/some.ts", importsType("../ops/engine"), IMPORTS],
  ["components/some.ts", loads("../ops/engine"), SYNTAX],
  ["components/some.ts", CONFIG, SYNTAX],
  ["components/some.ts", `import { Config } from "@pulumi/pulumi";\nexport const x = new Config();\n`, SYNTAX],
  [
    "components/some.ts",
    `import * as pulumi from "@pulumi/pulumi";\nexport const x = pulumi.runtime.getConfig("p:x");\n`,
    SYNTAX,
  ],
  ...["../components/node", "../cli/main", "../index", "@pulumi/pulumi", "@pulumi/docker"].map(
    (source) => ["ops/some.ts", imports(source), IMPORTS] as const,
  ),
  ["ops/doctor/some.ts", imports("../../components/node"), IMPORTS],
  ...["../components/node", "../policy/pack", "@pulumi/docker"].map(
    (source) => ["cli/some.ts", imports(source), IMPORTS] as const,
  ),
  ...["../components/node", "../ops/engine", "../review/compare", "@pulumi/docker"].map(
    (source) => ["policy/some.ts", imports(source), IMPORTS] as const,
  ),
  ...["../components/node", "../ops/engine", "../policy/pack", "@pulumi/policy"].map(
    (source) => ["review/some.ts", imports(source), IMPORTS] as const,
  ),
];

for (const [path, code, rule] of REFUSED) {
  test(`${path} is refused: ${code.split("\n").slice(0, -1).join(" ")}`, async () => {
    assert.deepEqual(await refusals(path, code), [rule]);
  });
}

const ALLOWED: readonly (readonly [path: string, code: string])[] = [
  ["core/some.ts", imports("./plan")],
  ["core/some.ts", imports("ipaddr.js")],
  ["core/some.ts", imports("node:crypto")],
  ["core/some.ts", importsType("@pulumi/pulumi")],
  ["core/deep/some.ts", imports("../plan")],
  ["components/some.ts", imports("./pki")],
  ["components/some.ts", imports("../core/plan")],
  ["components/some.ts", imports("@pulumi/docker")],
  ["components/some.ts", imports("node:path")],
  ["ops/some.ts", imports("../core/labels")],
  ["ops/some.ts", imports("rethinkdb-ts")],
  ["ops/some.ts", imports("node:net")],
  ["ops/some.ts", loads("./fleet.js")],
  ["ops/some.ts", `export const x = (live: { Config: { User: string } }): string => live.Config.User;\n`],
  ["ops/doctor/some.ts", imports("../engine")],
  ["ops/doctor/some.ts", imports("../../core/labels")],
  ["cli/some.ts", imports("../ops/engine")],
  ["cli/some.ts", imports("../core/defaults")],
  ["cli/some.ts", imports("../review/review")],
  ["cli/some.ts", imports("yaml")],
  ["cli/some.ts", imports("../policy/judge")],
  ["policy/some.ts", imports("@pulumi/policy")],
  ["policy/some.ts", imports("../core/labels")],
  ["review/some.ts", imports("../core/labels")],
  ["config.ts", CONFIG],
];

for (const [path, code] of ALLOWED) {
  test(`${path} passes: ${code.split("\n").slice(0, -1).join(" ")}`, async () => {
    assert.deepEqual(await refusals(path, code), []);
  });
}
