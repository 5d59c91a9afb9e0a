/** Fills a table with the rows of an archive's file. */
import type { Connection } from "rethinkdb-ts";
import { r } from "rethinkdb-ts";
import { describe } from "../lib/failure";
import type { Meter } from "./meter";
import { RowSum } from "./rowSum";

/** Inserts under way. */
const WRITERS = 8;
const BATCH_ROWS = 200;
const BATCH_BYTES = 1 << 20;

interface Inserted {
  readonly inserted: number;
  readonly errors: number;
  readonly first_error?: string;
}

/**
 * @param connections take turns.
 * @returns rows and checksum of what was read from the archive; every row of it was inserted.
 */
export async function loadRows(
  connections: readonly [Connection, ...Connection[]],
  table: { readonly db: string; readonly name: string },
  bytes: AsyncIterable<Buffer>,
  meter: Meter,
): Promise<RowSum> {
  const sum = new RowSum();
  const flying = new Set<Promise<void>>();
  let broken: unknown;
  let turn = 0;
  let batch: string[] = [];
  let size = 0;
  const send = async (): Promise<void> => {
    const rows = batch;
    batch = [];
    size = 0;
    // As many as there are writers wait, and no more are read meanwhile.
    while (flying.size >= WRITERS) await Promise.race(flying);
    if (broken !== undefined) throw broken as Error;
    const connection = connections[turn++ % connections.length] ?? connections[0];
    const insert = insertRows(connection, table, rows)
      .then(() => {
        meter.addRows(rows.length);
      })
      .catch((error: unknown) => {
        broken ??= error;
      })
      .finally(() => flying.delete(insert));
    flying.add(insert);
  };
  for await (const row of readRowLines(bytes)) {
    sum.add(row);
    batch.push(row);
    size += row.length;
    if (batch.length >= BATCH_ROWS || size >= BATCH_BYTES) await send();
  }
  if (batch.length > 0) await send();
  await Promise.all(flying);
  if (broken !== undefined) throw broken as Error;
  return sum;
}

/** RethinkDB reads the JSON itself: what it wrote down comes back as it was. */
async function insertRows(
  connection: Connection,
  { db, name }: { readonly db: string; readonly name: string },
  rows: readonly string[],
): Promise<void> {
  const documents = r.json(`[${rows.join(",")}]`) as unknown as readonly object[];
  const result = (await r
    .db(db)
    .table(name)
    .insert(documents as never, { durability: "soft", conflict: "error" })
    .run(connection)
    .catch((error: unknown) => {
      // The driver's own message repeats the query, with the rows.
      throw new Error(describe(error).split("\n")[0]);
    })) as unknown as Inserted;
  if (result.inserted === rows.length && result.errors === 0) return;
  const [reason = "no reason given"] = (result.first_error ?? "").split("\n").filter(Boolean);
  const missing = rows.length - result.inserted;
  // It quotes the row.
  throw new Error(`${String(missing)} rows were not taken: ${reason.replace(/[:`].*$/s, "")}`);
}

/** A row a line, between the lines `[` and `]`, as the official tools write it. @throws Error for anything else. */
export async function* readRowLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let state: "before" | "rows" | "after" = "before";
  for await (const line of readLines(bytes)) {
    if (state === "before") {
      if (line !== "[") throw new Error("the archive has a file that is no list of rows");
      state = "rows";
    } else if (state === "rows" && line === "]") state = "after";
    else if (state === "rows") {
      const row = line.endsWith(",") ? line.slice(0, -1) : line;
      if (row !== "") yield row;
    } else if (line !== "") throw new Error("the archive has a file with something behind its list of rows");
  }
  if (state !== "after") throw new Error("the archive has a list of rows that ends too early");
}

async function* readLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  for await (const chunk of bytes) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, at);
      yield parts.length === 0 ? piece.toString("utf8") : Buffer.concat([...parts, piece]).toString("utf8");
      parts = [];
      from = at + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString("utf8");
}
