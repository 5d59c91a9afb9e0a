/** Reads a set of resources that was written elsewhere: every field is looked at before it is believed. */
import { type Clarity, type Options, record, type Resource, type ResourceSet, text } from "./resources";

/** @throws Error that names the first field that is none. */
export function readSet(value: unknown): ResourceSet {
  const given = record(value);
  const resources = given["resources"];
  if (!Array.isArray(resources)) throw new Error("resources is no list");
  return {
    project: word(given, "project"),
    stack: word(given, "stack"),
    resources: resources.map((resource: unknown, index) => readResource(resource, `resources[${String(index)}]`)),
    config: clarities(given["config"]),
    outputs: clarities(given["outputs"]),
  };
}

function readResource(value: unknown, at: string): Resource {
  const given = record(value);
  const source = text(given["source"]);
  return {
    urn: word(given, "urn", at),
    type: word(given, "type", at),
    name: word(given, "name", at),
    parent: text(given["parent"]),
    inputs: record(given["inputs"]),
    options: readOptions(record(given["options"])),
    ...(given["request"] === undefined ? {} : { request: record(given["request"]) }),
    ...(given["literals"] === undefined ? {} : { literals: words(given["literals"]) }),
    ...(given["pem"] === undefined ? {} : { pem: words(given["pem"]) }),
    // A path of the repository and nothing else.
    ...(/^[\w.-]+(\/[\w.-]+)*:\d+$/.test(source) && !source.includes("..") ? { source } : {}),
  };
}

function word(given: Readonly<Record<string, unknown>>, key: string, at = ""): string {
  const value = given[key];
  if (typeof value !== "string" || value === "") throw new Error(`${at === "" ? "" : `${at}.`}${key} is no text`);
  return value;
}

export function readOptions(given: Readonly<Record<string, unknown>>): Options {
  return {
    protect: given["protect"] === true,
    retainOnDelete: given["retainOnDelete"] === true,
    replaceOnChanges: words(given["replaceOnChanges"]),
    ignoreChanges: words(given["ignoreChanges"]),
    dependencies: words(given["dependencies"]),
    propertyDependencies: Object.fromEntries(
      Object.entries(record(given["propertyDependencies"])).map(([key, urns]) => [key, words(urns)]),
    ),
    hooks: words(given["hooks"]),
    aliases: words(given["aliases"]),
    deletedWith: text(given["deletedWith"]),
    secretOutputs: words(given["secretOutputs"] ?? given["additionalSecretOutputs"]),
    provider: providerName(text(given["provider"])),
    pluginUrl: text(given["pluginUrl"] ?? given["pluginDownloadURL"]),
  };
}

/** Of a reference, `<urn>::<id>`, or of a name that was read from one before. */
export function providerName(reference: string): string {
  const name = reference.startsWith("urn:") ? (reference.split("::")[3] ?? "") : reference;
  // The engine names its own by the version of the plugin.
  return /^default(_[\w.+-]*)?$/.test(name) && !name.includes("http") ? "default" : name;
}

export function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function clarities(value: unknown): Readonly<Record<string, Clarity>> {
  const known = (clarity: unknown): Clarity =>
    clarity === "secret" || clarity === "clear" || clarity === "leak" ? clarity : "unknown";
  return Object.fromEntries(Object.entries(record(value)).map(([key, clarity]) => [key, known(clarity)]));
}

export const EMPTY_SET = (project: string, stack: string): ResourceSet => ({
  ...{ project, stack, resources: [], config: {}, outputs: {} },
});
