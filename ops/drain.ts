/**
 * Moves everything off the servers that are no longer wanted, while all of them still run, and marks them as left. Works
 * forward, with today's credentials and overrides: the deletes that follow need neither.
 */
import type { Connection } from "rethinkdb-ts";
import {
  abandonedTables,
  type Departure,
  judgeLeaving,
  type LayoutBefore,
  layoutsBefore,
  planLeaving,
  type Remaining,
  remainingOn,
} from "../core/leaving";
import { setTimeout as sleep } from "node:timers/promises";
import { LABELS } from "../core/labels";
import type { DrainRequest } from "../core/requests";
import { tableName } from "../core/whole";
import { byOrdinal, type LiveServer } from "./engine";
import { Failure } from "./failure";
import { allHosts, enginesOf, type HostEngine, serversOf } from "./hosts";
import { type Mover, rearrange, waitForTables } from "./layout";
import { markLeft, readTags, restoreTags, takeTags, unmarkLeft } from "./leavingMarks";
import { readNote, removeNote, writeNote } from "./notes";
import { accessTo, askCluster, withLast } from "./operator";
import { Patience } from "./patience";
import { Progress } from "./progress";
import { readStatus } from "./status";

const POLL_MS = 100;

export async function drain(asked: DrainRequest): Promise<{ left: readonly string[] }> {
  const request = { ...asked, ...allHosts(asked, asked.judged.hosts) };
  const progress = new Progress("leaving");
  const servers = await serversOf(request);
  const wanted = request.servers;
  const gone = [...new Set([...request.judged.leaving, ...servers.map(({ name }) => name)])]
    .filter((name) => !wanted.includes(name))
    .sort(byOrdinal);
  const staying = servers.filter(({ name }) => wanted.includes(name));
  // Nothing runs yet, or nobody ever left: a cluster in the making.
  if (staying.length === 0) return { left: [] };
  const answered = await askCluster(
    withLast(servers, gone),
    async (server) => ({ ...request.operator, ...(await accessTo(server)) }),
    { name: "leaving", progress },
    async (connection) => {
      await takeBackReturning(request, staying, connection);
      if (gone.length > 0) await moveOff(request, { gone, staying, servers }, connection, progress);
      return true;
    },
  );
  if (answered === undefined && gone.length > 0) {
    throw new Failure(
      `nodes: no server answers, so nobody can tell what is on ${gone.join(", ")}; start the servers, then run pulumi up again`,
    );
  }
  if (gone.length > 0) {
    // By name: a container may have been removed by hand, and its server must be able to go all the same.
    const kept: string[] = [];
    for (const host of enginesOf(request)) {
      const volumes = await volumesOf(host, request, gone);
      const marked = volumes.filter((name) => name.endsWith("-tls"));
      if (marked.length > 0) await markLeft(host.engine, request.image, request.identity, marked);
      const where = host.name === "" ? "" : ` on ${host.name}`;
      kept.push(...volumes.filter((name) => !marked.includes(name)).map((name) => `${name}${where}`));
    }
    progress.say(
      `${gone.join(", ")} may go; these data volumes stay until you delete them with docker volume rm: ${kept.join(", ")}`,
    );
  }
  return { left: gone };
}

async function volumesOf(
  { engine }: HostEngine,
  request: DrainRequest,
  names: readonly string[],
): Promise<readonly string[]> {
  const listed = await Promise.all(
    names.map((name) => {
      const labels = [`label=${LABELS.clusterName}=${request.clusterName}`, `label=${LABELS.server}=${name}`];
      const filters = labels.flatMap((label) => ["--filter", label]);
      return engine.lines(["volume", "ls", "--format", "{{.Name}}", ...filters]);
    }),
  );
  return listed.flat();
}

/** Servers that began to leave and are wanted again. */
async function takeBackReturning(
  request: DrainRequest,
  staying: readonly LiveServer[],
  connection: Connection,
): Promise<void> {
  const tags = await readTags(connection);
  const untagged = staying.filter(({ name, state }) => state === "running" && tags.get(name)?.length === 0);
  if (untagged.length === 0) return;
  const names = untagged.map(({ name }) => name);
  for (const host of enginesOf(request)) {
    const volumes = (await volumesOf(host, request, names)).filter((name) => name.endsWith("-tls"));
    if (volumes.length > 0) await unmarkLeft(host.engine, request.image, volumes);
  }
  for (const server of untagged) await restoreTags(server.engine, server, connection);
}

/** A host that is given up takes along what nobody else has. */
export function mayAbandon(
  request: { readonly allow: readonly string[]; readonly lost?: readonly string[] },
  leaving: readonly string[],
): boolean {
  const lost = request.lost ?? [];
  return (
    request.allow.includes("abandon-data") ||
    (request.allow.includes("lose-host") && leaving.every((name) => lost.includes(name)))
  );
}

interface Step {
  readonly gone: readonly string[];
  readonly staying: readonly LiveServer[];
  readonly servers: readonly LiveServer[];
}

async function moveOff(
  request: DrainRequest,
  { gone, staying, servers }: Step,
  connection: Connection,
  progress: Progress,
): Promise<void> {
  const departure: Departure = {
    leaving: gone,
    staying: staying.map(({ name }) => name),
    lowerReplicas: request.allow.includes("lower-replicas"),
    abandonData: mayAbandon(request, gone),
  };
  // The keeper of the note: any server that stays and runs.
  const keeper = staying.find(({ state }) => state === "running");
  if (keeper === undefined)
    throw new Failure(`nodes: none of the servers that remain runs; start them, then run pulumi up again`);
  const known = (await readNote<readonly LayoutBefore[]>(keeper.engine, keeper.container, "moves")) ?? [];
  const first = await readStatus(connection);
  const problems = judgeLeaving(departure, first, known);
  if (problems.length > 0) throw new Failure(problems.join("\n"));

  const present = servers.filter(({ name, state }) => gone.includes(name) && state === "running");
  for (const server of present) await takeTags(server.engine, server, connection);
  const abandoned = departure.abandonData ? abandonedTables(departure, first) : [];
  if (abandoned.length > 0) progress.say(`left behind, as allow says: ${abandoned.map(tableName).join(", ")}`);
  const skipped = abandoned.map(({ id }) => id);

  const mover: Mover = {
    who: "nodes",
    connection,
    progress,
    next: "what was moved stays moved; look at npm run doctor -- --health, then run pulumi up again",
  };
  let layouts = known;
  const started = Date.now();
  const total = remainingOn(gone, first, skipped).replicas;
  // A table made by hand may name a leaving server at any time: looked at again until nothing is left twice in a row.
  const patience = new Patience();
  for (let clean = 0; clean < 2;) {
    const status = await readStatus(connection);
    const { tables, replicas } = remainingOn(gone, status, skipped);
    if (replicas === 0) {
      clean++;
      continue;
    }
    clean = 0;
    // A server that went away in the middle may leave tables that nobody can move until it is back.
    const stuck = tables.join(", ");
    if (patience.isOver(`${stuck} ${String(replicas)}`)) {
      throw new Failure(
        `nodes: nothing moved for ${String(patience.seconds)} seconds, still on ${gone.join(", ")}: ${stuck}; ${mover.next}`,
      );
    }
    await sleep(POLL_MS);
    const now = layoutsBefore(gone, layouts, status);
    if (now.length > layouts.length) await writeNote(keeper.engine, keeper.container, "moves", now);
    layouts = now;
    await rearrange(
      mover,
      (seen) => planLeaving(departure, layouts, seen),
      (seen) => describeRemaining(gone, remainingOn(gone, seen, skipped), total, started),
    );
    await waitForTables(
      mover,
      layouts.map(({ table }) => table).filter((table) => !skipped.includes(table)),
    );
  }
  if (layouts.length > 0) await removeNote(keeper.engine, keeper.container, "moves");
}

function describeRemaining(
  gone: readonly string[],
  { tables, replicas }: Remaining,
  total: number,
  started: number,
): string {
  const minutes = (Date.now() - started) / 60_000;
  const rate = minutes > 0.01 ? Math.max(0, total - replicas) / minutes : 0;
  return (
    `moving data off ${gone.join(", ")}: ${String(tables.length)} tables and ${String(replicas)} replicas left` +
    (rate > 0 ? `, ${String(Math.round(rate))} replicas a minute` : "")
  );
}
