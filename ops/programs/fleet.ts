/**
 * Judges a change of the whole fleet before any part of it: nothing of someone else's is in the way, new servers have
 * their ports and addresses, the image may follow the one that runs, and whatever is on servers that would go has a place.
 */
import { randomUUID } from "node:crypto";
import { FLEET, type FleetRequest, type ServerPlace } from "../../core/programs/fleet";
import type { HostRef } from "../../core/programs/parts/shared";
import { byOrdinal } from "../docker/engine";
import { Failure } from "../lib/failure";
import { checkCaSteps, compareOwnCas, newestCas, tellUnrevoked } from "../fleet/cas";
import { checkDrain, checkReplaced } from "../fleet/drains";
import { compareWithRecord, type FleetRecord, previousRecord } from "../fleet/record";
import { HostJudge } from "../fleet/host";
import { preflight } from "../fleet/preflight";
import { allHosts, enginesOf } from "../cluster/hosts";
import { Progress } from "../lib/progress";
import { serve } from "../lib/served";

export const served = serve(FLEET, fleet);

export async function fleet(asked: FleetRequest): Promise<FleetRecord> {
  // One sentence of each, and not one of every step that needs it.
  throwIfAny(asked.unreachable ?? []);
  const before = previousRecord();
  const wanted = asked.servers.map(({ name }) => name);
  const problems = [...compareWithRecord(before, asked), ...compareOwnCas(before, asked)];
  const request = { ...asked, ...allHosts(asked, hostsOfLeaving(before, asked)) };
  const judges = await Promise.all(enginesOf(request).map((host) => HostJudge.meet(host, request)));
  const declared = judges.filter(({ name }) => asked.hosts === undefined || asked.hosts.some((h) => h.name === name));

  const engines = await Promise.all(declared.map((judge) => judge.checkEngine()));
  throwIfAny(engines.flatMap(({ unsupported }) => unsupported));
  const progress = new Progress("fleet");
  for (const remark of engines.flatMap(({ remarks }) => remarks)) progress.say(remark);
  problems.push(...engines.flatMap((engine) => engine.problems));
  for (const judge of declared) problems.push(...(await judge.checkSurroundings()));
  problems.push(...(await checkCaSteps(before, request)));
  // Before the image is fetched: a refusal should not cost a download.
  throwIfAny(problems);
  const images = await Promise.all(declared.map((judge) => judge.checkImage()));
  problems.push(...new Set(images.flat()));
  if (asked.hosts !== undefined) problems.push(...(await preflight(declared, request)));
  throwIfAny(problems);

  // What Docker has and what the last run was told: either may know of a server that the other does not.
  const unfinished = (await Promise.all(judges.map((judge) => judge.stillLeaving(before?.leaving ?? [])))).flat();
  const live = judges.flatMap((judge) => judge.ownServers);
  const known = new Set([...(before?.servers ?? []), ...unfinished, ...live]);
  const leaving = [...known].filter((name) => !wanted.includes(name)).sort(byOrdinal);
  if (leaving.length > 0) problems.push(...(await checkDrain(request, leaving)));
  // Right before it goes, each is looked at with the password that its last run was told.
  if (leaving.length > 0 && before !== undefined && request.operatorGeneration !== before.operatorGeneration) {
    const now = String(before.operatorGeneration);
    problems.push(
      `operatorGeneration: cannot change in the run in which ${leaving.join(", ")} ${leaving.length === 1 ? "leaves" : "leave"}; ` +
        `set it back to ${now}, run pulumi up, then raise it`,
    );
  }
  const replaced = request.servers.filter(({ name, incarnation }) => incarnation > (before?.incarnations[name] ?? 0));
  const givenUp = replaced.filter(({ name }) => known.has(name)).map(({ name }) => name);
  if (givenUp.length > 0) problems.push(...(await checkReplaced(request, givenUp)));
  for (const judge of declared) problems.push(...(await judge.checkVolumes()));
  throwIfAny(problems);
  tellUnrevoked(before, request);
  return {
    clusterName: request.clusterName,
    subnet: request.subnet,
    servers: wanted,
    leaving,
    cas: request.cas,
    newestCas: newestCas(before, request),
    ownCas: request.ownCas,
    operatorGeneration: request.operatorGeneration,
    driverClients: request.driverClients,
    run: before?.servers.join() === wanted.join() && before.run !== "" ? before.run : randomUUID(),
    incarnations: {
      ...before?.incarnations,
      ...Object.fromEntries(request.servers.map(({ name, incarnation }) => [name, incarnation])),
    },
    ...placesOf(asked, before, leaving),
  };
}

function throwIfAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new Failure(problems.join("\n"));
}

/** Hosts that the last run knew and this one does not, or not any more for all of their servers. */
function hostsOfLeaving(before: FleetRecord | undefined, { lost, servers }: FleetRequest): readonly HostRef[] {
  const gone = Object.entries(before?.places ?? {}).filter(([name]) => !servers.some((server) => server.name === name));
  return (before?.hosts ?? []).filter(
    ({ name }) => lost?.hosts.includes(name) !== true && gone.some(([, { host }]) => host === name),
  );
}

/** Of servers that leave too: the program that moves their data has to find them. */
function placesOf(
  { hosts, servers, lost }: FleetRequest,
  before: FleetRecord | undefined,
  leaving: readonly string[],
): Partial<FleetRecord> {
  if (hosts === undefined) return {};
  const old = Object.entries(before?.places ?? {}).filter(([name]) => leaving.includes(name));
  const now = servers.flatMap(({ name, place }): (readonly [string, ServerPlace])[] =>
    place === undefined ? [] : [[name, place]],
  );
  const places = Object.fromEntries([...old, ...now]);
  const used = Object.values(places).map(({ host }) => host);
  const others = before?.hosts?.filter(
    ({ name }) =>
      used.includes(name) && !hosts.some((host) => host.name === name) && lost?.hosts.includes(name) !== true,
  );
  return { places, hosts: [...hosts, ...(others ?? [])] };
}
