/** What `doctor --prometheus FILE` writes. */
import { DAY_MS } from "../../core/pki/expiry";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Declared } from "../../core/decide/audit/declared";
import type { ClusterAudit } from "../../core/decide/audit/report";
import type { Health } from "../../core/decide/health";
import { splitPems } from "../../core/pki/readCa";
import { type CertificateLeft, type ClusterMetrics, renderPrometheus } from "../print/audit/prometheus";
import { readRecord } from "../backup/record";
import { writeFileDurably } from "../stack/files";

/** node_exporter runs as another user. */
const MODE = 0o644;

export interface MetricsOf {
  readonly declared: Declared;
  readonly health: Health;
  readonly audit?: ClusterAudit;
}

/** Whole or not at all. Where only health was looked at, what the last audit wrote stays. */
export function writeMetrics(project: string, stack: string, path: string, clusters: readonly MetricsOf[]): void {
  const metrics = clusters.map(({ declared, health, audit }): ClusterMetrics => {
    const backup = lastVerifiedBackup(project, stack, declared);
    return {
      health,
      certificates: certificatesOf(declared),
      ...(audit && { audit }),
      ...(backup === undefined ? {} : { lastVerifiedBackup: backup }),
    };
  });
  const text = renderPrometheus(stack, metrics, Math.floor(Date.now() / 1000));
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  writeFileDurably(path, text + keptFrom(before, text), MODE);
}

/** Metrics of the doctor that are not written anew. */
export function keptFrom(before: string, now: string): string {
  const blocks = before.split(/^(?=# HELP )/m);
  return blocks
    .filter((block) => {
      const name = /^# HELP (\S+)/.exec(block)?.[1] ?? "";
      return name.startsWith("rethinkdb_doctor_") && !now.includes(`# HELP ${name} `);
    })
    .join("");
}

function certificatesOf({ servers, webUi }: Declared): readonly CertificateLeft[] {
  const all = servers.flatMap(({ name, files }) =>
    Object.entries(files)
      .filter(([file]) => file.endsWith(".pem"))
      .map(([file, text]) => ({ server: name, purpose: file.replace(/\.pem$/, ""), text })),
  );
  const ui = webUi === null ? [] : [{ server: webUi.container, purpose: "driver", text: webUi.certificate }];
  return [...all, ...ui].flatMap(({ server, purpose, text }): readonly CertificateLeft[] => {
    // A bundle ends when the first of its certificates does.
    const ends = splitPems(text).map((pem) => Date.parse(new X509Certificate(pem).validTo));
    return ends.length === 0
      ? []
      : [{ server, purpose, daysLeft: Math.floor((Math.min(...ends) - Date.now()) / DAY_MS) }];
  });
}

/** @returns when the newest that was verified was made, in seconds since the epoch. */
function lastVerifiedBackup(project: string, stack: string, request: Declared): number | undefined {
  const time = Date.parse(readRecord({ project, stack, request })?.made ?? "");
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}
