/** `npm run pulumi -- …`: the Pulumi CLI on the local stack. */
import { LocalStack } from "../stack/localStack";
import { type Verb } from "../verb";

export const verb: Verb = {
  name: "pulumi",
  does: "Runs the Pulumi CLI on the local stack. Its own help: npm run pulumi -- help",
  argument: "...",
  options: {},
  examples: ["npm run pulumi -- config set nodes 5", "npm run pulumi -- preview"],
  isLocal: true,
  run: pulumi,
};

export async function pulumi(project: string, argv: readonly string[]): Promise<number> {
  const stack = new LocalStack(project);
  await stack.ensure();
  return stack.pulumi.show(argv);
}
