/**
 * Every port that a cluster can publish. Containers, checks, outputs, plans and reviews take it from here: a new one is an
 * entry here, its args, and what makes the server listen.
 */
import type { RethinkdbClusterArgs } from "../../args/args";
import { CLUSTER_PORT, DRIVER_PORT } from "../../args/constants";
import type { Complete } from "../../args/shape/complete";
import { isAddress, isEveryAddress } from "../../args/values/addresses";
import type { HostPlan } from "./hosts";
import type { PublishPlan } from "./publish";

export interface Port {
  /** In outputs and requests. */
  readonly name: string;
  /** In sentences: the `…` port. */
  readonly title: string;
  /** In the container. */
  readonly internal: number;
  readonly protocol: "tcp";
  /** What it asks of anyone who reaches it. */
  readonly asks: string;
  /** Args that say where it is published; null where no arg of its own does. */
  readonly args: readonly [address: string, port: string] | null;
}

interface ServerPort extends Port {
  /** Where that of one server is published, or null. */
  readonly at: (server: Place) => PublishPlan | null;
}

interface Place {
  readonly args: Complete<RethinkdbClusterArgs>;
  readonly host: HostPlan;
  readonly ordinal: number;
  /** Where its peers reach it. */
  readonly peer: PublishPlan;
  /** Whether servers reach each other by the addresses of their hosts. */
  readonly spread: boolean;
}

/** Another order would replace every container. */
const SERVER_PORTS: readonly ServerPort[] = [
  {
    name: "driver",
    title: "driver",
    internal: DRIVER_PORT,
    protocol: "tcp",
    asks: "a password",
    args: ["driverPublish", "driverPort"],
    at: ({ args, host, ordinal }) => publishedAt(args.driverPublish, host, args.driverPort + ordinal),
  },
  {
    name: "cluster",
    title: "cluster",
    internal: CLUSTER_PORT,
    protocol: "tcp",
    asks: "a certificate of the cluster CA",
    args: null,
    at: ({ peer, spread }) => (spread ? peer : null),
  },
];

/** Of nginx, on the first host. */
export const WEB_UI_PORT: Port = {
  name: "webUi",
  title: "web UI",
  internal: 8443,
  protocol: "tcp",
  asks: "a password",
  args: ["webUi.publish", "webUi.port"],
};

export const PORTS: readonly Port[] = [...SERVER_PORTS, WEB_UI_PORT];

export function portNamed(name: string): Port {
  const found = PORTS.find((port) => port.name === name);
  if (found === undefined) throw new Error(`there is no port "${name}"`);
  return found;
}

/** One that is published. */
export interface PortPlan extends Pick<Port, "name" | "internal" | "protocol"> {
  readonly at: PublishPlan;
}

export function planPorts(place: Place): readonly PortPlan[] {
  return SERVER_PORTS.flatMap(({ name, internal, protocol, at }) => {
    const published = at(place);
    return published === null ? [] : [{ name, internal, protocol, at: published }];
  });
}

export function publishedOf(ports: readonly PortPlan[], name: "driver" | "cluster"): PublishPlan | null {
  return ports.find((port) => port.name === name)?.at ?? null;
}

function publishedAt(publish: string, host: HostPlan, port: number): PublishPlan | null {
  if (publish === "host-address") return host.address === null ? null : { address: host.address, port };
  return isAddress(publish) ? { address: publish, port } : null;
}

/** Whose ports: `n0`, or the web UI. */
export interface Publisher {
  readonly owner: string;
  readonly host: string;
  readonly ports: readonly Pick<PortPlan, "name" | "at">[];
}

/** Two ports on the same address of one host. */
export function portClashes(publishers: readonly Publisher[]): readonly string[] {
  const all = publishers.flatMap(({ owner, host, ports }) => ports.map((port) => ({ ...port, owner, host })));
  return all.flatMap(({ name, host, at }, index) => {
    const taken = all.slice(0, index).find((other) => other.host === host && meet(other.at, at));
    if (taken === undefined) return [];
    const arg = portNamed(name).args?.[1] ?? portNamed(taken.name).args?.[1] ?? name;
    return [
      `${arg}: ${String(at.port)} is the ${portNamed(taken.name).title} port of ${taken.owner}; choose another one`,
    ];
  });
}

function meet(a: PublishPlan, b: PublishPlan): boolean {
  if (a.port !== b.port) return false;
  const sameKind = a.address.includes(":") === b.address.includes(":");
  return a.address === b.address || (sameKind && (isEveryAddress(a.address) || isEveryAddress(b.address)));
}
