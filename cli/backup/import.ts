/** `backup import`: brings the databases of a RethinkDB that this project did not make into the stack's cluster. */
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { fullName, MANIFEST_FORMAT, type Manifest, rowsOf } from "../../core/decide/backup/manifest";
import { nowInSeconds, writeArchive } from "../../ops/backup/dump";
import { type FoundTable, readTables, systemTable } from "../../ops/backup/facts";
import { count, Meter } from "../../ops/backup/meter";
import { CONNECTIONS, prepareRestore, restoreTables } from "../../ops/backup/restore";
import { foreignSource, type Source, withConnection, withConnections } from "../../ops/backup/source";
import { Failure } from "../../ops/lib/failure";
import { adminSource, newRun, readPlace, say } from "./place";
import { words } from "./restore";

const DRIVER_PORT = 28015;

export async function importFrom(project: string, options: ReadonlyMap<string, string>): Promise<number> {
  const place = await readPlace(project, options);
  const source = readSource(options, process.env["RETHINKDB_PASSWORD"] ?? "");
  const only = words(options.get("--only"));
  const wants = ({ db, name }: { readonly db: string; readonly name: string }): boolean =>
    only.length === 0 || only.includes(db) || only.includes(`${db}.${name}`);
  const found = await withConnection(source, async (connection) => {
    const servers = await systemTable<{ name: string; process: { version: string } }>(connection, "server_status");
    const databases = await systemTable<{ name: string }>(connection, "db_config");
    return { servers, databases, tables: await readTables(connection, wants) };
  });
  const manifest = manifestOf(source, found);
  const imported = await withConnections(adminSource(place), CONNECTIONS, async (connections) => {
    const wanted = { only, replace: words(options.get("--replace")) };
    const restoring = { connections, wanted, run: newRun(), say };
    const plan = await prepareRestore(manifest, restoring);
    const meter = new Meter("import", { tables: plan.tables.length, rows: rowsOf(plan) });
    const counted = new Map<string, { readonly rows: number; readonly checksum: string }>();
    const pipe = new PassThrough();
    const reading = writeArchive({
      ...{ source, sink: pipe, seconds: nowInSeconds(), who: "import", meter: meter.silent() },
      tables: found.tables,
      onRead: (facts) => counted.set(fullName(facts), facts),
    }).catch((error: unknown) => {
      pipe.destroy(error as Error);
      throw error;
    });
    const writing = restoreTables(plan, pipe as AsyncIterable<Buffer>, { ...restoring, meter, counted }).catch(
      (error: unknown) => {
        pipe.destroy();
        throw error;
      },
    );
    await settleBoth(reading, writing);
    meter.end();
    return [...counted.values()];
  });
  const rows = imported.reduce((sum, table) => sum + table.rows, 0);
  console.log(
    `${String(imported.length)} tables with ${count(rows)} rows of ${source.name} are imported. ` +
      `Users and rights are not: add them to the stack's config, then run up.`,
  );
  return 0;
}

/** Where the source failed, its reason is the better one. */
async function settleBoth(reading: Promise<unknown>, writing: Promise<unknown>): Promise<void> {
  const [read, written] = await Promise.allSettled([reading, writing]);
  const failed = [read, written].flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const first = failed.find((reason) => reason instanceof Failure) ?? failed[0];
  if (first !== undefined) throw first as Error;
}

function readSource(options: ReadonlyMap<string, string>, password: string): Source {
  const from = options.get("--from") ?? "";
  const [, host = "", digits = String(DRIVER_PORT)] = /^([A-Za-z0-9._-]+)(?::(\d+))?$/.exec(from) ?? [];
  const port = Number(digits);
  if (host === "" || port < 1 || port > 65535) {
    throw new Failure(`import: say where to import from: --from HOST:PORT${from === "" ? "" : `, not "${from}"`}`);
  }
  const file = options.get("--ca");
  return foreignSource({ host, port, user: options.get("--user") ?? "admin", password, ca: readCa(file) });
}

function readCa(file: string | undefined): string | undefined {
  if (file === undefined) {
    say(
      "import: without --ca FILE rows are read without TLS: only for a source on this machine or a network you trust",
    );
    return undefined;
  }
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`import: --ca: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? ""})`);
  }
}

interface Found {
  readonly servers: readonly { readonly name: string; readonly process: { readonly version: string } }[];
  readonly databases: readonly { readonly name: string }[];
  readonly tables: readonly FoundTable[];
}

function manifestOf(source: Source, { servers, databases, tables }: Found): Manifest {
  return {
    ...{ format: MANIFEST_FORMAT, created: new Date().toISOString(), users: [], grants: [], config: "{}" },
    cluster: { name: source.name, identity: "" },
    servers: servers.map(({ name, process }) => ({ name, version: process.version, tags: [] })),
    databases: databases.map(({ name }) => name),
    // Counted while they are read.
    tables: tables.map(({ shape, rows }) => ({ ...shape, rows, checksum: "", bytes: 0 })),
  };
}
