/** The stack's typed config, read into the args of one cluster. `Pulumi.yaml` holds types and defaults. */
import * as pulumi from "@pulumi/pulumi";
import { CONFIG_KEYS, type ConfigKey, type RethinkdbClusterArgs } from "pulumi-rethinkdb";

/** Keys of earlier versions. */
const RENAMED: Readonly<Record<string, "memoryMib" | "cacheSizeMib">> = {
  memoryMiB: "memoryMib",
  cacheSizeMiB: "cacheSizeMib",
};

export function readConfig(): RethinkdbClusterArgs {
  const config = new pulumi.Config();
  const said = CONFIG_KEYS.map((key) => [key.name, readKey(config, key)] as const);
  return known(config.name, {
    clusterName: `rethinkdb-${pulumi.getStack()}`,
    adminPassword: "",
    ...Object.fromEntries(said.filter(([, value]) => value !== undefined)),
    ...readRenamed(config),
  });
}

function readRenamed(config: pulumi.Config): Partial<RethinkdbClusterArgs> {
  const found = Object.entries(RENAMED).filter(([old]) => config.get(old) !== undefined);
  for (const [old, now] of found) {
    void pulumi.log.warn(`${old}: is called ${now} now; pulumi config set ${now} …, then pulumi config rm ${old}`);
  }
  return Object.fromEntries(found.map(([old, now]) => [now, config.requireNumber(old)]));
}

/** @returns undefined where only the placeholder of `Pulumi.yaml` stands. */
function readKey(config: pulumi.Config, { name, kind, isSecret, placeholder, isCalculated }: ConfigKey): unknown {
  if (isSecret) return kind === "text" ? readSecret(config, name) : readSecrets(config.name, name);
  const value = readValue(config, name, kind, !isCalculated);
  return isCalculated && value === placeholder ? undefined : value;
}

function readValue(config: pulumi.Config, name: string, kind: ConfigKey["kind"], isRequired: boolean): unknown {
  switch (kind) {
    case "text":
      return isRequired ? config.require(name) : config.get(name);
    case "number":
      return isRequired ? config.requireNumber(name) : config.getNumber(name);
    case "boolean":
      return isRequired ? config.requireBoolean(name) : config.getBoolean(name);
    case "list":
    case "map":
    case "object":
      return isRequired ? config.requireObject(name) : config.getObject(name);
  }
}

/** Plain here, so that it is checked together with everything else; the component makes it a secret. */
function readSecret({ name: namespace }: pulumi.Config, key: string): string | undefined {
  return pulumi.runtime.getConfig(`${namespace}:${key}`) || undefined;
}

/**
 * Pulumi takes any key, and one that is misspelt would leave its arg at the default without a word: the component is given
 * it too, without its value, and says what it does not know.
 */
function known(namespace: string, args: RethinkdbClusterArgs): RethinkdbClusterArgs {
  const keys = Object.keys(pulumi.runtime.allConfig());
  if (keys.includes("docker:host")) {
    throw new pulumi.RunError("docker:host: is not used by this project; name the engine in hosts, or set DOCKER_HOST");
  }
  const unknown = keys
    .filter((key) => key.startsWith(`${namespace}:`))
    .map((key) => key.slice(namespace.length + 1))
    .filter((key) => !Object.hasOwn(RENAMED, key) && !CONFIG_KEYS.some(({ name }) => name === key));
  if (unknown.includes("dockerHost")) {
    throw new pulumi.RunError(
      "dockerHost: is no config key of this project; name the engine in hosts, or set DOCKER_HOST",
    );
  }
  return { ...args, ...Object.fromEntries(unknown.map((key) => [key, true])) };
}

/** Plain here as well, and for the same reason. */
function readSecrets(namespace: string, key: string): Readonly<Record<string, unknown>> {
  // How one of them is set.
  const path = key.endsWith("Pems") ? `${key}["1"].keyPem` : `${key}["NAME"]`;
  const found = readJson(key, pulumi.runtime.getConfig(`${namespace}:${key}`) || "{}", path);
  // Where the engine tells a program which keys are secret; there is no function for it.
  const secrets = process.env["PULUMI_CONFIG_SECRET_KEYS"];
  if (
    secrets !== undefined &&
    Object.keys(found).length > 0 &&
    !secrets.includes(JSON.stringify(`${namespace}:${key}`))
  ) {
    throw new pulumi.RunError(
      `${key}: stands in clear in the stack's config; set each with: pulumi config set --secret --path '${path}'`,
    );
  }
  return found;
}

/** What stands there is a secret and no part of a message. */
function readJson(key: string, text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw new pulumi.RunError(`${key}: is not JSON; set each with: pulumi config set --secret --path '${path}'`);
  }
}
