/** The component: a secure RethinkDB cluster on Docker. */
import * as pulumi from "@pulumi/pulumi";
import { endpoint } from "../args/values/addresses";
import type { RethinkdbClusterArgs } from "../args/args";
import { type ConnectSnippets, planConnect, renderConnect } from "../core/render/connect";
import type { ServerPlan } from "../core/plan/server";
import {
  acceptArgs,
  acceptBackupPassword,
  acceptPassword,
  acceptUiPassword,
  acceptUserPasswords,
  normalArgs,
} from "./checkedArgs";
import { declareAccounts } from "./accounts";
import type { CertificateEntry } from "../core/pki/expiry";
import { describeCertificates, warnOfEnds } from "./pki/expiry";
import type { ClusterContext } from "./context";
import { declareContext } from "./shared/declareContext";
import { declareServer } from "./server/server";
import { acceptOwnCas } from "./pki/ownCas";
import { withPlainTraces } from "./hosting";
import { ownerOf } from "./pki/pki";
import { declareAdmin, declarePeers } from "./shared/clusterPrograms";
import { declareWebUi } from "./webUi";

/** One server, as a client or another program needs it. */
export interface RethinkdbServer {
  /** RethinkDB's server name. */
  readonly name: string;
  /** Docker's container name, also the server's host name on the cluster's network. */
  readonly container: string;
  /** Address on the cluster's Docker network. */
  readonly address: string;
  /** `host:port` of its published driver port, or null. */
  readonly driverEndpoint: string | null;
  /** `host:port` of its driver port for containers on its networks, or null. */
  readonly networkEndpoint: string | null;
  /** `address:port` of each published port, by name: `driver`, `cluster`. What a firewall has to let through. */
  readonly ports: Readonly<Record<string, string>>;
}

/** What a client shows to the driver ports, PEM each. */
export interface DriverClientCertificate {
  /** Its certificate. */
  readonly certPem: string;
  /** Its private key. */
  readonly keyPem: string;
}

/**
 * A RethinkDB cluster that is secure from its first second: TLS on the cluster and driver ports with CAs of its own, an
 * admin password before anyone can connect, no web UI, hardened containers.
 */
export class RethinkdbCluster extends pulumi.ComponentResource {
  /** Prefix of every Docker name of the cluster. */
  readonly clusterName: pulumi.Output<string>;
  /** Its servers, by ordinal. */
  readonly servers: pulumi.Output<readonly RethinkdbServer[]>;
  /** PEM bundle with which clients verify the driver ports, the CA that issues first. */
  readonly driverCaPem: pulumi.Output<string>;
  /** Snippets to connect, ready to paste, without a password. */
  readonly connect: pulumi.Output<ConnectSnippets>;
  /** Every certificate in use: whose, of which generation of which CA, and when it ends. */
  readonly certificates: pulumi.Output<readonly CertificateEntry[]>;
  /** A secret: what each of `driverClients` shows to the driver ports, by name. */
  readonly driverClientCertificates: pulumi.Output<Readonly<Record<string, DriverClientCertificate>>>;

  /** @throws pulumi.ResourceError that lists everything wrong with the args, before any child exists. */
  constructor(name: string, given: RethinkdbClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const args = normalArgs(given);
    const secretArgs = {
      ...args,
      adminPassword: pulumi.secret(args.adminPassword),
      ...(args.webUiPassword === undefined ? {} : { webUiPassword: pulumi.secret(args.webUiPassword) }),
      ...(args.backupPassword === undefined ? {} : { backupPassword: pulumi.secret(args.backupPassword) }),
      ...(args.userPasswords === undefined ? {} : { userPasswords: pulumi.secret(args.userPasswords) }),
      ...(args.clusterCaPems === undefined ? {} : { clusterCaPems: pulumi.secret(args.clusterCaPems) }),
      ...(args.driverCaPems === undefined ? {} : { driverCaPems: pulumi.secret(args.driverCaPems) }),
    };
    super("rethinkdb:index:RethinkdbCluster", name, secretArgs, opts);
    const plan = acceptArgs(args, this);
    const password = acceptPassword(args.adminPassword, this);
    const userPasswords = acceptUserPasswords(args, this);
    const uiPassword = acceptUiPassword(args, this);
    const backupPassword = acceptBackupPassword(args, this);
    const accountPasswords = pulumi
      .all([userPasswords, backupPassword])
      .apply(([own, backup]) => ({ ...own, ...backup }));
    const passwords = pulumi.all([password, accountPasswords, uiPassword]);
    const ownCas = acceptOwnCas(args, plan, this);
    const context = withPlainTraces(() => {
      const all = declareContext(name, plan, { passwords, ownCas }, this);
      const members = declareServers(all, password);
      declarePeers(all, members);
      declareAccounts(all, password, accountPasswords, members);
      if (plan.webUi) declareWebUi(all, plan.webUi, uiPassword, members);
      return all;
    });

    this.clusterName = pulumi.output(plan.clusterName);
    this.servers = pulumi.output(plan.servers.map(describeServer));
    this.driverCaPem = context.pki.clientBundle();
    const [first] = plan.servers;
    if (first === undefined) throw new Error("a cluster has a server");
    const target = planConnect(plan.servers, context.on(first.host).dockerHost);
    this.connect = this.driverCaPem.apply((ca) => renderConnect(target, ca));
    this.driverClientCertificates = pulumi.secret(
      pulumi.output(
        Object.fromEntries(
          plan.driverClients.map((client) => [client, context.pki.leaf("client", ownerOf(`driver-${client}`, client))]),
        ),
      ),
    );
    this.certificates = describeCertificates(context.pki.issued);
    warnOfEnds(plan, context.pki.issued, this);
    this.registerOutputs({
      clusterName: this.clusterName,
      servers: this.servers,
      driverCaPem: this.driverCaPem,
      connect: this.connect,
      certificates: this.certificates,
      driverClientCertificates: this.driverClientCertificates,
    });
  }
}

/**
 * One after the other: no server is touched before the one ahead of it is a member again, and the first gets its accounts
 * before anyone can join it. Only those that do not exist yet start side by side.
 */
function declareServers(context: ClusterContext, adminPassword: pulumi.Output<string>): readonly pulumi.Resource[] {
  const { servers } = context.plan;
  const containers = new Map<string, pulumi.Resource>();
  const members = new Map<string, pulumi.Resource>();
  const { order } = context;
  const ahead = async (name: string): Promise<readonly pulumi.Resource[]> => {
    const member = members.get((await order).after.get(name) ?? "");
    return member === undefined ? [] : [member];
  };
  const first = order.then(({ chain: [name = ""] }) => containers.get(name) ?? context.fleet);
  const admin = declareAdmin(context, adminPassword, first);
  for (const server of servers) {
    const node = declareServer(context, server, ahead(server.name));
    containers.set(server.name, node.container);
    members.set(server.name, node.declareMember([admin]));
  }
  return [...members.values()];
}

function describeServer(server: ServerPlan): RethinkdbServer {
  const { name, container, address, client, driverBound, driverPort, ports } = server;
  return {
    name,
    container,
    address,
    driverEndpoint: client && endpoint(client.address, client.port),
    networkEndpoint: driverBound ? endpoint(container, driverPort) : null,
    ports: Object.fromEntries(ports.map(({ name: port, at }) => [port, endpoint(at.address, at.port)])),
  };
}
