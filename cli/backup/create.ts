/** `backup create`: reads the cluster into the repository. */
import { fullName, type Manifest, MANIFEST_FORMAT, rowsOf, type TableFacts } from "../../core/decide/backup/manifest";
import { ArchiveRefused, nowInSeconds, writeArchive } from "../../ops/backup/dump";
import { type FoundTable, readCluster, readTables } from "../../ops/backup/facts";
import { count, Meter } from "../../ops/backup/meter";
import { Repository, type Writing } from "../../ops/backup/repository";
import { Restic } from "../../ops/backup/restic";
import { type Source, withConnection } from "../../ops/backup/source";
import { describe, Failure } from "../../ops/lib/failure";
import { adminSource, backupSource, newRun, type Place, readPlace } from "./place";

export async function create(project: string, options: ReadonlyMap<string, string>): Promise<number> {
  const restic = new Restic();
  await restic.check();
  const repository = new Repository(restic);
  const place = await readPlace(project, options);
  const source = backupSource(place);
  // A wrong password of the repository is said before anything is read.
  await repository.catalog();
  const found = await look(place, source);
  const seconds = nowInSeconds();
  const writing: Writing = {
    ...{ clusterName: place.request.clusterName, identity: place.request.identity, run: newRun() },
    time: resticTime(new Date(seconds * 1000)),
  };
  const tables = await store(repository, writing, { source, found: found.tables, seconds });
  const manifest: Manifest = {
    ...{ format: MANIFEST_FORMAT, created: new Date(seconds * 1000).toISOString(), config: place.config },
    cluster: { name: place.request.clusterName, identity: place.request.identity },
    ...found.cluster,
    tables,
  };
  await repository.writeManifest(writing, manifest);
  console.log(await describeNew(repository, writing, manifest));
  return 0;
}

interface Look {
  readonly tables: readonly FoundTable[];
  readonly cluster: Awaited<ReturnType<typeof readCluster>>;
}

async function look(place: Place, source: Source): Promise<Look> {
  const { databases } = place.settings;
  const wants = ({ db }: { readonly db: string }): boolean => databases.length === 0 || databases.includes(db);
  const cluster = await withConnection(adminSource(place), readCluster);
  const missing = databases.filter((name) => !cluster.databases.includes(name));
  if (missing.length > 0) throw new Failure(`create: backups.databases: ${missing.join(", ")} is not in the cluster`);
  const tables = await withConnection(source, (connection) => readTables(connection, wants)).catch((error: unknown) => {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `create: user "${place.settings.user}" may not read what a backup needs (${describe(error)}); the next up sets its rights again`,
    );
  });
  return { tables, cluster: { ...cluster, databases: cluster.databases.filter((db) => wants({ db })) } };
}

interface Store {
  readonly source: Source;
  readonly found: readonly FoundTable[];
  readonly seconds: number;
}

/** A failure ends restic before its input ends: so it keeps nothing. */
async function store(
  repository: Repository,
  writing: Writing,
  { source, found, seconds }: Store,
): Promise<readonly TableFacts[]> {
  const rows = found.reduce((sum, table) => sum + table.rows, 0);
  const meter = new Meter("create", { tables: found.length, rows });
  const archive = repository.writeArchive(writing);
  const stop = stopOnSignals(() => archive.stop());
  try {
    const tables = await writeArchive({ source, tables: found, sink: archive.stream, meter, seconds, who: "create" });
    await archive.finish();
    meter.end();
    return tables;
  } catch (error) {
    // Its own reason is the better one.
    if (error instanceof ArchiveRefused) await archive.finish();
    await archive.stop();
    throw error;
  } finally {
    stop();
  }
}

/** @returns what ends the watch. */
export function stopOnSignals(stop: () => Promise<void>): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const act = (signal: NodeJS.Signals): void => {
    const end = (line: string): void => {
      process.stderr.write(`\nbackup: ${line}\n`);
      process.exit(signal === "SIGINT" ? 130 : 143);
    };
    stop().then(
      () => {
        end("ended; nothing half-done counts as a backup");
      },
      (error: unknown) => {
        end(`ended; ${describe(error)}`);
      },
    );
  };
  for (const signal of signals) process.once(signal, act);
  return () => {
    for (const signal of signals) process.off(signal, act);
  };
}

async function describeNew(repository: Repository, { run }: Writing, manifest: Manifest): Promise<string> {
  const { backups } = await repository.catalog();
  const made = backups.find((backup) => backup.run === run && backup.manifest !== undefined);
  if (made === undefined) throw new Failure("create: the repository does not list the new backup; run it again");
  const sizes = manifest.tables.map((table) => `  ${fullName(table)}: ${count(table.rows)} rows`);
  return [
    `Backup ${made.id} has ${String(manifest.tables.length)} tables with ${count(rowsOf(manifest))} rows:`,
    ...sizes,
    `To prove that it can be restored: npx pulumi-rethinkdb backup verify`,
  ].join("\n");
}

/** Local time, as restic's `--time` takes it. */
function resticTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = [String(date.getFullYear()), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}
