/** Args in, every decision out: plain data without Outputs and without optional fields. Assumes args that `checkArgs` accepts. */
import {
  dynamicRange,
  endpoint,
  gatewayAddress,
  isAddress,
  isEveryAddress,
  parseSubnet,
  serverAddress,
} from "./addresses";
import { type AccountsPlan, planAccounts } from "./accounts";
import type { CaArgs, RethinkdbClusterArgs } from "./args";
import { CLUSTER_PORT, DEFAULTS, DRIVER_PORT, FIRST_CA, WEB_UI_DEFAULTS } from "./defaults";
import { isSpread } from "./hosts";
import { isOverride, type Override } from "./overrides";
import { ordinalOf, serverNames } from "./placement";
import type { WebUiPlan } from "./webUi";

export interface ClusterPlan {
  readonly clusterName: string;
  readonly image: string;
  /** On each host one like this. */
  readonly network: NetworkPlan;
  readonly hosts: readonly HostPlan[];
  /** Whether servers reach each other by the addresses of their hosts. */
  readonly spread: boolean;
  readonly servers: readonly ServerPlan[];
  readonly clusterCa: CaPlan;
  readonly driverCa: CaPlan;
  /** Signs certificates of clients; of no meaning without `driverClients`. */
  readonly clientCa: CaPlan;
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

/** One Docker engine. */
export interface HostPlan {
  readonly name: string;
  /** As written by the user; null is the ambient engine. */
  readonly dockerHost: string | null;
  /** Folder with the client's certificate for an engine on TCP, or null. */
  readonly certPath: string | null;
  /** Where the other hosts reach it; null when there can be none. */
  readonly address: string | null;
  readonly zone: string | null;
  /** Gone for ever: nothing is asked of it any more. */
  readonly lost: boolean;
  /** Suffixes of resource names: of its provider, of its network, and of what is named after neither. */
  readonly engineSuffix: string;
  readonly networkSuffix: string;
}

/** A CA by generations: which one issues certificates, and which are trusted. */
export interface CaPlan {
  readonly issue: number;
  readonly trust: readonly number[];
}

export interface CertificatePlan {
  readonly validityHours: number;
  /** 0 holds renewals. */
  readonly earlyRenewalHours: number;
  readonly caValidityHours: number;
  readonly caEarlyRenewalHours: number;
}

export interface ServerPlan {
  /** RethinkDB's server name and the suffix of every name: `n0`. */
  readonly name: string;
  readonly ordinal: number;
  /** Name of the `HostPlan` it runs on. */
  readonly host: string;
  readonly container: string;
  readonly dataVolume: string;
  readonly tlsVolume: string;
  /** On the Docker network of its host. */
  readonly address: string;
  readonly clusterPort: number;
  /** `address:port` where its peers reach it. */
  readonly peer: string;
  /** RethinkDB's `--canonical-address` beside loopback. */
  readonly canonical: string;
  /** Where its cluster port is published, or null. */
  readonly clusterPublish: PublishPlan | null;
  readonly zone: string | null;
  readonly driverPort: number;
  /** Bound beyond loopback: the driver port is reachable on `address`. */
  readonly driverBound: boolean;
  readonly publish: PublishPlan | null;
  /** Where a client on the host connects. */
  readonly client: PublishPlan | null;
  /** `peer` of the servers below it: whom its very first start joins. */
  readonly seeds: readonly string[];
  readonly memoryMiB: number;
  readonly cacheSizeMiB: number;
  readonly clusterSans: SanPlan;
  readonly driverSans: SanPlan;
  /** Counts the data volumes that were given up under this ordinal. */
  readonly incarnation: number;
  /** Further Docker networks on which the driver port is reached. */
  readonly driverNetworks: readonly string[];
  readonly demandsClientCertificate: boolean;
}

export interface PublishPlan {
  readonly address: string;
  readonly port: number;
}

export interface SanPlan {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

const AMBIENT_HOST = "local";

export function planCluster(args: RethinkdbClusterArgs): ClusterPlan {
  const subnet = parseSubnet(args.subnet ?? DEFAULTS.subnet);
  if (typeof subnet === "string") throw new Error(`subnet ${subnet}`);
  const hosts = planHosts(args);
  const spread = isSpread(args.hosts ?? []);
  const memoryMiB = args.memoryMiB ?? DEFAULTS.memoryMiB;
  const publish = args.driverPublish ?? DEFAULTS.driverPublish;
  const driverPort = args.driverPort ?? DEFAULTS.driverPort;

  const names = serverNames(args);
  const peerOf = (name: string): PublishPlan => {
    const ordinal = ordinalOf(name) ?? 0;
    const address = spread ? hostOf(hosts, args, name).address : null;
    if (address !== null) return { address, port: CLUSTER_PORT + ordinal };
    return { address: serverAddress(subnet, ordinal), port: CLUSTER_PORT };
  };
  const servers = names.map((name, index): ServerPlan => {
    const ordinal = ordinalOf(name) ?? 0;
    const host = hostOf(hosts, args, name);
    const container = `${args.clusterName}-${name}`;
    const address = serverAddress(subnet, ordinal);
    const peer = peerOf(name);
    const incarnation = args.replacements?.[name] ?? 0;
    const published = publishedAt(publish, host, driverPort + ordinal);
    const sans = planSans([container, name, "localhost"], unique([address, peer.address, "127.0.0.1"]));
    const clientNames = [...(published ? [clientAddress(published.address)] : []), ...(args.driverSans ?? [])];
    return {
      name,
      ordinal,
      host: host.name,
      container,
      dataVolume: incarnation === 0 ? `${container}-data` : `${container}-data-${String(incarnation)}`,
      tlsVolume: `${container}-tls`,
      address,
      clusterPort: CLUSTER_PORT,
      peer: endpoint(peer.address, peer.port),
      canonical: spread ? endpoint(peer.address, peer.port) : address,
      clusterPublish: spread ? peer : null,
      zone: host.zone,
      driverPort: DRIVER_PORT,
      driverBound: publish !== "none",
      publish: published,
      client: published && { address: clientAddress(published.address), port: published.port },
      seeds: names.slice(0, index).map((below) => endpoint(peerOf(below).address, peerOf(below).port)),
      memoryMiB,
      cacheSizeMiB: args.cacheSizeMiB ?? Math.floor(memoryMiB / 2),
      clusterSans: sans,
      driverSans: planSans(
        [...sans.dnsNames, ...clientNames.filter((n) => !isAddress(n))],
        [...sans.ipAddresses, ...clientNames.filter(isAddress)],
      ),
      incarnation,
      driverNetworks: unique(args.driverNetworks ?? []),
      demandsClientCertificate: (args.driverClients ?? []).length > 0,
    };
  });

  return {
    clusterName: args.clusterName,
    image: args.image ?? DEFAULTS.image,
    network: {
      name: args.clusterName,
      subnet: subnet.cidr,
      gateway: gatewayAddress(subnet),
      dynamicRange: dynamicRange(subnet),
    },
    hosts,
    spread,
    servers,
    clusterCa: planCa(args.clusterCa),
    driverCa: planCa(args.driverCa),
    clientCa: planCa(args.clientCa),
    driverClients: unique(args.driverClients ?? []),
    certificates: planCertificates(args),
    operatorGeneration: args.operatorGeneration ?? DEFAULTS.operatorGeneration,
    runAsUid: args.runAsUid ?? DEFAULTS.runAsUid,
    limitSwap: args.limitSwap ?? DEFAULTS.limitSwap,
    restarts: {
      protectSingleReplicaTables: args.protectSingleReplicaTables ?? DEFAULTS.protectSingleReplicaTables,
      strictInterruption: args.strictInterruption ?? DEFAULTS.strictInterruption,
    },
    allow: (args.allow ?? []).filter(isOverride),
    accounts: planAccounts(args),
    webUi: args.webUi?.enabled === true ? planWebUi(args) : null,
  };
}

/** Sorted: the order of a bundle is the order of its generations. */
function planCa({ issue, trust }: CaArgs = FIRST_CA): CaPlan {
  return { issue, trust: [...trust].sort((a, b) => a - b) };
}

function planCertificates(args: RethinkdbClusterArgs): CertificatePlan {
  const days = {
    validity: args.certValidityDays ?? DEFAULTS.certValidityDays,
    early: args.certEarlyRenewalDays ?? DEFAULTS.certEarlyRenewalDays,
    ca: args.caValidityDays ?? DEFAULTS.caValidityDays,
  };
  const held = (args.renewal ?? DEFAULTS.renewal) === "hold";
  return {
    validityHours: 24 * days.validity,
    earlyRenewalHours: held ? 0 : 24 * days.early,
    caValidityHours: 24 * days.ca,
    // While leaves that it has yet to sign would still outlive it; at most in the second half of its life.
    caEarlyRenewalHours: held ? 0 : Math.min(24 * (days.validity + days.early), 12 * days.ca),
  };
}

/** The names of a cluster on one engine are those of before there were hosts: naming that engine replaces nothing. */
function planHosts(args: RethinkdbClusterArgs): readonly HostPlan[] {
  const one = { engineSuffix: "engine-0", networkSuffix: "network" };
  const none = { certPath: null, address: null, zone: null, lost: false };
  const hosts = args.hosts ?? [];
  if (hosts.length === 0) return [{ name: AMBIENT_HOST, dockerHost: args.dockerHost ?? null, ...none, ...one }];
  return hosts.map((host) => ({
    ...none,
    ...host,
    ...(isSpread(hosts) ? { engineSuffix: `engine-${host.name}`, networkSuffix: `network-${host.name}` } : one),
  }));
}

function hostOf(hosts: readonly HostPlan[], args: RethinkdbClusterArgs, server: string): HostPlan {
  const name = args.placement?.[server];
  const host = hosts.find((candidate) => candidate.name === name) ?? hosts[0];
  if (host === undefined) throw new Error("a cluster has a host");
  return host;
}

function publishedAt(publish: string, host: HostPlan, port: number): PublishPlan | null {
  if (publish === "host-address") return host.address === null ? null : { address: host.address, port };
  return isAddress(publish) ? { address: publish, port } : null;
}

function planWebUi(args: RethinkdbClusterArgs): WebUiPlan {
  const { publish, port, user, image } = { ...WEB_UI_DEFAULTS, ...args.webUi };
  const container = `${args.clusterName}-ui`;
  const names = [
    container,
    "localhost",
    "127.0.0.1",
    ...(publish === "none" ? [] : [publish]),
    ...(args.driverSans ?? []),
  ];
  return {
    peerContainer: `${container}-peer`,
    container,
    peerVolume: `${container}-peer-tls`,
    volume: `${container}-tls`,
    socketVolume: `${container}-socket`,
    image,
    user,
    publish: publish === "none" ? null : { address: publish, port },
    sans: planSans(
      names.filter((name) => !isAddress(name)),
      names.filter(isAddress),
    ),
    peerSans: planSans([`${container}-peer`, "localhost"], ["127.0.0.1"]),
  };
}

/** Where a client on the host itself connects when every address is published. */
function clientAddress(published: string): string {
  if (!isEveryAddress(published)) return published;
  return published.includes(":") ? "::1" : "127.0.0.1";
}

/** Sorted and without repeats: neither order nor repetition in the args may renew a certificate. */
function planSans(dnsNames: readonly string[], ipAddresses: readonly string[]): SanPlan {
  return { dnsNames: unique(dnsNames), ipAddresses: unique(ipAddresses) };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
