/** What is known of the last backup that was verified, beside the stack's state: the doctor reads it. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileDurably } from "../stack/files";

export interface VerifiedRecord {
  readonly version: 1;
  /** Of the cluster. */
  readonly identity: string;
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
  readonly request: { readonly clusterName: string; readonly identity: string };
}

export function recordPath({
  project,
  stack,
  request,
}: Omit<Of, "request"> & { readonly request: { readonly clusterName: string } }): string {
  // A stack of an organization has `/` in its name.
  return join(project, ".state", "backups", `${stack.replaceAll("/", "_")}-${request.clusterName}.json`);
}

/** A backup of another cluster, or one that is older than what is known already, proves nothing new. */
export function keepRecord(of: Of, record: VerifiedRecord): void {
  const before = readRecord(of);
  if (record.identity !== of.request.identity || (before !== undefined && before.made > record.made)) return;
  const path = recordPath(of);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileDurably(path, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** @returns undefined where there is none of this cluster, or none that can be read. */
export function readRecord(of: Of): VerifiedRecord | undefined {
  const path = recordPath(of);
  if (!existsSync(path)) return undefined;
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as Partial<VerifiedRecord>;
    const isWhole = record.version === 1 && [record.snapshot, record.made, record.lastVerified].every(isText);
    return isWhole && record.identity === of.request.identity ? (record as VerifiedRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
