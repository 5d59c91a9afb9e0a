/** Whether a CA may become what is wanted, given what the living servers have: one legal step of a rotation at a time. */
import { type CaArg, type CaArgs, describeCa } from "../../args/certificates";

/** What one server presents and trusts. */
export interface LiveCa extends CaArgs {
  readonly server: string;
}

/** What the last accepted run asked for, and the highest generation that any ever did. */
export interface PastCa {
  readonly accepted: CaArgs;
  readonly newest: number;
}

/**
 * Servers change one after the other, so that each that has changed meets each that has not: what one presents the other
 * must trust, in both directions.
 * @returns what is wrong, empty for a legal step.
 */
export function judgeCaStep(arg: CaArg, wanted: CaArgs, live: readonly LiveCa[], past?: PastCa): readonly string[] {
  if (live.length === 0) return [];
  const known = unique([...live.flatMap(({ trust }) => trust), ...(past?.accepted.trust ?? [])]);
  const newest = Math.max(...known, past?.newest ?? 0);
  // Clients may have one that was taken back already, and its key is gone.
  const returning = wanted.trust.filter((generation) => generation <= newest && !known.includes(generation));
  if (returning.length > 0) {
    const issue = Math.max(...live.map((server) => server.issue));
    const trust = unique(live.flatMap((server) => server.trust));
    return [
      `${arg}: generation ${returning.join(", ")} was retired and cannot come back, its number would name another key; ` +
        `in force is ${describeCa({ issue, trust })}, and the next one is ${String(newest + 1)}`,
    ];
  }
  const distrusting = live.filter(({ trust }) => !trust.includes(wanted.issue));
  if (distrusting.length > 0) {
    const issue = Math.max(...live.map((server) => server.issue));
    return [
      `${arg}: ${names(distrusting)} ${distrusting.length === 1 ? "does" : "do"} not trust generation ${String(wanted.issue)} yet, ` +
        `so certificates cannot be issued from it; first run up with ${arg}: ${describeCa({ issue, trust: unique([issue, wanted.issue]) })}`,
    ];
  }
  const behind = live.filter(({ issue }) => !wanted.trust.includes(issue));
  if (behind.length > 0) {
    const old = unique(behind.map(({ issue }) => issue));
    return [
      `${arg}: ${names(behind)} still ${behind.length === 1 ? "presents" : "present"} a certificate of generation ${old.join(", ")}, ` +
        `so it cannot be retired; first run up with ${arg}: ${describeCa({ issue: wanted.issue, trust: unique([Math.max(...old), wanted.issue]) })}`,
    ];
  }
  return [];
}

/** Where a rotation stands, and what the next run has to ask for. */
export interface RotationStep {
  /** `done`: nothing is between two generations. */
  readonly name: "trust" | "issue" | "retire" | "done";
  readonly wanted: CaArgs;
}

/**
 * @param configured what the config asks for now.
 * @param live what the servers present and trust; a rotation that was interrupted shows there.
 */
export function nextRotationStep(configured: CaArgs, live: readonly LiveCa[]): RotationStep {
  const lowest = Math.min(...live.flatMap(({ issue, trust }) => [issue, ...trust]));
  // What stands in the config below that is a default or long retired.
  const possible = configured.trust.filter((generation) => generation >= lowest || live.length === 0);
  const fresh = Math.max(...live.flatMap(({ trust }) => trust), ...possible);
  const steady = { issue: fresh, trust: [fresh] };
  const old = Math.max(...live.map(({ issue }) => issue).filter((issue) => issue !== fresh));
  if (old === -Infinity) {
    const done = live.every(({ trust }) => trust.length === 1) && possible.length <= 1;
    return { name: done ? "done" : "retire", wanted: steady };
  }
  const both = [old, fresh].sort((a, b) => a - b);
  if (!live.every(({ trust }) => trust.includes(fresh))) return { name: "trust", wanted: { issue: old, trust: both } };
  return { name: "issue", wanted: { issue: fresh, trust: both } };
}

/**
 * The first step of a rotation to a new generation.
 * @param newest the highest that ever was.
 */
export function beginRotation({ issue, trust }: CaArgs, newest = 0): RotationStep {
  return { name: "trust", wanted: { issue, trust: [issue, Math.max(...trust, newest) + 1] } };
}

function names(servers: readonly LiveCa[]): string {
  return servers.map(({ server }) => server).join(", ");
}

function unique(generations: readonly number[]): readonly number[] {
  return [...new Set(generations)].sort((a, b) => a - b);
}
