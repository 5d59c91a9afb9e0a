/** `backup restore`: brings a backup, or a part of it, into the stack's cluster. */
import { type Backup, chooseBackup } from "../../core/decide/backup/catalog";
import { fullName, type Manifest, rowsOf } from "../../core/decide/backup/manifest";
import { count, Meter } from "../../ops/backup/meter";
import { Repository } from "../../ops/backup/repository";
import { Restic } from "../../ops/backup/restic";
import { CONNECTIONS, prepareRestore, restoreTables, type RestoreOptions } from "../../ops/backup/restore";
import { withConnections } from "../../ops/backup/source";
import { describe, Failure } from "../../ops/lib/failure";
import { adminSource, newRun, readPlace, say } from "./place";

export async function restore(project: string, options: ReadonlyMap<string, string>): Promise<number> {
  const repository = await openRepository();
  const place = await readPlace(project, options);
  const { backup, manifest } = await pickBackup(repository, "restore", options.get("--backup"), place.request.identity);
  const wanted = { only: words(options.get("--only")), replace: words(options.get("--replace")) };
  const restored = await withConnections(adminSource(place), CONNECTIONS, (connections) =>
    pour(repository, backup, manifest, { connections, wanted, run: newRun(), say }),
  );
  console.log(describeRestored(backup, manifest, restored));
  return 0;
}

export async function openRepository(): Promise<Repository> {
  const restic = new Restic();
  await restic.check();
  return new Repository(restic);
}

export interface Picked {
  readonly backup: Backup;
  readonly manifest: Manifest;
}

export async function pickBackup(
  repository: Repository,
  who: string,
  wanted: string | undefined,
  identity: string,
): Promise<Picked> {
  const choice = chooseBackup((await repository.catalog()).backups, wanted, identity);
  if ("trouble" in choice) throw new Failure(`${who}: ${choice.trouble}`);
  return { backup: choice.backup, manifest: await repository.readManifest(choice.backup) };
}

/** @returns full names of the tables that were restored. */
export async function pour(
  repository: Repository,
  backup: Backup,
  manifest: Manifest,
  options: RestoreOptions,
): Promise<readonly string[]> {
  const plan = await prepareRestore(manifest, options);
  const meter = new Meter("restore", { tables: plan.tables.length, rows: rowsOf(plan) });
  const archive = repository.readArchive(backup);
  try {
    await restoreTables(plan, archive.stream as AsyncIterable<Buffer>, { ...options, meter });
  } catch (error) {
    await explainBroken(archive, error);
    throw error;
  }
  // The rest of the archive is not wanted.
  await archive.stop();
  meter.end();
  return plan.tables.map(fullName);
}

/** Where the archive broke off, restic's own reason is the better one. */
async function explainBroken(archive: ReturnType<Repository["readArchive"]>, error: unknown): Promise<void> {
  if (/the archive (ends too early|is damaged)|list of rows that ends/.test(describe(error))) await archive.finish();
  else await archive.stop();
}

export function words(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function describeRestored(backup: Backup, manifest: Manifest, tables: readonly string[]): string {
  const rows = rowsOf({ tables: manifest.tables.filter((table) => tables.includes(fullName(table))) });
  const others = manifest.users.filter((user) => user !== "admin" && !user.startsWith("pulumi_"));
  return [
    `Backup ${backup.id} of ${manifest.created.slice(0, 19).replace("T", " ")} UTC: ${String(tables.length)} tables with ${count(rows)} rows are restored.`,
    ...(others.length === 0
      ? []
      : [
          `Users and rights come from the stack's config, and the next up sets them; the backup knows ${others.join(", ")}.`,
        ]),
  ].join("\n");
}
