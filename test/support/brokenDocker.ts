/** A docker command that fails for some calls and is the real one for all others: what a sick host looks like to programs. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestStack } from "./stack";

/**
 * Acts while the stack's programs get this docker command.
 * @param pattern of the shell's `case`, matched against all arguments.
 * @param says on stderr, before it ends with 1.
 */
export async function whileDockerFails<T>(
  stack: TestStack,
  pattern: string,
  says: string,
  act: () => Promise<T>,
): Promise<T> {
  const real = spawnSync("sh", ["-c", "command -v docker"], { encoding: "utf8" }).stdout.trim();
  const folder = mkdtempSync(join(tmpdir(), "broken-docker-"));
  const file = join(folder, "docker");
  writeFileSync(
    file,
    `#!/bin/sh\ncase "$*" in\n${pattern.replaceAll(" ", "\\ ")}) echo '${says}' >&2; exit 1;;\nesac\nexec '${real}' "$@"\n`,
  );
  chmodSync(file, 0o755);
  const path = stack.env["PATH"];
  stack.env["PATH"] = `${folder}${delimiter}${path ?? ""}`;
  try {
    return await act();
  } finally {
    stack.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  }
}
