/** Why an engine cannot be used, in one sentence, from what the docker command printed. */
import { firstLine } from "../lib/text";
import { sshTrouble } from "./ssh";
import { tlsTrouble } from "./tlsEngine";

/** @returns undefined when the command failed for another reason. */
export function engineTrouble(
  stderr: string,
  endpoint: string,
  certPath: string | null | undefined,
): string | undefined {
  const trouble = endpoint.startsWith("ssh://")
    ? sshTrouble(stderr, endpoint)
    : certPath
      ? tlsTrouble(stderr, endpoint, certPath)
      : undefined;
  if (trouble !== undefined) return trouble;
  if (/permission denied.*(docker\.sock|docker daemon|daemon socket)/is.test(stderr)) {
    return `you may not use the Docker engine at ${endpoint}: add yourself to the group "docker" and log in again`;
  }
  if (/cannot connect to the docker daemon|error during connect/i.test(stderr)) {
    return (
      `Docker does not answer at ${endpoint}: start the engine, or say where it is with DOCKER_HOST or ` +
      `docker context use (${firstLine(stderr)})`
    );
  }
  return undefined;
}
