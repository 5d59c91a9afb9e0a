/** Lets one server be stopped for a change of its container, and stops it; refuses where that would cost a table. */
import { LABELS } from "../../core/render/labels";
import { PERMIT, type PermitRequest, type PermitResult } from "../../core/programs/permit";
import { bestView, describePartition, isOutside, judgeStopByAll, seenIn } from "../../core/decide/views";
import { STOP_SECONDS } from "../../args/constants";
import { DATA_LIMIT_SECONDS, type Engine, firstLine, type LiveServer } from "../docker/engine";
import { Failure } from "../lib/failure";
import { handOver } from "../cluster/handOver";
import { ownEngine, serversOf } from "../cluster/hosts";
import type { Mover } from "../cluster/layout";
import { Progress } from "../lib/progress";
import { describeUnheard, readAgain, unseenUnknown, type Views, withViews } from "../cluster/views";
import { serve } from "../lib/served";

export const served = serve(PERMIT, permit);

interface ContainerInspect {
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null; readonly User: string };
  readonly State: { readonly Running: boolean; readonly Restarting: boolean; readonly Paused: boolean };
}

export async function permit(request: PermitRequest): Promise<PermitResult> {
  const engine = ownEngine(request);
  const progress = new Progress(request.server);
  const run = request.prepared.run;
  const untouched = { run, stopped: false, interrupted: [], missing: [] };
  const container = await engine.inspect<ContainerInspect>("container", request.container);
  if (container === undefined) {
    await giveData(engine, request);
    return untouched;
  }
  refuseForeign(request, container);
  if (container.Config.Labels?.[LABELS.spec] === request.spec) {
    if (!container.State.Running) {
      await giveData(engine, request);
      await engine.run(["start", request.container]);
    }
    return untouched;
  }
  const outcome = await stopServer(engine, request, container, progress);
  if (container.Config.User.split(":")[0] !== String(request.uid)) await giveData(engine, request);
  return { ...untouched, ...outcome, stopped: true };
}

/**
 * Runs before a server's container is created, and removes the one that has its name. That one may be stopped already, by the
 * permit; or it serves, and the engine makes it anew for a reason of its own: drift, `--replace`, a tainted resource, another
 * version of a provider, a run that was killed before it wrote it down. Then it is judged and handed over here.
 */
export async function makeWay(request: PermitRequest): Promise<{ removed: boolean }> {
  const engine = ownEngine(request);
  const progress = new Progress(request.server);
  const container = await engine.inspect<ContainerInspect>("container", request.container);
  if (container === undefined) return { removed: false };
  refuseForeign(request, container);
  if (container.State.Running) {
    progress.say("its container is made again");
    await stopServer(engine, request, container, progress);
    await engine.run(["rm", "--force", request.container]);
  }
  // One that the permit has stopped goes as it is; Docker refuses where it was started since.
  else await engine.run(["rm", request.container]);
  return { removed: true };
}

function refuseForeign(request: PermitRequest, { Config }: ContainerInspect): void {
  if (Config.Labels?.[LABELS.identity] === request.identity) return;
  throw new Failure(
    `${request.server}: container ${request.container} is not this cluster's; nothing was touched; choose another clusterName`,
  );
}

/** One that serves is judged first; one that does not may be the fault that this run repairs. */
async function stopServer(
  engine: Engine,
  request: PermitRequest,
  { State }: ContainerInspect,
  progress: Progress,
): Promise<Outcome | undefined> {
  const { Running, Restarting, Paused } = State;
  const outcome = Running && !Restarting && !Paused ? await leaveService(engine, request, progress) : undefined;
  if (Running) progress.say("stopping");
  if (Paused) await engine.run(["unpause", request.container]);
  await engine.run(["stop", "--time", String(STOP_SECONDS), request.container]);
  return outcome;
}

type Outcome = Pick<PermitResult, "interrupted" | "missing">;

/** Judges the stop and hands over what others can serve meanwhile. */
async function leaveService(engine: Engine, request: PermitRequest, progress: Progress): Promise<Outcome | undefined> {
  const servers = await serversOf(request);
  return withViews(servers, request.operator, { name: request.server, progress }, async (found) => {
    refuseUnknown(request, found, progress);
    // Of each running server it was seen that its port is closed or its certificate has expired: no new client gets in.
    if (found.views.length === 0) {
      progress.say("no server serves, so there is no service to protect");
      return undefined;
    }
    return judgeAndHandOver(engine, request, servers, found, progress);
  });
}

/** A running server of which nothing is known may be the one that a table lives by. */
function refuseUnknown(request: PermitRequest, found: Views, progress: Progress): void {
  const unknown = unseenUnknown(found);
  if (unknown.length === 0) return;
  const who = describeUnheard(unknown);
  if (request.allow.includes("lose-majority")) {
    progress.say(`not known, and allow says to go on: ${who}`);
    return;
  }
  throw new Failure(
    `${request.server}: ${who} ${unknown.length === 1 ? "runs and cannot be asked" : "run and cannot be asked"}, so nothing tells what stopping ` +
      `${request.server} would cost; it was not stopped; repair that, then run pulumi up again, or add "lose-majority" to allow`,
  );
}

async function judgeAndHandOver(
  engine: Engine,
  request: PermitRequest,
  servers: readonly LiveServer[],
  { views }: Views,
  progress: Progress,
): Promise<Outcome> {
  const partition = describePartition(views);
  if (partition !== undefined) progress.say(`the servers do not all see each other: ${partition}`);
  const outside = isOutside(request.server, views);
  const best = outside ? bestView(views) : bestView(views, request.server);
  if (best === undefined) throw new Error("there is a view");
  // Of the part of the cluster to which it returns.
  const seen = seenIn(best);
  const missing = servers.map(({ name }) => name).filter((name) => !seen.includes(name));
  if (outside) {
    // It serves nothing that the others know of, and may be the fault that this change repairs.
    progress.say("is not part of the cluster, so there is nothing to hand over");
    // Clients that reach it alone may still use tables of one replica.
    const { interrupted } = judgeStopByAll(request.server, views);
    if (interrupted.length > 0) tellInterrupted(request, interrupted, progress);
    return { interrupted, missing };
  }
  judge(request, judgeStopByAll(request.server, views).refused);
  const mover: Mover = {
    who: request.server,
    connection: best.connection,
    progress,
    next: "it was not stopped; look at npx pulumi-rethinkdb doctor --health, then run pulumi up again",
  };
  const here = { name: request.server, container: request.container };
  await handOver(engine, here, mover, request.protectSingleReplicaTables);
  // Once more: the hand-over took time.
  const { refused, interrupted } = judgeStopByAll(request.server, await readAgain(views));
  judge(request, refused);
  if (interrupted.length > 0) tellInterrupted(request, interrupted, progress);
  return { interrupted, missing };
}

function judge(request: PermitRequest, refused: readonly string[]): void {
  if (refused.length === 0 || request.allow.includes("lose-majority")) return;
  throw new Failure(
    `${request.server}: stopping it now would take ${refused.join(", ")} out of service, a replica elsewhere is missing already; ` +
      `it was not stopped; bring the missing server back, then run pulumi up again, or add "lose-majority" to allow`,
  );
}

function tellInterrupted(request: PermitRequest, interrupted: readonly string[], progress: Progress): void {
  if (request.strictInterruption) {
    throw new Failure(
      `${request.server}: ${interrupted.join(", ")} would not be available while it restarts, and strictInterruption is on; ` +
        `it was not stopped; give each table three replicas, or set protectSingleReplicaTables`,
    );
  }
  progress.say(`not available while it restarts, for want of another replica: ${interrupted.join(", ")}`);
}

/** Only while the server is stopped; an earlier run may have been killed before or after it did this. */
async function giveData(engine: Engine, request: PermitRequest): Promise<void> {
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "chown",
    mounts: [`${request.dataVolume}:/data`],
    capabilities: ["CHOWN", "FOWNER", "DAC_OVERRIDE"],
    script: '[ "$(stat -c %u /data/rethinkdb)" = "$1" ] && exit 0; chown -R "$1:$1" /data/rethinkdb',
    args: [String(request.uid)],
    stdin: "",
    seconds: DATA_LIMIT_SECONDS,
  });
  if (outcome.code !== 0)
    throw new Failure(
      `${request.server}: cannot give its data to uid ${String(request.uid)}: ${firstLine(outcome.stderr)}`,
    );
}
