/**
 * How one server's tables are kept in service while it restarts: what is moved off it before, and how it comes back.
 * Two short interruptions of a shard instead of one of over two seconds and one more when the server returns.
 */
import { type ClusterStatus, readyReplicas, type Shard, type TableConfig, tableName, votersOf } from "./availability";

/** What was done to one shard for the time of a restart; kept on the server's data volume until it is undone. */
export interface HandedOver {
  /** Table id. */
  readonly table: string;
  readonly shard: number;
  /**
   * `primary`: another voting replica leads. `nonvoting`: the server's vote is taken besides, since two votes survive no
   * stop. `copied`: the only replica is on another server.
   */
  readonly how: "primary" | "nonvoting" | "copied";
  /** Who leads meanwhile; null where the server did not lead. */
  readonly to: string | null;
}

/** One change of a table's shards. */
export interface ShardUpdate {
  readonly table: string;
  readonly name: string;
  readonly before: readonly Shard[];
  readonly after: readonly Shard[];
}

export interface HandOverOptions {
  /** Copy tables of one replica to another server first, instead of interrupting them. */
  readonly copySingles: boolean;
  /** What an interrupted run had begun; it stays the truth about the layout before. */
  readonly begun: readonly HandedOver[];
}

/** @returns what has to be done to every shard of which `server` has a replica that counts. */
export function planHandOver(server: string, status: ClusterStatus, options: HandOverOptions): readonly HandedOver[] {
  const begun = new Map(options.begun.map((entry) => [keyOf(entry), entry]));
  // What is put on a server that is about to go would go with it.
  const drained = new Set(status.untagged);
  const leads = new Map<string, number>();
  for (const config of status.configs) {
    for (const shard of config.shards ?? []) add(leads, shard.primary_replica);
  }
  const fresh = status.configs.flatMap((config) =>
    (config.shards ?? []).flatMap((shard, index): HandedOver[] => {
      if (begun.has(keyOf({ table: config.id, shard: index }))) return [];
      const ready = readyReplicas(config.id, index, status);
      const voters = votersOf(shard);
      if (!voters.includes(server) || !ready.includes(server)) return [];
      const others = voters.filter((name) => name !== server && ready.includes(name) && !drained.has(name));
      const leading = shard.primary_replica === server;
      const entry = (how: HandedOver["how"], candidates: readonly string[]): HandedOver[] => {
        const to = leading ? leastBusy(candidates, leads) : null;
        if (leading && to === undefined) return [];
        if (to) add(leads, to);
        return [{ table: config.id, shard: index, how, to: to ?? null }];
      };
      if (voters.length === 1) {
        const free = status.servers
          .map(({ name }) => name)
          .filter((name) => !shard.replicas.includes(name) && !drained.has(name));
        return options.copySingles ? entry("copied", free) : [];
      }
      if (voters.length === 2) return entry("nonvoting", others);
      return leading ? entry("primary", others) : [];
    }),
  );
  return [...options.begun, ...fresh];
}

/** Steps before the stop. A primary and a vote never change in one update: a leader that steps down halts the table. */
export type HandOverStep = "copy" | "lead" | "reduce";
export const HAND_OVER_STEPS: readonly HandOverStep[] = ["copy", "lead", "reduce"];

/** Steps after the return. */
export type ReturnStep = "restore" | "lead back" | "drop copies";
export const RETURN_STEPS: readonly ReturnStep[] = ["restore", "lead back", "drop copies"];

/** @returns the updates of one step; what is as it should be, or was changed by someone else since, is left alone. */
export function planStep(
  step: HandOverStep | ReturnStep,
  server: string,
  entries: readonly HandedOver[],
  status: ClusterStatus,
): readonly ShardUpdate[] {
  return status.configs.flatMap((config) => {
    const mine = entries.filter(({ table }) => table === config.id);
    if (config.shards === undefined) return [];
    const after = config.shards.map((shard, index) => {
      const entry = mine.find((candidate) => candidate.shard === index);
      return entry === undefined ? shard : changeShard(step, server, entry, shard);
    });
    return updateOf(config, after);
  });
}

function changeShard(step: HandOverStep | ReturnStep, server: string, entry: HandedOver, shard: Shard): Shard {
  const { how, to } = entry;
  const has = (name: string | null): name is string => name !== null && shard.replicas.includes(name);
  const votes = (name: string | null): name is string => has(name) && !shard.nonvoting_replicas.includes(name);
  const copied = how === "copied" && to !== null;
  switch (step) {
    case "copy":
      return copied && has(server) && !has(to) ? { ...shard, replicas: [...shard.replicas, to] } : shard;
    case "lead":
      return shard.primary_replica === server && votes(to) ? { ...shard, primary_replica: to } : shard;
    case "reduce":
      if (shard.primary_replica === server) return shard;
      if (how === "nonvoting" && votes(server) && votersOf(shard).length === 2) {
        return { ...shard, nonvoting_replicas: [...shard.nonvoting_replicas, server] };
      }
      return copied && has(server) && votes(to)
        ? { ...shard, replicas: shard.replicas.filter((name) => name !== server) }
        : shard;
    case "restore":
      if (how === "nonvoting" && has(server) && !votes(server)) {
        return { ...shard, nonvoting_replicas: shard.nonvoting_replicas.filter((name) => name !== server) };
      }
      return copied && !has(server) && has(to) ? { ...shard, replicas: [...shard.replicas, server] } : shard;
    case "lead back":
      return shard.primary_replica === to && votes(server) ? { ...shard, primary_replica: server } : shard;
    case "drop copies":
      return copied && has(to) && has(server) && shard.primary_replica === server
        ? { ...shard, replicas: shard.replicas.filter((name) => name !== to) }
        : shard;
    default:
      return step satisfies never;
  }
}

/** An update of a table, if anything changed. */
export function updateOf(config: TableConfig, after: readonly Shard[]): readonly ShardUpdate[] {
  const before = config.shards ?? [];
  if (after.every((shard, index) => shard === before[index])) return [];
  return [{ table: config.id, name: tableName(config), before, after }];
}

/** Measured: more shards at once lengthen every table's interruption (docs/operations.md). */
const SHARDS_AT_ONCE = 4;

/** In one batch a table is changed once, so one of many shards is changed over several. */
export function inBatches(updates: readonly ShardUpdate[]): readonly (readonly ShardUpdate[])[] {
  const batches: ShardUpdate[][] = [];
  let room = 0;
  for (const part of updates.flatMap(inParts)) {
    const changed = changedShards(part).length;
    // A table's next part finds no room: the part before it is a whole batch.
    if (room < changed) {
      batches.push([]);
      room = SHARDS_AT_ONCE;
    }
    batches.at(-1)?.push(part);
    room -= changed;
  }
  return batches;
}

function inParts(update: ShardUpdate): readonly ShardUpdate[] {
  const changed = changedShards(update);
  const parts: ShardUpdate[] = [];
  let before = update.before;
  for (let start = 0; start < changed.length; start += SHARDS_AT_ONCE) {
    const now = changed.slice(start, start + SHARDS_AT_ONCE);
    const source = before;
    const after = source.map((shard, index) => (now.includes(index) ? (update.after[index] ?? shard) : shard));
    parts.push({ ...update, before: source, after });
    before = after;
  }
  return parts;
}

function changedShards(update: ShardUpdate): readonly number[] {
  return update.after
    .map((shard, index) => (shard === update.before[index] ? -1 : index))
    .filter((index) => index >= 0);
}

function keyOf({ table, shard }: Pick<HandedOver, "table" | "shard">): string {
  return `${table}/${String(shard)}`;
}

/** Counts one more under a name. */
export function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** The first of those that lead least. */
export function leastBusy(names: readonly string[], load: ReadonlyMap<string, number>): string | undefined {
  return [...names].sort((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0))[0];
}
