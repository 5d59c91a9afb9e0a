/** Decides, in one place, whether a cluster is whole and what stopping one server would do to its tables. */

export interface ServerStatus {
  readonly id: string;
  readonly name: string;
  readonly network: { readonly connected_to: Readonly<Record<string, boolean>> };
  readonly process?: { readonly version: string };
}

export interface TableStatus {
  readonly id: string;
  readonly db: string;
  readonly name: string;
  readonly shards:
    | readonly {
        readonly primary_replicas: readonly string[];
        readonly replicas: readonly { readonly server: string; readonly state: string }[];
      }[]
    | null;
  readonly status: { readonly all_replicas_ready: boolean };
}

export interface Shard {
  readonly primary_replica: string;
  readonly replicas: readonly string[];
  readonly nonvoting_replicas: readonly string[];
}

export interface TableConfig {
  readonly id: string;
  readonly db: string;
  readonly name: string;
  /** Missing while no server can read the table's configuration. */
  readonly shards?: readonly Shard[];
  /** The same with the servers' ids, in the same order. */
  readonly shardsById?: readonly Shard[];
}

export interface Issue {
  readonly type: string;
  readonly description: string;
}

export interface ClusterStatus {
  readonly servers: readonly ServerStatus[];
  readonly tables: readonly TableStatus[];
  readonly configs: readonly TableConfig[];
  readonly issues: readonly Issue[];
  /** Names of the servers without tags: RethinkDB puts nothing new on them, and neither does this project. */
  readonly untagged: readonly string[];
}

/** Issues that mean split or confused servers. Availability is judged from the tables, memory warnings not at all. */
const BLOCKING_ISSUES = new Set([
  "server_name_collision",
  "db_name_collision",
  "table_name_collision",
  "non_transitive_error",
]);

/**
 * @param expected names of the servers that should be there.
 * @returns why the cluster is not whole, in the order a person would repair it; empty when it is.
 */
export function missingToWhole(expected: readonly string[], status: ClusterStatus): readonly string[] {
  const reasons: string[] = [];
  const seen = new Map(status.servers.map((server) => [server.name, server]));
  const missing = expected.filter((name) => !seen.has(name));
  if (missing.length > 0) reasons.push(`${missing.join(", ")} not connected`);
  for (const server of status.servers) {
    const cut = expected.filter(
      (name) => name !== server.name && seen.has(name) && server.network.connected_to[name] !== true,
    );
    if (cut.length > 0) reasons.push(`${server.name} does not see ${cut.join(", ")}`);
  }
  for (const table of unreadyTables(expected, status)) reasons.push(`table ${table} is not ready on all its replicas`);
  for (const issue of status.issues) if (BLOCKING_ISSUES.has(issue.type)) reasons.push(issue.description);
  return reasons;
}

/** Tables that cannot be waited for, only named: too many of their replicas are on servers that are not expected. */
export function tablesOfMissingServers(expected: readonly string[], status: ClusterStatus): readonly string[] {
  return status.configs.filter((config) => !canBeReady(expected, config, status)).map(tableName);
}

function unreadyTables(expected: readonly string[], status: ClusterStatus): readonly string[] {
  return status.configs
    .filter((config) => canBeReady(expected, config, status) && !isReady(expected, config, status))
    .map(tableName);
}

function isReady(expected: readonly string[], config: TableConfig, status: ClusterStatus): boolean {
  const table = status.tables.find(({ id }) => id === config.id);
  const shards = config.shards ?? [];
  const present = shards.map((_shard, index) => presentReplicas(expected, config, index, status));
  // RethinkDB's own word covers what is still being rearranged, but never comes while one replica is away.
  if (shards.every((shard, index) => shard.replicas.length === present[index]?.length)) {
    return table?.status.all_replicas_ready === true;
  }
  return present.every((names, index) => {
    const ready = readyReplicas(config.id, index, status);
    return names.every((name) => ready.includes(name));
  });
}

/**
 * @param tables ids of tables whose layout was changed.
 * @returns tables that differ from their layout, counting only connected servers.
 */
export function unsettledTables(tables: readonly string[], status: ClusterStatus): readonly string[] {
  const connected = status.servers.map(({ name }) => name);
  const notReady = unreadyTables(connected, status);
  return status.configs
    .filter((config) => tables.includes(config.id))
    .filter((config) => {
      if (notReady.includes(tableName(config))) return true;
      const shards = status.tables.find(({ id }) => id === config.id)?.shards ?? [];
      return (config.shards ?? []).some(
        (shard, index) =>
          connected.includes(shard.primary_replica) &&
          shards[index]?.primary_replicas.includes(shard.primary_replica) !== true,
      );
    })
    .map(tableName);
}

/** A majority of each shard's voting replicas is on servers that are expected. */
function canBeReady(expected: readonly string[], config: TableConfig, status: ClusterStatus): boolean {
  return (
    config.shards?.every((shard, index) => {
      const present = presentReplicas(expected, config, index, status);
      const voting = votersOf(shard);
      return voting.filter((name) => present.includes(name)).length >= majorityOf(voting);
    }) ?? false
  );
}

function presentReplicas(
  expected: readonly string[],
  config: TableConfig,
  index: number,
  status: ClusterStatus,
): readonly string[] {
  const given = givenUpReplicas(config, status)[index] ?? [];
  return (config.shards?.[index]?.replicas ?? []).filter((name) => expected.includes(name) && !given.includes(name));
}

/**
 * Names, by shard, whose replica is on data that was given up: a table knows a server by its id, and the server that has
 * the name now is another one.
 */
export function givenUpReplicas(config: TableConfig, status: ClusterStatus): readonly (readonly string[])[] {
  const idOf = new Map(status.servers.map((server) => [server.name, server.id]));
  return (config.shards ?? []).map((shard, index) => {
    const ids = config.shardsById?.[index]?.replicas ?? [];
    return shard.replicas.filter((name, position) => {
      const now = idOf.get(name);
      const known = ids[position];
      return now !== undefined && known !== undefined && known !== now;
    });
  });
}

export interface StopVerdict {
  /** Tables that work now and would lose their majority though they were made to survive one stop. */
  readonly refused: readonly string[];
  /** Tables of one or two voting replicas: not available while the server is away. */
  readonly interrupted: readonly string[];
}

/** Refuses only what makes a table worse than it is now. */
export function judgeStop(server: string, status: ClusterStatus): StopVerdict {
  const refused: string[] = [];
  const interrupted: string[] = [];
  for (const config of status.configs) {
    const verdicts = (config.shards ?? []).map((shard, index) => {
      const voters = votersOf(shard);
      if (!voters.includes(server)) return "untouched";
      const ready = readyReplicas(config.id, index, status).filter((name) => voters.includes(name));
      const works = ready.length >= majorityOf(voters);
      const worksWithout = ready.filter((name) => name !== server).length >= majorityOf(voters);
      if (!works || worksWithout) return "untouched";
      return voters.length >= 3 ? "refused" : "interrupted";
    });
    if (verdicts.includes("refused")) refused.push(tableName(config));
    else if (verdicts.includes("interrupted")) interrupted.push(tableName(config));
  }
  return { refused, interrupted };
}

export function votersOf(shard: Shard): readonly string[] {
  return shard.replicas.filter((name) => !shard.nonvoting_replicas.includes(name));
}

export function majorityOf(voters: readonly string[]): number {
  return Math.floor(voters.length / 2) + 1;
}

/** Servers whose replica of a shard is ready. */
export function readyReplicas(table: string, shard: number, status: ClusterStatus): readonly string[] {
  const replicas = status.tables.find(({ id }) => id === table)?.shards?.[shard]?.replicas ?? [];
  return replicas.filter(({ state }) => state === "ready").map(({ server }) => server);
}

export function tableName(table: { readonly db: string; readonly name: string }): string {
  return `${table.db}.${table.name}`;
}
