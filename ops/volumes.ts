/** Looks into volumes from a throw-away container. */
import { LABELS } from "../core/labels";
import { type Engine, firstLine } from "./engine";
import { Failure } from "./failure";

/**
 * Shell: does a data volume hold anything but what an interrupted preparation leaves, which is nothing of a server's?
 * @param folder where it is mounted; may name a shell variable.
 */
export function holdsData(folder: string): string {
  const others = `ls -A "${folder}" | grep -vxE 'rethinkdb|rethinkdb\\.new|identity\\.new'`;
  return `{ [ -n "$(${others})" ] || [ -n "$(ls -A "${folder}/rethinkdb" 2>/dev/null)" ]; }`;
}

/**
 * A docker command that was killed between create and start leaves a helper that will never run and holds its volumes. Only
 * for volumes of which no helper of a living run can be in use.
 */
export async function releaseVolume(engine: Engine, volume: string): Promise<void> {
  const filters = [`volume=${volume}`, `label=${LABELS.helper}`, "status=created"];
  const dead = await engine.lines(["ps", "-aq", ...filters.flatMap((filter) => ["--filter", filter])]);
  if (dead.length > 0) await engine.run(["rm", ...dead]);
}

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
    `for v in /v/*; do if [ -s "$v/identity" ]; then cat "$v/identity"; echo; ` +
    `elif ${holdsData("$v")}; then echo "?"; else echo; fi; done`;
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
