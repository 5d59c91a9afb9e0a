/** An audit for a CI that shows test results: a suite for each line of the threat table, a case for each probe. */
import type { Attempt, AuditReport, LineReport, ProbeReport } from "../../../core/decide/audit/report";

export function renderJunit({ clusters }: AuditReport): string {
  const suites = clusters.flatMap(({ clusterName, lines, health }) => [
    ...(health === null ? [] : [healthSuite(clusterName, health.problems)]),
    ...lines.map((line) => suite(clusterName, line)),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="doctor">\n${suites.join("\n")}\n</testsuites>\n`;
}

function healthSuite(clusterName: string, problems: readonly string[]): string {
  const failures = problems.map((problem) => `<failure type="high" message="${escapeXml(problem)}"/>`).join("");
  const counts = `tests="1" failures="${problems.length > 0 ? "1" : "0"}" errors="0" skipped="0"`;
  return `  <testsuite name="${escapeXml(clusterName)}.health" ${counts}>\n    <testcase classname="${escapeXml(clusterName)}.health" name="health">${failures}</testcase>\n  </testsuite>`;
}

function suite(clusterName: string, { id, attack, probes }: LineReport): string {
  const name = escapeXml(`${clusterName}.${id}`);
  const of = (wanted: (probe: ProbeReport) => boolean): string => String(probes.filter(wanted).length);
  const counts =
    `tests="${String(probes.length)}" failures="${of(({ outcome }) => outcome === "found")}" ` +
    `errors="${of(isError)}" skipped="${of((probe) => probe.outcome === "not-tried" && !isError(probe))}"`;
  const cases = probes.map((probe) => {
    const seconds = (probe.milliseconds / 1000).toFixed(3);
    const inner = probe.attempts.map((attempt) => child(attempt, isError(probe), probe.outcome)).join("");
    return `    <testcase classname="${name}" name="${escapeXml(`${probe.id}: ${probe.tried}`)}" time="${seconds}">${inner}</testcase>`;
  });
  const about = `    <properties><property name="attack" value="${escapeXml(attack)}"/></properties>`;
  return [`  <testsuite name="${name}" ${counts}>`, about, ...cases, `  </testsuite>`].join("\n");
}

/** Not tried, and the verdict is not complete without it. */
function isError({ outcome, attempts }: ProbeReport): boolean {
  return outcome === "not-tried" && attempts.some((attempt) => attempt.outcome === "not-tried" && attempt.essential);
}

/** A case that was left out has one element that says so. */
function child(attempt: Attempt, error: boolean, outcome: ProbeReport["outcome"]): string {
  if (attempt.outcome === "found") {
    const { severity, subject, seen, todo } = attempt;
    return `<failure type="${severity}" message="${escapeXml(`${subject}: ${seen}`)}">${escapeXml(todo)}</failure>`;
  }
  if (attempt.outcome === "held" || outcome !== "not-tried") return "";
  const message = escapeXml(`${attempt.subject}: ${attempt.reason}`);
  if (attempt.essential) return `<error type="not-tried" message="${message}"/>`;
  return error ? "" : `<skipped message="${message}"/>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll("\n", "&#10;")
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, "?");
}
