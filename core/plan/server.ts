/** Every server of a cluster, with every decision about it made. */
import type { RethinkdbClusterArgs } from "../../args/args";
import type { Complete } from "../../args/shape/complete";
import { CLUSTER_PORT, DRIVER_PORT } from "../../args/constants";
import { endpoint, isAddress, serverAddress, type Subnet } from "../../args/values/addresses";
import { ordinalOf, serverNames } from "../../args/values/placement";
import { hostOf, type HostPlan } from "./hosts";
import { planPorts, type PortPlan, publishedOf } from "./ports";
import { clientAddress, planSans, type PublishPlan, type SanPlan, unique } from "./publish";

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
  /** All that it publishes. */
  readonly ports: readonly PortPlan[];
  readonly zone: string | null;
  readonly driverPort: number;
  /** Bound beyond loopback: the driver port is reachable on `address`. */
  readonly driverBound: boolean;
  /** Where a client on the host connects. */
  readonly client: PublishPlan | null;
  /** `peer` of the servers below it, which its first start joins. */
  readonly seeds: readonly string[];
  readonly memoryMib: number;
  readonly cacheSizeMib: number;
  readonly clusterSans: SanPlan;
  readonly driverSans: SanPlan;
  /** Counts the data volumes that were given up under this ordinal. */
  readonly incarnation: number;
  /** Further Docker networks on which the driver port is reached. */
  readonly driverNetworks: readonly string[];
  readonly demandsClientCertificate: boolean;
}

/** @param spread whether servers reach each other by the addresses of their hosts. */
export function planServers(
  args: Complete<RethinkdbClusterArgs>,
  subnet: Subnet,
  hosts: readonly HostPlan[],
  spread: boolean,
): readonly ServerPlan[] {
  const { memoryMib } = args;
  const names = serverNames(args);
  const peerOf = (name: string): PublishPlan => {
    const ordinal = ordinalOf(name) ?? 0;
    const address = spread ? hostOf(hosts, args, name).address : null;
    if (address !== null) return { address, port: CLUSTER_PORT + ordinal };
    return { address: serverAddress(subnet, ordinal), port: CLUSTER_PORT };
  };
  return names.map((name, index): ServerPlan => {
    const ordinal = ordinalOf(name) ?? 0;
    const host = hostOf(hosts, args, name);
    const container = `${args.clusterName}-${name}`;
    const address = serverAddress(subnet, ordinal);
    const peer = peerOf(name);
    const incarnation = args.replacements[name] ?? 0;
    const ports = planPorts({ args, host, ordinal, peer, spread });
    const published = publishedOf(ports, "driver");
    const sans = planSans([container, name, "localhost"], unique([address, peer.address, "127.0.0.1"]));
    const clientNames = [...(published ? [clientAddress(published.address)] : []), ...args.driverSans];
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
      ports,
      zone: host.zone,
      driverPort: DRIVER_PORT,
      driverBound: args.driverPublish !== "none",
      client: published && { address: clientAddress(published.address), port: published.port },
      seeds: names.slice(0, index).map((below) => endpoint(peerOf(below).address, peerOf(below).port)),
      memoryMib,
      cacheSizeMib: args.cacheSizeMib ?? Math.floor(memoryMib / 2),
      clusterSans: sans,
      driverSans: planSans(
        [...sans.dnsNames, ...clientNames.filter((n) => !isAddress(n))],
        [...sans.ipAddresses, ...clientNames.filter(isAddress)],
      ),
      incarnation,
      driverNetworks: unique(args.driverNetworks),
      demandsClientCertificate: args.driverClients.length > 0,
    };
  });
}
