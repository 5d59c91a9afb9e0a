/**
 * Reads an archive into a cluster, table by table. A table is filled under a name of its own and gets its real one when every
 * row, index and hook is there: so a restore that is killed leaves no table that looks whole and is not.
 */
import { type Connection, r } from "rethinkdb-ts";
import { fullName, type Manifest, type TableFacts } from "../../core/decide/backup/manifest";
import {
  fillingName,
  findLeftovers,
  judgeVersions,
  type Leftovers,
  type LiveName,
  planLayout,
  planRestore,
  type Wanted,
  withoutLeftovers,
} from "../../core/decide/backup/restorePlan";
import { describe, Failure } from "../lib/failure";
import { within } from "../lib/poll";
import { ask } from "../cluster/session";
import { systemTable, type TableInfo } from "./facts";
import { loadRows } from "./load";
import type { Meter } from "./meter";
import type { RowSum } from "./rowSum";
import { addIndexes, changeConfig, makeTable, takePlace, waitUntilReady } from "./table";
import { readTar } from "./tar";

/** Connections of a restore. */
export const CONNECTIONS = 4;
/** Seconds for RethinkDB to count or write down a table. */
const LONG_SECONDS = 3600;

export interface RestoreOptions {
  /** The first one asks and makes tables, all fill them. */
  readonly connections: readonly [Connection, ...Connection[]];
  readonly wanted: Wanted;
  /** Eight hexadecimal digits of this run. */
  readonly run: string;
  readonly say: (line: string) => void;
}

/** What was counted while a table was read. */
export type Counted = Pick<TableFacts, "rows" | "checksum">;

export interface Pouring extends RestoreOptions {
  readonly meter: Meter;
  /** By full name, where it is not known before the archive is read. */
  readonly counted?: ReadonlyMap<string, Counted>;
}

export interface Plan {
  readonly tables: readonly TableFacts[];
  readonly databases: readonly string[];
  readonly servers: readonly string[];
  /** Full names of tables that are there and may go. */
  readonly replaced: readonly string[];
}

/** Says everything that is in the way, then undoes what a killed restore left. @throws Failure before anything is touched. */
export async function prepareRestore(manifest: Manifest, options: RestoreOptions): Promise<Plan> {
  const { wanted, say } = options;
  const [connection] = options.connections;
  const status = await systemTable<{ name: string; process: { version: string } }>(connection, "server_status");
  const trouble = judgeVersions(
    manifest,
    status.map(({ process: { version } }) => version),
  );
  if (trouble !== undefined) throw new Failure(`restore: ${trouble}`);
  const found = await liveTables(connection);
  const leftovers = findLeftovers(found);
  if (leftovers.unclear.length > 0) throw new Failure(leftovers.unclear.map((line) => `restore: ${line}`).join("\n"));
  const live = withoutLeftovers(found, leftovers);
  const plan = planRestore(manifest, wanted, live);
  if ("trouble" in plan) throw new Failure(`restore: ${plan.trouble}`);
  await undoLeftovers(connection, leftovers, say);
  const names = live.map(fullName);
  return {
    ...plan,
    servers: status.map(({ name }) => name).sort(),
    replaced: plan.tables.map(fullName).filter((name) => names.includes(name)),
  };
}

function liveTables(connection: Connection): Promise<readonly LiveName[]> {
  return systemTable<LiveName>(connection, "table_config");
}

async function undoLeftovers(
  connection: Connection,
  { drop, rename }: Leftovers,
  say: (line: string) => void,
): Promise<void> {
  for (const { db, name, was } of rename) {
    await changeConfig(connection, db, name, { name: was });
    say(`a restore was killed while it replaced ${db}.${was}: the old table has its name again`);
  }
  for (const { db, name } of drop) {
    await ask(connection, r.db(db).tableDrop(name));
    say(`a restore was killed before ${db}.${name} was whole: it is dropped, and filled anew where it is wanted`);
  }
}

/** @param bytes the archive. */
export async function restoreTables(plan: Plan, bytes: AsyncIterable<Buffer>, options: Pouring): Promise<void> {
  const [connection] = options.connections;
  const there = await ask(connection, r.dbList());
  for (const db of plan.databases.filter((name) => !there.includes(name))) await ask(connection, r.dbCreate(db));
  const waiting = new Map(plan.tables.map((table) => [fullName(table), table]));
  let info: { readonly of: string; readonly value: TableInfo } | undefined;
  for await (const entry of readTar(bytes)) {
    if (waiting.size === 0) break;
    const [, db = "", file = ""] = entry.name.split("/");
    const [, table = "", kind] = /^(.+)\.(info|json)$/.exec(file) ?? [];
    const name = `${db}.${table}`;
    const facts = waiting.get(name);
    if (facts === undefined) continue;
    if (kind === "info") info = { of: name, value: await readInfo(entry.bytes) };
    else {
      if (info?.of !== name) throw new Failure(`restore: the archive says nothing of ${name} before its rows`);
      await restoreTable(facts, info.value, entry.bytes, plan, options);
      waiting.delete(name);
    }
  }
  if (waiting.size > 0) throw new Failure(`restore: ${[...waiting.keys()].join(", ")} is not in the archive`);
}

async function readInfo(bytes: AsyncIterable<Buffer>): Promise<TableInfo> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString("utf8")) as TableInfo;
}

async function restoreTable(
  facts: TableFacts,
  info: TableInfo,
  bytes: AsyncIterable<Buffer>,
  plan: Plan,
  options: Pouring,
): Promise<void> {
  const { connections, meter, run, say } = options;
  const [connection] = connections;
  const { db } = facts;
  const name = fullName(facts);
  const filling = fillingName(facts.name, run);
  const layout = planLayout(facts, plan.servers);
  try {
    await makeTable(connection, facts, filling, layout);
    const sum = await loadRows(connections, { db, name: filling }, bytes, meter);
    await within(LONG_SECONDS, r.db(db).table(filling).sync().run(connection));
    await checkCount(connection, { ...facts, ...options.counted?.get(name) }, filling, sum);
    await addIndexes(connection, db, filling, info);
    if (layout.shards > 1) {
      await ask(connection, r.db(db).table(filling).rebalance());
      await waitUntilReady(connection, db, filling);
    }
  } catch (error) {
    // Where the cluster is gone the next run drops it.
    await ask(connection, r.db(db).tableDrop(filling)).catch(() => undefined);
    if (error instanceof Failure) throw error;
    throw new Failure(
      `restore: ${name} was not restored (${describe(error).split("\n")[0] ?? ""}); no table of that name was made or ` +
        `changed; tables before it are whole; run it again`,
    );
  }
  try {
    await takePlace(connection, facts, filling, run, plan.replaced.includes(name));
  } catch (error) {
    throw new Failure(
      `restore: ${name} is whole and could not be given its name (${describe(error)}); run it again: it puts back what was there`,
    );
  }
  meter.addTable();
  if (layout.note !== undefined) say(layout.note);
}

/** Of what came out of the repository, and of what is in the table now. */
async function checkCount(connection: Connection, facts: TableFacts, filling: string, sum: RowSum): Promise<void> {
  const name = fullName(facts);
  if (sum.rows !== facts.rows || sum.text !== facts.checksum) {
    throw new Failure(
      `restore: ${name} has ${String(sum.rows)} rows in the archive and ${String(facts.rows)} were recorded, or they differ; ` +
        `the backup is damaged; use another one`,
    );
  }
  const found = await countRows(connection, facts.db, filling);
  if (found !== facts.rows) {
    throw new Failure(
      `restore: ${name} took ${String(found)} of ${String(facts.rows)} rows; it was not given its name`,
    );
  }
}

async function countRows(connection: Connection, db: string, table: string): Promise<number> {
  return within(LONG_SECONDS, r.db(db).table(table).count().run(connection));
}
