/** What the doctor finds on a cluster, and what a person should make of it. */
import { LATE_DAYS } from "../pki/expiry";
import { type ClusterStatus, missingToWhole, readyReplicas, tableName, votersOf, majorityOf } from "./availability";

/** One server as Docker has it. */
export interface ServerFacts {
  readonly name: string;
  readonly container: string;
  /** Docker's word: `running`, `exited`, `restarting`, … */
  readonly state: string;
  readonly health: string;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** Last line of its log on stderr. */
  readonly lastWords: string;
  /** Addresses that it dials when it starts. */
  readonly peers: readonly string[];
  readonly address: string;
  /** Whether its driver port answered a login. */
  readonly answers: boolean;
  /** Why a running server that does not answer could not be asked; empty where nothing is known. */
  readonly silence: string;
  /** Of its data volume's file system; null where it could not be read. */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null;
  readonly certificates: readonly CertificateFacts[];
}

export interface CertificateFacts {
  /** `cluster`, `driver`, `cluster-ca` or `driver-ca`. */
  readonly purpose: string;
  readonly notAfter: string;
  readonly daysLeft: number;
}

export interface Health {
  readonly clusterName: string;
  readonly servers: readonly ServerHealth[];
  readonly tables: { readonly total: number; readonly ready: number; readonly unready: readonly string[] };
  readonly issues: readonly string[];
  /** What is wrong, a sentence each; healthy when there is none. */
  readonly problems: readonly string[];
}

export interface ServerHealth {
  readonly name: string;
  readonly container: string;
  readonly state: string;
  /** Part of the cluster, as the server that was asked sees it. */
  readonly connected: boolean;
  readonly version: string;
  readonly diskFreePercent: number | null;
  /** Of the certificate that ends first. */
  readonly certificateDaysLeft: number | null;
}

const DISK_PERCENT = 5;

/** @param status as one server sees it; undefined when none answers. */
export function judgeHealth(
  clusterName: string,
  facts: readonly ServerFacts[],
  status: ClusterStatus | undefined,
): Health {
  const seen = new Map(status?.servers.map((server) => [server.name, server]));
  const servers = facts.map((server): ServerHealth => ({
    name: server.name,
    container: server.container,
    state: server.state === "running" && server.health === "unhealthy" ? "unhealthy" : server.state,
    connected: seen.has(server.name),
    version: seen.get(server.name)?.process?.version ?? "",
    diskFreePercent: freePercent(server),
    certificateDaysLeft: server.certificates.reduce<number | null>(
      (least, { daysLeft }) => (least === null || daysLeft < least ? daysLeft : least),
      null,
    ),
  }));
  const expected = facts.map(({ name }) => name);
  const unready = status === undefined ? [] : unreadyTables(status);
  return {
    clusterName,
    servers,
    tables: {
      total: status?.configs.length ?? 0,
      ready: (status?.configs.length ?? 0) - unready.length,
      unready: unready.map(({ name }) => name),
    },
    issues: status?.issues.map(({ description }) => description) ?? [],
    problems: [
      ...(facts.length === 0 ? [`${clusterName}: Docker has no server of it; run pulumi up`] : []),
      ...facts.flatMap((server) => serverProblems(server, facts, seen.has(server.name))),
      ...(status === undefined && facts.length > 0
        ? [`${clusterName}: no server answers, so nothing is known of its tables`]
        : []),
      ...(status === undefined ? [] : linkProblems(expected, status)),
      ...unready.map(({ name, why }) => `table ${name} ${why}`),
      ...versionProblems(servers),
    ],
  };
}

function serverProblems(server: ServerFacts, all: readonly ServerFacts[], connected: boolean): readonly string[] {
  const problems: string[] = [];
  const { name, container, state } = server;
  if (state !== "running") {
    const cause = server.outOfMemory ? "it ran out of memory (memoryMib)" : server.lastWords;
    const exit = state === "paused" || state === "created" ? "" : `, exit code ${String(server.exitCode)}`;
    problems.push(
      `${name} is ${state}${exit}${cause === "" ? "" : `: ${cause}`}; start it with docker ${state === "paused" ? "unpause" : "start"} ${container}`,
    );
  } else if (!connected) {
    problems.push(explainAbsence(server, all));
  } else if (!server.answers && server.silence !== "") {
    problems.push(
      `${name} is in the cluster and cannot be asked itself: ${server.silence}; look at docker logs ${container}`,
    );
  }
  if (connected && server.health === "unhealthy") {
    problems.push(`${name} is in the cluster and fails its health check; look at docker inspect ${container}`);
  }
  if (server.outOfMemory && state === "running")
    problems.push(`${name} ran out of memory and was restarted; raise memoryMib`);
  const free = freePercent(server);
  if (free !== null && free < DISK_PERCENT) {
    problems.push(`${name} has ${String(free)} % of its disk left; make room, RethinkDB stops when it is full`);
  }
  for (const { purpose, notAfter, daysLeft } of server.certificates) {
    if (daysLeft >= LATE_DAYS) continue;
    problems.push(
      daysLeft < 0
        ? `${name}: its ${purpose} certificate expired on ${notAfter}; new connections to it fail`
        : `${name}: its ${purpose} certificate ends on ${notAfter}, in ${String(daysLeft)} days; run pulumi up`,
    );
  }
  return problems;
}

/** A server that runs and is not part of the cluster. */
function explainAbsence(server: ServerFacts, all: readonly ServerFacts[]): string {
  const { name, container } = server;
  if (server.answers) {
    return `${name} answers and the others do not see it: it is cut off from them; look at docker network inspect and docker logs ${container}`;
  }
  const peers = all.filter((other) => other.name !== name && server.peers.includes(other.address));
  const down = peers.filter(({ state }) => state !== "running");
  if (peers.length > 0 && down.length === peers.length) {
    const list = down.map((other) => `${other.name} at ${other.address}`).join(", ");
    return `${name} waits for ${list}, which ${down.length === 1 ? "is" : "are"} down: it will not serve alone; start one of them`;
  }
  const why = server.silence === "" ? "" : ` (${server.silence})`;
  return `${name} runs and does not answer${why}${server.lastWords === "" ? "" : `: ${server.lastWords}`}; look at docker logs ${container}`;
}

function linkProblems(expected: readonly string[], status: ClusterStatus): readonly string[] {
  const connected = expected.filter((name) => status.servers.some((server) => server.name === name));
  // Missing servers and tables are told apart, each with its cause.
  return missingToWhole(connected, { ...status, configs: [], tables: [] });
}

function unreadyTables(status: ClusterStatus): readonly { readonly name: string; readonly why: string }[] {
  return status.configs.flatMap((config) => {
    const name = tableName(config);
    if (config.shards === undefined) return [{ name, why: "cannot be read: no server that has it is connected" }];
    if (status.tables.find(({ id }) => id === config.id)?.status.all_replicas_ready === true) return [];
    const missing = new Set<string>();
    const working = config.shards.filter((shard, index) => {
      const ready = readyReplicas(config.id, index, status);
      const voters = votersOf(shard);
      for (const replica of shard.replicas) if (!ready.includes(replica)) missing.add(replica);
      return voters.filter((voter) => ready.includes(voter)).length >= majorityOf(voters);
    });
    const works = working.length === config.shards.length;
    const on = missing.size === 0 ? "is being rearranged" : `misses its replica on ${[...missing].sort().join(", ")}`;
    return [{ name, why: works ? `${on}; it still serves` : `${on}; it is not available` }];
  });
}

function versionProblems(servers: readonly ServerHealth[]): readonly string[] {
  const versions = [...new Set(servers.map(({ version }) => version).filter((version) => version !== ""))];
  return versions.length > 1
    ? [`servers run different versions, ${versions.join(" and ")}: finish with pulumi up`]
    : [];
}

function freePercent({ disk }: ServerFacts): number | null {
  return disk === null || disk.totalBytes === 0 ? null : Math.floor((100 * disk.freeBytes) / disk.totalBytes);
}
