/** Reads what `core/whole.ts` judges, from one server's system tables. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, r } from "rethinkdb-ts";
import type { ClusterStatus, Issue, ServerStatus, TableConfig, TableStatus } from "../core/whole";

/** A frozen server keeps its connections and never answers. */
const PATIENCE_MS = 30_000;

export async function readStatus(connection: Connection): Promise<ClusterStatus> {
  const timer = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer in ${String(PATIENCE_MS / 1000)} seconds`);
  });
  try {
    return await Promise.race([readTables(connection), late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

async function readTables(connection: Connection): Promise<ClusterStatus> {
  const table = <T>(name: string): Promise<T[]> => r.db("rethinkdb").table<T>(name).coerceTo("array").run(connection);
  const [servers, tables, configs, issues] = await Promise.all([
    table<ServerStatus>("server_status"),
    table<TableStatus>("table_status"),
    table<TableConfig>("table_config"),
    table<Issue>("current_issues"),
  ]);
  return { servers, tables, configs, issues };
}
