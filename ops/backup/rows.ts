/** Reads all rows of a table as RethinkDB itself writes them down, so that nothing of them changes on the way. */
import { type Connection, isRethinkDBError, r, type RDatum, RethinkDBErrorType } from "rethinkdb-ts";

/** Rows as JSON texts, in the order of the primary key. */
export async function* readRows(connection: Connection, db: string, table: string): AsyncGenerator<string> {
  const query = r
    .db(db)
    .table(table)
    .orderBy({ index: await primaryKeyOf(connection, db, table) })
    .map((row: RDatum) => (row as unknown as { toJsonString(): RDatum<string> }).toJsonString());
  const cursor = await query.getCursor(connection);
  try {
    for (;;) yield await cursor.next();
  } catch (error) {
    // The driver says the end of the rows as an error.
    if (isRethinkDBError(error) && error.type === RethinkDBErrorType.CURSOR_END) return;
    throw error;
  } finally {
    await cursor.close().catch(() => undefined);
  }
}

async function primaryKeyOf(connection: Connection, db: string, table: string): Promise<string> {
  const info = (await r.db(db).table(table).info().run(connection)) as unknown as { readonly primary_key: string };
  return info.primary_key;
}
