/** The Docker engines of a cluster. */
import type { RethinkdbClusterArgs } from "../../args/args";
import type { Complete } from "../../args/shape/complete";
import { isSpread } from "../../args/hosts";

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

/** Name of the one host of a cluster that names none. */
const AMBIENT_HOST = "local";

/** The names of a cluster on one engine are those of before there were hosts: naming that engine replaces nothing. */
export function planHosts(args: Complete<RethinkdbClusterArgs>): readonly HostPlan[] {
  const one = { engineSuffix: "engine-0", networkSuffix: "network" };
  const none = { certPath: null, address: null, zone: null, lost: false };
  const { hosts } = args;
  if (hosts.length === 0) return [{ name: AMBIENT_HOST, dockerHost: args.dockerHost ?? null, ...none, ...one }];
  return hosts.map((host) => ({
    ...none,
    ...host,
    ...(isSpread(hosts) ? { engineSuffix: `engine-${host.name}`, networkSuffix: `network-${host.name}` } : one),
  }));
}

export function hostOf(hosts: readonly HostPlan[], args: Complete<RethinkdbClusterArgs>, server: string): HostPlan {
  const name = args.placement[server];
  const host = hosts.find((candidate) => candidate.name === name) ?? hosts[0];
  if (host === undefined) throw new Error("a cluster has a host");
  return host;
}
