/**
 * Which Docker engine is meant. The docker provider ignores contexts and the docker command obeys them, so the
 * endpoint is resolved here and given to both.
 */
import { createHash } from "node:crypto";

export interface DockerSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file below the user's Docker configuration folder, or undefined where there is none. */
  readonly readConfig: (path: string) => string | undefined;
}

export const DEFAULT_ENDPOINT = "unix:///var/run/docker.sock";

/** Order of the docker command itself: https://docs.docker.com/engine/manage-resources/contexts/ */
export function resolveEndpoint(wanted: string | null, around: DockerSurroundings): string {
  if (wanted !== null) return wanted;
  if (around.env["DOCKER_HOST"]) return around.env["DOCKER_HOST"];
  const context = around.env["DOCKER_CONTEXT"] || currentContext(around);
  if (context === undefined || context === "default") return DEFAULT_ENDPOINT;
  const folder = createHash("sha256").update(context).digest("hex");
  const host = field(parse(around.readConfig(`contexts/meta/${folder}/meta.json`)), ["Endpoints", "docker", "Host"]);
  if (host === undefined) {
    throw new Error(`Docker context "${context}" is not there: choose one with docker context use, or set DOCKER_HOST`);
  }
  return host;
}

function currentContext(around: DockerSurroundings): string | undefined {
  return field(parse(around.readConfig("config.json")), ["currentContext"]);
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function field(value: unknown, path: readonly string[]): string | undefined {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return typeof at === "string" && at !== "" ? at : undefined;
}
