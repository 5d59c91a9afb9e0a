/** Lets one server be stopped for a change of its container, and stops it; refuses where that would cost a table. */
import { LABELS } from "../core/labels";
import type { PermitRequest, PermitResult } from "../core/requests";
import { judgeStop } from "../core/whole";
import { STOP_SECONDS } from "../core/defaults";
import { type Engine, firstLine } from "./engine";
import { Failure } from "./failure";
import { handOver } from "./handOver";
import { ownEngine, serversOf } from "./hosts";
import type { Mover } from "./layout";
import { accessTo, askCluster, withLast } from "./operator";
import { Progress } from "./progress";
import { readStatus } from "./status";

interface ContainerInspect {
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly User: string };
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
  const labels = container.Config.Labels;
  if (labels[LABELS.identity] !== request.identity) {
    throw new Failure(
      `${request.server}: container ${request.container} is not this cluster's; nothing was touched; choose another clusterName`,
    );
  }
  if (labels[LABELS.spec] === request.spec) {
    if (!container.State.Running) {
      await giveData(engine, request);
      await engine.run(["start", request.container]);
    }
    return untouched;
  }
  const { Running, Restarting, Paused } = container.State;
  const outcome = Running && !Restarting && !Paused ? await leaveService(engine, request, progress) : undefined;
  progress.say("stopping");
  if (Paused) await engine.run(["unpause", request.container]);
  await engine.run(["stop", "--time", String(STOP_SECONDS), request.container]);
  if (container.Config.User.split(":")[0] !== String(request.uid)) await giveData(engine, request);
  return { ...untouched, ...outcome, stopped: true };
}

type Outcome = Pick<PermitResult, "interrupted" | "missing">;

/** Judges the stop and hands over what others can serve meanwhile. */
async function leaveService(engine: Engine, request: PermitRequest, progress: Progress): Promise<Outcome | undefined> {
  const servers = await serversOf(request);
  const who = { name: request.server, progress };
  const answer = await askCluster(
    withLast(servers, [request.server]),
    // What the servers demand now, which may be what this change takes away.
    async (server) => ({ ...request.operator, ...(await accessTo(server)) }),
    who,
    async (connection): Promise<Outcome> => {
      const before = await readStatus(connection);
      const missing = servers.map(({ name }) => name).filter((name) => !before.servers.some((s) => s.name === name));
      if (missing.includes(request.server)) {
        // Nobody sees it: it serves nothing, and may be the fault that this change mends.
        progress.say("is not part of the cluster, so there is nothing to hand over");
        return { interrupted: [], missing };
      }
      judge(request, judgeStop(request.server, before).refused);
      const mover: Mover = {
        who: request.server,
        connection,
        progress,
        next: "it was not stopped; look at npm run doctor -- --health, then run pulumi up again",
      };
      await handOver(
        engine,
        { name: request.server, container: request.container },
        mover,
        request.protectSingleReplicaTables,
      );
      // Once more: the hand-over took time.
      const { refused, interrupted } = judgeStop(request.server, await readStatus(connection));
      judge(request, refused);
      if (interrupted.length > 0) tellInterrupted(request, interrupted, progress);
      return { interrupted, missing };
    },
  );
  // If nobody answers at all there is nothing to protect.
  if (answer === undefined) progress.say("no server answers, so there is no service to protect");
  return answer;
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
  });
  if (outcome.code !== 0)
    throw new Failure(
      `${request.server}: cannot give its data to uid ${String(request.uid)}: ${firstLine(outcome.stderr)}`,
    );
}
