/** Args in, every decision out: plain data without Outputs and without optional fields. Assumes args that `checkArgs` accepts. */
import type { RethinkdbClusterArgs } from "../../args/args";
import { backupUsers } from "../../args/backups";
import { isSpread } from "../../args/hosts";
import { isOverride, type Override } from "../../args/overrides";
import { fillArgs } from "../../args/shape/schema";
import { dynamicRange, gatewayAddress, parseSubnet } from "../../args/values/addresses";
import { type AccountsPlan, planAccounts } from "./accounts";
import { type CertificatePlan, planCa, planCertificates } from "./certificates";
import type { CaArgs } from "../../args/certificates";
import { type HostPlan, planHosts } from "./hosts";
import { type Publisher, WEB_UI_PORT } from "./ports";
import { unique } from "./publish";
import { planServers, type ServerPlan } from "./server";
import { planWebUi, type WebUiPlan } from "./webUi";

export interface ClusterPlan {
  readonly clusterName: string;
  readonly image: string;
  /** On each host one like this. */
  readonly network: NetworkPlan;
  readonly hosts: readonly HostPlan[];
  /** Whether servers reach each other by the addresses of their hosts. */
  readonly spread: boolean;
  readonly servers: readonly ServerPlan[];
  readonly clusterCa: CaArgs;
  readonly driverCa: CaArgs;
  /** Signs certificates of clients; of no meaning without `driverClients`. */
  readonly clientCa: CaArgs;
  /** Who gets a client certificate; with the first one the driver ports demand one. */
  readonly driverClients: readonly string[];
  readonly certificates: CertificatePlan;
  /** Generation of the password of the account that the programs of `ops/` use. */
  readonly operatorGeneration: number;
  readonly runAsUid: number;
  /** Whether no container may swap beyond its memory limit. */
  readonly limitSwap: boolean;
  readonly restarts: RestartPlan;
  readonly allow: readonly Override[];
  readonly accounts: AccountsPlan;
  /** Null when there is none. */
  readonly webUi: WebUiPlan | null;
}

/** What a restart may cost. */
export interface RestartPlan {
  readonly protectSingleReplicaTables: boolean;
  readonly strictInterruption: boolean;
}

export interface NetworkPlan {
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly dynamicRange: string;
}

export function planCluster(given: RethinkdbClusterArgs): ClusterPlan {
  const args = fillArgs(given);
  const subnet = parseSubnet(args.subnet);
  if (typeof subnet === "string") throw new Error(`subnet ${subnet}`);
  const hosts = planHosts(args);
  const spread = isSpread(args.hosts);
  return {
    clusterName: args.clusterName,
    image: args.image,
    network: {
      name: args.clusterName,
      subnet: subnet.cidr,
      gateway: gatewayAddress(subnet),
      dynamicRange: dynamicRange(subnet),
    },
    hosts,
    spread,
    servers: planServers(args, subnet, hosts, spread),
    clusterCa: planCa(args.clusterCa),
    driverCa: planCa(args.driverCa),
    clientCa: planCa(args.clientCa),
    driverClients: unique(args.driverClients),
    certificates: planCertificates(args),
    operatorGeneration: args.operatorGeneration,
    runAsUid: args.runAsUid,
    limitSwap: args.limitSwap,
    restarts: {
      protectSingleReplicaTables: args.protectSingleReplicaTables,
      strictInterruption: args.strictInterruption,
    },
    allow: args.allow.filter(isOverride),
    accounts: planAccounts({ ...args, users: [...args.users, ...backupUsers(args.backups)] }),
    webUi: args.webUi.enabled ? planWebUi(args) : null,
  };
}

export function isLost(plan: ClusterPlan, host: string): boolean {
  return plan.hosts.some(({ name, lost }) => lost && name === host);
}

/** Name of the host that has the web UI: the first that is not given up. */
export function uiHostOf(plan: ClusterPlan): string {
  return plan.servers.find((server) => !isLost(plan, server.host))?.host ?? "";
}

/** Everything that is published. */
export function publishersOf(plan: ClusterPlan): readonly Publisher[] {
  const at = plan.webUi?.publish ?? null;
  return [
    ...plan.servers.map(({ name: owner, host, ports }) => ({ owner, host, ports })),
    ...(at === null ? [] : [{ owner: "the cluster", host: uiHostOf(plan), ports: [{ name: WEB_UI_PORT.name, at }] }]),
  ];
}
