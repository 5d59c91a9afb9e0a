/** What a cluster says of itself, from a sketch. */
import type { ShardUpdate } from "../../core/decide/handOver";
import type { ClusterStatus, Shard } from "../../core/decide/availability";

export interface TableSketch {
  readonly replicas: readonly string[];
  readonly nonvoting?: readonly string[];
  /** The first replica, unless said. */
  readonly primary?: string;
  /** Replicas that answer; all, unless said. */
  readonly ready?: readonly string[];
  /** Replicas on data that was given up: a server of the same name has another id. */
  readonly givenUp?: readonly string[];
}

/** A status with every server connected to every other, but for the cut links. */
export function status(
  servers: readonly string[],
  tables: Readonly<Record<string, readonly TableSketch[]>> = {},
  rest: {
    readonly cut?: readonly (readonly [string, string])[];
    readonly issues?: ClusterStatus["issues"];
    readonly untagged?: readonly string[];
  } = {},
): ClusterStatus {
  const isCut = (a: string, b: string): boolean => (rest.cut ?? []).some(([from, to]) => from === a && to === b);
  const entries = Object.entries(tables);
  return {
    servers: servers.map((name) => ({
      id: `id of ${name}`,
      name,
      network: {
        connected_to: Object.fromEntries(
          servers.filter((other) => other !== name).map((other) => [other, !isCut(name, other)]),
        ),
      },
    })),
    tables: entries.map(([name, shards]) => ({
      id: name,
      db: "test",
      name,
      shards: shards.map(({ replicas, primary, ready }) => ({
        primary_replicas: primary === undefined ? replicas.slice(0, 1) : [primary],
        replicas: replicas.map((server) => ({
          server,
          state: (ready ?? replicas).includes(server) ? "ready" : "disconnected",
        })),
      })),
      status: {
        all_replicas_ready: shards.every(({ replicas, ready }) => (ready ?? replicas).length === replicas.length),
      },
    })),
    configs: entries.map(([name, shards]) => ({
      id: name,
      db: "test",
      name,
      shards: shards.map((sketch) => shardOf(sketch, (server) => server)),
      shardsById: shards.map((sketch) =>
        shardOf(sketch, (server) => `${(sketch.givenUp ?? []).includes(server) ? "old " : ""}id of ${server}`),
      ),
    })),
    issues: rest.issues ?? [],
    untagged: rest.untagged ?? [],
  };
}

function shardOf({ replicas, nonvoting, primary }: TableSketch, name: (server: string) => string): Shard {
  return {
    primary_replica: name(primary ?? replicas[0] ?? ""),
    replicas: replicas.map(name),
    nonvoting_replicas: (nonvoting ?? []).map(name),
  };
}

/** The cluster after an update has settled. */
export function settled(before: ClusterStatus, updates: readonly ShardUpdate[]): ClusterStatus {
  const after = (id: string): readonly Shard[] =>
    updates.find(({ table }) => table === id)?.after ?? before.configs.find((c) => c.id === id)?.shards ?? [];
  return {
    ...before,
    configs: before.configs.map((config) => ({ ...config, shards: after(config.id) })),
    tables: before.tables.map((table) => ({
      ...table,
      shards: after(table.id).map((shard) => ({
        primary_replicas: [shard.primary_replica],
        replicas: shard.replicas.map((server) => ({ server, state: "ready" })),
      })),
    })),
  };
}
