/** What a probe is, and words that probes share. */
import type { DeclaredServer } from "../../core/decide/audit/declared";
import type { Attempt, Severity } from "../../core/decide/audit/report";
import type { ThreatId } from "../../core/decide/audit/threats";
import { Failure } from "../lib/failure";
import { NotTried, type Scene } from "./scene/scene";

export interface Probe {
  readonly id: string;
  /** Of the threat table. */
  readonly line: ThreatId;
  /** In words: what it tries, and from where. */
  readonly tried: string;
  readonly run: (scene: Scene) => Promise<readonly Attempt[]>;
}

export function held(subject: string, seen: string): Attempt {
  return { outcome: "held", subject, seen };
}

export function found(subject: string, severity: Severity, seen: string, todo: string): Attempt {
  return { outcome: "found", subject, severity, seen, todo };
}

/** There is nothing to try it on, or it cannot be known from here: the verdict is complete without it. */
export function needless(subject: string, reason: string): Attempt {
  return { outcome: "not-tried", subject, reason, essential: false };
}

export type Answer = Attempt | readonly Attempt[];

/** Tries on each subject; one that cannot be tried keeps none of the others from it. */
export async function tryEach<S>(
  subjects: readonly S[],
  subjectOf: (subject: S) => string,
  act: (subject: S) => Promise<Answer> | Answer,
): Promise<readonly Attempt[]> {
  const answers = await Promise.all(
    subjects.map(async (subject): Promise<Answer> => {
      try {
        return await act(subject);
      } catch (error) {
        return notTriedFor(subjectOf(subject), error);
      }
    }),
  );
  return answers.flat();
}

/** @throws what is a mistake of the program, and none of the cluster. */
export function notTriedFor(subject: string, error: unknown): Attempt {
  if (error instanceof NotTried) {
    return { outcome: "not-tried", subject, reason: error.message, essential: error.essential };
  }
  if (error instanceof Failure) return { outcome: "not-tried", subject, reason: error.message, essential: true };
  throw error;
}

export async function onServers(
  scene: Scene,
  act: (server: DeclaredServer) => Promise<Answer> | Answer,
): Promise<readonly Attempt[]> {
  return tryEach(scene.declared.servers, ({ name }) => name, act);
}

export const UP = "run up; it makes what the stack declares";
/** After a leak. */
export const ROTATE = "take it away from there, then rotate the secret: docs/certificates.md#runbooks";
