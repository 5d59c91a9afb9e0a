/** `npm run destroy`: the cluster goes, its data volumes stay unless `--volumes` is said. */
import { readStackConfig } from "./config";
import { deleteDataVolumes, findDataVolumes } from "./dataVolumes";
import { answeringEngine } from "./engineCheck";
import { clearInterrupted } from "./interrupted";
import { removeLeftoverContainers, removeLeftoverNetworks } from "./leftovers";
import { LocalStack, STACK } from "./localStack";
import { parseOptions } from "./options";
import { exportState, identitiesIn } from "./stackState";
import { CONNECT_FILES, summarizeDestroy } from "./summary";

export async function destroy(project: string, argv: readonly string[]): Promise<number> {
  const withVolumes = parseOptions("destroy", argv, { "--volumes": "" }).has("--volumes");
  const engine = await answeringEngine();
  const stack = new LocalStack(project);
  stack.checkPassphrase();
  if (!stack.exists) {
    console.log("There is no local stack here (.state/), so there is nothing to destroy.");
    return 0;
  }
  await clearInterrupted(stack);
  const [state, config] = await Promise.all([exportState(stack.pulumi), readStackConfig(stack.pulumi, STACK)]);
  stack.keepIdentities(identitiesIn(state));
  await removeLeftoverContainers(engine, state);
  const code = await stack.pulumi.show(["destroy", "--yes", "--skip-preview"]);
  if (code !== 0) return code;
  await removeLeftoverNetworks(engine, stack.knownIdentities);
  stack.removeFiles(CONNECT_FILES);

  const { clusterName, image, allow } = config;
  if (withVolumes) {
    console.log(await deleteDataVolumes(engine, { clusterName, image, identities: stack.knownIdentities }));
  } else {
    console.log(summarizeDestroy({ clusterName, allow, volumes: await findDataVolumes(engine, clusterName) }));
  }
  return 0;
}
