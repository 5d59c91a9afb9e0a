/** What `Pulumi.yaml` and `Pulumi.<stack>.yaml` say, without a CLI: secrets are known to be there, not what they are. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { describe, Failure } from "../../ops/lib/failure";
import type { Clarity } from "../../judge/model/resources";
import { PLACEHOLDER } from "../../judge/model/secrets";
import { madeUpCa } from "./madeUpCa";

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
  const declaredTypes = new Map(
    Object.entries(object(project["config"])).map(([given, declared]) => [
      qualified(given, name),
      object(declared)["type"],
    ]),
  );
  for (const [given, value] of Object.entries(stack)) {
    const key = qualified(given, name);
    const secret = hasSecure(value);
    const type = declaredTypes.get(key);
    config[key] =
      isSecure(value) && (type === "object" || type === "array")
        ? asText(wholePlaceholder(given, key, unqualified(stack, name)))
        : asText(withPlaceholders(key, value));
    clarity[key] = isWhollySecure(value) ? "secret" : "clear";
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
  return `${PLACEHOLDER}${key.replace(/[^a-zA-Z0-9]/g, "-")}`;
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
  return isSecure(value) || Object.values(value).some(hasSecure);
}

/** A certificate beside its key is none; anything else beside a secret is in clear. */
function isWhollySecure(value: unknown): boolean {
  if (isSecure(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const kept = Object.entries(value).filter(([key]) => key !== "certPem");
  return kept.length > 0 && kept.every(([, inner]) => isWhollySecure(inner));
}

function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

/**
 * Of a structured value that is encrypted as one, only what the rest of the config tells is known.
 * @param given the key as it stands in the file.
 * @param stack the config by keys without the project's name.
 */
function wholePlaceholder(given: string, key: string, stack: Yaml): Yaml {
  const own = key.slice(key.indexOf(":") + 1);
  if (own === "userPasswords") {
    const users = Array.isArray(stack["users"]) ? stack["users"] : [];
    const names = users.map((user: unknown) => object(user)["name"]).filter((user) => typeof user === "string");
    return Object.fromEntries(names.map((user) => [user, placeholder(key)]));
  }
  const ca = /^(clusterCa|driverCa)Pems$/.exec(own)?.[1];
  if (ca !== undefined) {
    const trust = object(stack[ca])["trust"];
    const generations: readonly unknown[] = Array.isArray(trust) ? trust : [1];
    return Object.fromEntries(
      generations.map((generation) => [String(generation), madeUpCa(`${key} ${String(generation)}`)]),
    );
  }
  throw new Failure(
    `${given}: is encrypted as a whole, so that offline nothing of it is known; encrypt only the secret values in it ` +
      `(pulumi config set --secret --path …)`,
  );
}

function unqualified(stack: Yaml, project: string): Yaml {
  return Object.fromEntries(
    Object.entries(stack).map(([given, value]) => [qualified(given, project).slice(project.length + 1), value]),
  );
}

function withPlaceholders(key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isSecure(value)) return placeholder(key);
  if (Array.isArray(value)) return value.map((inner: unknown) => withPlaceholders(key, inner));
  // Neither half of a pair fits a placeholder of the other.
  if (Object.keys(value).sort().join() === "certPem,keyPem" && hasSecure(value)) return madeUpCa(key);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withPlaceholders(`${key} ${name}`, inner)]),
  );
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
