/** Options of a verb, parsed by commander, and its help. */
import { Command, CommanderError } from "commander";
import { meant } from "../args/shape/shape";
import { Failure } from "../ops/lib/failure";
import type { VerbText } from "./verb";

/** What a person types before a verb. */
const BIN = "npx pulumi-rethinkdb";

/** @returns values by name, empty for an option without one. */
export function parseOptions(verb: VerbText, argv: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const command = commandOf(verb)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  for (const option of command.options) {
    command.on(`option:${option.name()}`, (value: string | null) => found.set(option.long ?? "", value ?? ""));
  }
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new Failure(explain(verb, argv, error));
  }
  return found;
}

function commandOf(verb: VerbText): Command {
  const { name: verbName, does, options, examples, argument } = verb;
  const command = new Command(verb.isLocal ? `npm run ${verbName} --` : `${BIN} ${verbName}`)
    .description(does)
    .usage([...(argument === undefined ? [] : [argument]), "[options]"].join(" "))
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", ["", "Examples:", ...examples.map((line) => `  ${line}`)].join("\n"));
  for (const [name, [value, what]] of Object.entries(options)) {
    command.option(value === "" ? name : `${name} <${value}>`, what);
  }
  return command;
}

export function helpOf(verb: VerbText): string {
  let text = "";
  commandOf(verb)
    .configureOutput({ writeOut: (part) => (text += part) })
    .outputHelp();
  return text.trimEnd();
}

/** All verbs, a line each. */
export function helpOfAll(verbs: readonly VerbText[]): string {
  const width = Math.max(...verbs.map(({ name }) => name.length));
  return [
    `Usage: ${BIN} <verb> [options]`,
    "",
    ...verbs.map(({ name, does }) => `  ${name.padEnd(width)}  ${does}`),
    "",
    `Options of a verb, and examples: ${BIN} <verb> --help`,
    "Every verb takes --cwd FOLDER: a project other than that of the working directory.",
  ].join("\n");
}

function explain(
  { name: verb, options, isLocal }: VerbText,
  argv: readonly string[],
  { code, message }: CommanderError,
): string {
  const names = Object.keys(options);
  const help = `${isLocal ? `npm run ${verb} --` : `${BIN} ${verb}`} --help has all`;
  if (code === "commander.unknownOption") {
    const word = /'([^'=]*)/.exec(message)?.[1] ?? "";
    if (Object.hasOwn(options, word)) return `${verb}: ${word} takes no value`;
    return `${verb}: "${word}" is no option; ${names.length === 0 ? "there are none" : meant(word, names)}`;
  }
  if (code === "commander.optionMissingArgument") {
    const name = /'(--\S+)/.exec(message)?.[1] ?? "";
    return `${verb}: ${name} needs a value: ${name} ${options[name]?.[0] ?? ""}`;
  }
  const word = argv.find((candidate, index) => !candidate.startsWith("-") && !takesValue(options, argv[index - 1]));
  // npm takes options for its own that do not stand after `--`, and hands on only their values.
  return `${verb}: "${word ?? argv.join(" ")}" is no option; npm run passes options on only behind --, and ${help}`;
}

function takesValue(options: VerbText["options"], name: string | undefined): boolean {
  const value = options[name ?? ""]?.[0];
  return value !== undefined && value !== "";
}

export function wholeNumber(path: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= low && value <= high) return value;
  throw new Failure(`${path}: "${text}" is not a whole number from ${String(low)} to ${String(high)}`);
}
