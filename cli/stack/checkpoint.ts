/** The file in which Pulumi keeps a stack's state on this machine. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeFileDurably } from "./files";

/**
 * A run that was killed at the wrong moment leaves the file empty or cut short; Pulumi keeps the one before it beside it.
 * What the lost step made is found by its name and our identity, as after any other kill. The files of attributes beside
 * both are written in place, tear first, and are not needed: without one there are defaults.
 * @returns whether the one before was put back.
 */
export function restoreTornCheckpoint(path: string): boolean {
  const before = `${path}.bak`;
  for (const attributes of [`${path}.attrs`, `${before}.attrs`]) {
    if (existsSync(attributes) && !isWhole(attributes)) rmSync(attributes);
  }
  if (!existsSync(path) || isWhole(path) || !existsSync(before) || !isWhole(before)) return false;
  writeFileDurably(path, readFileSync(before, "utf8"), 0o600);
  return true;
}

function isWhole(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}
