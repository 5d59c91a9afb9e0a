/** Lets one server be stopped for a change of its container, and stops it; refuses where that would cost a table. */
import { LABELS } from "../core/labels";
import type { PermitRequest } from "../core/requests";
import { judgeStop } from "../core/whole";
import { OPERATOR_USER, STOP_SECONDS } from "../core/defaults";
import { Engine, firstLine, type LiveServer } from "./engine";
import { describe, Failure } from "./failure";
import { Progress } from "./progress";
import { logInAsOperator } from "./session";
import { readStatus } from "./status";

interface ContainerInspect {
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly User: string };
  readonly State: { readonly Running: boolean; readonly Restarting: boolean };
}

export async function permit(request: PermitRequest): Promise<{ stopped: boolean; interrupted: readonly string[] }> {
  const engine = new Engine(request.dockerHost);
  const progress = new Progress(request.server);
  const container = await engine.inspect<ContainerInspect>("container", request.container);
  if (container === undefined) {
    await giveData(engine, request);
    return { stopped: false, interrupted: [] };
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
    return { stopped: false, interrupted: [] };
  }
  const healthy = container.State.Running && !container.State.Restarting;
  const interrupted = healthy ? await judge(engine, request, progress) : [];
  progress.say("stopping");
  await engine.run(["stop", "--time", String(STOP_SECONDS), request.container]);
  if (container.Config.User.split(":")[0] !== String(request.uid)) await giveData(engine, request);
  return { stopped: true, interrupted };
}

async function judge(engine: Engine, request: PermitRequest, progress: Progress): Promise<readonly string[]> {
  const servers = (await engine.servers(request.identity)).filter((server) => server.state === "running");
  for (const server of inOrder(servers, request.server)) {
    const attempt = await logInAsOperator(engine, server.container, request.operator, 5);
    if (attempt.kind === "refused") {
      throw new Failure(
        `${request.server}: ${server.name} refuses the account ${OPERATOR_USER}, so nobody can tell what stopping would cost; ` +
          `nothing was touched; set the account again with pulumi up --target-replace '**-admin'`,
      );
    }
    if (attempt.kind !== "open") continue;
    try {
      const { refused, interrupted } = judgeStop(request.server, await readStatus(attempt.connection));
      if (refused.length > 0) {
        throw new Failure(
          `${request.server}: stopping it now would take ${refused.join(", ")} out of service, a replica elsewhere is missing already; ` +
            `nothing was touched; bring the missing server back, then run pulumi up again`,
        );
      }
      if (interrupted.length > 0) {
        progress.say(`not available while it restarts, for want of three voting replicas: ${interrupted.join(", ")}`);
      }
      return interrupted;
    } catch (error) {
      if (error instanceof Failure) throw error;
      progress.say(`${server.name} cannot say: ${describe(error)}`);
    } finally {
      await attempt.connection.close({ noreplyWait: false }).catch(() => undefined);
    }
  }
  // If nobody answers at all there is nothing to protect.
  progress.say("no server answers, so there is no service to protect");
  return [];
}

/** The server itself last: it may be the fault. */
function inOrder(servers: readonly LiveServer[], last: string): readonly LiveServer[] {
  return [...servers.filter((s) => s.name !== last), ...servers.filter((s) => s.name === last)];
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
