/** Faults that are planted in a running cluster, and what the doctor must find of each. */
import type { Declared } from "../../core/decide/audit/declared";
import type { Severity } from "../../core/decide/audit/report";

export interface Fault {
  readonly what: string;
  readonly plant: () => unknown;
  readonly undo: () => unknown;
  readonly finds: readonly Expected[];
  /** Where the fault is planted in what is declared. */
  readonly declared?: () => Declared;
}

export interface Expected {
  readonly probe: string;
  readonly severity: Severity;
  readonly subject: string;
  /** What must be part of what was seen. */
  readonly seen: RegExp;
}

export function finds(probe: string, severity: Severity, subject: string, seen: RegExp): Expected {
  return { probe, severity, subject, seen };
}
