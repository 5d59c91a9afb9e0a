/** Every program, by its verb. */
import { ACCOUNTS } from "./accounts";
import { ADMIN } from "./admin";
import { DOWN } from "./down";
import { DRAIN } from "./drain";
import { FLEET } from "./fleet";
import { LEFTOVER } from "./leftover";
import { LEAVE, MEMBER } from "./member";
import type { Program } from "./parts/program";
import { PEERS } from "./peers";
import { MAKE_WAY, PERMIT } from "./permit";
import { PREPARE } from "./prepare";
import { UI_PREPARE } from "./uiPrepare";
import { UI_PRUNE } from "./uiPrune";
import { UNREACHABLE } from "./unreachable";

const ALL: readonly Program[] = [
  FLEET,
  DRAIN,
  UNREACHABLE,
  DOWN,
  PREPARE,
  PERMIT,
  MAKE_WAY,
  MEMBER,
  LEAVE,
  PEERS,
  ADMIN,
  ACCOUNTS,
  UI_PREPARE,
  UI_PRUNE,
  LEFTOVER,
];

export const PROGRAMS: Readonly<Record<string, Program>> = Object.fromEntries(
  ALL.map((program) => [program.verb, program]),
);

/** Of those that are Commands: what a preview shows, by role. */
export const COMMANDS = ALL.flatMap(({ command }) => (command === null ? [] : [command]));

/** Those that a cluster, or a server, is less safe without: their names below it. */
export function guardsOf(of: "cluster" | "server"): readonly string[] {
  return COMMANDS.filter((command) => command.of === of && command.isGuard).map(({ role }) => role);
}
