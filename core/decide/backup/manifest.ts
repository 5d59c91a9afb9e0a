/** What a backup says of itself: what a dump lacks, and what was counted while it was read. */
import {
  flag,
  list,
  map,
  nullable,
  number,
  object,
  text,
  type ValueOf,
  type ValuesOf,
} from "../../programs/parts/fields";
import { type Fields, readFields } from "../../programs/parts/fields";

/** Raised when an older version could not restore what a newer one wrote. */
export const MANIFEST_FORMAT = 1;

const shard = object({ primary: nullable(text), replicas: list(text), nonvoting: list(text) });
const index = object({ name: text, query: text, multi: flag, geo: flag });

const table = object({
  db: text,
  name: text,
  primaryKey: text,
  durability: text,
  writeAcks: text,
  shards: list(shard),
  indexes: list(index),
  /** As RethinkDB prints it; null where there is none. */
  writeHook: nullable(text),
  rows: number,
  /** Of all rows, in any order. */
  checksum: text,
  /** Of the table's file in the archive. */
  bytes: number,
});

const fields = {
  format: number,
  /** ISO 8601. */
  created: text,
  cluster: object({ name: text, identity: text }),
  servers: list(object({ name: text, version: text, tags: list(text) })),
  databases: list(text),
  tables: list(table),
  /** Without passwords. */
  users: list(text),
  grants: list(object({ user: text, db: nullable(text), table: nullable(text), rights: map(flag) })),
  /** Of the stack, without secrets, as JSON. */
  config: text,
} satisfies Fields;

export type Shard = ValueOf<typeof shard>;
export type IndexFacts = ValueOf<typeof index>;
export type TableFacts = ValueOf<typeof table>;
export type Manifest = ValuesOf<typeof fields>;
/** Of a table, before its rows are read. */
export type TableShape = Omit<TableFacts, "rows" | "checksum" | "bytes">;

export type ReadManifest = { readonly manifest: Manifest } | { readonly trouble: string };

export function readManifest(text: string): ReadManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { trouble: "its list of contents is not JSON" };
  }
  const { format } = (typeof value === "object" && value !== null ? value : {}) as { readonly format?: unknown };
  if (typeof format === "number" && format > MANIFEST_FORMAT) {
    return { trouble: `a newer version of this project made it (format ${String(format)}); update the project` };
  }
  try {
    return { manifest: readFields(fields, value) };
  } catch (error) {
    return { trouble: `its list of contents is incomplete: ${(error as Error).message}` };
  }
}

export function fullName({ db, name }: { readonly db: string; readonly name: string }): string {
  return `${db}.${name}`;
}

export function rowsOf({ tables }: Pick<Manifest, "tables">): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}
