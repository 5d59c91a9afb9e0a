/** What a person types: `npm run up | destroy | pulumi | pin`. Parses, calls the engine or `ops/`, prints. */
import { describe, Failure } from "../ops/failure";

type Verb = (words: readonly string[]) => Promise<number>;

const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  up: async () => (await import("./up.js")).up,
  destroy: async () => (await import("./destroy.js")).destroy,
  pulumi: async () => (await import("./pulumi.js")).pulumi,
  pin: async () => (await import("./pin.js")).pin,
};

async function main(): Promise<number> {
  const [name = "", ...words] = process.argv.slice(2);
  const load = VERBS[name];
  if (load === undefined) throw new Failure(`"${name}" is not one of ${Object.keys(VERBS).join(", ")}`);
  return (await load())(words);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Failure ? "" : "unexpected: "}${describe(error)}\n`);
    process.exit(1);
  },
);
