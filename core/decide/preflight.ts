/** What is looked at on each of several hosts before servers are put there, and what is wrong with it. */
import { overlaps } from "../../args/values/addresses";
import { portNamed } from "../plan/ports";

export interface HostFacts {
  readonly name: string;
  /** Under which the other hosts reach it. */
  readonly address: string;
  readonly engineId: string;
  /** Against the clock of who deploys. */
  readonly clockAheadSeconds: number;
  /** All of the host's own. */
  readonly addresses: readonly string[];
  /** IPv4 sockets. */
  readonly listening: readonly { readonly address: string; readonly port: number }[];
  /** Empty where the cluster's network stands already. */
  readonly routes: readonly { readonly iface: string; readonly subnet: string }[];
  /** Where Docker keeps containers. */
  readonly freeBytes: number;
  /** Ports that are to be published and are not yet. */
  readonly ports: readonly WantedPort[];
  /** Whether servers are added to it. */
  readonly startsServers: boolean;
}

export interface WantedPort {
  readonly server: string;
  /** Of `PORTS`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** Certificates begin to be valid when they are made: a host that is later than their maker refuses them meanwhile. */
export const CLOCK_SECONDS = 30;
const FREE_GIB = 1;

export function judgeHosts(hosts: readonly HostFacts[], subnet: string): readonly string[] {
  return hosts.flatMap((host, index) => {
    const twin = hosts.slice(0, index).find((other) => isSameEngine(other, host));
    return [
      ...(twin === undefined
        ? []
        : [
            `hosts.${host.name}.dockerHost: leads to the same Docker engine as "${twin.name}"; each host has an engine of its own`,
          ]),
      ...judgeHost(host, subnet),
    ];
  });
}

/** A machine that was cloned has the id of its original, and other addresses. */
function isSameEngine(a: HostFacts, b: HostFacts): boolean {
  return a.engineId === b.engineId && [...a.addresses].sort().join() === [...b.addresses].sort().join();
}

function judgeHost(host: HostFacts, subnet: string): readonly string[] {
  const { name, address, addresses, routes, freeBytes, clockAheadSeconds } = host;
  const problems: string[] = [];
  if (!addresses.includes(address)) {
    problems.push(
      `hosts.${name}.address: ${address} is not an address of that host, which has ${addresses.join(", ") || "none"}; name its private one`,
    );
  }
  const skew = Math.round(Math.abs(clockAheadSeconds));
  if (skew > CLOCK_SECONDS) {
    problems.push(
      `hosts.${name}: its clock is ${String(skew)} seconds ${clockAheadSeconds > 0 ? "ahead of" : "behind"} the one here, and certificates ` +
        `bear ${String(CLOCK_SECONDS)}; set both right, for example with timedatectl set-ntp true`,
    );
  }
  const route = routes.find((candidate) => !candidate.subnet.endsWith("/0") && overlaps(candidate.subnet, subnet));
  if (route !== undefined) {
    problems.push(
      `subnet: ${subnet} overlaps ${route.iface} of host "${name}" (${route.subnet}); choose another subnet`,
    );
  }
  const free = freeBytes / 2 ** 30;
  if (host.startsServers && free < FREE_GIB) {
    problems.push(
      `hosts.${name}: ${free.toFixed(1)} GiB of disk are left where Docker keeps its volumes; make room for ${String(FREE_GIB)} GiB at least`,
    );
  }
  return [...problems, ...busyPorts(host)];
}

function busyPorts({ name, ports, listening }: HostFacts): readonly string[] {
  return ports
    .filter((wanted) =>
      listening.some(
        ({ address, port }) => port === wanted.port && (address === wanted.address || address === "0.0.0.0"),
      ),
    )
    .map(({ server, name: of, address, port }) => {
      const { title, args } = portNamed(of);
      return args === null
        ? `hosts.${name}: ${address}:${String(port)} for the ${title} port of ${server} is in use by another program; ` +
            `free it, or place another server than ${server} there`
        : `${args[1]}: ${address}:${String(port)} for ${server} on host "${name}" is in use by another program; choose another ${args[1]}`;
    });
}
