/** Which server is on which host: data that a person keeps, and what may be proposed for servers without a place. */
import type { HostArgs, RethinkdbClusterArgs } from "./args";
import { DEFAULTS, MAX_NODES } from "./defaults";

export type Placement = Readonly<Record<string, string>>;

type Candidate = Pick<HostArgs, "name" | "zone" | "lost">;

/** Of a server's name; undefined when it is none. */
export function ordinalOf(name: string): number | undefined {
  const [, digits] = /^n(0|[1-9]\d*)$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Names of all servers, by ordinal: those with a place, or as many as `nodes` on a cluster without a list. */
export function serverNames(args: Pick<RethinkdbClusterArgs, "nodes" | "placement">): readonly string[] {
  const placed = placedServers(args.placement ?? {});
  if (placed.length > 0) return placed;
  return Array.from({ length: args.nodes ?? DEFAULTS.nodes }, (_, ordinal) => `n${String(ordinal)}`);
}

/** Names of the placed servers by ordinal. */
export function placedServers(placement: Placement): readonly string[] {
  return Object.keys(placement)
    .filter((name) => ordinalOf(name) !== undefined)
    .sort((a, b) => (ordinalOf(a) ?? 0) - (ordinalOf(b) ?? 0));
}

/**
 * Places for as many further servers as are missing: in the zone with the fewest, there on the host with the fewest, in
 * the order of the hosts. What has a place keeps it, and an ordinal that was passed is not used again.
 */
export function proposePlacement(hosts: readonly Candidate[], nodes: number, placement: Placement): Placement {
  const able = hosts.filter(({ lost }) => lost !== true);
  const added: Record<string, string> = {};
  const on = (name: string): number =>
    [...Object.values(placement), ...Object.values(added)].filter((host) => host === name).length;
  const zoneOf = ({ name, zone }: Candidate): string => (zone === undefined ? `host ${name}` : `zone ${zone}`);
  const inZone = (zone: string): number =>
    able.filter((host) => zoneOf(host) === zone).reduce((sum, { name }) => sum + on(name), 0);
  const placed = placedServers(placement);
  const next = (ordinalOf(placed.at(-1) ?? "") ?? -1) + 1;
  for (let i = 0; i < nodes - placed.length && able.length > 0; i++) {
    const best = [...able].sort((a, b) => inZone(zoneOf(a)) - inZone(zoneOf(b)) || on(a.name) - on(b.name))[0];
    if (best !== undefined) added[`n${String(next + i)}`] = best.name;
  }
  return added;
}

export function checkPlacement(args: RethinkdbClusterArgs, errors: string[]): void {
  const hosts = args.hosts ?? [];
  const placement = args.placement ?? {};
  const nodes = args.nodes ?? DEFAULTS.nodes;
  if (hosts.length === 0) {
    if (Object.keys(placement).length > 0) {
      errors.push(`placement: there are no hosts; add them to hosts, or take placement out`);
    }
    return;
  }
  for (const [server, host] of Object.entries(placement)) {
    const ordinal = ordinalOf(server);
    if (ordinal === undefined || ordinal >= MAX_NODES) {
      errors.push(`placement.${server}: "${server}" is no server; they are n0 to n${String(MAX_NODES - 1)}`);
    }
    if (!hosts.some(({ name }) => name === host)) {
      errors.push(
        `placement.${server}: there is no host "${host}"; they are ${hosts.map(({ name }) => name).join(", ")}; ` +
          `to remove a host, take its servers out of placement too`,
      );
    }
  }
  // A cluster on one engine needs no list: its servers are n0 to the last.
  if (hosts.length === 1 && Object.keys(placement).length === 0 && hosts[0]?.address === undefined) return;
  const placed = placedServers(placement);
  if (!Number.isInteger(nodes) || placed.length === nodes) return;
  if (placed.length > nodes) {
    errors.push(
      `placement: nodes is ${String(nodes)} and ${String(placed.length)} servers have a place (${placed.join(", ")}); ` +
        `raise nodes, or take out the servers that should go`,
    );
    return;
  }
  const lines = Object.entries(proposePlacement(hosts, Math.min(nodes, MAX_NODES), placement)).map(
    ([server, host]) => `${server}: ${host}`,
  );
  errors.push(
    `placement: nodes is ${String(nodes)} and ${String(placed.length)} servers have a place; add ${lines.join(", ")} ` +
      `(npm run place writes it)`,
  );
}
