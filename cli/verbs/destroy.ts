/** `npm run destroy`: the cluster goes, its data volumes stay unless `--volumes` is said. */
import { readStackConfig } from "../stack/config";
import { deleteDataVolumes, findDataVolumes } from "../engine/dataVolumes";
import { answeringEngine, namesHosts } from "../engine/check";
import { clearInterrupted } from "../stack/interrupted";
import { removeLeftoverContainers, removeLeftoverNetworks } from "../engine/leftovers";
import { Failure } from "../../ops/lib/failure";
import { LocalStack, STACK } from "../stack/localStack";
import { parseOptions } from "../options";
import { exportState, identitiesIn } from "../stack/state";
import { CONNECT_FILES, summarizeDestroy } from "../print/summary";
import { type Verb } from "../verb";

export const verb: Verb = {
  name: "destroy",
  does: "Removes the local stack's cluster. The data volumes stay.",
  options: { "--volumes": ["", "delete the data volumes too, for ever"] },
  examples: ["npm run destroy", "npm run destroy -- --volumes"],
  isLocal: true,
  run: destroy,
};

export async function destroy(project: string, argv: readonly string[]): Promise<number> {
  const withVolumes = parseOptions(verb, argv).has("--volumes");
  // On hosts of their own the next up clears what a killed run left; here it would keep the network busy.
  const engine = (await namesHosts(project, STACK)) ? undefined : await answeringEngine();
  if (engine === undefined && withVolumes) {
    throw new Failure(
      "destroy: --volumes deletes data volumes of one engine, and this stack has hosts; run destroy without it, " +
        "then docker volume rm on each host",
    );
  }
  const stack = new LocalStack(project);
  stack.checkPassphrase();
  if (!stack.exists) {
    console.log("There is no local stack here (.state/), so there is nothing to destroy.");
    return 0;
  }
  await clearInterrupted(stack);
  const [state, config] = await Promise.all([exportState(stack.pulumi), readStackConfig(stack.pulumi, STACK)]);
  stack.keepIdentities(identitiesIn(state));
  if (engine !== undefined) await removeLeftoverContainers(engine, state);
  const code = await stack.pulumi.show(["destroy", "--yes", "--skip-preview"]);
  if (code !== 0) return code;
  if (engine !== undefined) await removeLeftoverNetworks(engine, stack.knownIdentities);
  stack.removeFiles(CONNECT_FILES);
  stack.forgetSetAgain();

  const { clusterName, image, allow } = config;
  if (engine === undefined) {
    console.log(`The cluster is gone from every host; its data volumes stay there: docker volume ls on each.`);
  } else if (withVolumes) {
    console.log(await deleteDataVolumes(engine, { clusterName, image, identities: stack.knownIdentities }));
  } else {
    console.log(summarizeDestroy({ clusterName, allow, volumes: await findDataVolumes(engine, clusterName) }));
  }
  return 0;
}
