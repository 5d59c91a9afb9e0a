/** What the account of the programs of `ops/` may do; see docs/security.md. */

export interface OperatorRight {
  /** Table of the database `rethinkdb`. */
  readonly table: string;
  readonly rights: { readonly read?: boolean; readonly write?: boolean };
}

/** Enough to judge health and to move shards; it can neither read data nor change accounts. */
export const OPERATOR_RIGHTS: readonly OperatorRight[] = [
  { table: "server_status", rights: { read: true } },
  { table: "table_status", rights: { read: true } },
  { table: "current_issues", rights: { read: true } },
  { table: "table_config", rights: { read: true, write: true } },
  { table: "server_config", rights: { read: true, write: true } },
  { table: "stats", rights: { read: true } },
];
