/** Reads what a folder's program runs on: as data, without running any of it. */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { extname, join } from "node:path";
import { transform } from "esbuild";
import type { Code, Package } from "../../judge/model/code";
import { canonical, record, text } from "../../judge/model/resources";
import { describe, Failure } from "../../ops/lib/failure";
import { commitInside, filesOf } from "./checkout";
import { readYaml } from "./stackFiles";

/** Nothing of these runs in a deployment; examples are programs of their own. */
const ASIDE = /^(docs|test|tests|examples|node_modules)\/|(^|\/)(LICENSE|\.gitignore)$|\.(md|svg|png)$/;
/** Read field by field. */
const SETTINGS = /^(package(-lock)?\.json|npm-shrinkwrap\.json|Pulumi(\.[^/]+)?\.ya?ml)$/;
const OWN_LOCKS = ["npm-shrinkwrap.json", "package-lock.json"];
const OTHER_LOCKS = ["pnpm-lock.yaml", "yarn.lock", "bun.lockb", "bun.lock"];
const LOADERS: Readonly<Record<string, "ts" | "tsx" | "js" | "jsx">> = {
  ...{ ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".js": "js", ".mjs": "js", ".cjs": "js", ".jsx": "jsx" },
};
/** They say what a package is, not what it does. */
const TELLING = [
  "description",
  "keywords",
  "license",
  "author",
  "contributors",
  "homepage",
  "bugs",
  "repository",
  "funding",
];

/** @param stackFile of the stack, if it has one @param isClean see `filesOf` */
export async function readCode(folder: string, stackFile: string | undefined, isClean = false): Promise<Code> {
  const files = filesOf(folder, isClean).filter(
    (file) => !ASIDE.test(file) && !SETTINGS.test(file) && !OTHER_LOCKS.includes(file),
  );
  const areas: Record<string, Record<string, string>> = {};
  await Promise.all(
    files.map(async (file) => {
      const area = file.includes("/") ? (file.split("/")[0] ?? "") : "program";
      (areas[area] ??= {})[file] = await digestOf(folder, file);
    }),
  );
  return { areas, packages: readPackages(folder), settings: readSettings(folder, stackFile) };
}

/** Of a program, as it runs: without comments, types and formatting. */
async function digestOf(folder: string, file: string): Promise<string> {
  const path = join(folder, file);
  const kind = lstatSync(path);
  if (kind.isSymbolicLink()) return hash(`link to ${readlinkSync(path)}`);
  if (kind.isDirectory()) return hash(`repository at ${commitInside(folder, file)}`);
  const source = readFileSync(path);
  const loader = LOADERS[extname(path)];
  if (loader === undefined) return hash(source);
  try {
    const { code } = await transform(source.toString("utf8"), {
      ...{ loader, minifyWhitespace: true, legalComments: "none", target: "esnext" },
      // An import that nothing uses may still run what it names.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    });
    return hash(code);
  } catch {
    // It may still be a program to something else.
    return hash(source);
  }
}

function readPackages(folder: string): Code["packages"] {
  const path = OWN_LOCKS.map((name) => join(folder, name)).find((at) => existsSync(at));
  if (path === undefined) return OTHER_LOCKS.some((name) => existsSync(join(folder, name))) ? null : {};
  const packages = readJson(path)["packages"];
  // Of an older format, which is told apart as a whole.
  if (packages === undefined) return null;
  const entries = Object.entries(record(packages)).filter(([at]) => at !== "");
  return Object.fromEntries(
    entries.map(([at, given]): [string, Package] => {
      const { version, resolved, integrity, hasInstallScript } = record(given);
      return [
        at,
        {
          ...{ version: text(version), resolved: text(resolved), integrity: text(integrity) },
          runsScripts: hasInstallScript === true,
        },
      ];
    }),
  );
}

function readSettings(folder: string, stackFile: string | undefined): Code["settings"] {
  const settings: Record<string, string> = {};
  const add = (where: string, given: unknown, leftOut: readonly string[]): void => {
    for (const [key, value] of Object.entries(record(given))) {
      if (!leftOut.includes(key)) settings[`${where} ${key}`] = hash(canonical(value));
    }
  };
  const manifest = join(folder, "package.json");
  if (existsSync(manifest)) {
    const { scripts, ...rest } = readJson(manifest);
    add("package.json", rest, [...TELLING, "version"]);
    add("package.json script", scripts, []);
  }
  const project = readYaml(join(folder, "Pulumi.yaml"));
  const name = text(project["name"]);
  add("Pulumi.yaml", project, ["description", "config"]);
  add("Pulumi.yaml default of", defaultsOf(project["config"]), []);
  const locks = [...OTHER_LOCKS, ...(readPackages(folder) === null ? OWN_LOCKS : [])];
  for (const lock of locks) {
    if (existsSync(join(folder, lock))) settings[lock] = hash(readFileSync(join(folder, lock)));
  }
  if (stackFile !== undefined) {
    const stack = readYaml(stackFile);
    add("stack's", stack, ["config"]);
    // What other packages are told, no fact of ours shows.
    const others = Object.entries(record(stack["config"])).filter(
      ([key]) => key.includes(":") && !key.startsWith(`${name}:`),
    );
    add("stack's config", Object.fromEntries(others), []);
  }
  return settings;
}

/** Without what only people and editors read. */
function defaultsOf(config: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(record(config)).map(([key, given]) => {
      const { description, ...rest } = record(given);
      return [key, typeof given === "object" ? rest : (given ?? description)];
    }),
  );
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new Failure(`${path} is no JSON: ${describe(error)}`);
  }
}

function hash(value: string | Buffer): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}
