/** `backup list`: which backups there are, and which are none. */
import type { Backup } from "../../core/decide/backup/catalog";
import { count } from "../../ops/backup/meter";
import { Repository } from "../../ops/backup/repository";
import { Restic } from "../../ops/backup/restic";
import { readPlace } from "./place";
import { readRecord, type VerifiedRecord } from "./record";

export async function list(project: string, options: ReadonlyMap<string, string>): Promise<number> {
  const restic = new Restic();
  await restic.check();
  const place = await readPlace(project, options);
  const { backups } = await new Repository(restic).catalog();
  const all = options.has("--all");
  const shown = all ? backups : backups.filter(({ identity }) => identity === place.request.identity);
  console.log(describeBackups(shown, all, readRecord(place)));
  return 0;
}

export function describeBackups(
  backups: readonly Backup[],
  all: boolean,
  verified: VerifiedRecord | undefined,
): string {
  if (backups.length === 0) {
    return all
      ? "The repository has no backup: npx pulumi-rethinkdb backup create makes one."
      : "The repository has no backup of this cluster: npx pulumi-rethinkdb backup create makes one, list --all shows others.";
  }
  const rows = backups.map((backup) => [
    backup.id,
    backup.time.slice(0, 19).replace("T", " "),
    ...(all ? [backup.clusterName] : []),
    ...(backup.manifest === undefined
      ? ["", "", "cut short: this is no backup"]
      : [
          String(backup.tables),
          count(backup.rows),
          verified?.snapshot === backup.id ? `verified ${verified.lastVerified.slice(0, 10)}` : "",
        ]),
  ]);
  const head = ["backup", "made", ...(all ? ["cluster"] : []), "tables", "rows", ""];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
