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

export const PROGRAMS = {
  fleet: FLEET,
  drain: DRAIN,
  absent: UNREACHABLE,
  faulty: DOWN,
  prepare: PREPARE,
  permit: PERMIT,
  makeWay: MAKE_WAY,
  member: MEMBER,
  leave: LEAVE,
  peers: PEERS,
  admin: ADMIN,
  accounts: ACCOUNTS,
  uiPrepare: UI_PREPARE,
  uiPrune: UI_PRUNE,
  leftover: LEFTOVER,
} as const satisfies Readonly<Record<string, Program>>;

export type Verb = keyof typeof PROGRAMS;

/** Of those that are Commands: what a preview shows, by role. */
export const COMMANDS = Object.values(PROGRAMS as Readonly<Record<string, Program>>).flatMap(({ command }) =>
  command === null ? [] : [command],
);

/** Those that a cluster, or a server, is less safe without: their names below it. */
export function guardsOf(of: "cluster" | "server"): readonly string[] {
  return COMMANDS.filter((command) => command.of === of && command.isGuard).map(({ role }) => role);
}
