/** Whether servers may go, and whether data may be given up, asked of the living cluster before anything is touched. */
import { judgeDrain, type LayoutBefore } from "../../core/decide/drain";
import type { FleetRequest } from "../../core/programs/fleet";
import { bestView, seenByAny } from "../../core/decide/views";
import { tableName, tablesOfMissingServers } from "../../core/decide/availability";
import { mayAbandon, whyNoDrain } from "../cluster/drainJudge";
import type { LiveServer } from "../docker/engine";
import { serversOf } from "../cluster/hosts";
import { readNote } from "../cluster/undoNotes";
import { Progress } from "../lib/progress";
import { describeUnheard, unseenUnknown, type Views, withViews } from "../cluster/views";

/** @param leaving names of the servers that would go. */
export async function checkDrain(request: FleetRequest, leaving: readonly string[]): Promise<readonly string[]> {
  const servers = await serversOf(request);
  // What never ran holds nothing: an upward step that failed half-way is taken back.
  if (!servers.some(({ state }) => state === "running") && servers.every(({ state }) => state === "created")) return [];
  const wanted = request.servers.map(({ name }) => name);
  const keeper = servers.find(({ name, state }) => wanted.includes(name) && state === "running");
  const abandonData = mayAbandon({ allow: request.allow, lost: request.lost?.servers ?? [] }, leaving);
  return withViews(servers, request.operator, who(), async (found) => {
    const refusal = whyNoDrain(leaving, found, abandonData);
    if (refusal !== undefined) return [refusal];
    const known = keeper && (await readNote<readonly LayoutBefore[]>(keeper.engine, keeper.container, "moves"));
    const drain = {
      leaving,
      staying: servers.map(({ name }) => name).filter((name) => wanted.includes(name)),
      lowerReplicas: request.allow.includes("lower-replicas"),
      abandonData,
    };
    return [...new Set(found.views.flatMap(({ status }) => judgeDrain(drain, status, known)))];
  });
}

/** @param replaced names of the servers that would get new data. */
export async function checkReplaced(request: FleetRequest, replaced: readonly string[]): Promise<readonly string[]> {
  const servers = await serversOf(request);
  return withViews(servers, request.operator, who(), (found) =>
    Promise.resolve(judgeReplaced(request, replaced, servers, found)),
  );
}

function judgeReplaced(
  request: FleetRequest,
  replaced: readonly string[],
  servers: readonly LiveServer[],
  found: Views,
): readonly string[] {
  const seen = seenByAny(found.views);
  const runs = (name: string): boolean =>
    found.views.length > 0
      ? seen.has(name)
      : servers.some((server) => server.name === name && server.state === "running");
  const alive = replaced.filter(runs);
  if (alive.length > 0) {
    return alive.map(
      (name) =>
        `replacements.${name}: ${name} runs with its data; only a server whose data is lost is replaced; ` +
        `if you mean it, stop it first: docker stop ${request.clusterName}-${name}`,
    );
  }
  const unknown = unseenUnknown(found);
  if (unknown.length > 0) {
    return [
      `replacements: ${describeUnheard(unknown)} ${unknown.length === 1 ? "runs" : "run"} and cannot be asked, so nothing tells which data is lost; ` +
        `repair that, or stop ${unknown.length === 1 ? "it" : "them"}, then run pulumi up again`,
    ];
  }
  tellLost(found.views, replaced);
  return [];
}

/** Best is the view that sees the most servers. */
function tellLost(views: Views["views"], replaced: readonly string[]): void {
  const status = bestView(views)?.status;
  const remaining = (status?.servers ?? []).map(({ name }) => name);
  const lost = status === undefined ? [] : tablesOfMissingServers(remaining, status);
  const theirs = status?.configs
    .filter((config) => lost.includes(tableName(config)))
    .filter(({ shards }) => shards?.some((shard) => shard.replicas.some((name) => replaced.includes(name))) ?? true)
    .map(tableName);
  const progress = new Progress("replacements");
  progress.say(`${replaced.join(", ")}: the old data is given up; its volume stays`);
  if (theirs !== undefined && theirs.length > 0)
    progress.say(`not available any more without it: ${theirs.join(", ")}`);
}

function who(): { readonly name: string; readonly progress: Progress } {
  return { name: "fleet", progress: new Progress("fleet") };
}
