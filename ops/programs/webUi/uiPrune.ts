/** Removes keys, certificates and password hashes of the past from the web UI's volumes, once its containers run with newer ones. */
import { UI_PRUNE, type UiPruneRequest } from "../../../core/programs/uiPrune";
import { firstLine } from "../../docker/engine";
import { Failure } from "../../lib/failure";
import { ownEngine } from "../../cluster/hosts";
import { serve } from "../../lib/served";

export const served = serve(UI_PRUNE, uiPrune);

interface Inspected {
  readonly Args: readonly string[];
}

export async function uiPrune(request: UiPruneRequest): Promise<{ kept: readonly string[] }> {
  const engine = ownEngine(request);
  const live = await Promise.all(
    [request.peerContainer, request.container].map((name) => engine.inspect<Inspected>("container", name)),
  );
  // What a container was made with it needs at its next start, too.
  const used = live.flatMap((found) => (found?.Args ?? []).flatMap((word) => word.match(/\b[0-9a-f]{16}\b/g) ?? []));
  const kept = [...new Set([...request.keep, ...used])];
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "ui-prune",
    mounts: [`${request.peerVolume}:/peer`, `${request.volume}:/ui`],
    capabilities: ["FOWNER", "DAC_OVERRIDE"],
    script: SCRIPT,
    args: kept,
    stdin: "",
  });
  if (outcome.code !== 0) throw new Failure(`web UI: cannot remove old certificates: ${firstLine(outcome.stderr)}`);
  return { kept };
}

/** Arguments: names of the folders that stay. */
const SCRIPT = `
set -eu
for dir in /peer/* /ui/*; do
  name="\${dir##*/}"
  [[ "$name" =~ ^[0-9a-f]{16}(\\.new)?$ ]] || continue
  for kept in "$@"; do [ "$name" = "$kept" ] && continue 2; done
  rm -rf -- "$dir"
done`;
