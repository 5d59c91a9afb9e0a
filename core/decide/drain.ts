/** How servers leave a cluster: whether they can, and where each of their replicas goes. */
import { add, leastBusy, type ShardUpdate, updateOf } from "./handOver";
import {
  type ClusterStatus,
  majorityOf,
  readyReplicas,
  type Shard,
  type TableConfig,
  tableName,
  votersOf,
} from "./availability";

export interface Drain {
  /** Names of the servers that leave. */
  readonly leaving: readonly string[];
  /** Names of the servers that remain, connected or not. */
  readonly staying: readonly string[];
  /** Tables may keep fewer replicas where not enough servers remain. */
  readonly lowerReplicas: boolean;
  /** Tables that cannot be moved are left behind. */
  readonly abandonData: boolean;
}

/** What a table had before the first of it was moved: an interrupted move is between two layouts. */
export interface LayoutBefore {
  readonly table: string;
  readonly shards: readonly { readonly voting: number; readonly nonvoting: number }[];
}

/** @returns why the whole step is impossible, a sentence each; empty when every replica has a place to go. */
export function judgeDrain(
  drain: Drain,
  status: ClusterStatus,
  layouts: readonly LayoutBefore[] = [],
): readonly string[] {
  const { leaving, staying, lowerReplicas, abandonData } = drain;
  const connected = takersOf(staying, status);
  const problems: string[] = [];
  const [tooMany, stuck, unknown, noRoom] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];
  for (const config of status.configs) {
    const name = tableName(config);
    if (config.shards === undefined) unknown.add(name);
    config.shards?.forEach((shard, index) => {
      if (!shard.replicas.some((replica) => leaving.includes(replica))) return;
      const { voting, nonvoting } = wantedOf(config, index, shard, layouts);
      if (!isMovable(config, index, shard, status)) stuck.add(name);
      else if (voting + nonvoting > staying.length) tooMany.add(name);
      else if (voting + nonvoting > connected.length) noRoom.add(name);
    });
  }
  const list = (names: ReadonlySet<string>): string => [...names].sort().join(", ");
  const remain =
    staying.length === 1 ? "the one server that remains" : `the ${String(staying.length)} servers that remain`;
  if (tooMany.size > 0 && !lowerReplicas) {
    problems.push(
      `nodes: ${list(tooMany)} has more replicas than ${remain}; ` +
        `lower them with allow: ["lower-replicas"], or keep more servers`,
    );
  }
  if (noRoom.size > 0 || (tooMany.size > 0 && connected.length === 0)) {
    const away = staying.filter((server) => !connected.includes(server));
    problems.push(
      `nodes: ${list(noRoom.size > 0 ? noRoom : tooMany)} needs a place on ${away.join(", ")}, which is not connected or has no tags; ` +
        `start it, or give it back its tags in rethinkdb.server_config`,
    );
  }
  if (stuck.size > 0 && !abandonData) {
    problems.push(
      `nodes: ${list(stuck)} cannot be moved, too many of its replicas are on servers that do not answer; ` +
        `start those servers, or leave its data behind with allow: ["abandon-data"]`,
    );
  }
  if (unknown.size > 0 && !abandonData) {
    problems.push(
      `nodes: no server knows where ${list(unknown)} has its replicas; start the servers that have them, ` +
        `or leave its data behind with allow: ["abandon-data"]`,
    );
  }
  return problems;
}

/** A layout can be changed while a majority of the voting replicas is ready. */
function isMovable(config: TableConfig, index: number, shard: Shard, status: ClusterStatus): boolean {
  const voters = votersOf(shard);
  const ready = readyReplicas(config.id, index, status).filter((name) => voters.includes(name));
  return ready.length >= majorityOf(voters);
}

/** Those that can take replicas: connected, and not drained. */
function takersOf(names: readonly string[], status: ClusterStatus): readonly string[] {
  return names.filter(
    (name) => status.servers.some((server) => server.name === name) && !status.untagged.includes(name),
  );
}

/** @returns layouts of the tables that have replicas to move and are not in `known` yet, added to those that are. */
export function layoutsBefore(
  leaving: readonly string[],
  known: readonly LayoutBefore[],
  status: ClusterStatus,
): readonly LayoutBefore[] {
  const fresh = status.configs
    .filter(({ id }) => !known.some(({ table }) => table === id))
    .filter(({ shards }) => shards?.some(({ replicas }) => replicas.some((name) => leaving.includes(name))))
    .map(({ id, shards }) => ({
      table: id,
      shards: (shards ?? []).map((shard) => ({
        voting: votersOf(shard).length,
        nonvoting: shard.nonvoting_replicas.length,
      })),
    }));
  return [...known, ...fresh];
}

/**
 * The next update of each table that still has replicas on leaving servers. A primary moves in an update of its own, to
 * a replica that is ready: a leader that steps down in mid-flight halts the table.
 */
export function planDrain(
  drain: Drain,
  layouts: readonly LayoutBefore[],
  status: ClusterStatus,
): readonly ShardUpdate[] {
  const places = new Places(drain, status);
  return status.configs.flatMap((config) => {
    const after = (config.shards ?? []).map((shard, index) => {
      if (!shard.replicas.some((name) => drain.leaving.includes(name))) return shard;
      if (!isMovable(config, index, shard, status)) return shard;
      const wanted = wantedOf(config, index, shard, layouts);
      const target = places.choose(shard, wanted, readyReplicas(config.id, index, status));
      return stepTowards(shard, target);
    });
    return updateOf(config, after);
  });
}

/** As the shard was before an interrupted move; as it is where none began, or its table was cut anew since. */
function wantedOf(
  config: TableConfig,
  index: number,
  shard: Shard,
  layouts: readonly LayoutBefore[],
): { readonly voting: number; readonly nonvoting: number } {
  const layout = layouts.find(({ table }) => table === config.id)?.shards;
  const known = layout?.length === config.shards?.length ? layout?.[index] : undefined;
  return known ?? { voting: votersOf(shard).length, nonvoting: shard.nonvoting_replicas.length };
}

function stepTowards(shard: Shard, target: Shard): Shard {
  if (shard.primary_replica === target.primary_replica) return target;
  if (votersOf(shard).includes(target.primary_replica)) return { ...shard, primary_replica: target.primary_replica };
  const nonvoting = shard.nonvoting_replicas.filter((name) => name !== target.primary_replica);
  const replicas = [...new Set([...shard.replicas, target.primary_replica])];
  return { ...shard, replicas, nonvoting_replicas: nonvoting };
}

/** Spreads replicas and primaries over the servers that remain. */
class Places {
  private readonly replicas = new Map<string, number>();
  private readonly primaries = new Map<string, number>();
  private readonly connected: readonly string[];

  constructor(
    private readonly drain: Drain,
    status: ClusterStatus,
  ) {
    this.connected = takersOf(drain.staying, status);
    for (const { shards } of status.configs) {
      for (const shard of shards ?? []) {
        for (const name of shard.replicas) add(this.replicas, name);
        add(this.primaries, shard.primary_replica);
      }
    }
  }

  choose(
    shard: Shard,
    wanted: { readonly voting: number; readonly nonvoting: number },
    ready: readonly string[],
  ): Shard {
    const stays = (name: string): boolean => !this.drain.leaving.includes(name);
    // Those that answer first: where fewer are wanted than there are, the others go.
    const present = (names: readonly string[]): readonly string[] =>
      names.filter(stays).sort((a, b) => Number(ready.includes(b)) - Number(ready.includes(a)));
    const keptVoters = present(votersOf(shard)).slice(0, wanted.voting);
    const keptOthers = present(shard.nonvoting_replicas).slice(0, wanted.nonvoting);
    const kept = [...keptVoters, ...keptOthers];
    const newVoters = this.take(wanted.voting - keptVoters.length, kept);
    // Where servers are too few, votes are worth more than copies without one.
    const promoted = keptOthers.slice(0, wanted.voting - keptVoters.length - newVoters.length);
    const voters = [...keptVoters, ...newVoters, ...promoted];
    const newOthers = this.take(wanted.nonvoting - keptOthers.length, [...kept, ...newVoters]);
    const others = [...keptOthers.slice(promoted.length), ...newOthers];
    return {
      primary_replica: this.primaryOf(shard, voters, ready),
      replicas: [...voters, ...others],
      nonvoting_replicas: others,
    };
  }

  private take(many: number, taken: readonly string[]): readonly string[] {
    const chosen: string[] = [];
    while (chosen.length < many) {
      const free = this.connected.filter((name) => ![...taken, ...chosen].includes(name));
      const next = leastBusy(free, this.replicas);
      if (next === undefined) break;
      add(this.replicas, next);
      chosen.push(next);
    }
    return chosen;
  }

  private primaryOf(shard: Shard, voters: readonly string[], ready: readonly string[]): string {
    if (voters.includes(shard.primary_replica)) return shard.primary_replica;
    const able = voters.filter((name) => ready.includes(name) && votersOf(shard).includes(name));
    const chosen = leastBusy(able.length > 0 ? able : voters, this.primaries) ?? shard.primary_replica;
    add(this.primaries, chosen);
    return chosen;
  }
}

/** Tables that the override leaves behind. */
export function abandonedTables({ leaving }: Drain, status: ClusterStatus): readonly TableConfig[] {
  return status.configs.filter(
    (config) =>
      config.shards?.some(
        (shard, index) =>
          shard.replicas.some((name) => leaving.includes(name)) && !isMovable(config, index, shard, status),
      ) ?? true,
  );
}
