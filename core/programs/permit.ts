/** `permit` and `makeWay`: let one server be stopped for a change of its container, and stop it. */
import { flag, list, number, text } from "./parts/fields";
import { defineProgram, type RequestOf } from "./parts/program";
import { clusterRef, operatorLogin } from "./parts/shared";
import { prepared } from "./prepare";

const request = {
  ...clusterRef,
  server: text,
  container: text,
  dataVolume: text,
  uid: number,
  spec: text,
  prepared,
  allow: list(text),
  protectSingleReplicaTables: flag,
  strictInterruption: flag,
  operator: operatorLogin,
};

export const PERMIT = defineProgram({
  verb: "permit",
  command: { of: "server", role: "permit", isGuard: true, shows: ["SPEC"] },
  request,
});

/** The same, asked by a hook of the container right before another one takes its place. */
export const MAKE_WAY = defineProgram({ verb: "makeWay", command: null, request });
export type PermitRequest = RequestOf<typeof PERMIT>;

/** What it prints. */
export interface PermitResult {
  readonly run: string;
  readonly stopped: boolean;
  /** Tables that were not available while the server was away. */
  readonly interrupted: readonly string[];
  /** Servers that were missing before it was stopped. */
  readonly missing: readonly string[];
}
