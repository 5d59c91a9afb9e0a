/** An audit, or health alone, for node_exporter's textfile collector. */
import { type ClusterAudit, SEVERITIES } from "../../../core/decide/audit/report";
import type { Health } from "../../../core/decide/health";

export interface CertificateLeft {
  readonly server: string;
  readonly purpose: string;
  readonly daysLeft: number;
}

export interface ClusterMetrics {
  readonly health: Health;
  readonly certificates: readonly CertificateLeft[];
  /** Undefined where only health was looked at. */
  readonly audit?: Pick<ClusterAudit, "findings" | "notTried" | "lines" | "seconds">;
  /** Seconds since the epoch; undefined where there is no record. */
  readonly lastVerifiedBackup?: number;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** @param now seconds since the epoch. */
export function renderPrometheus(stack: string, clusters: readonly ClusterMetrics[], now: number): string {
  const of = (read: (cluster: ClusterMetrics) => Metric["values"]): Metric["values"] =>
    clusters.flatMap((cluster) =>
      read(cluster).map(({ labels, value }) => ({
        labels: { stack, cluster: cluster.health.clusterName, ...labels },
        value,
      })),
    );
  const one = (value: number | undefined): Metric["values"] => (value === undefined ? [] : [{ labels: {}, value }]);
  const metrics: readonly Metric[] = [
    {
      name: "rethinkdb_cluster_healthy",
      help: "1 when the doctor found no problem of health.",
      values: of(({ health }) => one(health.problems.length === 0 ? 1 : 0)),
    },
    {
      name: "rethinkdb_cluster_problems",
      help: "Problems of health.",
      values: of(({ health }) => one(health.problems.length)),
    },
    {
      name: "rethinkdb_server_connected",
      help: "1 when the server is part of the cluster.",
      values: of(({ health }) =>
        health.servers.map((server) => ({ labels: { server: server.name }, value: server.connected ? 1 : 0 })),
      ),
    },
    {
      name: "rethinkdb_server_disk_free_percent",
      help: "Free part of the disk below the data.",
      values: of(({ health }) =>
        health.servers.flatMap((server) =>
          server.diskFreePercent === null ? [] : [{ labels: { server: server.name }, value: server.diskFreePercent }],
        ),
      ),
    },
    {
      name: "rethinkdb_tables_unready",
      help: "Tables that are not ready on all their replicas.",
      values: of(({ health }) => one(health.tables.total - health.tables.ready)),
    },
    {
      name: "rethinkdb_certificate_days_left",
      help: "Days until a certificate or CA ends; negative when it has.",
      values: of(({ certificates }) =>
        certificates.map(({ server, purpose, daysLeft }) => ({ labels: { server, purpose }, value: daysLeft })),
      ),
    },
    {
      name: "rethinkdb_doctor_findings",
      help: "Findings of the audit, health left out.",
      values: of(({ audit }) =>
        audit === undefined
          ? []
          : SEVERITIES.map((severity) => ({
              labels: { severity },
              value: audit.findings.filter((finding) => finding.line !== null && finding.severity === severity).length,
            })),
      ),
    },
    {
      name: "rethinkdb_doctor_drift",
      help: "Findings of drift: what differs from the stack.",
      values: of(({ audit }) =>
        audit === undefined
          ? []
          : [
              {
                labels: {},
                value: audit.findings.filter(({ line }) => line === "by-hand" || line === "account-rights").length,
              },
            ],
      ),
    },
    {
      name: "rethinkdb_doctor_not_tried",
      help: "Essential attempts that could not be made.",
      values: of(({ audit }) => one(audit?.notTried.filter(({ essential }) => essential).length)),
    },
    {
      name: "rethinkdb_doctor_duration_seconds",
      help: "How long the audit took.",
      values: of(({ audit }) => one(audit?.seconds)),
    },
    {
      name: "rethinkdb_doctor_last_audit_timestamp_seconds",
      help: "When the last audit ended.",
      values: of(({ audit }) => one(audit === undefined ? undefined : now)),
    },
    {
      name: "rethinkdb_doctor_last_look_timestamp_seconds",
      help: "When health was last looked at.",
      values: of(() => one(now)),
    },
    {
      name: "rethinkdb_backup_last_verified_timestamp_seconds",
      help: "When a backup was last verified.",
      values: of(({ lastVerifiedBackup }) => one(lastVerifiedBackup)),
    },
  ];
  return metrics
    .filter(({ values }) => values.length > 0)
    .map(renderMetric)
    .join("");
}

function renderMetric({ name, help, values }: Metric): string {
  const lines = values.map(
    ({ labels, value }) =>
      `${name}{${Object.entries(labels)
        .map(([label, text]) => `${label}="${escape(text)}"`)
        .join(",")}} ${String(value)}`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("\n")}\n`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
