/** An audit for a terminal: findings first, then each line of the threat table. */
import {
  type AuditReport,
  type ClusterAudit,
  type Finding,
  type LineReport,
  type Outcome,
  SEVERITIES,
  type Severity,
} from "../../../core/decide/audit/report";
import { describeHealth } from "../health";

type Paint = (code: string, text: string) => string;

const COLORS: Readonly<Record<Severity, string>> = { critical: "31;1", high: "31", medium: "33", low: "33" };
const OUTCOMES: Readonly<Record<Outcome, readonly [color: string, word: string]>> = {
  held: ["32", "held"],
  found: ["31;1", "FOUND"],
  "not-tried": ["33", "not tried"],
};
const WIDTH = Math.max(...Object.values(OUTCOMES).map(([, word]) => word.length));

export function renderTerminal({ clusters }: AuditReport, colors: boolean): string {
  const paint: Paint = (code, text) => (colors ? `\u001b[${code}m${text}\u001b[0m` : text);
  return clusters.map((cluster) => renderCluster(cluster, paint).join("\n")).join("\n\n");
}

function renderCluster(cluster: ClusterAudit, paint: Paint): readonly string[] {
  const { clusterName, findings, notTried, lines, did, seconds } = cluster;
  const essential = notTried.filter((one) => one.essential);
  const rest = notTried.filter((one) => !one.essential);
  return [
    ...(cluster.health === null ? [] : [describeHealth(cluster.health), ``]),
    paint("1", `${clusterName}: ${verdictOf(cluster)}`),
    ...findings.flatMap((finding) => ["", ...renderFinding(finding, paint)]),
    ...list("Not tried", essential, paint),
    ``,
    ...lines.map((line) => renderLine(line, paint)),
    ...list("Nothing to try on", rest, paint),
    ``,
    `It took ${String(seconds)} seconds, ${count(did.connections, "connection")}, ${count(did.logins, "login")}, ` +
      `${count(did.helperContainers, "throw-away container")} and ${count(did.execs, "command")} in running containers. Nothing was changed.`,
  ];
}

export function verdictOf({ findings, notTried }: Pick<ClusterAudit, "findings" | "notTried">): string {
  const counts = SEVERITIES.map((severity) => ({
    severity,
    many: findings.filter((one) => one.severity === severity).length,
  }));
  const words = counts.filter(({ many }) => many > 0).map(({ severity, many }) => `${String(many)} ${severity}`);
  const open = notTried.filter(({ essential }) => essential).length;
  const more = open === 0 ? "" : `; ${count(open, "attempt")} could not be made`;
  return words.length === 0
    ? `nothing was found${more}`
    : `${count(findings.length, "finding")} (${words.join(", ")})${more}`;
}

function renderFinding({ id, severity, subject, tried, seen, todo, docs }: Finding, paint: Paint): readonly string[] {
  return [
    `${paint(COLORS[severity], `! ${severity}`)}  ${paint("1", subject)}: ${seen}`,
    `    tried  ${tried}`,
    `    do     ${todo}`,
    `    probe  ${id}  ${docs}`,
  ];
}

function renderLine({ outcome, id, attack, probes }: LineReport, paint: Paint): string {
  const [color, word] = OUTCOMES[outcome];
  const held = probes.filter((probe) => probe.outcome === "held").length;
  return `${paint(color, word.padEnd(WIDTH))}  ${id.padEnd(14)}  ${attack} (${String(held)} of ${String(probes.length)} held)`;
}

/** Subjects of one reason stand together. */
function list(
  title: string,
  all: readonly { readonly id: string; readonly subject: string; readonly reason: string }[],
  paint: Paint,
): readonly string[] {
  if (all.length === 0) return [];
  const reasons = new Map<string, { readonly ids: Set<string>; readonly subjects: Set<string> }>();
  for (const { id, subject, reason } of all) {
    const known = reasons.get(reason) ?? { ids: new Set(), subjects: new Set() };
    known.ids.add(id);
    known.subjects.add(subject);
    reasons.set(reason, known);
  }
  return [
    ``,
    paint("33", title),
    ...[...reasons].map(([reason, { ids, subjects }]) => `  . ${shorten(ids)} (${shorten(subjects)}): ${reason}`),
  ];
}

function shorten(names: ReadonlySet<string>): string {
  const all = [...names];
  return all.length <= 4 ? all.join(", ") : `${all.slice(0, 3).join(", ")} and ${String(all.length - 3)} more`;
}

function count(many: number, what: string): string {
  return `${String(many)} ${what}${many === 1 ? "" : "s"}`;
}
