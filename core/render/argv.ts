/** What a RethinkDB container is told on its command line, as far as it can be known. */
import { type Flags, readFlags } from "./flagReader";
import { type Inputs, isUnknown, list, SECRET, text, UNKNOWN } from "./previewValues";

export type Argv = Flags | "unknown";

/** @returns undefined for a container that runs something else. */
export function argvOf(inputs: Inputs): Argv | undefined {
  const entry = inputs["entrypoints"];
  const command = inputs["command"];
  const known = [...list(entry), ...list(command)].filter((word) => typeof word === "string");
  const names = known.some((word) => /(^|\/|exec )rethinkdb($|\s)/m.test(word));
  const image = text(inputs["image"]);
  if (!names && !(list(entry).length === 0 && /(^|\/)rethinkdb([:@]|$)/.test(image))) return undefined;
  if (isUnknown(entry) || isUnknown(command) || command === SECRET || entry === SECRET) return "unknown";
  const words = list(command).map((word) => (typeof word === "string" ? word : String(word)));
  // The image's own default opens everything.
  if (words.length === 0 && list(entry).length === 0) return readFlags(["--bind", "all"]);
  // A script that runs RethinkDB beside something else takes that one's words first.
  const taken = /^shift (\d+)$/m.exec(list(entry).map(text).join("\n"))?.[1];
  if (taken !== undefined) words.splice(0, Number(taken));
  if (/(^|\/)rethinkdb$/.test(words[0] ?? "")) words.shift();
  // The first word of our entry's arguments is the identity of the data volume.
  else if (words[0] !== undefined && !words[0].startsWith("-") && words[0] !== "proxy") words.shift();
  // Where a whole option may be missing, nothing can be said of any.
  return words.some((word) => word === UNKNOWN) && !onlyValuesUnknown(words) ? "unknown" : readFlags(words);
}

/** An unknown word that follows an option is that option's value. */
function onlyValuesUnknown(words: readonly string[]): boolean {
  return words.every((word, index) => word !== UNKNOWN || (words[index - 1] ?? "").startsWith("--"));
}

export function values(argv: Flags, name: string): readonly string[] {
  return argv.options.get(name) ?? [];
}
