/** Which server is on which host: data that a person keeps, and what may be proposed for servers without a place. */

export type Placement = Readonly<Record<string, string>>;

interface Candidate {
  readonly name: string;
  readonly zone?: string;
  readonly lost?: boolean;
}

/** Of a server's name; undefined when it is none. */
export function ordinalOf(name: string): number | undefined {
  const [, digits] = /^n(0|[1-9]\d*)$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Names of all servers, by ordinal: those with a place, or as many as `nodes` on a cluster without a list. */
export function serverNames(args: { readonly nodes: number; readonly placement: Placement }): readonly string[] {
  const placed = placedServers(args.placement);
  if (placed.length > 0) return placed;
  return Array.from({ length: args.nodes }, (_, ordinal) => `n${String(ordinal)}`);
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
