/** Reads what `core/decide/availability.ts` judges, from one server's system tables. */
import { type Connection, r } from "rethinkdb-ts";
import type {
  ClusterStatus,
  Issue,
  ServerStatus,
  Shard,
  TableConfig,
  TableStatus,
} from "../../core/decide/availability";
import { ask } from "./session";

/** @throws Error when the server does not answer in time. */
export async function readStatus(connection: Connection): Promise<ClusterStatus> {
  const table = <T>(name: string): Promise<T[]> => ask(connection, r.db("rethinkdb").table<T>(name).coerceTo("array"));
  const [servers, tables, configs, byId, issues, tagged] = await Promise.all([
    table<ServerStatus>("server_status"),
    table<TableStatus>("table_status"),
    table<TableConfig>("table_config"),
    ask(
      connection,
      r
        .db("rethinkdb")
        .table<{ id: string; shards?: Shard[] }>("table_config", { identifierFormat: "uuid" })
        .coerceTo("array"),
    ),
    table<Issue>("current_issues"),
    table<{ name: string; tags: string[] }>("server_config"),
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
    untagged: tagged.filter(({ tags }) => tags.length === 0).map(({ name }) => name),
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
  const rows = await ask(
    connection,
    r
      .db("rethinkdb")
      .table<Stats>("stats")
      .filter((row) => row("id")(0).eq("table_server"))
      .coerceTo("array"),
  ).catch(() => undefined);
  return rows
    ?.filter(({ db = "", table = "" }) => tables.includes(`${db}.${table}`))
    .map(({ id, storage_engine }) => `${id.join("/")}=${String(storage_engine?.disk?.space_usage?.data_bytes)}`)
    .sort()
    .join(" ");
}
