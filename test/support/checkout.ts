/** What a stack runs from, in a folder of its own. */
import { cpSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const PROJECT = resolve(__dirname, "..", "..");

const PROGRAM = [
  "Pulumi.yaml",
  "package.json",
  "tsconfig.json",
  "tsconfig.program.json",
  "index.ts",
  "config.ts",
  "dist",
] as const;

/** @returns a new folder with the built project, its packages linked. */
export function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "rethinkdb-test-"));
  for (const name of PROGRAM) cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  return folder;
}
