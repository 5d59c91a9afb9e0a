/** A report of health for a terminal. */
import type { Health } from "../../core/decide/health";
import { renderTable } from "./table";

export function describeHealth(report: Health): string {
  const { servers, tables, problems } = report;
  const rows = [
    ["server", "container", "state", "in the cluster", "version", "disk free", "certificate ends"],
    ...servers.map((server) => [
      server.name,
      server.container,
      server.state,
      server.connected ? "yes" : "no",
      server.version || "-",
      server.diskFreePercent === null ? "-" : `${String(server.diskFreePercent)} %`,
      server.certificateDaysLeft === null ? "-" : `in ${String(server.certificateDaysLeft)} days`,
    ]),
  ];
  return [
    ...renderTable(rows),
    ``,
    `${String(tables.ready)} of ${String(tables.total)} tables are ready on all their replicas.`,
    ...report.issues.map((issue) => `RethinkDB says: ${issue.trim()}`),
    ...(problems.length === 0
      ? [`${report.clusterName} is well.`]
      : ["", ...problems.map((problem) => `! ${problem}`)]),
  ].join("\n");
}
