/** What the fleet's judge accepted last, and what of it is for the cluster's whole life. */
import type { FleetRequest, ServerPlace } from "../../core/programs/fleet";
import type { HostRef } from "../../core/programs/parts/shared";
import { type CaRecord, NO_CA_RECORD } from "./cas";

/** What the last run of the judge accepted; the next one is compared with it. */
export interface FleetRecord extends CaRecord {
  readonly clusterName: string;
  readonly subnet: string;
  readonly servers: readonly string[];
  /** Servers that go, for the program that moves their data. */
  readonly leaving: readonly string[];
  readonly operatorGeneration: number;
  /** How often each server was replaced, also of servers that are gone. */
  readonly incarnations: Readonly<Record<string, number>>;
  /**
   * Another one whenever other servers are wanted than at the last run: so a drain that was interrupted is asked again
   * even when the number was set back in between.
   */
  readonly run: string;
  /** Of a cluster on several hosts: where each server is, also of those that go, and how to find the hosts. */
  readonly places?: Readonly<Record<string, ServerPlace>>;
  readonly hosts?: readonly HostRef[];
}

type OldRecord = Pick<FleetRecord, "clusterName" | "subnet" | "servers">;

export function previousRecord(): FleetRecord | undefined {
  const text = process.env["PULUMI_COMMAND_STDOUT"];
  // A record of an earlier release knows of no drains.
  return text
    ? {
        leaving: [],
        incarnations: {},
        run: "",
        operatorGeneration: 1,
        ...NO_CA_RECORD,
        ...(JSON.parse(text) as Partial<FleetRecord> & OldRecord),
      }
    : undefined;
}

export function compareWithRecord(before: FleetRecord | undefined, now: FleetRequest): readonly string[] {
  if (before === undefined) return [];
  const problems: string[] = [];
  const fixed = (key: "clusterName" | "subnet"): void => {
    if (before[key] !== now[key]) {
      problems.push(
        `${key}: is "${before[key]}" for this cluster's whole life and cannot become "${now[key]}"; ` +
          `set it back, or make a second stack and move the data with rethinkdb dump and restore`,
      );
    }
  };
  fixed("clusterName");
  fixed("subnet");
  const generation = before.operatorGeneration;
  if (now.operatorGeneration !== generation && now.operatorGeneration !== generation + 1) {
    problems.push(
      `operatorGeneration: is ${String(generation)} and cannot become ${String(now.operatorGeneration)}: the password of the one before it ` +
        `is what programs log in with until the new one is set; use ${String(generation)} or ${String(generation + 1)}`,
    );
  }
  for (const { name, incarnation } of now.servers) {
    const had = before.incarnations[name] ?? 0;
    if (incarnation >= had) continue;
    problems.push(
      `replacements.${name}: was ${String(had)} and cannot become ${String(incarnation)}: ` +
        `the data that was given up would come back under its name; set it back to ${String(had)}`,
    );
  }
  return [...problems, ...comparePlaces(before, now)];
}

/** An address of a server is known to all its peers, so that nothing of a place can change under a living server. */
function comparePlaces(before: FleetRecord, now: FleetRequest): readonly string[] {
  const [was, is] = [before.places !== undefined, now.hosts !== undefined];
  if (was !== is) {
    const [from, to] = was
      ? ["by their hosts' addresses", "on one Docker network"]
      : ["on one Docker network", "by their hosts' addresses"];
    return [
      `hosts: the servers reach each other ${from}, and ${to} each would have another address, which is not done to a living cluster; ` +
        `set hosts back, make a second stack with the hosts you want, and move the data with rethinkdb dump and restore`,
    ];
  }
  return now.servers.flatMap(({ name, place }) => {
    const had = before.places?.[name];
    if (had === undefined || place === undefined) return [];
    if (had.host !== place.host) {
      return [
        `placement.${name}: is on "${had.host}" and cannot be moved to "${place.host}" with its data; set it back, ` +
          `add a server on "${place.host}", and take ${name} out when that one runs`,
      ];
    }
    if (had.clusterPublish.address !== place.clusterPublish.address) {
      return [
        `hosts.${place.host}.address: was ${had.clusterPublish.address} when ${name} joined and its peers know it so; set it back, ` +
          `or move its servers to a host entry with the new address, one added before one is taken out`,
      ];
    }
    if (had.zone !== place.zone) {
      return [
        `hosts.${place.host}.zone: was ${had.zone ?? "none"} when ${name} was first started, and a server takes its tags only then; ` +
          `set it back, and change the tags of running servers in rethinkdb.server_config`,
      ];
    }
    return [];
  });
}
