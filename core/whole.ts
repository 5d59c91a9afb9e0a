/** Decides, in one place, whether a cluster is whole and what stopping one server would do to its tables. */

export interface ServerStatus {
  readonly name: string;
  readonly network: { readonly connected_to: Readonly<Record<string, boolean>> };
}

export interface TableStatus {
  readonly id: string;
  readonly db: string;
  readonly name: string;
  readonly shards:
    readonly { readonly replicas: readonly { readonly server: string; readonly state: string }[] }[] | null;
  readonly status: { readonly all_replicas_ready: boolean };
}

export interface TableConfig {
  readonly id: string;
  readonly db: string;
  readonly name: string;
  readonly shards?: readonly { readonly replicas: readonly string[]; readonly nonvoting_replicas: readonly string[] }[];
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
}

/** Issues that mean split or confused servers. Availability is judged from the tables, memory warnings not at all. */
const BLOCKING_ISSUES = new Set([
  "server_name_collision",
  "db_name_collision",
  "table_name_collision",
  "non_transitive_error",
]);

/**
 * @param expected names of all servers that Docker has for this cluster, running or not.
 * @returns why the cluster is not whole, in the order a person would mend it; empty when it is.
 */
export function missingToWhole(expected: readonly string[], status: ClusterStatus): readonly string[] {
  const reasons: string[] = [];
  const seen = new Map(status.servers.map((server) => [server.name, server]));
  const absent = expected.filter((name) => !seen.has(name));
  if (absent.length > 0) reasons.push(`${absent.join(", ")} not connected`);
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

/** Tables that wait for a server which Docker does not have (yet) cannot be waited for, only named. */
export function tablesOfAbsentServers(expected: readonly string[], status: ClusterStatus): readonly string[] {
  return status.configs.filter((config) => !config.shards || needsOthers(expected, config)).map(tableName);
}

function unreadyTables(expected: readonly string[], status: ClusterStatus): readonly string[] {
  const ready = new Set(status.tables.filter((table) => table.status.all_replicas_ready).map((table) => table.id));
  return status.configs
    .filter((config) => config.shards && !needsOthers(expected, config) && !ready.has(config.id))
    .map(tableName);
}

function needsOthers(expected: readonly string[], config: TableConfig): boolean {
  return (config.shards ?? []).some((shard) => shard.replicas.some((name) => !expected.includes(name)));
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
  const live = new Map(status.tables.map((table) => [table.id, table]));
  for (const config of status.configs) {
    const verdicts = (config.shards ?? []).map((shard, index) => {
      const voters = shard.replicas.filter((name) => !shard.nonvoting_replicas.includes(name));
      if (!voters.includes(server)) return "untouched";
      const replicas = live.get(config.id)?.shards?.[index]?.replicas ?? [];
      const ready = voters.filter((name) => replicas.some((r) => r.server === name && r.state === "ready"));
      const majority = Math.floor(voters.length / 2) + 1;
      const works = ready.length >= majority;
      const worksWithout = ready.filter((name) => name !== server).length >= majority;
      if (!works || worksWithout) return "untouched";
      return voters.length >= 3 ? "refused" : "interrupted";
    });
    if (verdicts.includes("refused")) refused.push(tableName(config));
    else if (verdicts.includes("interrupted")) interrupted.push(tableName(config));
  }
  return { refused, interrupted };
}

function tableName(table: { readonly db: string; readonly name: string }): string {
  return `${table.db}.${table.name}`;
}
