/** Says in a cluster's health when no backup was verified for too long. */
import { judgeBackupAge } from "../../core/decide/backup/age";
import type { Health } from "../../core/decide/health";
import { readRecord } from "../backup/record";
import { argsIn, clustersIn, type ExportedState } from "../stack/state";

/** The same report where the stack makes no account for backups. */
export function withBackupAge(
  { project, stack, state }: { readonly project: string; readonly stack: string; readonly state: ExportedState },
  report: Health,
  now = Date.now(),
): Health {
  const { clusterName } = report;
  const args = argsIn(state).find((one) => one["clusterName"] === clusterName);
  const backups = args?.["backups"] as { readonly enabled?: boolean } | undefined;
  if (backups?.enabled !== true) return report;
  const identity = clustersIn(state).find((cluster) => cluster.clusterName === clusterName)?.identity ?? "";
  const made = Date.parse(readRecord({ project, stack, request: { clusterName, identity } })?.made ?? "");
  const trouble = judgeBackupAge(clusterName, Number.isNaN(made) ? undefined : now - made);
  return trouble === undefined ? report : { ...report, problems: [...report.problems, trouble] };
}
