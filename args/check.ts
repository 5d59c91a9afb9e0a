/** Finds everything that is wrong with the args, before anything is made. */
import { checkAccounts } from "./accounts";
import type { RethinkdbClusterArgs } from "./args";
import { checkBackups } from "./backups";
import { checkCertificates, MAX_GENERATION } from "./certificates";
import { checkCluster, checkReplacements } from "./cluster";
import { MAX_NODES } from "./constants";
import { checkDriver, checkDriverClients, checkDriverNetworks } from "./driver";
import { checkHosts } from "./hosts";
import { checkSubnet } from "./network";
import { checkOverrides } from "./overrides";
import { type Findings, Report } from "./report";
import { ARGS, fillArgs } from "./shape/schema";
import { checkServers } from "./servers";
import { readShape } from "./shape/shape";
import { ordinalOf, serverNames } from "./values/placement";
import { checkWebUi } from "./webUi";

export function checkArgs(given: RethinkdbClusterArgs): Findings {
  const { value, unknown, wrong } = readShape(ARGS, given);
  // A value of another kind cannot be looked at any closer.
  if (wrong.length > 0) return { errors: [...unknown, ...wrong], warnings: [] };
  const args = fillArgs(value);
  const report = new Report();
  unknown.forEach((text) => {
    report.error(text);
  });
  const nodesFit = Number.isInteger(args.nodes) && args.nodes >= 1 && args.nodes <= MAX_NODES;
  const names = serverNames(nodesFit ? args : { nodes: MAX_NODES, placement: {} });
  // Ports and addresses go by ordinal, and servers of several hosts may have gaps between them.
  const span = nodesFit ? Math.max(...names.map((name) => (ordinalOf(name) ?? 0) + 1)) : 1;

  checkCluster(args, report);
  checkSubnet(args, span, report);
  checkDriver(args, span, report);
  checkServers(args, report);
  checkReplacements(args, names, report);
  checkCertificates(args, report);
  report.whole("operatorGeneration", args.operatorGeneration, 1, MAX_GENERATION);
  checkDriverClients(args, report);
  checkHosts(args, report);
  checkOverrides(args, report);
  checkAccounts(args, report);
  checkDriverNetworks(args, report);
  checkWebUi(args, report);
  checkBackups(args, report);
  return { errors: report.errors, warnings: report.warnings };
}
