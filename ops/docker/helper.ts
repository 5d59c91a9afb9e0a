/** A throw-away container without network that is root over nothing but the volumes that it is given. */
import { LABELS } from "../../core/render/labels";

export interface RunHelper {
  readonly image: string;
  /** What the helper is for; it stands in a label. */
  readonly helper: string;
  /** `volume:/path[:ro]` each. */
  readonly mounts: readonly string[];
  readonly capabilities: readonly string[];
  readonly script: string;
  readonly args: readonly string[];
  readonly stdin: string;
  /** The host's, to look at it; none otherwise. */
  readonly network?: "host";
  /** Seconds that it may take; @default 120 */
  readonly seconds?: number;
}

/** What to run with the docker command. */
export function helperCommand(task: RunHelper): readonly string[] {
  return [
    ...["run", "--rm", "-i", "--pull", "never", "--network", task.network ?? "none", "--read-only", "--user", "0"],
    ...["--cap-drop", "ALL", ...task.capabilities.flatMap((name) => ["--cap-add", name])],
    ...["--security-opt", "no-new-privileges", "--label", `${LABELS.helper}=${task.helper}`],
    // The image declares /data a volume: without this, every run leaves an anonymous one for Docker to make.
    ...(task.mounts.some((mount) => mount.split(":")[1] === "/data") ? [] : ["--tmpfs", "/data"]),
    ...task.mounts.flatMap((mount) => ["--volume", mount]),
    ...["--entrypoint", "bash", task.image, "-c", task.script, "bash", ...task.args],
  ];
}
