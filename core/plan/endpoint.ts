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

export interface EngineAddress {
  readonly endpoint: string;
  /** Folder below the user's Docker configuration with ca.pem, cert.pem and key.pem of a context that has them. */
  readonly tls: string | null;
}

/** Order of the docker command itself: https://docs.docker.com/engine/manage-resources/contexts/ */
export function resolveEngine(wanted: string | null, around: DockerSurroundings): EngineAddress {
  if (wanted !== null) return { endpoint: wanted, tls: null };
  if (around.env["DOCKER_HOST"]) return { endpoint: around.env["DOCKER_HOST"], tls: null };
  const context = around.env["DOCKER_CONTEXT"] || currentContext(around);
  if (context === undefined || context === "default") return { endpoint: DEFAULT_ENDPOINT, tls: null };
  const folder = createHash("sha256").update(context).digest("hex");
  const meta = parse(around.readConfig(`contexts/meta/${folder}/meta.json`));
  const host = field(meta, ["Endpoints", "docker", "Host"]);
  if (host === undefined) {
    throw new Error(`Docker context "${context}" is not there: choose one with docker context use, or set DOCKER_HOST`);
  }
  const tls = `contexts/tls/${folder}/docker`;
  return { endpoint: host, tls: around.readConfig(`${tls}/ca.pem`) === undefined ? null : tls };
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
