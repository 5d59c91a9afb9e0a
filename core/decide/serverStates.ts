/** What each server of a cluster is, in a word or two, and why the cluster is not whole. */
import { bestView, describePartition, seenByAny, type View } from "./views";
import { missingToWhole } from "./availability";

/** Of a server that runs and is part of the cluster. */
export const SERVES = "serves";

export interface WholeReport {
  /** By name; a server that is wanted and not here has no container. */
  readonly states: Readonly<Record<string, string>>;
  /** A sentence each; whole when there is none. */
  readonly problems: readonly string[];
}

export interface ServerState {
  readonly name: string;
  readonly container: string;
  /** Docker's word. */
  readonly state: string;
}

/**
 * @param wanted names of the servers that should be there.
 * @param unheard reasons by name, of running servers that were not heard.
 */
export function reportWhole(
  wanted: readonly string[],
  servers: readonly ServerState[],
  views: readonly View[],
  unheard: Readonly<Record<string, string>>,
): WholeReport {
  const seen = seenByAny(views);
  const stateOf = ({ name, state }: ServerState): string => {
    if (state !== "running") return state;
    if (unheard[name] !== undefined) return `runs and cannot be asked: ${unheard[name]}`;
    return seen.has(name) ? SERVES : "runs and is not part of the cluster";
  };
  const states = Object.fromEntries(servers.map((server) => [server.name, stateOf(server)]));
  const down = servers
    .filter(({ name }) => states[name] !== SERVES)
    .map(({ name, state, container }) => {
      if (state === "running") return `${name} ${states[name] ?? ""}; look at docker logs ${container}`;
      return `${name} is ${state}; docker ${state === "paused" ? "unpause" : "start"} ${container}, or npx pulumi-rethinkdb doctor says why`;
    });
  const gone = wanted.filter((name) => !Object.hasOwn(states, name)).map((name) => `${name} has no container; run up`);
  const partition = describePartition(views);
  const status = bestView(views)?.status;
  const serving = servers.map(({ name }) => name).filter((name) => states[name] === SERVES);
  return {
    states,
    problems: [
      ...gone,
      ...down,
      ...(partition === undefined ? [] : [`the servers do not all see each other: ${partition}`]),
      ...(status === undefined
        ? ["no server answers, so nothing is known of the tables"]
        : missingToWhole(serving, status)),
      ...(status?.configs ?? [])
        .filter(({ id }) => status?.tables.find((table) => table.id === id)?.status.all_replicas_ready !== true)
        .map(({ db, name }) => `table ${db}.${name} is not ready on all its replicas`),
    ].filter((problem, index, all) => all.indexOf(problem) === index),
  };
}
