#!/usr/bin/env node
/** What a person types: `npx pulumi-rethinkdb <verb> …`, in this repository also `npm run <verb> -- …`. */
import { platformTrouble } from "../core/decide/platform";
import { meant } from "../args/shape/shape";
import { describe, Failure } from "../ops/lib/failure";
import { helpOf, helpOfAll } from "./options";
import { findProject, isOwnProject } from "./stack/project";
import { PulumiCli } from "./stack/pulumiCli";
import { STACK_OPTION, type Verb } from "./verb";
import { loadVerb, verbNames } from "./verbs";

async function main(): Promise<number> {
  const [name = "help", ...argv] = process.argv.slice(2);
  if (["help", "--help", "-h"].includes(name)) {
    const verbs = await Promise.all(verbNames().map(loadVerb));
    return show(helpOfAll(verbs.filter(({ isLocal }) => !isLocal || isOwnProject("."))));
  }
  if (!verbNames().includes(name)) throw new Failure(`"${name}" is no verb; ${meant(name, verbNames())}`);
  const verb = await loadVerb(name);
  // Everything behind pulumi is pulumi's.
  const asksForHelp = name === "pulumi" ? argv.length === 0 : argv.some((word) => ["--help", "-h"].includes(word));
  if (asksForHelp) return show(helpOf(verb));
  const trouble = platformTrouble(process.platform);
  if (trouble !== undefined) throw new Failure(trouble);
  return runVerb(verb, argv);
}

async function runVerb(verb: Verb, given: readonly string[]): Promise<number> {
  const { cwd, argv } = verb.name === "pulumi" ? { cwd: ".", argv: given } : takeCwd(given);
  const project = findProject(cwd);
  if (isOwnProject(project)) return verb.run(project, argv);
  if (verb.isLocal) {
    throw new Failure(
      `${verb.name}: works on the local stack of a checkout of pulumi-rethinkdb; here run pulumi${verb.name === "pulumi" ? "" : ` ${verb.name}`}`,
    );
  }
  const namesNone =
    verb.options["--stack"] === STACK_OPTION["--stack"] && !argv.some((word) => /^--stack(=|$)/.test(word));
  return verb.run(project, namesNone ? [...argv, "--stack", await selectedStack(project)] : argv);
}

/** As with the pulumi command. */
function takeCwd(argv: readonly string[]): { readonly cwd: string; readonly argv: readonly string[] } {
  const at = argv.findIndex((word) => /^--cwd(=|$)/.test(word));
  const word = argv[at];
  if (word === undefined) return { cwd: ".", argv };
  const [cwd, many] = word.startsWith("--cwd=") ? [word.slice("--cwd=".length), 1] : [argv[at + 1] ?? "", 2];
  if (cwd === "" || cwd.startsWith("-")) throw new Failure("--cwd needs a value: --cwd FOLDER");
  return { cwd, argv: argv.toSpliced(at, many) };
}

async function selectedStack(project: string): Promise<string> {
  const named = process.env["PULUMI_STACK"];
  if (named) return named;
  const listed = await new PulumiCli(project, process.env).read(["stack", "ls", "--json"]);
  const stacks = JSON.parse(listed) as readonly { readonly name: string; readonly current?: boolean }[];
  // With its organization, where that is not the default one.
  const selected = stacks.find(({ current }) => current === true)?.name;
  if (selected === undefined)
    throw new Failure("no stack is selected here: pulumi stack select, or name one with --stack");
  return selected;
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
