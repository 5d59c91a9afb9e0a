/** `npm run pulumi -- <anything>`: the Pulumi CLI on the local stack. */
import { LocalStack } from "./localStack";

export async function pulumi(words: readonly string[]): Promise<number> {
  const stack = new LocalStack();
  await stack.ensure();
  return stack.show(words);
}
