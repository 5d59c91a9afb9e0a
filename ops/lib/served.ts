/** A program with what runs it: `ops/main.ts` finds it in the file that has the name of its verb. */
import type { Program, RequestOf } from "../../core/programs/parts/program";

export interface Served {
  readonly program: Program;
  readonly run: (request: never) => Promise<unknown>;
}

export function serve<P extends Program>(program: P, run: (request: RequestOf<P>) => Promise<unknown>): Served {
  return { program, run };
}
