/** What Commands and hooks run: `node main.js <verb>`, one JSON on stdin, progress on stderr, the result on stdout. */
import { readdirSync } from "node:fs";
import { join, parse } from "node:path";
import { text } from "node:stream/consumers";
import { readFields } from "../core/programs/parts/fields";
import type { Program } from "../core/programs/parts/program";
import { Failure, describe, parseSecret } from "./lib/failure";
import type { Served } from "./lib/served";

const PROGRAMS = join(__dirname, "programs");

async function main(): Promise<void> {
  const [{ program, run }, stdin] = await Promise.all([findServed(process.argv[2] ?? ""), text(process.stdin)]);
  const result = await run(readRequest(program, stdin) as never);
  process.stdout.write(JSON.stringify(result));
}

/** Loads nothing but the one that is asked for, so that each starts fast. */
async function findServed(verb: string): Promise<Served> {
  const files = readdirSync(PROGRAMS, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^[^.]+\.[jt]s$/.test(name),
  );
  const verbs = new Map(files.map((file) => [parse(file).name, file]));
  const file = verbs.get(verb);
  if (file === undefined) throw new Failure(`"${verb}" is not one of ${[...verbs.keys()].sort().join(", ")}`);
  return ((await import(join(PROGRAMS, file))) as { readonly served: Served }).served;
}

/** What a program is asked is checked here, so that none of them meets anything else. */
function readRequest({ verb, request }: Program, stdin: string): unknown {
  const asked = parseSecret<unknown>(stdin, "the request on stdin");
  try {
    return readFields(request, asked);
  } catch (error) {
    throw new Failure(`the request of ${verb}: ${describe(error)}`);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const prefix = error instanceof Failure ? "" : `unexpected: `;
    process.stderr.write(`${prefix}${describe(error)}\n`, () => process.exit(1));
  },
);
