/** Grants for common jobs, to be put into a user's `grants`. */
import type { GrantArgs } from "./accounts";

/** Reads one database, or every one but RethinkDB's own when none is named. */
export function readOnly(db?: string): readonly GrantArgs[] {
  return [{ ...scope(db), read: true }];
}

/** Reads and writes documents of one database, or of every one but RethinkDB's own; makes and drops nothing. */
export function readWrite(db?: string): readonly GrantArgs[] {
  return [{ ...scope(db), read: true, write: true }];
}

/**
 * What `rethinkdb-dump` and `rethinkdb-restore` need: reads and writes every database but RethinkDB's own, makes
 * databases, tables and indexes, and reads what servers there are. It could also drop tables.
 */
export function backup(): readonly GrantArgs[] {
  return [{ read: true, write: true, config: true }, ...system(BACKUP_TABLES)];
}

/** Watches the cluster and sees no data; the argv of every server and all statistics are among it. */
export function monitor(): readonly GrantArgs[] {
  return system(MONITOR_TABLES);
}

const BACKUP_TABLES = ["server_status", "table_config", "table_status"];
const MONITOR_TABLES = ["current_issues", "server_status", "stats", "table_status"];

function system(tables: readonly string[]): readonly GrantArgs[] {
  return tables.map((table) => ({ db: "rethinkdb", table, read: true }));
}

function scope(db: string | undefined): GrantArgs {
  return db === undefined ? {} : { db };
}
