/** Whether servers may go, and whether data may be given up, asked of the living cluster before anything is touched. */
import { judgeLeaving, type LayoutBefore } from "../../core/leaving";
import type { FleetRequest, OperatorLogin } from "../../core/requests";
import { tableName, tablesOfAbsentServers } from "../../core/whole";
import type { LiveServer } from "../engine";
import { mayAbandon } from "../drain";
import { serversOf } from "../hosts";
import { readNote } from "../notes";
import { accessTo, askCluster, withLast } from "../operator";
import { Progress } from "../progress";
import { readStatus } from "../status";

/** @param leaving names of the servers that would go. */
export async function checkLeaving(request: FleetRequest, leaving: readonly string[]): Promise<readonly string[]> {
  const servers = await serversOf(request);
  // What never ran holds nothing: an upward step that failed half-way is taken back.
  if (!servers.some(({ state }) => state === "running") && servers.every(({ state }) => state === "created")) return [];
  const wanted = request.servers.map(({ name }) => name);
  const keeper = servers.find(({ name, state }) => wanted.includes(name) && state === "running");
  const problems = await askCluster(withLast(servers, leaving), loginFor(request), who(), async (c) =>
    judgeLeaving(
      {
        leaving,
        staying: servers.map(({ name }) => name).filter((name) => wanted.includes(name)),
        lowerReplicas: request.allow.includes("lower-replicas"),
        abandonData: mayAbandon({ allow: request.allow, lost: request.lost?.servers ?? [] }, leaving),
      },
      await readStatus(c),
      keeper && (await readNote<readonly LayoutBefore[]>(keeper.engine, keeper.container, "moves")),
    ),
  );
  return (
    problems ?? [
      `nodes: no server answers, so nobody can tell what is on ${leaving.join(", ")}; start the servers, then run pulumi up again`,
    ]
  );
}

/** @param replaced names of the servers that would get new data. */
export async function checkReplaced(request: FleetRequest, replaced: readonly string[]): Promise<readonly string[]> {
  const servers = await serversOf(request);
  const status = await askCluster(withLast(servers, replaced), loginFor(request), who(), readStatus);
  const alive = replaced.filter((name) =>
    status === undefined
      ? servers.some((server) => server.name === name && server.state === "running")
      : status.servers.some((server) => server.name === name),
  );
  if (alive.length > 0) {
    return alive.map(
      (name) =>
        `replacements.${name}: ${name} runs with its data; only a server whose data is lost is replaced; ` +
        `if you mean it, stop it first: docker stop ${request.clusterName}-${name}`,
    );
  }
  const remaining = (status?.servers ?? []).map(({ name }) => name);
  const lost = status === undefined ? [] : tablesOfAbsentServers(remaining, status);
  const theirs = status?.configs
    .filter((config) => lost.includes(tableName(config)))
    .filter(({ shards }) => shards?.some((shard) => shard.replicas.some((name) => replaced.includes(name))) ?? true)
    .map(tableName);
  const progress = new Progress("replacements");
  progress.say(`${replaced.join(", ")}: the old data is given up; its volume stays`);
  if (theirs !== undefined && theirs.length > 0)
    progress.say(`not available any more without it: ${theirs.join(", ")}`);
  return [];
}

function who(): { readonly name: string; readonly progress: Progress } {
  return { name: "fleet", progress: new Progress("fleet") };
}

function loginFor(request: FleetRequest): (server: LiveServer) => Promise<OperatorLogin> {
  return async (server) => ({ ...request.operator, ...(await accessTo(server)) });
}
