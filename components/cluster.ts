/** The component: a secure RethinkDB cluster on Docker. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { endpoint } from "../core/addresses";
import type { RethinkdbClusterArgs } from "../core/args";
import { checkArgs } from "../core/check";
import { checkUserPasswords, plainPasswords } from "../core/checkAccounts";
import { checkUiPassword } from "../core/checkWebUi";
import { type ConnectSnippets, planConnect, renderConnect } from "../core/connect";
import { LABELS } from "../core/labels";
import { OVERRIDES } from "../core/overrides";
import { checkPassword } from "../core/password";
import { type ClusterPlan, type HostPlan, planCluster, type ServerPlan } from "../core/plan";
import type { HostRef } from "../core/requests";
import { declareAccounts } from "./accounts";
import { type CertificateEntry, describeCertificates, warnOfEnds } from "./certificates";
import { declareAdmin, declareDeparture, declareFleet, declarePeers, type OperatorPasswordOutputs } from "./records";
import { declareIdentity } from "./identity";
import { declareNode } from "./node";
import { acceptOwnCas, checkPlainCas, keyIdsOf, type OwnCas } from "./ownCas";
import { ownerOf, Pki } from "./pki";
import { declareWebUi } from "./webUi";
import { leftoverHook, readAbsent, readFaulty } from "./program";
import { declareProvider } from "./provider";

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
}

/** What a client shows to the driver ports, PEM each. */
export interface DriverClientCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface ClientCertificateOutput {
  readonly certPem: pulumi.Output<string>;
  readonly keyPem: pulumi.Output<string>;
}

/** What every part of the cluster is declared with. */
export interface Surroundings {
  readonly name: string;
  readonly parent: pulumi.Resource;
  readonly plan: ClusterPlan;
  readonly pki: Pki;
  readonly cluster: {
    readonly clusterName: string;
    readonly identity: pulumi.Output<string>;
    readonly image: string;
    /** Of the first host. */
    readonly dockerHost: string | null;
    readonly hosts?: readonly HostRef[];
  };
  readonly operator: OperatorPasswordOutputs & {
    readonly driverCa: pulumi.Output<string>;
    readonly client: ClientCertificateOutput | null;
  };
  readonly uiSeed: pulumi.Output<string>;
  readonly on: (host: string) => HostGround;
  /** The last step of judging and preparing the fleet as a whole. */
  readonly fleet: pulumi.Resource;
}

/** What the servers of one host stand on. */
export interface HostGround {
  readonly provider: docker.Provider;
  readonly network: pulumi.Resource;
  readonly containerHook: pulumi.ResourceHook;
  /** As in every request about it. */
  readonly dockerHost: string | null;
  /** Options of everything on it: of a host that is given up nothing is changed or deleted any more. */
  readonly options: pulumi.CustomResourceOptions;
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
  /** PEM bundle with which clients verify the driver ports. */
  readonly driverCaPem: pulumi.Output<string>;
  /** Snippets to connect, ready to paste, without a password. */
  readonly connect: pulumi.Output<ConnectSnippets>;
  /** Every certificate in use: whose, of which generation of which CA, and when it ends. */
  readonly certificates: pulumi.Output<readonly CertificateEntry[]>;
  /** A secret: what each of `driverClients` shows to the driver ports, by name. */
  readonly driverClientCertificates: pulumi.Output<Readonly<Record<string, DriverClientCertificate>>>;

  /** @throws pulumi.ResourceError that lists everything wrong with the args, before any child exists. */
  constructor(name: string, args: RethinkdbClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const secretArgs = {
      ...args,
      adminPassword: pulumi.secret(args.adminPassword),
      ...(args.webUiPassword === undefined ? {} : { webUiPassword: pulumi.secret(args.webUiPassword) }),
      ...(args.userPasswords === undefined ? {} : { userPasswords: pulumi.secret(args.userPasswords) }),
      ...(args.clusterCaPems === undefined ? {} : { clusterCaPems: pulumi.secret(args.clusterCaPems) }),
      ...(args.driverCaPems === undefined ? {} : { driverCaPems: pulumi.secret(args.driverCaPems) }),
    };
    super("rethinkdb:index:RethinkdbCluster", name, secretArgs, opts);
    const plan = acceptArgs(args, this);
    const password = acceptPassword(args.adminPassword, this);
    const userPasswords = acceptUserPasswords(args, this);
    const uiPassword = acceptUiPassword(args, this);
    const passwords = pulumi.all([password, userPasswords, uiPassword]);
    const around = declareGround(name, plan, { passwords, ownCas: acceptOwnCas(args, this) }, this);
    const members = declareServers(around, password);
    declarePeers(around, members);
    declareAccounts(around, password, userPasswords, members);
    if (plan.webUi) declareWebUi(around, plan.webUi, uiPassword, members);

    this.clusterName = pulumi.output(plan.clusterName);
    this.servers = pulumi.output(plan.servers.map(describeServer));
    this.driverCaPem = around.operator.driverCa;
    const [first] = plan.servers;
    if (first === undefined) throw new Error("a cluster has a server");
    const target = planConnect(first, around.on(first.host).dockerHost);
    this.connect = this.driverCaPem.apply((ca) => renderConnect(target, ca));
    this.driverClientCertificates = pulumi.secret(
      pulumi.output(
        Object.fromEntries(
          plan.driverClients.map((client) => [client, around.pki.leaf("client", ownerOf(`driver-${client}`, client))]),
        ),
      ),
    );
    this.certificates = describeCertificates(around.pki.issued);
    warnOfEnds(plan, around.pki.issued, this);
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

/** Throws everything that is wrong with the args at once; says aloud what is allowed but risky. */
function acceptArgs(args: RethinkdbClusterArgs, cluster: pulumi.Resource): ClusterPlan {
  const found = [checkArgs(args), checkPlainCas(args)];
  const errors = found.flatMap((findings) => findings.errors);
  const warnings = found.flatMap((findings) => findings.warnings);
  if (errors.length > 0) throw new pulumi.ResourceError(errors.join("\n"), cluster, true);
  for (const warning of warnings) void pulumi.log.warn(warning, cluster);
  const plan = planCluster(args);
  for (const name of plan.allow) void pulumi.log.warn(`allow: "${name}" ${OVERRIDES[name]}`, cluster);
  return plan;
}

/** A password that is an Output can be checked only here; a plain one was checked with the other args. */
function acceptPassword(password: pulumi.Input<string>, cluster: pulumi.Resource): pulumi.Output<string> {
  return pulumi.secret(password).apply((value) => {
    const { error, warning } = checkPassword("adminPassword", value);
    if (error !== undefined) throw new pulumi.ResourceError(error, cluster, true);
    if (warning !== undefined && typeof password !== "string") void pulumi.log.warn(warning, cluster);
    return value;
  });
}

/** As with the admin password: what is an Output is checked here, a plain map was checked with the other args. */
function acceptUserPasswords(
  args: RethinkdbClusterArgs,
  cluster: pulumi.Resource,
): pulumi.Output<Readonly<Record<string, string>>> {
  return pulumi.secret(args.userPasswords ?? {}).apply((passwords) => {
    const { errors, warnings } = checkUserPasswords(args.users ?? [], passwords);
    if (errors.length > 0) throw new pulumi.ResourceError(errors.join("\n"), cluster, true);
    if (plainPasswords(args.userPasswords) === undefined) {
      for (const warning of warnings) void pulumi.log.warn(warning, cluster);
    }
    return passwords;
  });
}

function acceptUiPassword(args: RethinkdbClusterArgs, cluster: pulumi.Resource): pulumi.Output<string> {
  return pulumi.secret(args.webUiPassword ?? "").apply((value) => {
    const { error } = args.webUi?.enabled === true ? checkUiPassword(value) : {};
    if (error !== undefined) throw new pulumi.ResourceError(error, cluster, true);
    return value;
  });
}

/** What all servers stand on: who the cluster is, its CAs, the judge of the whole fleet and the network. */
function declareGround(
  name: string,
  plan: ClusterPlan,
  secrets: { readonly passwords: pulumi.Output<unknown>; readonly ownCas: OwnCas },
  parent: pulumi.Resource,
): Surroundings {
  const { passwords, ownCas } = secrets;
  const seeds = declareIdentity(name, plan.operatorGeneration, parent);
  const cluster = { clusterName: plan.clusterName, identity: seeds.identity, image: plan.image, ...hostRefs(plan) };
  const operator = { password: seeds.operatorPassword, previousPassword: seeds.previousOperatorPassword };
  const absent = findAbsent(plan, cluster, operator);
  const judge = declareFleet(
    name,
    plan,
    cluster,
    { accepted: passwords, operator, ownCas: keyIdsOf(ownCas), absent },
    parent,
  );
  const fleet = declareDeparture(name, plan, cluster, operator, judge, parent);
  const pki = new Pki(name, plan, ownCas, fleet, parent);
  const grounds = new Map(plan.hosts.map((host) => [host.name, declareHost(name, plan, host, cluster, fleet, parent)]));
  const on = (host: string): HostGround => {
    const ground = grounds.get(host);
    if (ground === undefined) throw new Error(`no host "${host}" is declared`);
    return ground;
  };
  return {
    name,
    parent,
    plan,
    pki,
    cluster,
    operator: {
      ...operator,
      driverCa: pki.bundle("driver"),
      client: plan.driverClients.length > 0 ? pki.leaf("client", ownerOf("ops", `${plan.clusterName}-ops`)) : null,
    },
    uiSeed: seeds.uiSeed,
    on,
    fleet,
  };
}

/** Looked for at every run, whether anything else changed or not. A preview needs no host. */
function findAbsent(
  plan: ClusterPlan,
  cluster: Surroundings["cluster"],
  operator: OperatorPasswordOutputs,
): pulumi.Output<readonly string[] | undefined> {
  if (!plan.spread || pulumi.runtime.isDryRun()) return pulumi.output(undefined);
  const servers = plan.servers.map(({ name, host }) => ({ name, host }));
  return pulumi
    .all([cluster.identity, operator.password, operator.previousPassword])
    .apply(async ([identity, password, previousPassword]) => {
      const absent = await readAbsent({ ...cluster, identity, servers, operator: { password, previousPassword } });
      return absent.length > 0 ? absent : undefined;
    });
}

/** How programs find all hosts that are asked. */
function hostRefs({ hosts, spread }: ClusterPlan): { dockerHost: string | null; hosts?: readonly HostRef[] } {
  const alive = hosts.filter(({ lost }) => !lost);
  const dockerHost = alive[0]?.dockerHost ?? null;
  if (!spread) return { dockerHost };
  return {
    dockerHost,
    hosts: alive.map(({ name, dockerHost, certPath, address }) => ({ name, dockerHost, certPath, address })),
  };
}

/** A host's engine and its own network of the cluster. */
function declareHost(
  name: string,
  plan: ClusterPlan,
  host: HostPlan,
  cluster: Surroundings["cluster"],
  fleet: pulumi.Resource,
  parent: pulumi.Resource,
): HostGround {
  const { dockerHost, engineSuffix, networkSuffix } = host;
  const provider = declareProvider(`${name}-${engineSuffix}`, host, parent);
  const at = { dockerHost, ...(cluster.hosts === undefined ? {} : { hosts: cluster.hosts }) };
  const options = host.lost ? { retainOnDelete: true, ignoreChanges: ["*"] } : {};
  const network = new docker.Network(
    `${name}-${networkSuffix}`,
    {
      name: plan.network.name,
      driver: "bridge",
      ipamConfigs: [{ subnet: plan.network.subnet, gateway: plan.network.gateway, ipRange: plan.network.dynamicRange }],
      labels: cluster.identity.apply((identity) => [
        { label: LABELS.identity, value: identity },
        { label: LABELS.clusterName, value: plan.clusterName },
      ]),
    },
    {
      ...options,
      parent,
      provider,
      dependsOn: [fleet],
      hooks: { beforeCreate: [leftoverHook(`${name}-${networkSuffix}`, "network", at)] },
    },
  );
  const hookName = `${name}-${networkSuffix.replace("network", "container")}`;
  return { provider, network, containerHook: leftoverHook(hookName, "container", at), dockerHost, options };
}

/**
 * One after the other: no server is touched before the one ahead of it is a member again, and the first gets its accounts
 * before anyone can join it. What is down goes ahead of what serves: a table that misses a replica bears no second stop.
 */
function declareServers(around: Surroundings, adminPassword: pulumi.Output<string>): readonly pulumi.Resource[] {
  const { servers } = around.plan;
  const containers = new Map<string, pulumi.Resource>();
  const members = new Map<string, pulumi.Resource>();
  const order = orderOf(around);
  const ahead = async (name: string): Promise<readonly pulumi.Resource[]> => {
    const names = await order;
    const member = members.get(names[names.indexOf(name) - 1] ?? "");
    return member === undefined ? [] : [member];
  };
  const first = order.then(([name = ""]) => containers.get(name) ?? around.fleet);
  const admin = declareAdmin(around, adminPassword, first);
  for (const server of servers) {
    const node = declareNode(around, server, ahead(server.name));
    containers.set(server.name, node.container);
    members.set(server.name, node.declareMember([admin]));
  }
  return [...members.values()];
}

/** Known only while something is done: a preview needs no engine, and the order shows in none. */
async function orderOf({ plan, cluster }: Surroundings): Promise<readonly string[]> {
  const names = plan.servers.map((server) => server.name);
  const faulty = pulumi.runtime.isDryRun()
    ? await Promise.resolve([])
    : await new Promise<readonly string[]>((resolve) => {
        cluster.identity.apply(async (identity) => {
          const { dockerHost, hosts } = cluster;
          resolve(await readFaulty({ identity, dockerHost, ...(hosts === undefined ? {} : { hosts }) }));
        });
      });
  return [...names.filter((name) => faulty.includes(name)), ...names.filter((name) => !faulty.includes(name))];
}

function describeServer(server: ServerPlan): RethinkdbServer {
  const { name, container, address, client, driverBound, driverPort } = server;
  return {
    name,
    container,
    address,
    driverEndpoint: client && endpoint(client.address, client.port),
    networkEndpoint: driverBound ? endpoint(container, driverPort) : null,
  };
}
