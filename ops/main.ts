/** What Commands and hooks run: `node main.js <verb>`, one JSON on stdin, progress on stderr, the result on stdout. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { readFields } from "../core/programs/parts/fields";
import type { Program } from "../core/programs/parts/program";
import { Failure, describe, parseSecret } from "./lib/failure";
import type { Served } from "./programs/parts/served";

async function main(): Promise<void> {
  const [{ program, run }, stdin] = await Promise.all([findServed(process.argv[2] ?? ""), text(process.stdin)]);
  const result = await run(readRequest(program, stdin) as never);
  process.stdout.write(JSON.stringify(result));
}

/** Loads nothing but the one that is asked for, so that each starts fast. */
async function findServed(verb: string): Promise<Served> {
  const files = readdirSync(join(__dirname, "programs")).map((name) => /^(\w+)\.[jt]s$/.exec(name)?.[1] ?? "");
  const verbs = files.filter((name) => name !== "");
  if (!verbs.includes(verb)) throw new Failure(`"${verb}" is not one of ${verbs.join(", ")}`);
  return ((await import(`./programs/${verb}.js`)) as { readonly served: Served }).served;
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
