/** The file in which Pulumi keeps a stack's state on this machine. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeFileDurably } from "./files";

/** Of the file's form, and what else may stand in it. */
const KNOWN_VERSIONS: readonly unknown[] = [3, 4];
const KNOWN_FEATURES: readonly unknown[] = ["hooks"];

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

/** URNs that stand in the file in clear. */
export interface Recorded {
  readonly resources: readonly string[];
  /** Of operations that were begun and not ended. */
  readonly pending: readonly string[];
}

/** @returns undefined where the file is not there or not of the form that is known: then Pulumi has to be asked. */
export function readRecorded(path: string): Recorded | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
  const latest = field(field(parsed, "checkpoint"), "latest");
  const resources = urnsOf(field(latest, "resources"), (entry) => entry);
  const pending = urnsOf(field(latest, "pending_operations"), (entry) => field(entry, "resource"));
  const features = field(parsed, "features") ?? [];
  const isKnown =
    KNOWN_VERSIONS.includes(field(parsed, "version")) &&
    Array.isArray(features) &&
    features.every((feature) => KNOWN_FEATURES.includes(feature));
  if (!isKnown || resources === undefined || pending === undefined) return undefined;
  return { resources, pending };
}

/** @returns undefined where an entry has no URN. */
function urnsOf(list: unknown, stateOf: (entry: unknown) => unknown): readonly string[] | undefined {
  if (list === undefined) return [];
  if (!Array.isArray(list)) return undefined;
  const urns = list.map((entry: unknown) => field(stateOf(entry), "urn"));
  return urns.every((urn) => typeof urn === "string") ? urns : undefined;
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function isWhole(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}
