/** What the engine and e2e tiers need, looked for without starting anything that downloads. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { DEFAULT_IMAGE } from "../../args/constants";
import { DEFAULTS } from "../../args/shape/schema";

export const PULUMI_HOME = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
export const PULUMI_BIN = join(PULUMI_HOME, "versions", "3.259.0", "bin");

const FILES = [
  ["the Pulumi CLI", join(PULUMI_BIN, "pulumi")],
  ["Pulumi's Node.js language host", join(PULUMI_BIN, "pulumi-language-nodejs")],
  ["the docker plugin", join(PULUMI_HOME, "plugins", "resource-docker-v5.2.0", "pulumi-resource-docker")],
  ["the command plugin", join(PULUMI_HOME, "plugins", "resource-command-v1.2.1", "pulumi-resource-command")],
  ["the tls plugin", join(PULUMI_HOME, "plugins", "resource-tls-v5.5.1", "pulumi-resource-tls")],
] as const;

/** @returns what is missing on this machine, a sentence each; empty when everything can run. */
export function missingPrerequisites(): readonly string[] {
  const missing = FILES.filter(([, path]) => !existsSync(path)).map(([what, path]) => `${what} is not at ${path}`);
  const engine = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { encoding: "utf8" });
  if (engine.status !== 0) missing.push("no Docker engine answers");
  else if (spawnSync("docker", ["image", "inspect", DEFAULT_IMAGE]).status !== 0) {
    missing.push(`the image ${DEFAULT_IMAGE} is not on the Docker engine`);
  }
  return missing;
}

/** @returns why tests of the web UI cannot run here, for their `skip`; false when they can. */
export function missingWebUiImage(): string | false {
  const { image } = DEFAULTS.webUi;
  const found = spawnSync("docker", ["image", "inspect", image]).status === 0;
  return found ? false : `the image ${image} is not on the Docker engine`;
}
