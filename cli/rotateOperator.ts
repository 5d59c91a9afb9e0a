/** `npm run rotate-operator`: another password for the account that the programs use; restarts nothing. */
import { parseOptions } from "./options";
import { StackRun } from "./stackRun";

export async function rotateOperator(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions("rotate-operator", argv, { "--stack": "NAME" });
  const stack = await StackRun.choose(project, "rotate-operator", options.get("--stack"));
  await stack.cluster("rotate-operator");
  const generation = Number(await stack.config("operatorGeneration")) + 1;
  await stack.set("operatorGeneration", generation);
  const code = await stack.up();
  if (code === 0)
    console.log(`\nThe operator's password is of generation ${String(generation)}; the one before is refused.`);
  else console.error("\nThe rotation is not finished: mend what is said above, then npm run up; it goes on.");
  return code;
}
