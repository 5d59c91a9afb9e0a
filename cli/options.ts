/** The few options of our verbs, by Node's own parser; what is wrong is one sentence. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { Failure } from "../ops/failure";

type Options = NonNullable<ParseArgsConfig["options"]>;

export function parseOptions(
  verb: string,
  words: readonly string[],
  options: Options,
): Readonly<Record<string, string | boolean | undefined>> {
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: false }).values as Record<
      string,
      string | boolean | undefined
    >;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new Failure(
      `npm run ${verb}: ${(error as Error).message.split(". ")[0] ?? ""}; known: ${known.join(", ") || "none"}`,
    );
  }
}

/** @returns the number, or undefined when the option was not given. */
export function wholeNumber(
  name: string,
  value: string | boolean | undefined,
  low: number,
  high: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (typeof value === "string" && /^\d+$/.test(value) && number >= low && number <= high) return number;
  throw new Failure(`--${name}: "${String(value)}" is not a whole number from ${String(low)} to ${String(high)}`);
}
