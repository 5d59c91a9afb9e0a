/** What Commands and hooks run: `node main.js <verb>`, one JSON on stdin, progress on stderr, the result on stdout. */
import { text } from "node:stream/consumers";
import type { PROGRAMS, Verb } from "../core/programs/all";
import { readFields } from "../core/programs/parts/fields";
import type { Program } from "../core/programs/parts/program";
import { Failure, describe, parseSecret } from "./lib/failure";

type Run = (request: never) => Promise<unknown>;

/** Each with the description of its request. Loaded by verb, so that each starts fast. */
const LOAD: { readonly [V in Verb]: () => Promise<readonly [Run, (typeof PROGRAMS)[V]]> } = {
  fleet: async () => [(await import("./programs/fleet.js")).fleet, (await import("../core/programs/fleet.js")).FLEET],
  drain: async () => [(await import("./programs/drain.js")).drain, (await import("../core/programs/drain.js")).DRAIN],
  absent: async () => [
    (await import("./programs/unreachable.js")).absent,
    (await import("../core/programs/unreachable.js")).UNREACHABLE,
  ],
  faulty: async () => [(await import("./programs/down.js")).faulty, (await import("../core/programs/down.js")).DOWN],
  prepare: async () => [
    (await import("./programs/prepare.js")).prepare,
    (await import("../core/programs/prepare.js")).PREPARE,
  ],
  permit: async () => [
    (await import("./programs/permit.js")).permit,
    (await import("../core/programs/permit.js")).PERMIT,
  ],
  makeWay: async () => [
    (await import("./programs/permit.js")).makeWay,
    (await import("../core/programs/permit.js")).MAKE_WAY,
  ],
  member: async () => [
    (await import("./programs/member.js")).member,
    (await import("../core/programs/member.js")).MEMBER,
  ],
  leave: async () => [(await import("./programs/leave.js")).leave, (await import("../core/programs/member.js")).LEAVE],
  peers: async () => [(await import("./programs/peers.js")).peers, (await import("../core/programs/peers.js")).PEERS],
  admin: async () => [(await import("./programs/admin.js")).admin, (await import("../core/programs/admin.js")).ADMIN],
  accounts: async () => [
    (await import("./programs/accounts.js")).accounts,
    (await import("../core/programs/accounts.js")).ACCOUNTS,
  ],
  uiPrepare: async () => [
    (await import("./programs/uiPrepare.js")).uiPrepare,
    (await import("../core/programs/uiPrepare.js")).UI_PREPARE,
  ],
  uiPrune: async () => [
    (await import("./programs/uiPrune.js")).uiPrune,
    (await import("../core/programs/uiPrune.js")).UI_PRUNE,
  ],
  leftover: async () => [
    (await import("./programs/leftover.js")).leftover,
    (await import("../core/programs/leftover.js")).LEFTOVER,
  ],
};

async function main(): Promise<void> {
  const verb = process.argv[2] ?? "";
  if (!isVerb(verb)) throw new Failure(`"${verb}" is not one of ${Object.keys(LOAD).join(", ")}`);
  const [[run, program], stdin] = await Promise.all([LOAD[verb](), text(process.stdin)]);
  const result = await run(readRequest(program, stdin) as never);
  process.stdout.write(JSON.stringify(result));
}

function isVerb(word: string): word is Verb {
  return Object.hasOwn(LOAD, word);
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
