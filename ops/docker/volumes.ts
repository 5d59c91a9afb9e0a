/** Looks into volumes from a throw-away container. */
import { LABELS } from "../../core/render/labels";
import type { VolumeLook } from "../../core/decide/volumeOwner";
import { type Engine, firstLine } from "./engine";
import { Failure } from "../lib/failure";

/**
 * Shell: prints what lies on the volume at `folder`, one line of three words: identity, names at the top, whether
 * RethinkDB's folder has files; the first two in base64, `-` where empty.
 */
export function showVolume(folder: string): string {
  const encoded = (command: string): string => `$(${command} 2>/dev/null | base64 -w0 | grep . || echo -)`;
  return (
    `printf '%s %s %s\\n' "${encoded(`cat "${folder}/identity"`)}" "${encoded(`ls -A "${folder}"`)}" ` +
    `"$([ -n "$(ls -A "${folder}/rethinkdb" 2>/dev/null)" ] && echo data || echo none)"`
  );
}

/** Reads a line that `showVolume` printed. */
export function readVolumeLook(line: string): VolumeLook {
  const [says = "-", names = "-", data = ""] = line.split(" ");
  const decode = (text: string): string => (text === "-" ? "" : Buffer.from(text, "base64").toString("utf8"));
  return {
    says: decode(says).trim(),
    names: decode(names).split("\n").filter(Boolean),
    hasData: data === "data",
  };
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

/** What lies on each volume, in the order asked. Volumes must exist: docker run would make them. */
export async function lookIntoVolumes(
  engine: Engine,
  image: string,
  volumes: readonly string[],
): Promise<readonly VolumeLook[]> {
  if (volumes.length === 0) return [];
  // Zero-padded, so that the shell's order is ours.
  const mounts = volumes.map((volume, index) => `${volume}:/v/${String(index).padStart(3, "0")}:ro`);
  const outcome = await engine.runHelper({
    image,
    helper: "identity",
    mounts,
    capabilities: ["DAC_OVERRIDE"],
    script: `for v in /v/*; do ${showVolume("$v")}; done`,
    args: [],
    stdin: "",
  });
  if (outcome.code !== 0) throw new Failure(`cannot look into the volumes: ${firstLine(outcome.stderr)}`);
  const lines = outcome.stdout.trimEnd().split("\n");
  if (lines.length !== volumes.length) throw new Failure("cannot look into the volumes: not every one was shown");
  return lines.map(readVolumeLook);
}
