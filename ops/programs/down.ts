/** Names the servers that there are, and those of them that are down or start over and over: a run repairs these first. */
import type { Standing } from "../../core/plan/order";
import { DOWN } from "../../core/programs/down";
import type { ClusterRef } from "../../core/programs/parts/shared";
import { serversOf } from "../cluster/hosts";
import { serve } from "../lib/served";

export const served = serve(DOWN, down);

interface ContainerInspect {
  readonly RestartCount: number;
  readonly State: { readonly Status: string; readonly Health?: { readonly Status: string } };
}

export async function down(request: Pick<ClusterRef, "identity" | "dockerHost" | "hosts">): Promise<Standing> {
  const servers = await serversOf(request);
  const verdicts = await Promise.all(
    servers.map(async ({ engine, name, container }) => {
      const found = await engine.inspect<ContainerInspect>("container", container);
      return found !== undefined && isDown(found) ? [name] : [];
    }),
  );
  return { present: servers.map(({ name }) => name), down: verdicts.flat() };
}

export function isDown({ RestartCount, State }: ContainerInspect): boolean {
  const health = State.Health?.Status;
  return State.Status !== "running" || health === "unhealthy" || (RestartCount > 0 && health !== "healthy");
}
