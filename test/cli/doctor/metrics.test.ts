/** Metrics for node_exporter: what they say, and what stays of the last audit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptFrom } from "../../../cli/doctor/metrics";
import { renderPrometheus } from "../../../cli/print/audit/prometheus";
import { auditReport, HEALTH } from "../../support/auditReport";

const [audit] = auditReport().clusters;
const certificates = [{ server: "n0", purpose: "driver", daysLeft: 12 }];

test("health, certificates, findings, drift and times are metrics with the stack and the cluster", () => {
  const text = renderPrometheus(
    "local",
    [{ health: HEALTH, certificates, ...(audit && { audit }), lastVerifiedBackup: 7 }],
    1000,
  );
  const values = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(values, [
    `rethinkdb_cluster_healthy{stack="local",cluster="db"} 0`,
    `rethinkdb_cluster_problems{stack="local",cluster="db"} 1`,
    `rethinkdb_server_connected{stack="local",cluster="db",server="n0"} 1`,
    `rethinkdb_server_disk_free_percent{stack="local",cluster="db",server="n0"} 41`,
    `rethinkdb_tables_unready{stack="local",cluster="db"} 1`,
    `rethinkdb_certificate_days_left{stack="local",cluster="db",server="n0",purpose="driver"} 12`,
    `rethinkdb_doctor_findings{stack="local",cluster="db",severity="critical"} 0`,
    `rethinkdb_doctor_findings{stack="local",cluster="db",severity="high"} 1`,
    `rethinkdb_doctor_findings{stack="local",cluster="db",severity="medium"} 0`,
    `rethinkdb_doctor_findings{stack="local",cluster="db",severity="low"} 0`,
    `rethinkdb_doctor_drift{stack="local",cluster="db"} 0`,
    `rethinkdb_doctor_not_tried{stack="local",cluster="db"} 1`,
    `rethinkdb_doctor_duration_seconds{stack="local",cluster="db"} 4.2`,
    `rethinkdb_doctor_last_audit_timestamp_seconds{stack="local",cluster="db"} 1000`,
    `rethinkdb_doctor_last_look_timestamp_seconds{stack="local",cluster="db"} 1000`,
    `rethinkdb_backup_last_verified_timestamp_seconds{stack="local",cluster="db"} 7`,
  ]);
  assert.match(text, /^# HELP rethinkdb_cluster_healthy 1 when .*\n# TYPE rethinkdb_cluster_healthy gauge\n/);
});

test("a look at health keeps what the last audit wrote, and nothing twice", () => {
  const full = renderPrometheus("local", [{ health: HEALTH, certificates, ...(audit && { audit }) }], 1000);
  const quick = renderPrometheus("local", [{ health: HEALTH, certificates }], 2000);
  const merged = quick + keptFrom(full, quick);
  assert.match(merged, /^rethinkdb_doctor_last_audit_timestamp_seconds\{.*\} 1000$/m);
  assert.match(merged, /^rethinkdb_doctor_last_look_timestamp_seconds\{.*\} 2000$/m);
  const names = [...merged.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name);
  assert.deepEqual([...new Set(names)], names);
});

test("a label may hold anything", () => {
  const odd = { ...HEALTH, clusterName: 'a"b\\c\nd' };
  assert.match(renderPrometheus("s", [{ health: odd, certificates: [] }], 1), /cluster="a\\"b\\\\c\\nd"/);
});
