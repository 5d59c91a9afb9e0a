/** Which programs of this project stand guard, what they run, and what they are handed. */
import { guardsOf, PROGRAMS } from "../../core/programs/all";
import { NOTHING } from "../../core/programs/parts/locator";
import { createHashText, type Fact, type Grade, neutral, NO, NONE, type Note, noteInto, required } from "../model/fact";
import { clusterSubject, containerSubject, ownerOf, type Place, type Places } from "../model/places";
import { type Family, held, type Property } from "../model/property";
import { hasSecret, type Inputs, isUnknown, record, SECRET, text, TYPES } from "../model/resources";
import { verbOf } from "../model/request";
import { mandatory } from "../model/rule";
import { holdsPrivateKey, holdsSecret, namesSecret } from "../model/secrets";

const program = (
  title: string,
  why: string,
  anchor: Property["anchor"],
  absent: Grade = required(false),
): Property => ({
  ...{ title, why, anchor, absent },
  args: [],
  promise: 0,
});

const GUARDS = mandatory(
  "guards-declared",
  "Every server has its files prepared, its stops permitted and its membership waited for.",
);
const NO_SECRET = mandatory(
  "no-secret-in-commands",
  "No secret stands in the text or the environment of a Command: its errors print them, ps shows them.",
);

export const PROGRAM_FACTS: Family = {
  "program/declared": held(program("guard %", "Nothing judges, prepares or waits in its place.", "update-order"), {
    ...{ rule: GUARDS, of: ["server"] },
    says: ({ fact: { detail } }) =>
      `it has no ${detail}, so nothing guards its start, its stops or its leaving. Declare it through RethinkdbCluster.`,
  }),
  "program/command": program(
    "what the deployment runs to %",
    "It runs on the deployer's machine, with the stack's secrets.",
    "update-order",
    NONE,
  ),
  "program/request-secret": {
    ...program("request of % is a secret", "It holds keys and passwords.", "secrets"),
    silent: true,
  },
  "program/secret": held(
    program("secret in % of the command", "Its errors print it, and ps shows it.", "secrets", NO),
    {
      rule: NO_SECRET,
      says: ({ fact: { detail } }) => `a secret stands in ${detail}. Hand it over on stdin.`,
    },
  ),
  "program/logging": {
    ...program("output of % shown", "A program's stdout may hold a result that is secret.", "secrets", NONE),
    silent: true,
  },
  "program/previous-output": {
    ...program("% gets its last output in the environment", "Local users may read it.", "secrets", NO),
    ...{ silent: true, ungraded: true },
  },
};

export function readPrograms(places: Places, facts: Fact[]): void {
  for (const place of places.all) {
    if (place.resource.type === TYPES.command) readProgram(place, facts);
    if (place.part === "server") {
      const note = noteInto(facts, containerSubject(place), place.resource.urn);
      const has = (guard: string): boolean =>
        places.named(place.cluster, `${place.resource.name}-${guard}`)?.resource.type === TYPES.command;
      for (const guard of guardsOf("server")) note("program/declared", required(has(guard)), guard);
    }
    if (place.resource.type === TYPES.cluster) {
      const note = noteInto(facts, clusterSubject(place.cluster), place.resource.urn);
      for (const guard of guardsOf("cluster")) {
        note("program/declared", required(places.find(place.cluster, guard) !== undefined), guard);
      }
    }
  }
}

function readProgram(place: Place, facts: Fact[]): void {
  const { inputs, urn } = place.resource;
  const ours = place.cluster !== "";
  const note = noteInto(facts, ownerOf(place), urn);
  const name = place.server === "" ? place.role || place.resource.name : place.role.slice(place.server.length + 1);
  for (const when of ["create", "update", "delete"]) {
    const command = inputs[when];
    const what = `${when === "create" ? "make" : when} ${name}`;
    const wanted = ours ? wantedOf(name, when) : undefined;
    if (command !== undefined || wanted?.includes("none") === false)
      note("program/command", isUnknown(command) ? null : commandGrade(nameOf(inputs, when), ours, wanted), what);
  }
  readSecrets(inputs, note);
  // What others run, and whether it holds secrets, is theirs to know.
  if (!ours) return;
  const stdin = inputs["stdin"];
  // A preview that does not know a value yet does not say whether it is a secret; the next one does.
  if (!isUnknown(stdin)) note("program/request-secret", required(stdin === undefined || hasSecret(stdin)), name);
  note("program/logging", logging(inputs["logging"]), name);
  note("program/previous-output", neutral(inputs["addPreviousOutputInEnv"] === true ? "yes" : "no"), name);
}

/** By role, what this project runs. A server that is made has nothing to move and none to ask. */
function wantedOf(role: string, when: string): readonly string[] | undefined {
  const verb = Object.values(PROGRAMS).find(({ command }) => command?.role === role)?.verb;
  if (verb === undefined) return undefined;
  if (when === "delete") return [verb === "member" ? "ops leave" : "none"];
  return [`ops ${verb}`, ...(when === "create" && (verb === "drain" || verb === "permit") ? ["nothing"] : [])];
}

function commandGrade(shown: string, ours: boolean, wanted: readonly string[] | undefined): Grade {
  if (wanted !== undefined) return { text: shown, rank: wanted.includes(shown) ? 0 : 1 };
  return { text: shown, rank: ours && !/^(nothing$|ops )/.test(shown) ? 1 : 0 };
}

/** Our own programs are named; other text is only told apart, since its contents are not known. */
function nameOf(inputs: Inputs, when: string): string {
  const { [when]: command, interpreter } = inputs;
  if (command === undefined) return "none";
  if (command === SECRET) return "a secret command";
  const verb = verbOf(inputs, when);
  if (verb === NOTHING) return "nothing";
  if (verb !== undefined) return `ops ${verb}`;
  return `another command, ${createHashText(interpreter === undefined ? command : { interpreter, command })}`;
}

function logging(value: unknown): Grade | null {
  if (isUnknown(value)) return null;
  const mode = text(value) || "stdoutAndStderr";
  return { text: mode, rank: mode === "none" || mode === "stderr" ? 0 : 1 };
}

function readSecrets(inputs: Inputs, note: Note): void {
  for (const key of ["create", "update", "delete", "triggers"]) {
    if (holdsSecret(inputs[key])) note("program/secret", { text: "yes", rank: 1 }, key);
  }
  const shown = Object.entries(record(inputs["environment"]));
  // Results of other programs are marked as secrets, and are marks of what they did.
  if (shown.some(([key, value]) => (namesSecret(key) && !isMark(key, value)) || holdsPrivateKey(value))) {
    note("program/secret", { text: "yes", rank: 1 }, "environment");
  }
}

/** The mark of the web UI's password: an HMAC, cut short, that names it and tells nothing of it. */
function isMark(key: string, value: unknown): boolean {
  return key === "PASSWORD_MARK" && (isUnknown(value) || /^[0-9a-f]{16}$/.test(text(value)));
}
