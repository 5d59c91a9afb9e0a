/** Reads what `core/whole.ts` judges, from one server's system tables. */
import { type Connection, r } from "rethinkdb-ts";
import type { ClusterStatus, Issue, ServerStatus, TableConfig, TableStatus } from "../core/whole";

export async function readStatus(connection: Connection): Promise<ClusterStatus> {
  const table = <T>(name: string): Promise<T[]> => r.db("rethinkdb").table<T>(name).coerceTo("array").run(connection);
  const [servers, tables, configs, issues] = await Promise.all([
    table<ServerStatus>("server_status"),
    table<TableStatus>("table_status"),
    table<TableConfig>("table_config"),
    table<Issue>("current_issues"),
  ]);
  return { servers, tables, configs, issues };
}
