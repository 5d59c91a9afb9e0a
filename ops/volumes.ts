/** Looks into volumes from a throw-away container. */
import type { Engine } from "./engine";
import { firstLine } from "./engine";
import { Failure } from "./failure";

/**
 * What each data volume says it is, in the order asked: `""` for an empty one, `"?"` for one with data and no identity.
 * Volumes must exist: docker run would make them.
 */
export async function readIdentities(
  engine: Engine,
  image: string,
  volumes: readonly string[],
): Promise<readonly string[]> {
  const script =
    'for v in /v/*; do if [ -s "$v/identity" ]; then cat "$v/identity"; echo; ' +
    'elif [ -n "$(ls -A "$v")" ]; then echo "?"; else echo; fi; done';
  // Zero-padded, so that the shell's order is ours.
  const mounts = volumes.map((volume, index) => `${volume}:/v/${String(index).padStart(3, "0")}:ro`);
  const outcome = await engine.runHelper({
    image,
    helper: "identity",
    mounts,
    capabilities: ["DAC_OVERRIDE"],
    script,
    args: [],
    stdin: "",
  });
  if (outcome.code !== 0) throw new Failure(`cannot look into the data volumes: ${firstLine(outcome.stderr)}`);
  return outcome.stdout.split("\n").slice(0, volumes.length);
}
