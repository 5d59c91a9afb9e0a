/** What Commands and hooks run: `node main.js <verb>`, one JSON on stdin, progress on stderr, the result on stdout. */
import { text } from "node:stream/consumers";
import { PROGRAMS, type Verb } from "../core/programs/all";
import { readFields } from "../core/programs/parts/fields";
import { Failure, describe, parseSecret } from "./lib/failure";

type Run = (request: never) => Promise<unknown>;

/** Loaded by verb, so that each starts fast. */
const LOAD: Readonly<Record<Verb, () => Promise<Run>>> = {
  fleet: async () => (await import("./programs/fleet.js")).fleet,
  drain: async () => (await import("./programs/drain.js")).drain,
  absent: async () => (await import("./programs/unreachable.js")).absent,
  faulty: async () => (await import("./programs/down.js")).faulty,
  prepare: async () => (await import("./programs/prepare.js")).prepare,
  permit: async () => (await import("./programs/permit.js")).permit,
  makeWay: async () => (await import("./programs/permit.js")).makeWay,
  member: async () => (await import("./programs/member.js")).member,
  leave: async () => (await import("./programs/leave.js")).leave,
  peers: async () => (await import("./programs/peers.js")).peers,
  admin: async () => (await import("./programs/admin.js")).admin,
  accounts: async () => (await import("./programs/accounts.js")).accounts,
  uiPrepare: async () => (await import("./programs/uiPrepare.js")).uiPrepare,
  uiPrune: async () => (await import("./programs/uiPrune.js")).uiPrune,
  leftover: async () => (await import("./programs/leftover.js")).leftover,
};

async function main(): Promise<void> {
  const verb = process.argv[2] ?? "";
  if (!isVerb(verb)) throw new Failure(`"${verb}" is not one of ${Object.keys(LOAD).join(", ")}`);
  const [program, stdin] = await Promise.all([LOAD[verb](), text(process.stdin)]);
  const result = await program(readRequest(verb, stdin) as never);
  process.stdout.write(JSON.stringify(result));
}

function isVerb(word: string): word is Verb {
  return Object.hasOwn(LOAD, word);
}

/** What a program is asked is checked here, so that none of them meets anything else. */
function readRequest(verb: Verb, stdin: string): unknown {
  const asked = parseSecret<unknown>(stdin, "the request on stdin");
  try {
    return readFields(PROGRAMS[verb].request, asked);
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
