/** Reads what `core/whole.ts` judges, from one server's system tables. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, r } from "rethinkdb-ts";
import type { ClusterStatus, Issue, ServerStatus, Shard, TableConfig, TableStatus } from "../core/whole";

/** A frozen server keeps its connections and never answers. */
const PATIENCE_MS = 30_000;

export async function readStatus(connection: Connection): Promise<ClusterStatus> {
  return withinPatience(readTables(connection));
}

async function withinPatience<T>(answer: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer in ${String(PATIENCE_MS / 1000)} seconds`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

async function readTables(connection: Connection): Promise<ClusterStatus> {
  const table = <T>(name: string): Promise<T[]> => r.db("rethinkdb").table<T>(name).coerceTo("array").run(connection);
  const [servers, tables, configs, byId, issues] = await Promise.all([
    table<ServerStatus>("server_status"),
    table<TableStatus>("table_status"),
    table<TableConfig>("table_config"),
    r
      .db("rethinkdb")
      .table<{ id: string; shards?: Shard[] }>("table_config", { identifierFormat: "uuid" })
      .coerceTo("array")
      .run(connection),
    table<Issue>("current_issues"),
  ]);
  const shardsById = new Map(byId.map(({ id, shards }) => [id, shards]));
  return {
    servers,
    tables,
    // The two readings are not one: a layout changed in between has no ids yet.
    configs: configs.map((config) => {
      const ids = shardsById.get(config.id);
      const same = ids?.every((shard, i) => shard.replicas.length === config.shards?.[i]?.replicas.length);
      return ids !== undefined && same === true ? { ...config, shardsById: ids } : config;
    }),
    issues,
  };
}

/** What grows while tables are copied, as one text to compare; undefined where the account may not read it. */
export type Sizes = string;

export async function readSizes(connection: Connection, tables: readonly string[]): Promise<Sizes | undefined> {
  interface Stats {
    readonly id: readonly string[];
    readonly db?: string;
    readonly table?: string;
    readonly storage_engine?: { readonly disk?: { readonly space_usage?: { readonly data_bytes?: number } } };
  }
  const rows = await withinPatience(
    r
      .db("rethinkdb")
      .table<Stats>("stats")
      .filter((row) => row("id")(0).eq("table_server"))
      .coerceTo("array")
      .run(connection),
  ).catch(() => undefined);
  return rows
    ?.filter(({ db = "", table = "" }) => tables.includes(`${db}.${table}`))
    .map(({ id, storage_engine }) => `${id.join("/")}=${String(storage_engine?.disk?.space_usage?.data_bytes)}`)
    .sort()
    .join(" ");
}
