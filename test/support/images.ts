/** Images beside the real one, made from it on the engine. */
import { DEFAULT_IMAGE } from "../../args/constants";
import { docker } from "./stack";

/**
 * An image whose `rethinkdb` is a script.
 * @param script of bash; `rethinkdb.real` is the real program.
 */
export function imageWith(tag: string, script: string): string {
  const lines = ["mv /usr/bin/rethinkdb /usr/bin/rethinkdb.real", "cat > /usr/bin/rethinkdb <<'END'"];
  const install = [...lines, "#!/bin/bash", script, "END", "chmod 755 /usr/bin/rethinkdb"].join("\n");
  const id = docker("create", "--user", "0", "--entrypoint", "bash", DEFAULT_IMAGE, "-c", install);
  docker("start", "--attach", id);
  const restore = ["ENTRYPOINT []", `CMD ["rethinkdb", "--bind", "all"]`, "USER root"];
  docker("commit", ...restore.flatMap((change) => ["--change", change]), id, tag);
  docker("rm", "--volumes", id);
  return tag;
}
