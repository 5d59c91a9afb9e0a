/**
 * Moves everything off the servers that are no longer wanted, while all of them still run, and marks them as left. Works
 * forward, with today's credentials and overrides: the deletes that follow need neither.
 */
import {
  abandonedTables,
  type Drain,
  judgeDrain,
  type LayoutBefore,
  layoutsBefore,
  planDrain,
} from "../../core/decide/drain";
import { type Remaining, remainingOn } from "../../core/decide/remaining";
import type { Connection } from "rethinkdb-ts";
import { LABELS } from "../../core/render/labels";
import { DRAIN, type DrainRequest } from "../../core/programs/drain";
import { bestView } from "../../core/decide/views";
import { tableName } from "../../core/decide/availability";
import { mayAbandon, whyNoDrain } from "../cluster/drainJudge";
import { byOrdinal, type Engine, firstLine, type LiveServer } from "../docker/engine";
import { Failure } from "../lib/failure";
import { allHosts, enginesOf, serversOf } from "../cluster/hosts";
import { type Mover, rearrange, waitForTables } from "../cluster/layout";
import { leavingMarks, markLeft, readTags, restoreTags, takeTags, unmarkLeft } from "../cluster/drainMarks";
import { readNote, removeNote, writeNote } from "../cluster/undoNotes";
import { clock, poll } from "../lib/poll";
import { Progress } from "../lib/progress";
import { readStatus } from "../cluster/status";
import { type LiveView, withViews } from "../cluster/views";
import { serve } from "../lib/served";

export const served = serve(DRAIN, drain);

export async function drain(asked: DrainRequest): Promise<{ left: readonly string[] }> {
  const request = { ...asked, ...allHosts(asked, asked.judged.hosts) };
  const progress = new Progress("leaving");
  const servers = await serversOf(request);
  const wanted = request.servers;
  const gone = [...new Set([...request.judged.leaving, ...servers.map(({ name }) => name)])]
    .filter((name) => !wanted.includes(name))
    .sort(byOrdinal);
  const staying = servers.filter(({ name }) => wanted.includes(name));
  // Nothing runs yet, or no server ever left: a cluster in the making.
  if (staying.length === 0) return { left: [] };
  // Before anything is asked: a server that is wanted again must not be deleted on the word of an old mark.
  const returning = await takeBackMarks(request, staying);
  for (const server of returning.filter(({ state }) => state !== "running")) await startAgain(server, progress);
  if (gone.length === 0 && returning.length === 0) return { left: [] };
  await withViews(await serversOf(request), request.operator, { name: "leaving", progress }, async (found) => {
    await takeBackTags(staying, found.views, progress);
    if (gone.length === 0) return;
    const refusal = whyNoDrain(gone, found, mayAbandon(request, gone));
    if (refusal !== undefined) throw new Failure(refusal);
    await moveOff(request, { gone, staying, servers }, found.views, progress);
  });
  if (gone.length > 0) await letGo(request, gone, progress);
  return { left: gone };
}

/** Marks servers that hold nothing any more: from now on they may be deleted. */
async function letGo(request: DrainRequest, gone: readonly string[], progress: Progress): Promise<void> {
  // By name: a container may have been removed by hand, and its server must be able to go all the same.
  const kept: string[] = [];
  for (const host of enginesOf(request)) {
    const volumes = await volumesOf(host.engine, request, gone);
    const marked = volumes.filter((name) => name.endsWith("-tls"));
    if (marked.length > 0)
      await markLeft(host.engine, request.image, request.identity, marked, mayAbandon(request, gone));
    const where = host.name === "" ? "" : ` on ${host.name}`;
    kept.push(...volumes.filter((name) => !marked.includes(name)).map((name) => `${name}${where}`));
  }
  const names = gone.join(", ");
  progress.say(
    kept.length === 0
      ? `${names} may go; ${gone.length === 1 ? "its data volume is" : "their data volumes are"} deleted already`
      : `${names} may go; these data volumes stay until you delete them with docker volume rm: ${kept.join(", ")}`,
  );
}

async function volumesOf(engine: Engine, request: DrainRequest, names: readonly string[]): Promise<readonly string[]> {
  const listed = await Promise.all(
    names.map((name) => {
      const labels = [`label=${LABELS.clusterName}=${request.clusterName}`, `label=${LABELS.server}=${name}`];
      const filters = labels.flatMap((label) => ["--filter", label]);
      return engine.lines(["volume", "ls", "--format", "{{.Name}}", ...filters]);
    }),
  );
  return listed.flat();
}

/**
 * Takes the mark off servers that left or began to, and are wanted again, whatever state they are in.
 * @returns those that had one.
 */
async function takeBackMarks(request: DrainRequest, staying: readonly LiveServer[]): Promise<readonly LiveServer[]> {
  const returning: LiveServer[] = [];
  for (const server of staying) {
    const volumes = await volumesOf(server.engine, request, [server.name]);
    const marks = volumes.length === 0 ? [] : await leavingMarks(server.engine, request.image, volumes);
    if (marks.length > 0) returning.push(server);
    const tls = marks.filter((name) => name.endsWith("-tls"));
    if (tls.length > 0) await unmarkLeft(server.engine, request.image, tls);
  }
  return returning;
}

/** Stopped for its deletion, by a run that was killed or turned back: it is wanted, and its tags can be given back only while it runs. */
async function startAgain({ engine, name, container, state }: LiveServer, progress: Progress): Promise<void> {
  progress.say(`${name} is wanted again and is ${state}: starting it`);
  const outcome = await engine.try([state === "paused" ? "unpause" : "start", container]);
  // A later step of the same run makes it anew, and waits for it.
  if (outcome.code !== 0) progress.say(`${name} could not be started: ${firstLine(outcome.stderr)}`);
}

/** Seconds for a server that was just started to be seen by the others. */
const RETURN_SECONDS = 30;

async function takeBackTags(
  staying: readonly LiveServer[],
  views: readonly LiveView[],
  progress: Progress,
): Promise<void> {
  const connection = bestView(views)?.connection;
  if (connection === undefined) return;
  for (const server of staying) {
    // What cannot be entered keeps its note, and the step that repairs it gives the tags back.
    const noted = await readNote<object>(server.engine, server.container, "leaving").catch(() => undefined);
    if (noted === undefined) continue;
    if (await joins(connection, server)) await restoreTags(server.engine, server, connection);
    else
      progress.say(`${server.name} is wanted again and not part of the cluster yet: it gets its tags back when it is`);
  }
}

/** One that was started a moment ago needs a few seconds. */
async function joins(connection: Connection, { name }: LiveServer): Promise<boolean> {
  return poll(async () => ((await readTags(connection)).has(name) ? { done: true } : { waiting: name }), {
    everyMs: 500,
    limitSeconds: RETURN_SECONDS,
    giveUp: () => new Failure(name),
  }).catch((error: unknown) => {
    if (error instanceof Failure) return false;
    throw error;
  });
}

interface Step {
  readonly gone: readonly string[];
  readonly staying: readonly LiveServer[];
  readonly servers: readonly LiveServer[];
}

/** Judges the whole step once more, then moves everything off the servers that go. */
export async function moveOff(
  request: Pick<DrainRequest, "allow" | "lost" | "image">,
  { gone, staying, servers }: Step,
  views: readonly LiveView[],
  progress: Progress,
): Promise<void> {
  const view = bestView(views);
  if (view === undefined) throw new Error("there is a view");
  const { connection } = view;
  const task: Drain = {
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
  const first = view.status;
  const problems = new Set(views.flatMap(({ status }) => judgeDrain(task, status, known)));
  if (problems.size > 0) throw new Failure([...problems].join("\n"));

  const present = servers.filter(({ name, state }) => gone.includes(name) && state === "running");
  for (const server of present) await takeTags(server.engine, server, connection);
  // Where data may not be abandoned, the judgement left none of these.
  const abandoned = abandonedTables(task, first);
  if (abandoned.length > 0) progress.say(`left behind, as allow says: ${abandoned.map(tableName).join(", ")}`);
  const skipped = abandoned.map(({ id }) => id);

  const mover: Mover = {
    who: "nodes",
    connection,
    progress,
    next: "what was moved stays moved; look at npx pulumi-rethinkdb doctor --health, then run pulumi up again",
  };
  let layouts = known;
  const started = clock.now();
  const total = remainingOn(gone, first, skipped).replicas;
  // A table made by hand may name a leaving server at any time: looked at again until nothing is left twice in a row.
  let clean = 0;
  await poll(
    async () => {
      const status = await readStatus(connection);
      const { tables, replicas } = remainingOn(gone, status, skipped);
      clean = replicas === 0 ? clean + 1 : 0;
      if (clean === 2) return { done: true };
      if (clean === 1) return { waiting: "looking once more" };
      const now = layoutsBefore(gone, layouts, status);
      if (now.length > layouts.length) await writeNote(keeper.engine, keeper.container, "moves", now);
      layouts = now;
      await rearrange(
        mover,
        (seen) => planDrain(task, layouts, seen),
        (seen) => describeRemaining(gone, remainingOn(gone, seen, skipped), total, started),
      );
      await waitForTables(
        mover,
        layouts.map(({ table }) => table).filter((table) => !skipped.includes(table)),
      );
      // A server that went away in the middle may leave tables that cannot be moved until it is back.
      return { waiting: `still on ${gone.join(", ")}: ${tables.join(", ")}`, moves: String(replicas) };
    },
    { giveUp: (waiting, why) => new Failure(`nodes: ${why}, ${waiting}; ${mover.next}`) },
  );
  if (layouts.length > 0) await removeNote(keeper.engine, keeper.container, "moves");
}

function describeRemaining(
  gone: readonly string[],
  { tables, replicas }: Remaining,
  total: number,
  started: number,
): string {
  const minutes = (clock.now() - started) / 60_000;
  const rate = minutes > 0.01 ? (total - replicas) / minutes : 0;
  return (
    `moving data off ${gone.join(", ")}: ${String(tables.length)} tables and ${String(replicas)} replicas left` +
    (rate > 0 ? `, ${String(Math.round(rate))} replicas a minute` : "")
  );
}
