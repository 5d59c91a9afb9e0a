/** Compares what a restored table has with what was recorded at the dump. */
import { fullName, type IndexFacts, type TableFacts } from "./manifest";

export interface RestoredTable {
  readonly db: string;
  readonly name: string;
  readonly primaryKey: string;
  readonly indexes: readonly IndexFacts[];
  readonly writeHook: string | null;
  readonly rows: number;
  readonly checksum: string;
}

/** One line a difference; empty when there is none. */
export function differences(recorded: readonly TableFacts[], restored: readonly RestoredTable[]): readonly string[] {
  const found = new Map(restored.map((table) => [fullName(table), table]));
  const extra = restored.filter((table) => !recorded.some((other) => fullName(other) === fullName(table)));
  return [
    ...recorded.flatMap((table) => {
      const now = found.get(fullName(table));
      return now === undefined ? [`${fullName(table)} is missing`] : ofTable(table, now);
    }),
    ...extra.map((table) => `${fullName(table)} was not in the backup`),
  ];
}

function ofTable(recorded: TableFacts, now: RestoredTable): readonly string[] {
  const name = fullName(recorded);
  const lines: string[] = [];
  const differ = (what: string, then: string | number, found: string | number): void => {
    if (then !== found) lines.push(`${name}: ${what} ${String(found)} instead of ${String(then)}`);
  };
  differ("primary key", recorded.primaryKey, now.primaryKey);
  differ("rows", recorded.rows, now.rows);
  if (recorded.rows === now.rows && recorded.checksum !== now.checksum) lines.push(`${name}: the rows differ`);
  for (const index of recorded.indexes) {
    const same = now.indexes.find((other) => other.name === index.name);
    if (same === undefined) lines.push(`${name}: index "${index.name}" is missing`);
    else if (!sameIndex(index, same)) lines.push(`${name}: index "${index.name}" is another one`);
  }
  for (const { name: index } of now.indexes) {
    if (!recorded.indexes.some((other) => other.name === index)) lines.push(`${name}: index "${index}" is new`);
  }
  if (recorded.writeHook !== now.writeHook) {
    const what = now.writeHook === null ? "is missing" : recorded.writeHook === null ? "is new" : "is another one";
    lines.push(`${name}: the write hook ${what}`);
  }
  return lines;
}

function sameIndex(a: IndexFacts, b: IndexFacts): boolean {
  return a.query === b.query && a.multi === b.multi && a.geo === b.geo;
}
