/** The docker provider of one host, pointed at the same engine as the programs of `ops/`. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { DEFAULT_ENDPOINT, resolveEngine } from "../../core/plan/endpoint";
import type { HostPlan } from "../../core/plan/hosts";
import { SSH_OPTIONS } from "../../core/render/sshOptions";

export function declareProvider(name: string, host: HostPlan, opts: pulumi.ResourceOptions): docker.Provider {
  const { endpoint, tls } = resolveEngine(host.dockerHost, { env: process.env, readConfig });
  // The provider finds DOCKER_HOST and the default socket by itself, and then no path of this machine is recorded.
  const found = host.dockerHost === null && (process.env["DOCKER_HOST"] || endpoint === DEFAULT_ENDPOINT);
  const args = {
    ...(found ? {} : { host: endpoint }),
    ...(host.certPath === null ? {} : { certPath: host.certPath }),
    ...(tls === null ? {} : { certPath: join(configFolder(), tls) }),
    ...(endpoint.startsWith("ssh://") ? { sshOpts: [...SSH_OPTIONS] } : {}),
  };
  return new docker.Provider(name, args, opts);
}

/** Where a host is that names no engine. */
export function ambientEndpoint(): string {
  return resolveEngine(null, { env: process.env, readConfig }).endpoint;
}

function readConfig(path: string): string | undefined {
  try {
    return readFileSync(join(configFolder(), path), "utf8");
  } catch {
    return undefined;
  }
}

function configFolder(): string {
  return process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
}
