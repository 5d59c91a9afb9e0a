/** What an engine says of itself. */
import type { EngineFacts } from "../../core/decide/dockerEngine";
import type { Engine } from "../docker/engine";
import { Failure } from "../lib/failure";

interface Info {
  readonly ServerVersion?: string;
  readonly MemoryLimit?: boolean;
  readonly SwapLimit?: boolean;
  readonly SecurityOptions?: readonly string[] | null;
}

interface Version {
  readonly Components?: readonly { readonly Name: string }[] | null;
}

export async function readEngine(engine: Engine): Promise<Omit<EngineFacts, "which" | "getsServers" | "hasServers">> {
  const [info, version] = await Promise.all([
    ask<Info>(engine, ["info", "--format", "{{json .}}"]),
    // Podman's own name stands in this answer alone.
    ask<Version>(engine, ["version", "--format", "{{json .Server}}"]),
  ]);
  return {
    components: (version.Components ?? []).map(({ Name }) => Name),
    version: info.ServerVersion ?? "",
    limitsMemory: info.MemoryLimit,
    limitsSwap: info.SwapLimit,
    securityOptions: info.SecurityOptions ?? [],
  };
}

async function ask<T extends object>(engine: Engine, args: readonly string[]): Promise<T> {
  const text = await engine.run(args);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Failure(`docker ${args[0] ?? ""} at ${engine.endpoint} does not answer in JSON: ${text.slice(0, 80)}`);
  }
}
