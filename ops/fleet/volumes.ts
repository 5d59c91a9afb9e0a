/** Whether new servers would start on volumes that are not theirs. */
import type { FleetRequest, FleetServer } from "../../core/programs/fleet";
import { foreignNames, judgeDataVolume, listNames, type VolumeKind } from "../../core/decide/volumeOwner";
import type { Engine } from "../docker/engine";
import { lookIntoVolumes } from "../docker/volumes";

interface Wanted {
  readonly volume: string;
  readonly kind: VolumeKind;
  readonly server?: FleetServer;
}

/** Volumes without a container: left by a destroyed cluster, by an `up` that was killed, or another's altogether. */
export async function checkVolumes(
  engine: Engine,
  request: FleetRequest,
  fresh: readonly FleetServer[],
  uiVolumes: readonly string[],
): Promise<readonly string[]> {
  const existing = new Set(await engine.lines(["volume", "ls", "--format", "{{.Name}}"]));
  const wanted = [
    ...fresh.flatMap((server): readonly Wanted[] => [
      { volume: server.dataVolume, kind: "data", server },
      { volume: `${server.container}-tls`, kind: "tls" },
    ]),
    ...uiVolumes.map((volume): Wanted => ({ volume, kind: volume.endsWith("-socket") ? "socket" : "tls" })),
  ].filter(({ volume }) => existing.has(volume));
  const looks = await lookIntoVolumes(
    engine,
    request.image,
    wanted.map(({ volume }) => volume),
  );
  const problems: string[] = [];
  const adoptable: string[] = [];
  wanted.forEach(({ volume, kind, server }, index) => {
    const look = looks[index];
    if (look === undefined) return;
    if (server === undefined) {
      const foreign = foreignNames(kind, look.names);
      if (foreign.length > 0)
        problems.push(refusal(volume, `holds ${listNames(foreign)}, which this project did not put there`));
      return;
    }
    const verdict = judgeDataVolume(look, {
      identity: request.identity,
      server: server.name,
      incarnation: server.incarnation,
    });
    if (verdict === undefined) return;
    if (!verdict.adoptable) problems.push(refusal(volume, verdict.holds));
    else if (request.allow.includes("adopt-data")) problems.push(...newerData(server, existing));
    else adoptable.push(volume);
  });
  if (adoptable.length > 0) {
    problems.push(
      `data volumes of an earlier cluster "${request.clusterName}" are still here: ${adoptable.join(", ")}; ` +
        `start on them with allow: ["adopt-data"], or delete them with docker volume rm`,
    );
  }
  return problems;
}

function refusal(volume: string, holds: string): string {
  return `volume ${volume} ${holds}; nothing was touched; move it away or delete it (docker volume rm ${volume}), or choose another clusterName`;
}

/** The earlier cluster had replaced the server: what lies under this name was given up then. */
function newerData(
  { name, dataVolume, container, incarnation }: FleetServer,
  existing: ReadonlySet<string>,
): readonly string[] {
  const prefix = `${container}-data-`;
  const newest = Math.max(
    0,
    ...[...existing]
      .filter((other) => other.startsWith(prefix))
      .map((other) => Number(other.slice(prefix.length)) || 0),
  );
  if (newest <= incarnation) return [];
  return [
    `replacements.${name}: ${dataVolume} was given up by the earlier cluster, which went on with ${prefix}${String(newest)}; ` +
      `set replacements.${name} to ${String(newest)} to start on that one`,
  ];
}
