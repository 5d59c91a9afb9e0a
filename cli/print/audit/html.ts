/** An audit as one page that needs nothing else: for an audit folder. */
import type { AuditReport, ClusterAudit, LineReport, ProbeReport } from "../../../core/decide/audit/report";
import { escapeXml } from "./junit";
import { verdictOf } from "./terminal";

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1a1a1a;background:#fff}
h1,h2{line-height:1.2}table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
.tag{display:inline-block;padding:0 .5rem;border-radius:.3rem;color:#fff;white-space:nowrap}
.critical,.found{background:#b00020}.high{background:#c4441c}.medium{background:#8a6100}.low{background:#5f6368}
.held{background:#1b7f3b}.not-tried{background:#5f6368}
details{margin:.3rem 0}summary{cursor:pointer}code{background:#f2f2f2;padding:0 .2rem}
@media print{details>*{display:block}}
`;

export function renderHtml(report: AuditReport): string {
  const title = `Audit of ${report.stack}, ${report.at}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
${report.clusters.map(cluster).join("\n")}
</body>
</html>
`;
}

function tag(word: string): string {
  return `<span class="tag ${escapeXml(word)}">${escapeXml(word.replace("-", " "))}</span>`;
}

function cluster(audit: ClusterAudit): string {
  const { clusterName, findings, lines, did, seconds, health } = audit;
  return [
    `<h2>${escapeXml(clusterName)}</h2>`,
    `<p>${escapeXml(verdictOf(audit))}</p>`,
    findings.length === 0
      ? ""
      : table(
          ["severity", "subject", "what was seen", "what to do", "probe"],
          findings.map(({ severity, subject, seen, todo, id, docs }) => [
            tag(severity),
            escapeXml(subject),
            escapeXml(seen),
            escapeXml(todo),
            `<code>${escapeXml(id)}</code><br>${escapeXml(docs)}`,
          ]),
        ),
    health === null ? "" : `<h3>Servers</h3>`,
    health === null
      ? ""
      : table(
          ["server", "container", "state", "in the cluster", "version", "disk free", "certificate ends"],
          health.servers.map((server) => [
            escapeXml(server.name),
            escapeXml(server.container),
            escapeXml(server.state),
            server.connected ? "yes" : "no",
            escapeXml(server.version || "-"),
            server.diskFreePercent === null ? "-" : `${String(server.diskFreePercent)} %`,
            server.certificateDaysLeft === null ? "-" : `in ${String(server.certificateDaysLeft)} days`,
          ]),
        ),
    `<h3>Each line of the threat table</h3>`,
    table(["outcome", "attacker", "attack", "what stops it", "what was tried"], lines.map(line)),
    `<p>It took ${String(seconds)} seconds, ${String(did.connections)} connections, ${String(did.logins)} logins, ${String(did.helperContainers)} throw-away containers and ${String(did.execs)} commands in running containers. Nothing was changed.</p>`,
  ].join("\n");
}

function line({ outcome, id, attacker, attack, stops, probes }: LineReport): readonly string[] {
  return [
    `${tag(outcome)}<br><code>${escapeXml(id)}</code>`,
    escapeXml(attacker),
    escapeXml(attack),
    escapeXml(stops),
    probes.map(probe).join(""),
  ];
}

function probe({ id, tried, outcome, attempts }: ProbeReport): string {
  const rows = attempts.map(
    (attempt) =>
      `<li>${tag(attempt.outcome)} ${escapeXml(attempt.subject)}: ${escapeXml("seen" in attempt ? attempt.seen : attempt.reason)}</li>`,
  );
  return `<details><summary>${tag(outcome)} <code>${escapeXml(id)}</code> ${escapeXml(tried)}</summary><ul>${rows.join("")}</ul></details>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[], kind: "th" | "td"): string =>
    `<tr>${cells.map((cell) => `<${kind}>${cell}</${kind}>`).join("")}</tr>`;
  return `<table>${row(head, "th")}${rows.map((cells) => row(cells, "td")).join("")}</table>`;
}
