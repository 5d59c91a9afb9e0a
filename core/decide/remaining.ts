/** What still lies on servers that leave. */
import { type ClusterStatus, tableName } from "./availability";

export interface Remaining {
  /** Names. */
  readonly tables: readonly string[];
  readonly replicas: number;
}

/** What still lies on leaving servers, in the configuration or, not yet dropped, in fact. */
export function remainingOn(
  leaving: readonly string[],
  status: ClusterStatus,
  abandoned: readonly string[],
): Remaining {
  const counts = new Map<string, number>();
  const note = (table: string, many: number): void => {
    if (many > 0 && !abandoned.includes(table)) counts.set(table, Math.max(many, counts.get(table) ?? 0));
  };
  const on = (names: readonly string[]): number => names.filter((name) => leaving.includes(name)).length;
  for (const { id, shards } of status.configs) note(id, sum((shards ?? []).map((shard) => on(shard.replicas))));
  for (const { id, shards } of status.tables) {
    note(id, sum((shards ?? []).map((shard) => on(shard.replicas.map(({ server }) => server)))));
  }
  const names = new Map([...status.tables, ...status.configs].map((table) => [table.id, tableName(table)]));
  return {
    tables: [...counts.keys()].map((id) => names.get(id) ?? id).sort(),
    replicas: sum([...counts.values()]),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
