/** `npm run pulumi -- …`: the Pulumi CLI on the local stack. */
import { LocalStack } from "../stack/localStack";

export async function pulumi(project: string, argv: readonly string[]): Promise<number> {
  const stack = new LocalStack(project);
  await stack.ensure();
  return stack.pulumi.show(argv);
}
