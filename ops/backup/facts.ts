/** What is known of tables, servers and accounts beside their rows. */
import { type Connection, r } from "rethinkdb-ts";
import { SYSTEM_DB } from "../../args/constants";
import type { IndexFacts, Manifest, TableShape } from "../../core/decide/backup/manifest";
import { ask } from "../cluster/session";

interface ConfigRow {
  readonly id: string;
  readonly db: string;
  readonly name: string;
  readonly primary_key: string;
  readonly durability: string;
  readonly write_acks: string;
  readonly shards: readonly {
    readonly primary_replica: string | null;
    readonly replicas: readonly string[];
    readonly nonvoting_replicas?: readonly string[];
  }[];
}

/** Bytes in base64. */
export interface RawBinary {
  readonly data: string;
}

interface IndexRow {
  readonly index: string;
  readonly query: string;
  readonly multi: boolean;
  readonly geo: boolean;
  /** RethinkDB's own form, which it takes back. */
  readonly function: RawBinary;
}

interface HookRow {
  readonly query: string;
  readonly function: RawBinary;
}

/** As the file `<table>.info` of a dump has it. */
export interface TableInfo {
  readonly primary_key: string;
  readonly indexes: readonly IndexRow[];
  readonly write_hook: HookRow | null;
  readonly doc_count_estimates: readonly number[];
}

export interface FoundTable {
  readonly shape: TableShape;
  readonly info: TableInfo;
  /** About as many. */
  readonly rows: number;
}

const RAW = { binaryFormat: "raw", timeFormat: "raw" } as const;

export function systemTable<T>(connection: Connection, name: string): Promise<T[]> {
  return ask(connection, r.db(SYSTEM_DB).table<T>(name).coerceTo("array"));
}

/** Tables without their rows, in the order of their names. */
export async function readTables(
  connection: Connection,
  wants: (table: { readonly db: string; readonly name: string }) => boolean,
): Promise<readonly FoundTable[]> {
  const configs = (await systemTable<ConfigRow>(connection, "table_config")).filter(wants);
  configs.sort((a, b) => (`${a.db}.${a.name}` < `${b.db}.${b.name}` ? -1 : 1));
  const found: FoundTable[] = [];
  for (const config of configs) found.push(await readTable(connection, config));
  return found;
}

async function readTable(connection: Connection, config: ConfigRow): Promise<FoundTable> {
  const { db, name } = config;
  const info = await readInfo(connection, db, name);
  const shards = config.shards.map(({ primary_replica, replicas, nonvoting_replicas = [] }) => ({
    primary: primary_replica,
    replicas,
    nonvoting: nonvoting_replicas,
  }));
  const shape = {
    ...{
      db,
      name,
      shards,
      primaryKey: config.primary_key,
      durability: config.durability,
      writeAcks: config.write_acks,
    },
    ...indexFacts(info),
  };
  return { shape, info, rows: info.doc_count_estimates.reduce((sum, count) => sum + count, 0) };
}

export function indexFacts(info: TableInfo): { indexes: readonly IndexFacts[]; writeHook: string | null } {
  return {
    indexes: info.indexes.map(({ index, query, multi, geo }) => ({ name: index, query, multi, geo })),
    writeHook: info.write_hook?.query ?? null,
  };
}

export async function readInfo(connection: Connection, db: string, name: string): Promise<TableInfo> {
  const table = r.db(db).table(name);
  const run = <T>(query: { run: (connection: Connection, options: typeof RAW) => Promise<unknown> }): Promise<T> =>
    ask(connection, { run: (at) => query.run(at, RAW) as Promise<T> });
  const [info, indexes, hook] = [
    await run<object>(table.info()),
    await run<readonly IndexRow[]>(table.indexStatus()),
    await run<HookRow | null>(table.getWriteHook()),
  ];
  return { ...(info as TableInfo), indexes, write_hook: hook };
}

/** What only admin may read. */
export async function readCluster(
  connection: Connection,
): Promise<Pick<Manifest, "servers" | "databases" | "users" | "grants">> {
  const [config, status, databases, users, permissions] = [
    await systemTable<{ name: string; tags: readonly string[] }>(connection, "server_config"),
    await systemTable<{ name: string; process: { version: string } }>(connection, "server_status"),
    await systemTable<{ name: string }>(connection, "db_config"),
    await systemTable<{ id: string }>(connection, "users"),
    await systemTable<Permission>(connection, "permissions"),
  ];
  const versionOf = (name: string): string => status.find((server) => server.name === name)?.process.version ?? "";
  return {
    servers: config.map(({ name, tags }) => ({ name, version: versionOf(name), tags })),
    databases: databases.map(({ name }) => name).sort(),
    users: users.map(({ id }) => id).sort(),
    grants: permissions.map(({ user, database, table, permissions: rights }) => ({
      ...{ user, rights, db: database ?? null, table: table ?? null },
    })),
  };
}

interface Permission {
  readonly user: string;
  readonly database?: string;
  readonly table?: string;
  readonly permissions: Readonly<Record<string, boolean>>;
}
