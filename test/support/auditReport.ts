/** An audit with something of everything, for what shows it. */
import {
  type Attempt,
  type AuditReport,
  outcomeOf,
  type ProbeReport,
  reportAudit,
} from "../../core/decide/audit/report";
import type { ThreatId } from "../../core/decide/audit/threats";

export const HEALTH = {
  clusterName: "db",
  servers: [
    {
      name: "n0",
      container: "db-n0",
      state: "running",
      connected: true,
      version: "2.4.4",
      diskFreePercent: 41,
      certificateDaysLeft: 60,
    },
  ],
  tables: { total: 2, ready: 1, unready: ["test.t"] },
  issues: [],
  problems: ["table test.t is being rearranged; it still serves"],
};

function probe(id: string, line: ThreatId, attempts: readonly Attempt[]): ProbeReport {
  return { id, line, tried: `looked at ${id}`, outcome: outcomeOf(attempts), attempts, milliseconds: 1234 };
}

export function auditReport(): AuditReport {
  const cluster = reportAudit(
    "db",
    HEALTH,
    [
      probe("port-8080", "http-port", [{ outcome: "held", subject: "n0 from the host", seen: "closed" }]),
      probe("key-modes", "local-user", [
        {
          ...{ outcome: "found", subject: "db-n0", severity: "high", todo: "run npm run up" },
          seen: `/tls/<x>/"driver.key" has mode 444 & more`,
        },
      ]),
      probe("disks", "time", [{ outcome: "not-tried", subject: "n1", reason: "it is exited", essential: true }]),
      probe("web-ui-cookie", "web-ui", [
        { outcome: "not-tried", subject: "the web UI", reason: "the stack declares none", essential: false },
      ]),
    ],
    { did: { connections: 10, logins: 2, helperContainers: 1, execs: 3 }, seconds: 4.2 },
  );
  return { version: 1, at: "2030-01-02T03:04:05.000Z", stack: "local", clusters: [cluster] };
}
