/** Reads what a cluster has now, row by row, to hold it against what was recorded. */
import type { RestoredTable } from "../../core/decide/backup/compare";
import { indexFacts, readTables } from "./facts";
import type { Meter } from "./meter";
import { readRows } from "./rows";
import { RowSum } from "./rowSum";
import { type Source, withConnection } from "./source";

/** Rows between two looks at the clock. */
const STEP = 1000;

export async function readBack(source: Source, meter: Meter): Promise<readonly RestoredTable[]> {
  return withConnection(source, async (connection) => {
    const restored: RestoredTable[] = [];
    for (const { shape, info } of await readTables(connection, () => true)) {
      const { db, name, primaryKey } = shape;
      const sum = new RowSum();
      for await (const row of readRows(connection, db, name)) {
        sum.add(row);
        if (sum.rows % STEP === 0) meter.addRows(STEP);
      }
      meter.addRows(sum.rows % STEP);
      meter.addTable();
      restored.push({ ...{ db, name, primaryKey, rows: sum.rows, checksum: sum.text }, ...indexFacts(info) });
    }
    return restored;
  });
}
