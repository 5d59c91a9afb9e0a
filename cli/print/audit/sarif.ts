/** An audit for a store of code scanning results. SARIF 2.1.0. */
import type { AuditReport, Severity } from "../../../core/decide/audit/report";

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};
/** What GitHub sorts by: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
const SCORES: Readonly<Record<Severity, string>> = { critical: "9.5", high: "8.0", medium: "5.0", low: "2.0" };

/** @param lineOf the line of docs/security.md on which an anchor stands. */
export function renderAuditSarif({ clusters, stack }: AuditReport, lineOf: (anchor: string) => number): string {
  const found = clusters.flatMap(({ clusterName, findings }) => findings.map((finding) => ({ clusterName, finding })));
  const rules = new Map(found.map(({ finding }) => [finding.id, finding]));
  const open = clusters.flatMap(({ clusterName, notTried }) =>
    notTried.filter(({ essential }) => essential).map((one) => ({ clusterName, ...one })),
  );
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "pulumi-rethinkdb doctor",
            rules: [...rules].map(([id, { tried, severity }]) => ({
              id,
              shortDescription: { text: id },
              fullDescription: { text: `The doctor ${tried}.` },
              defaultConfiguration: { level: LEVELS[severity] },
              properties: { tags: ["security"], "security-severity": SCORES[severity] },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: open.length === 0,
            toolExecutionNotifications: open.map(({ clusterName, id, subject, reason }) => ({
              level: "warning",
              message: { text: `${clusterName}: ${id} was not tried on ${subject}: ${reason}` },
            })),
          },
        ],
        results: found.map(({ clusterName, finding }) => {
          const { id, severity, subject, seen, todo, docs, line } = finding;
          const uri = docs.split("#")[0] ?? "";
          return {
            ruleId: id,
            level: LEVELS[severity],
            message: { text: `${clusterName}, ${subject}: ${seen}. ${todo}. See ${docs}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri, uriBaseId: "%SRCROOT%" },
                  region: { startLine: line === null ? 1 : lineOf(line) },
                },
                logicalLocations: [
                  { name: subject, fullyQualifiedName: `${clusterName}/${subject}`, kind: "resource" },
                ],
              },
            ],
            partialFingerprints: { "doctor/v1": `${stack}/${clusterName}/${id}/${subject}` },
          };
        }),
        columnKind: "utf16CodeUnits",
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
