/** What `Pulumi.yaml` and `Pulumi.<stack>.yaml` say, without a CLI: secrets are known to be there, not what they are. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { describe, Failure } from "../../ops/failure";
import type { Clarity } from "../../review/resources";

export interface StackProgram {
  readonly project: string;
  readonly main: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  readonly clarity: Readonly<Record<string, Clarity>>;
}

type Yaml = Readonly<Record<string, unknown>>;

/** @param stackFile absent: a stack that says nothing */
export function readStackProgram(folder: string, stackFile?: string): StackProgram {
  const project = readYaml(join(folder, "Pulumi.yaml"));
  const name = project["name"];
  if (typeof name !== "string") throw new Failure(`${join(folder, "Pulumi.yaml")} names no project`);
  const stack = stackFile === undefined ? {} : object(readYaml(stackFile)["config"]);
  const config: Record<string, string> = {};
  const secretKeys: string[] = [];
  const clarity: Record<string, Clarity> = {};
  for (const [given, declared] of Object.entries(object(project["config"]))) {
    const key = qualified(given, name);
    const { default: standard, value, secret } = object(declared);
    const known = standard ?? value ?? (typeof declared === "object" ? undefined : declared);
    if (known !== undefined) config[key] = asText(known);
    // Pulumi itself would ask for it.
    else if (secret === true) config[key] = placeholder(key);
    if (secret === true) secretKeys.push(key);
  }
  for (const [given, value] of Object.entries(stack)) {
    const key = qualified(given, name);
    const secret = hasSecure(value);
    config[key] = asText(withPlaceholders(key, value));
    clarity[key] = secret ? "secret" : "clear";
    if (secret) secretKeys.push(key);
  }
  return {
    project: name,
    main: typeof project["main"] === "string" ? project["main"] : "index.ts",
    config,
    secretKeys,
    clarity,
  };
}

/** Stacks that have a file in this folder, by name. */
export function stacksIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .map((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

export function stackFileOf(folder: string, stack: string): string | undefined {
  return ["yaml", "yml"].map((end) => join(folder, `Pulumi.${stack}.${end}`)).find((path) => existsSync(path));
}

/** Long enough and plain enough for what a password has to be. */
function placeholder(key: string): string {
  return `not-known-offline-${key.replace(/[^a-zA-Z0-9]/g, "-")}`;
}

function qualified(key: string, project: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

export function readYaml(path: string): Yaml {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new Failure(`${path} is not there`);
  }
  try {
    // Aliases can make a small file enormous.
    return object(parse(text, { maxAliasCount: 20 }));
  } catch (error) {
    throw new Failure(`${basename(path)}: is no YAML: ${describe(error).split("\n")[0] ?? ""}`);
  }
}

function object(value: unknown): Yaml {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Yaml) : {};
}

function hasSecure(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).join() === "secure" || Object.values(value).some(hasSecure);
}

function withPlaceholders(key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Object.keys(value).join() === "secure") return placeholder(key);
  if (Array.isArray(value)) return value.map((inner: unknown) => withPlaceholders(key, inner));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withPlaceholders(key, inner)]));
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
