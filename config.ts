/** The stack's typed config, read into the args of one cluster. `Pulumi.yaml` holds types and defaults. */
import * as pulumi from "@pulumi/pulumi";
import type { CaArgs, CaPems, HostArgs, RethinkdbClusterArgs, UserArgs, WebUiArgs } from "pulumi-rethinkdb";

export function readConfig(): RethinkdbClusterArgs {
  const config = new pulumi.Config();
  return known(config.name, {
    clusterName: config.get("clusterName") || `rethinkdb-${pulumi.getStack()}`,
    // Plain here, so that it is checked together with everything else; the component makes it a secret.
    adminPassword: pulumi.runtime.getConfig(`${config.name}:adminPassword`) ?? "",
    nodes: config.requireNumber("nodes"),
    image: config.require("image"),
    subnet: config.require("subnet"),
    driverPublish: config.require("driverPublish"),
    driverPort: config.requireNumber("driverPort"),
    driverSans: config.requireObject<string[]>("driverSans"),
    memoryMiB: config.requireNumber("memoryMiB"),
    limitSwap: config.requireBoolean("limitSwap"),
    ...optional("cacheSizeMiB", config.getNumber("cacheSizeMiB")),
    certValidityDays: config.requireNumber("certValidityDays"),
    certEarlyRenewalDays: config.requireNumber("certEarlyRenewalDays"),
    caValidityDays: config.requireNumber("caValidityDays"),
    runAsUid: config.requireNumber("runAsUid"),
    replacements: config.requireObject<Record<string, number>>("replacements"),
    protectSingleReplicaTables: config.requireBoolean("protectSingleReplicaTables"),
    strictInterruption: config.requireBoolean("strictInterruption"),
    allow: config.requireObject<string[]>("allow"),
    databases: config.requireObject<string[]>("databases"),
    users: config.requireObject<UserArgs[]>("users"),
    hosts: config.requireObject<HostArgs[]>("hosts"),
    placement: config.requireObject<Record<string, string>>("placement"),
    driverNetworks: config.requireObject<string[]>("driverNetworks"),
    webUi: config.requireObject<WebUiArgs>("webUi"),
    ...secretText("webUiPassword", pulumi.runtime.getConfig(`${config.name}:webUiPassword`)),
    userPasswords: readSecrets<string>(config.name, "userPasswords", `userPasswords["NAME"]`),
    clusterCa: config.requireObject<CaArgs>("clusterCa"),
    driverCa: config.requireObject<CaArgs>("driverCa"),
    clientCa: config.requireObject<CaArgs>("clientCa"),
    clusterCaPems: readSecrets<CaPems>(config.name, "clusterCaPems", `clusterCaPems["1"].keyPem`),
    driverCaPems: readSecrets<CaPems>(config.name, "driverCaPems", `driverCaPems["1"].keyPem`),
    driverClients: config.requireObject<string[]>("driverClients"),
    renewal: config.require("renewal"),
    operatorGeneration: config.requireNumber("operatorGeneration"),
  });
}

/** Keys without a default, which are therefore not always among the args. */
const WITHOUT_DEFAULT = ["cacheSizeMiB", "webUiPassword"];

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
    .filter((key) => !(key in args) && !WITHOUT_DEFAULT.includes(key));
  if (unknown.includes("dockerHost")) {
    throw new pulumi.RunError(
      "dockerHost: is no config key of this project; name the engine in hosts, or set DOCKER_HOST",
    );
  }
  return { ...args, ...Object.fromEntries(unknown.map((key) => [key, true])) };
}

/**
 * Plain here as well, and for the same reason as the admin password.
 * @param path how one of them is set.
 */
function readSecrets<T>(namespace: string, key: string, path: string): Readonly<Record<string, T>> {
  const found = readJson<T>(key, pulumi.runtime.getConfig(`${namespace}:${key}`) || "{}", path);
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
function readJson<T>(key: string, text: string, path: string): Readonly<Record<string, T>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, T>>;
  } catch {
    throw new pulumi.RunError(`${key}: is not JSON; set each with: pulumi config set --secret --path '${path}'`);
  }
}

/** A typed key needs a default in `Pulumi.yaml`; there, 0 stands for the calculated one. */
function optional<K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> {
  return value ? ({ [key]: value } as Record<K, number>) : {};
}

/** Without a default in `Pulumi.yaml`: a secret must not stand there in clear, not even an empty one. */
function secretText<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value ? ({ [key]: value } as Record<K, string>) : {};
}
