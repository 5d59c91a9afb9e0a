/** Data volumes of a cluster that is gone. Only those that are surely this stack's own are ever deleted. */
import { LABELS } from "../../core/render/labels";
import { foreignNames, isEmptyVolume, listNames, type VolumeLook } from "../../core/decide/volumeOwner";
import type { Engine } from "../../ops/docker/engine";
import { Failure } from "../../ops/lib/failure";
import { lookIntoVolumes } from "../../ops/docker/volumes";

export interface GoneCluster {
  readonly clusterName: string;
  readonly image: string;
  /** Of all clusters that this stack ever was. */
  readonly identities: readonly string[];
}

export interface VolumeFacts {
  readonly name: string;
  readonly look: VolumeLook;
  /** Containers that use it, running or not. */
  readonly users: readonly string[];
}

/** In the order of the servers. */
export async function findDataVolumes(engine: Engine, clusterName: string): Promise<readonly string[]> {
  const filters = [`label=${LABELS.clusterName}=${clusterName}`, `label=${LABELS.server}`];
  const found = await engine.lines([
    ...["volume", "ls", "--format", "{{.Name}}"],
    ...filters.flatMap((filter) => ["--filter", filter]),
  ]);
  const ordinal = (name: string): number => {
    const prefix = `${clusterName}-n`;
    // A server that was replaced has more than one.
    const [, digits] = name.startsWith(prefix) ? (/^(\d+)-data(-\d+)?$/.exec(name.slice(prefix.length)) ?? []) : [];
    return digits === undefined ? NaN : Number(digits);
  };
  return found.filter((name) => !Number.isNaN(ordinal(name))).sort((a, b) => ordinal(a) - ordinal(b));
}

/** @returns what was done, for a person. */
export async function deleteDataVolumes(engine: Engine, cluster: GoneCluster): Promise<string> {
  await refuseIfAlive(engine, cluster.clusterName);
  const names = await findDataVolumes(engine, cluster.clusterName);
  if (names.length === 0) return `\nNo data volume of "${cluster.clusterName}" is left.`;
  const looks = await lookIntoVolumes(engine, cluster.image, names);
  const volumes = await Promise.all(
    looks.map(async (look, index): Promise<VolumeFacts> => {
      const name = names[index] ?? "";
      const users = await engine.lines(["ps", "-a", "--filter", `volume=${name}`, "--format", "{{.Names}}"]);
      return { name, look, users };
    }),
  );
  const kept = volumes.map((volume) => ({ volume, why: whyKept(volume, cluster.identities) }));
  const doomed = kept.filter(({ why }) => why === undefined).map(({ volume }) => volume.name);
  if (doomed.length > 0) await engine.run(["volume", "rm", ...doomed]);
  const stay = kept.flatMap(({ volume, why }) => (why === undefined ? [] : [`${volume.name}: ${why}`]));
  return describeDeletion(doomed, stay);
}

/** @returns why a volume must stay; undefined when it is this stack's own and no container uses it. */
export function whyKept(volume: VolumeFacts, identities: readonly string[]): string | undefined {
  if (volume.users.length > 0) return `is used by ${volume.users.join(", ")}`;
  const { look } = volume;
  if (isEmptyVolume(look)) return undefined;
  if (look.says === "") return `has ${listNames(look.names)} and no identity, so this project did not fill it`;
  const [identity = ""] = look.says.split("/");
  if (!identities.includes(identity)) return "has data of a cluster that this stack never was";
  const foreign = foreignNames("data", look.names);
  return foreign.length === 0 ? undefined : `has also ${listNames(foreign)}, which this project did not put there`;
}

export function describeDeletion(deleted: readonly string[], stay: readonly string[]): string {
  return [
    ...(deleted.length === 0 ? [] : ["", "These data volumes are deleted:", ...deleted.map((name) => `  ${name}`)]),
    ...(stay.length === 0
      ? []
      : [
          "",
          "These stay; delete those that you do not need with docker volume rm <name>:",
          ...stay.map((line) => `  ${line}`),
        ]),
  ].join("\n");
}

/** This stack's cluster is destroyed by now: what still bears its name is another stack's. */
async function refuseIfAlive(engine: Engine, clusterName: string): Promise<void> {
  const filter = ["--filter", `label=${LABELS.clusterName}=${clusterName}`, "--format"];
  const [containers, networks] = await Promise.all([
    engine.lines(["ps", "-a", ...filter, "{{.Names}}"]),
    engine.lines(["network", "ls", ...filter, "{{.Name}}"]),
  ]);
  const alive = [...containers, ...networks.map((name) => `network ${name}`)];
  if (alive.length === 0) return;
  throw new Failure(
    `another stack has a cluster "${clusterName}" on this engine (${alive.join(", ")}); no data volume was deleted`,
  );
}
