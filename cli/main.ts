/** What a person types: `npm run <verb> -- …`. */
import { platformTrouble } from "../core/decide/platform";
import { meant } from "../args/shape/shape";
import { describe, Failure } from "../ops/lib/failure";
import { helpOf, helpOfAll } from "./options";
import { loadVerb, PROJECT, verbNames } from "./verbs";

async function main(): Promise<number> {
  const [name = "help", ...argv] = process.argv.slice(2);
  if (["help", "--help", "-h"].includes(name)) return show(helpOfAll(await Promise.all(verbNames().map(loadVerb))));
  if (!verbNames().includes(name)) throw new Failure(`"${name}" is no verb; ${meant(name, verbNames())}`);
  const verb = await loadVerb(name);
  // Everything behind pulumi is pulumi's.
  const asksForHelp = name === "pulumi" ? argv.length === 0 : argv.some((word) => ["--help", "-h"].includes(word));
  if (asksForHelp) return show(helpOf(verb));
  const trouble = platformTrouble(process.platform);
  if (trouble !== undefined) throw new Failure(trouble);
  return verb.run(PROJECT, argv);
}

function show(text: string): number {
  console.log(text);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`${error instanceof Failure ? "" : "unexpected: "}${describe(error)}`);
    process.exitCode = 1;
  },
);
