/** Reads RethinkDB's command line back into its options, as RethinkDB does: the inverse of `serverFlags.ts`. */

/** Options without a value: https://github.com/rethinkdb/rethinkdb/blob/v2.4.4/src/clustering/administration/main/command_line.cc */
const BARE = new Set(["no-http-admin", "no-default-bind", "no-update-check", "daemon", "direct-io", "help", "version"]);

const SHORT: Readonly<Record<string, string>> = {
  d: "directory",
  n: "server-name",
  t: "server-tag",
  j: "join",
  o: "port-offset",
  c: "cores",
  h: "help",
  v: "version",
};

export interface Flags {
  /** `rethinkdb` itself when none is named. */
  readonly subcommand: string;
  /** Values of each option, in order; one empty value for an option without any. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** What is no option and no value of one. */
  readonly strays: readonly string[];
}

/** @param argv what follows `rethinkdb` */
export function readFlags(argv: readonly string[]): Flags {
  const options = new Map<string, string[]>();
  const strays: string[] = [];
  const rest = [...argv];
  const subcommand = rest[0] !== undefined && /^[a-z-]+$/.test(rest[0]) && !rest[0].startsWith("-") ? rest.shift() : "";
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const name = optionName(word);
    if (name === undefined) strays.push(word);
    else options.set(name, [...(options.get(name) ?? []), BARE.has(name) ? "" : (rest.shift() ?? "")]);
  }
  return { subcommand: subcommand === undefined || subcommand === "" ? "rethinkdb" : subcommand, options, strays };
}

function optionName(word: string): string | undefined {
  if (/^--[a-z]/.test(word)) return word.slice(2);
  return /^-[a-z]$/.test(word) ? (SHORT[word.slice(1)] ?? word.slice(1)) : undefined;
}
