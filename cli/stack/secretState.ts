/** The state of the local stack, or of a named one, with its secrets in clear. */
import { LocalStack } from "./localStack";
import { PulumiCli } from "./pulumiCli";
import { type ExportedState, exportState } from "./state";

/** @param verb begins the sentence of a failure. */
export async function readSecretState(
  project: string,
  verb: string,
  named: string | undefined,
): Promise<ExportedState> {
  if (named !== undefined) return exportState(new PulumiCli(project, process.env), "--show-secrets", "--stack", named);
  return exportState(LocalStack.existing(project, verb).pulumi, "--show-secrets");
}
