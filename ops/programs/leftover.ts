/**
 * Runs before an object is created under a fixed name: what stands there with our identity can only be left over from an
 * interrupted `up`, and would make every later one fail; what is not ours is never touched.
 */
import { LABELS } from "../../core/render/labels";
import { LEFTOVER, type LeftoverRequest } from "../../core/programs/leftover";
import { STOP_SECONDS } from "../../args/constants";
import { Failure } from "../lib/failure";
import { ownEngine } from "../cluster/hosts";
import { Progress } from "../lib/progress";
import { serve } from "../lib/served";

export const served = serve(LEFTOVER, leftover);

interface Inspected {
  readonly Config?: { readonly Labels: Readonly<Record<string, string>> | null };
  readonly Labels?: Readonly<Record<string, string>> | null;
}

export async function leftover(request: LeftoverRequest): Promise<{ removed: boolean }> {
  const engine = ownEngine(request);
  const found = await engine.inspect<Inspected>(request.kind, request.name);
  if (found === undefined) return { removed: false };
  const labels = found.Config?.Labels ?? found.Labels ?? {};
  if (labels[LABELS.identity] !== request.identity) {
    throw new Failure(
      `${request.kind} "${request.name}" exists already and is not this cluster's; nothing was touched; choose another clusterName`,
    );
  }
  new Progress(request.name).say(`removing what an interrupted run left`);
  if (request.kind === "container") {
    await engine.try(["stop", "--time", String(STOP_SECONDS), request.name]);
    await engine.run(["rm", "--force", request.name]);
  } else {
    await engine.run(["network", "rm", request.name]);
  }
  return { removed: true };
}
