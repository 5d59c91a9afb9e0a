/** An empty engine in place of the caller's, for programs that are started by what is tested. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const HIDDEN = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "LISTED"];

/** Lists what the variable `LISTED` says, and finds each container running. */
const SCRIPT = `#!/bin/sh
case "$1 $2" in
  "ps "*) printf '%s' "$LISTED";;
  "container inspect") echo '[{"RestartCount":0,"State":{"Status":"running"}}]';;
esac
`;

/** Where the docker command lists running servers. */
export function listing(clusterName: string, names: readonly string[]): Readonly<Record<string, string>> {
  return { LISTED: names.map((name) => `${name}\t${clusterName}-${name}\trunning\n`).join("") };
}

/** Runs `act` where the docker command lists nothing, whatever engine the caller has or has not. @param docker variables that it has all the same. */
export async function withoutEngine<T>(
  act: () => Promise<T>,
  docker: Readonly<Record<string, string>> = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "no-engine-"));
  writeFileSync(join(folder, "docker"), SCRIPT);
  chmodSync(join(folder, "docker"), 0o755);
  const before = new Map(["PATH", ...HIDDEN].map((name) => [name, process.env[name]]));
  for (const name of HIDDEN) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, docker);
  process.env["PATH"] = `${folder}${delimiter}${before.get("PATH") ?? ""}`;
  try {
    return await act();
  } finally {
    for (const [name, value] of before) {
      if (value !== undefined) process.env[name] = value;
      else Reflect.deleteProperty(process.env, name);
    }
    rmSync(folder, { recursive: true });
  }
}
