/**
 * Judges a change of the whole fleet before any part of it: nothing of someone else's is in the way, new servers have
 * their ports and addresses, the image may follow the one that runs, and whatever is on servers that would go has a place.
 */
import { randomUUID } from "node:crypto";
import { LABELS } from "../core/labels";
import type { FleetRequest } from "../core/requests";
import { byOrdinal, Engine } from "./engine";
import { Failure } from "./failure";
import { type CaRecord, checkCaSteps, compareOwnCas, NO_CA_RECORD, tellUnrevoked } from "./fleet/cas";
import { checkLeaving, checkReplaced } from "./fleet/departures";
import { checkVersion, ensureImage } from "./fleet/image";
import { checkNetworks } from "./fleet/networks";
import { checkPorts } from "./fleet/ports";
import { checkVolumes } from "./fleet/volumes";

/** What the last run of this program accepted; the next one is compared with it. */
interface FleetRecord extends CaRecord {
  readonly clusterName: string;
  readonly subnet: string;
  readonly servers: readonly string[];
  /** Servers that go, for the program that moves their data. */
  readonly leaving: readonly string[];
  /** How often each server was replaced, also of servers that are gone. */
  readonly incarnations: Readonly<Record<string, number>>;
  /**
   * Another one whenever other servers are wanted than at the last run: so a departure that was interrupted is asked again
   * even when the number was set back in between.
   */
  readonly run: string;
}

export async function fleet(request: FleetRequest): Promise<FleetRecord> {
  const engine = new Engine(request.dockerHost);
  const before = previousRecord();
  const wanted = request.servers.map(({ name }) => name);
  const problems = [...compareWithRecord(before, request), ...compareOwnCas(before, request)];
  const containers = await readContainers(engine);
  const mine = containers.filter((c) => c.identity === request.identity && c.server !== "");

  const fresh = request.servers.filter((server) => !mine.some((c) => c.server === server.name));
  const foreign = containers.filter((c) => c.identity !== request.identity && isNameOf(request.clusterName, c.name));
  if (foreign.length > 0) {
    problems.push(
      `clusterName: "${request.clusterName}" is taken on this engine by ${foreign.map((c) => c.name).join(", ")}, ` +
        `which another stack made, or this one before its state was lost; choose another clusterName, or restore that state`,
    );
  }
  problems.push(...(await checkNetworks(engine, request)));
  if (foreign.length === 0) problems.push(...(await checkPorts(engine, request, containers)));
  problems.push(...(await checkCaSteps(engine, request)));
  // Before the image is fetched: a refusal should not cost a download.
  throwIfAny(problems);
  const image = await ensureImage(engine, request.image);
  problems.push(...(await checkVersion(engine, request.image, image, mine)));

  // What Docker has and what the last run was told: either may know of a server that the other does not.
  const unfinished = await stillLeaving(engine, request, before?.leaving ?? []);
  const known = new Set([...(before?.servers ?? []), ...unfinished, ...mine.map((c) => c.server)]);
  const leaving = [...known].filter((name) => !wanted.includes(name)).sort(byOrdinal);
  if (leaving.length > 0) problems.push(...(await checkLeaving(engine, request, leaving)));
  const replaced = request.servers.filter(({ name, incarnation }) => incarnation > (before?.incarnations[name] ?? 0));
  const givenUp = replaced.filter(({ name }) => known.has(name)).map(({ name }) => name);
  if (givenUp.length > 0) problems.push(...(await checkReplaced(engine, request, givenUp)));
  problems.push(...(await checkVolumes(engine, request, fresh)));
  throwIfAny(problems);
  tellUnrevoked(before, request);
  return {
    clusterName: request.clusterName,
    subnet: request.subnet,
    servers: wanted,
    leaving,
    cas: request.cas,
    ownCas: request.ownCas,
    driverClients: request.driverClients,
    run: before?.servers.join() === wanted.join() && before.run !== "" ? before.run : randomUUID(),
    incarnations: {
      ...before?.incarnations,
      ...Object.fromEntries(request.servers.map(({ name, incarnation }) => [name, incarnation])),
    },
  };
}

function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new Failure(problems.join("\n"));
}

function previousRecord(): FleetRecord | undefined {
  const text = process.env["PULUMI_COMMAND_STDOUT"];
  // A record of an earlier release knows of no departures.
  return text
    ? {
        leaving: [],
        incarnations: {},
        run: "",
        ...NO_CA_RECORD,
        ...(JSON.parse(text) as Partial<FleetRecord> & OldRecord),
      }
    : undefined;
}

function compareWithRecord(before: FleetRecord | undefined, now: FleetRequest): string[] {
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
  for (const { name, incarnation } of now.servers) {
    const had = before.incarnations[name] ?? 0;
    if (incarnation >= had) continue;
    problems.push(
      `replacements.${name}: was ${String(had)} and cannot become ${String(incarnation)}: ` +
        `the data that was given up would come back under its name; set it back to ${String(had)}`,
    );
  }
  return problems;
}

/** The tls volume is the last that goes of a server. */
async function stillLeaving(
  engine: Engine,
  request: FleetRequest,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const volumes = await engine.lines(["volume", "ls", "--format", "{{.Name}}"]);
  return names.filter((name) => volumes.includes(`${request.clusterName}-${name}-tls`));
}

type OldRecord = Pick<FleetRecord, "clusterName" | "subnet" | "servers">;

interface ContainerRow {
  readonly name: string;
  readonly identity: string;
  readonly server: string;
  readonly ports: string;
  readonly state: string;
}

async function readContainers(engine: Engine): Promise<readonly ContainerRow[]> {
  const format = `{{.Names}}\t{{.Label "${LABELS.identity}"}}\t{{.Label "${LABELS.server}"}}\t{{.Ports}}\t{{.State}}`;
  return (await engine.lines(["ps", "-a", "--format", format])).map((line) => {
    const [name = "", identity = "", server = "", ports = "", state = ""] = line.split("\t");
    return { name, identity, server, ports, state };
  });
}

function isNameOf(clusterName: string, container: string): boolean {
  return container.startsWith(`${clusterName}-n`) && /^\d+$/.test(container.slice(clusterName.length + 2));
}
