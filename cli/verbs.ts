/** Every verb: a script of `package.json` that runs `cli/main.ts`, and the file of that name below `cli/verbs/`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import type { Verb } from "./verb";

const FOLDER = join(__dirname, "verbs");

/** The folder of the package: this file runs as `cli/` of a checkout or as `dist/cli/`. */
const PACKAGE =
  [dirname(__dirname), dirname(dirname(__dirname))].find((folder) => existsSync(join(folder, "package.json"))) ?? "";

/** In the order of `package.json`. */
export function verbNames(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return Object.keys(scripts).filter((name) => name !== "help" && scripts[name] === `node dist/cli/main.js ${name}`);
}

/** @param name of `verbNames`. */
export async function loadVerb(name: string): Promise<Verb> {
  const file = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const path = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).find((found) => parse(found).name === file);
  if (path === undefined) throw new Error(`cli/verbs/ has no ${file}.ts`);
  return ((await import(join(FOLDER, path))) as { readonly verb: Verb }).verb;
}
