/** `npx pulumi-rethinkdb rotate-operator`: another password for the account that the programs use; restarts nothing. */
import { ADMIN } from "../../../core/programs/admin";
import { parseOptions } from "../../options";
import { byHand } from "../../stack/project";
import { StackRun } from "../../stack/run";
import { recordsIn } from "../../stack/state";
import { STACK_OPTION, VERBOSE_OPTION, type Verb } from "../../verb";

export const verb: Verb = {
  name: "rotate-operator",
  does: "Gives the account of the deployment's programs another password. Restarts nothing.",
  options: { ...STACK_OPTION, ...VERBOSE_OPTION },
  examples: ["npx pulumi-rethinkdb rotate-operator"],
  run: rotateOperator,
};

export async function rotateOperator(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const stack = await StackRun.choose(project, "rotate-operator", options.get("--stack"), options.has("--verbose"));
  await stack.cluster("rotate-operator");
  const configured = Number(await stack.config("operatorGeneration"));
  const inForce = await operatorGeneration(stack);
  // One that was begun and did not get as far goes on.
  const generation = configured > inForce ? configured : configured + 1;
  if (!stack.writesConfig) {
    console.log(byHand({ operatorGeneration: generation }));
    return 0;
  }
  await stack.set("operatorGeneration", generation);
  const code = await stack.up();
  if (code === 0)
    console.log(`\nThe operator's password is of generation ${String(generation)}; the one before is refused.`);
  else console.error("\nThe rotation is not finished: repair what is said above, then run up; it goes on.");
  return code;
}

/** Of the password that the last run that got there has set. */
async function operatorGeneration(stack: StackRun): Promise<number> {
  // Earlier versions knew one generation.
  const asked = recordsIn(await stack.state(), ADMIN).find(({ says }) => says("operatorGeneration"));
  return asked?.read(["operatorGeneration"]).operatorGeneration ?? 1;
}
