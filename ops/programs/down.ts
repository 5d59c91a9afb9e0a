/** Names the servers that are down or starting over and over: a run repairs them before it touches those that serve. */
import { DOWN } from "../../core/programs/down";
import type { ClusterRef } from "../../core/programs/parts/shared";
import { serversOf } from "../cluster/hosts";
import { serve } from "../lib/served";

export const served = serve(DOWN, down);

interface ContainerInspect {
  readonly RestartCount: number;
  readonly State: { readonly Status: string; readonly Health?: { readonly Status: string } };
}

export async function down(
  request: Pick<ClusterRef, "identity" | "dockerHost" | "hosts">,
): Promise<{ readonly down: readonly string[] }> {
  const servers = await serversOf(request);
  const verdicts = await Promise.all(
    servers.map(async ({ engine, name, container }) => {
      const found = await engine.inspect<ContainerInspect>("container", container);
      return found !== undefined && isDown(found) ? [name] : [];
    }),
  );
  return { down: verdicts.flat() };
}

export function isDown({ RestartCount, State }: ContainerInspect): boolean {
  const health = State.Health?.Status;
  return State.Status !== "running" || health === "unhealthy" || (RestartCount > 0 && health !== "healthy");
}
