/**
 * Runs before a server's container is deleted, for whatever reason the engine has: a change, drift, `--replace`, a tainted
 * resource, another version of a provider. Only one that serves nothing, has left, or was permitted a moment ago may go.
 */
import { STOP_SECONDS } from "../core/defaults";
import type { GuardRequest } from "../core/requests";
import type { Engine } from "./engine";
import { Failure } from "./failure";
import { ownEngine } from "./hosts";
import { hasLeft } from "./leavingMarks";
import { isPermitted } from "./notes";
import { Progress } from "./progress";

interface ContainerInspect {
  readonly State: { readonly Running: boolean; readonly Restarting: boolean };
}

export async function guard(request: GuardRequest): Promise<{ may: string }> {
  const engine = ownEngine(request);
  const { server, containerId } = request;
  // By its id: under the name another one may stand by now.
  const found = await engine.inspect<ContainerInspect>("container", containerId);
  if (found === undefined || !found.State.Running || found.State.Restarting) return { may: server };
  if (await marked(engine, request)) return { may: server };
  if (await isPermitted(engine, containerId)) {
    new Progress(server).say("stopping");
    await engine.run(["stop", "--time", String(STOP_SECONDS), containerId]);
    return { may: server };
  }
  throw new Failure(
    `${server}: its container would be made anew while it serves, and nothing has judged what that costs or handed its tables over; ` +
      `it was not touched; run npm run up, which does both; on a stack of your own: ` +
      `RETHINKDB_PERMIT=yes pulumi up --refresh --replace '**-${server}-permit'`,
  );
}

async function marked(engine: Engine, { image, identity, tlsVolume }: GuardRequest): Promise<boolean> {
  if ((await engine.inspect("volume", tlsVolume)) === undefined) return false;
  return hasLeft(engine, image, identity, tlsVolume);
}
