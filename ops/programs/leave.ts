/** Runs before a server's membership ends: only one that has left, with its data moved away, may go. */
import { LEAVE, type LeaveRequest } from "../../core/programs/member";
import { foreignNames, listNames } from "../../core/decide/volumeOwner";
import { remainingOn } from "../../core/decide/remaining";
import { tableName } from "../../core/decide/availability";
import { whyNoDrain } from "../cluster/drainJudge";
import { moveOff } from "./drain";
import type { Engine, LiveServer } from "../docker/engine";
import { Failure } from "../lib/failure";
import { ownEngine, serversOf } from "../cluster/hosts";
import { leavingMarks, readMark } from "../cluster/drainMarks";
import { Progress } from "../lib/progress";
import { lookIntoVolumes, releaseVolume } from "../docker/volumes";
import { withViews } from "../cluster/views";
import { serve } from "../lib/served";

export const served = serve(LEAVE, leave);

export async function leave(request: LeaveRequest): Promise<{ left: string }> {
  const engine = ownEngine(request);
  const { server, tlsVolume } = request;
  // docker run would make a volume that is gone.
  const exists = (await engine.inspect("volume", tlsVolume)) !== undefined;
  const mark = exists ? await readMark(engine, request.image, request.identity, tlsVolume) : undefined;
  if (exists && mark === undefined) {
    throw new Failure(
      `${server}: it has not left the cluster and may hold the only copy of data; it was not touched; ` +
        `run pulumi up again, without --target, so that its data is moved first`,
    );
  }
  if (exists) await refuseForeign(engine, request);
  if (mark !== "abandoned") await emptyOnceMore(request, exists);
  if (exists) await releaseVolume(engine, tlsVolume);
  return { left: server };
}

/** The volume is deleted next, with all that lies on it. */
async function refuseForeign(engine: Engine, { server, image, tlsVolume }: LeaveRequest): Promise<void> {
  const [look] = await lookIntoVolumes(engine, image, [tlsVolume]);
  const foreign = foreignNames("tls", look?.names ?? []);
  if (foreign.length === 0) return;
  throw new Failure(
    `${server}: the volume ${tlsVolume} would be deleted and holds ${listNames(foreign)}, which this project did not put there; ` +
      `move that away, then run pulumi up again`,
  );
}

/** Between the drain and now a table may have been put on it, by hand or by a run that failed half-way. */
async function emptyOnceMore(request: LeaveRequest, hasMark: boolean): Promise<void> {
  const { server } = request;
  const progress = new Progress(server);
  try {
    const servers = await serversOf(request);
    const gone = [...new Set([server, ...(await markedServers(request, servers))])];
    const staying = servers.filter(({ name }) => !gone.includes(name));
    await withViews(servers, request.operator, { name: server, progress }, async (found) => {
      const refusal = whyNoDrain([server], found, false);
      if (refusal !== undefined) throw new Failure(refusal);
      const left = [...new Set(found.views.flatMap(({ status }) => remainingOn([server], status, []).tables))];
      const unread = found.views.flatMap(({ status }) => status.configs.filter(({ shards }) => shards === undefined));
      if (unread.length > 0) {
        const names = [...new Set(unread.map(tableName))].join(", ");
        throw new Failure(`it cannot be read where ${names} has its replicas; start the servers that have them`);
      }
      if (left.length === 0) return;
      const tables = left.join(", ");
      if (!hasMark) throw new Failure(`${tables} ${left.length === 1 ? "is" : "are"} still on it`);
      const [was, it] = left.length === 1 ? ["was", "it"] : ["were", "them"];
      progress.say(`${tables} ${was} put on it since its data was moved: moving ${it} again`);
      await moveOff({ allow: [], image: request.image }, { gone: [server], staying, servers }, found.views, progress);
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const mark = hasMark ? "" : `the mark that its data was moved is gone with the volume ${request.tlsVolume}; `;
    throw new Failure(
      `${server}: it was not touched, since it is not known to be empty: ${mark}${error.message}; ` +
        `or set nodes back, run pulumi up, and lower it again`,
    );
  }
}

async function markedServers(request: LeaveRequest, servers: readonly LiveServer[]): Promise<readonly string[]> {
  const marked: string[] = [];
  for (const { engine, name, container } of servers) {
    const volume = `${container}-tls`;
    if ((await engine.inspect("volume", volume)) === undefined) continue;
    // The image of the request may be gone since.
    const image = (await engine.inspect<{ readonly Image: string }>("container", container))?.Image ?? request.image;
    if ((await leavingMarks(engine, image, [volume])).length > 0) marked.push(name);
  }
  return marked;
}
