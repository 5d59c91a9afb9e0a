/** `backup verify`: restores a backup into a cluster that is made for it, and holds every row, index and hook against the record. */
import { dirname, join } from "node:path";
import { differences } from "../../core/decide/backup/compare";
import { rowsOf } from "../../core/decide/backup/manifest";
import { count, Meter } from "../../ops/backup/meter";
import { readBack } from "../../ops/backup/readBack";
import { CONNECTIONS } from "../../ops/backup/restore";
import { withConnections } from "../../ops/backup/source";
import { Failure } from "../../ops/lib/failure";
import { clock } from "../../ops/lib/poll";
import { stopOnSignals } from "./create";
import { newRun, type Place, readPlace, say } from "./place";
import { keepRecord, recordPath } from "./record";
import { openRepository, pickBackup, pour, type Picked } from "./restore";
import { Throwaway } from "./throwaway";

/** Differences that are printed. */
const SHOWN = 20;

export async function verify(project: string, options: ReadonlyMap<string, string>): Promise<number> {
  const repository = await openRepository();
  const place = await readPlace(project, options);
  const picked = await pickBackup(repository, "verify", options.get("--backup"), place.request.identity);
  say("checking the repository");
  await repository.check();
  const started = clock.now();
  const throwaway = await Throwaway.claim(folderOf(place), say);
  const stop = stopOnSignals(() => throwaway.remove());
  let found: readonly string[];
  try {
    say("making a cluster of one server to restore into");
    const run = newRun();
    const target = await throwaway.make(place.request, run, options.get("--subnet"));
    await withConnections(target, CONNECTIONS, (connections) =>
      pour(repository, picked.backup, picked.manifest, {
        ...{ connections, run, wanted: { only: [], replace: [] } },
        // One server has no replicas to give.
        say: () => undefined,
      }),
    );
    const { tables } = picked.manifest;
    const meter = new Meter("compare", { tables: tables.length, rows: rowsOf(picked.manifest) });
    found = differences(tables, await readBack(target, meter));
    meter.end();
  } finally {
    stop();
    say("removing the cluster and its data");
    await throwaway.remove();
  }
  return conclude(place, picked, found, Math.round((clock.now() - started) / 1000));
}

function conclude(place: Place, { backup, manifest }: Picked, found: readonly string[], seconds: number): number {
  if (found.length > 0) {
    const more = found.length > SHOWN ? [`and ${String(found.length - SHOWN)} more`] : [];
    throw new Failure(
      [`verify: backup ${backup.id} does not restore to what was recorded:`, ...found.slice(0, SHOWN), ...more].join(
        "\n  ",
      ),
    );
  }
  const tables = manifest.tables.length;
  const rows = rowsOf(manifest);
  keepRecord(place, {
    ...{ version: 1, identity: manifest.cluster.identity, snapshot: backup.id, made: manifest.created },
    lastVerified: new Date().toISOString(),
    ...{ tables, rows },
  });
  console.log(
    `Backup ${backup.id} is verified: ${String(tables)} tables with ${count(rows)} rows, their indexes and write hooks ` +
      `were restored into a cluster of their own, and are what was recorded (${String(seconds)} s).`,
  );
  return 0;
}

function folderOf(place: Place): string {
  const record = recordPath(place);
  return join(dirname(record), `verify-${place.stack.replaceAll("/", "_")}-${place.request.clusterName}`);
}
