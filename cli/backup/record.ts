/** What is known of the last backup that was verified, beside the stack's state: the doctor reads it. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileDurably } from "../stack/files";

export interface VerifiedRecord {
  readonly version: 1;
  /** ISO 8601. */
  readonly lastVerified: string;
  /** Id of the backup. */
  readonly snapshot: string;
  /** ISO 8601: when it was made. */
  readonly made: string;
  readonly tables: number;
  readonly rows: number;
}

interface Of {
  readonly project: string;
  readonly stack: string;
  readonly request: { readonly clusterName: string };
}

export function recordPath({ project, stack, request }: Of): string {
  // A stack of an organization has `/` in its name.
  return join(project, ".state", "backups", `${stack.replaceAll("/", "_")}-${request.clusterName}.json`);
}

export function keepRecord(of: Of, record: VerifiedRecord): void {
  const path = recordPath(of);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileDurably(path, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** @returns undefined where there is none, or none that can be read. */
export function readRecord(of: Of): VerifiedRecord | undefined {
  const path = recordPath(of);
  if (!existsSync(path)) return undefined;
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as Partial<VerifiedRecord>;
    return record.version === 1 && typeof record.snapshot === "string" ? (record as VerifiedRecord) : undefined;
  } catch {
    return undefined;
  }
}
