/** What Commands and hooks run: `node main.js <verb>`, one JSON on stdin, progress on stderr, the result on stdout. */
import { text } from "node:stream/consumers";
import { Failure, describe, parseSecret } from "./failure";

type Program = (request: never) => Promise<unknown>;

/** Loaded by verb, so that each starts fast. */
const PROGRAMS: Readonly<Record<string, () => Promise<Program>>> = {
  fleet: async () => (await import("./fleet.js")).fleet,
  drain: async () => (await import("./drain.js")).drain,
  absent: async () => (await import("./absent.js")).absent,
  faulty: async () => (await import("./faulty.js")).faulty,
  prepare: async () => (await import("./prepare.js")).prepare,
  permit: async () => (await import("./permit.js")).permit,
  makeWay: async () => (await import("./permit.js")).makeWay,
  member: async () => (await import("./member.js")).member,
  leave: async () => (await import("./leave.js")).leave,
  peers: async () => (await import("./peers.js")).peers,
  admin: async () => (await import("./admin.js")).admin,
  accounts: async () => (await import("./accounts.js")).accounts,
  uiPrepare: async () => (await import("./uiPrepare.js")).uiPrepare,
  uiPrune: async () => (await import("./uiPrune.js")).uiPrune,
  leftover: async () => (await import("./leftover.js")).leftover,
};

async function main(): Promise<void> {
  const verb = process.argv[2] ?? "";
  const load = Object.hasOwn(PROGRAMS, verb) ? PROGRAMS[verb] : undefined;
  if (load === undefined) throw new Failure(`"${verb}" is not one of ${Object.keys(PROGRAMS).join(", ")}`);
  const [program, stdin] = await Promise.all([load(), text(process.stdin)]);
  const result = await program(parseSecret<never>(stdin, "the request on stdin"));
  process.stdout.write(JSON.stringify(result));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const prefix = error instanceof Failure ? "" : `unexpected: `;
    process.stderr.write(`${prefix}${describe(error)}\n`, () => process.exit(1));
  },
);
