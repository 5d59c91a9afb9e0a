/** Looks whether a cluster is whole: at its containers, and at what every server that answers sees. */
import type { ClusterRef, OperatorLogin } from "../../core/programs/parts/shared";
import { reportWhole, type WholeReport } from "../../core/decide/serverStates";
import { Failure } from "../lib/failure";
import { serversOf } from "../cluster/hosts";
import { Progress } from "../lib/progress";
import { type Views, withViews } from "../cluster/views";

/** @param wanted names of the servers that should be there. */
export async function lookAtWhole(
  request: ClusterRef & { readonly operator: OperatorLogin },
  wanted: readonly string[],
): Promise<WholeReport> {
  const servers = await serversOf(request);
  const reportOf = ({ views, silent, unknown }: Views): WholeReport => {
    const unheard = Object.fromEntries([...silent, ...unknown].map(({ name, reason }) => [name, reason]));
    return reportWhole(wanted, servers, views, unheard);
  };
  const who = { name: request.clusterName, progress: new Progress(request.clusterName) };
  try {
    return await withViews(servers, request.operator, who, (found) => Promise.resolve(reportOf(found)));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const report = reportOf({ views: [], silent: [], unknown: [] });
    return { ...report, problems: [error.message, ...report.problems] };
  }
}
