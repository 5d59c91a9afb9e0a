/** What an audit says: of each line of the threat table what was tried, and what came of it. */
import type { Health } from "../health";
import { THREATS, type ThreatId } from "./threats";

/** Worst first. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What one attempt on one subject came to. */
export type Attempt =
  | { readonly outcome: "held"; readonly subject: string; readonly seen: string }
  | {
      readonly outcome: "found";
      readonly subject: string;
      readonly seen: string;
      readonly todo: string;
      readonly severity: Severity;
    }
  | {
      readonly outcome: "not-tried";
      readonly subject: string;
      readonly reason: string;
      /** The verdict is not complete without it. */
      readonly essential: boolean;
    };

export type Outcome = Attempt["outcome"];

export interface ProbeReport {
  readonly id: string;
  readonly line: ThreatId;
  /** In words. */
  readonly tried: string;
  /** `held` where nothing was found and nothing essential was left out. */
  readonly outcome: Outcome;
  readonly attempts: readonly Attempt[];
  readonly milliseconds: number;
}

export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly tried: string;
  readonly seen: string;
  readonly todo: string;
  /** Line of docs/security.md; null for health. */
  readonly line: ThreatId | null;
  readonly docs: string;
}

export interface NotTried {
  readonly id: string;
  readonly line: ThreatId;
  readonly subject: string;
  readonly reason: string;
  readonly essential: boolean;
}

export interface LineReport {
  readonly id: ThreatId;
  readonly attacker: string;
  readonly attack: string;
  readonly stops: string;
  readonly outcome: Outcome;
  readonly probes: readonly ProbeReport[];
}

/** What the audit did to the cluster. */
export interface Did {
  readonly connections: number;
  readonly logins: number;
  readonly helperContainers: number;
  /** Commands in running containers. */
  readonly execs: number;
}

export interface ClusterAudit {
  readonly clusterName: string;
  /** Null of a cluster that this project did not make. */
  readonly health: Health | null;
  readonly lines: readonly LineReport[];
  readonly findings: readonly Finding[];
  readonly notTried: readonly NotTried[];
  readonly did: Did;
  readonly seconds: number;
}

/** What `doctor --json` prints; `version` says which shape it has. */
export interface AuditReport {
  readonly version: 1;
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly stack: string;
  readonly clusters: readonly ClusterAudit[];
}

/** What there was nothing to try on says nothing against the rest. */
export function outcomeOf(attempts: readonly Attempt[]): Outcome {
  if (attempts.some(({ outcome }) => outcome === "found")) return "found";
  if (attempts.some((attempt) => attempt.outcome === "not-tried" && attempt.essential)) return "not-tried";
  return attempts.some(({ outcome }) => outcome === "held") ? "held" : "not-tried";
}

export function docsOf(line: ThreatId): string {
  return `docs/security.md#${line}`;
}

export function reportAudit(
  clusterName: string,
  health: Health | null,
  probes: readonly ProbeReport[],
  rest: Pick<ClusterAudit, "did" | "seconds">,
): ClusterAudit {
  const lines = THREATS.map((threat): LineReport => {
    const own = probes.filter(({ line }) => line === threat.id);
    return { ...threat, outcome: outcomeOf(own.flatMap(({ attempts }) => attempts)), probes: own };
  });
  const findings = probes.flatMap(({ id, line, tried, attempts }) =>
    attempts.flatMap((attempt): readonly Finding[] => {
      if (attempt.outcome !== "found") return [];
      const { severity, subject, seen, todo } = attempt;
      return [{ id, severity, subject, tried, seen, todo, line, docs: docsOf(line) }];
    }),
  );
  const notTried = probes.flatMap(({ id, line, attempts }) =>
    attempts.flatMap((attempt): readonly NotTried[] =>
      attempt.outcome === "not-tried"
        ? [{ id, line, subject: attempt.subject, reason: attempt.reason, essential: attempt.essential }]
        : [],
    ),
  );
  const all = [...(health?.problems ?? []).map((problem) => healthFinding(clusterName, problem)), ...findings];
  return { clusterName, health, lines, findings: bySeverity(all), notTried, ...rest };
}

function healthFinding(clusterName: string, problem: string): Finding {
  return {
    id: "health",
    severity: "high",
    subject: clusterName,
    tried: "looked at containers, servers, tables and certificates",
    seen: problem,
    todo: "do what the sentence says; docs/operations.md has the rest",
    line: null,
    docs: "docs/operations.md",
  };
}

function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** 0: everything was tried and held. 1: something was found. 2: nothing was found, and something essential was not tried. */
export function exitCodeOf(clusters: readonly Pick<ClusterAudit, "findings" | "notTried">[]): 0 | 1 | 2 {
  if (clusters.some(({ findings }) => findings.length > 0)) return 1;
  return clusters.some(({ notTried }) => notTried.some(({ essential }) => essential)) ? 2 : 0;
}
