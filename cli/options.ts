/** Options of a verb: `--name value` or `--name`. */
import { Failure } from "../ops/failure";

/** Known options by name; the text is what stands for the value, empty for an option without one. */
export type KnownOptions = Readonly<Record<string, string>>;

export function parseOptions(verb: string, argv: readonly string[], known: KnownOptions): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = "", inline] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const placeholder = Object.hasOwn(known, name) ? known[name] : undefined;
    if (placeholder === undefined) throw new Failure(`${verb}: "${word}" is unknown; ${describeKnown(verb, known)}`);
    if (placeholder === "" && inline !== undefined) throw new Failure(`${verb}: ${name} takes no value`);
    const value = placeholder === "" ? "" : (inline ?? rest.shift());
    if (value === undefined) throw new Failure(`${verb}: ${name} needs a value: ${name} ${placeholder}`);
    found.set(name, value);
  }
  return found;
}

/** npm takes options for its own that do not stand after `--`, and hands on only their values. */
function describeKnown(verb: string, known: KnownOptions): string {
  const options = Object.entries(known).map(([name, placeholder]) => `${name} ${placeholder}`.trim());
  return options.length === 0 ? "there are no options" : `known is npm run ${verb} -- [${options.join("] [")}]`;
}

export function wholeNumber(path: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= low && value <= high) return value;
  throw new Failure(`${path}: "${text}" is not a whole number from ${String(low)} to ${String(high)}`);
}
