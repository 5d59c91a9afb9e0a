/** One host as an audit sees it: its engine, and every object that is the cluster's or touches it. */
import type { Declared } from "../../../core/decide/audit/declared";
import { LABELS } from "../../../core/render/labels";
import type { HostEngine } from "../../cluster/hosts";
import type { Engine } from "../../docker/engine";
import { Failure } from "../../lib/failure";
import type { EngineInfo, InspectedContainer, InspectedNetwork, InspectedVolume } from "./inspected";

export interface HostScene {
  readonly name: string;
  readonly engine: Engine;
  /** Begins a sentence. */
  readonly title: string;
  /** Containers that are declared, have the cluster's labels, use its volumes, or are on its network. */
  readonly containers: readonly InspectedContainer[];
  /** Undefined where it is gone. */
  readonly network: InspectedNetwork | undefined;
  readonly volumes: readonly InspectedVolume[];
  readonly info: EngineInfo;
  /** Milliseconds by which its clock is ahead of this machine's. */
  readonly clockAheadMs: number;
}

export interface LostHost {
  readonly name: string;
  readonly title: string;
  readonly trouble: string;
}

interface Row {
  readonly ID: string;
  readonly Names: string;
  readonly Labels: string;
  readonly Mounts: string;
  readonly Networks: string;
}

export async function lookAtHost({ name, engine }: HostEngine, declared: Declared): Promise<HostScene | LostHost> {
  const title = name === "" ? "the Docker engine" : `host ${name}`;
  try {
    const [containers, network, volumes, { info, clockAheadMs }] = await Promise.all([
      touching(engine, name, declared),
      engine.inspect<InspectedNetwork>("network", declared.network),
      Promise.all(
        declared.volumes
          .filter(({ host }) => host === name)
          .map((volume) => engine.inspect<InspectedVolume>("volume", volume.name)),
      ),
      readInfo(engine),
    ]);
    const there = volumes.filter((volume) => volume !== undefined);
    return { name, engine, title, containers, network, volumes: there, info, clockAheadMs };
  } catch (error) {
    if (error instanceof Failure) return { name, title, trouble: error.message };
    throw error;
  }
}

async function touching(engine: Engine, host: string, declared: Declared): Promise<readonly InspectedContainer[]> {
  const names = declared.containers.filter((container) => container.host === host).map((container) => container.name);
  const volumes = declared.volumes.filter((volume) => volume.host === host).map((volume) => volume.name);
  const rows = await engine.lines(["ps", "-a", "--no-trunc", "--format", "{{json .}}"]);
  const ids = rows
    .map((row) => JSON.parse(row) as Row)
    .filter(
      ({ Names, Labels, Mounts, Networks }) =>
        names.includes(Names) ||
        Labels.includes(`${LABELS.identity}=${declared.identity}`) ||
        Mounts.split(",").some((mount) => volumes.includes(mount)) ||
        Networks.split(",").includes(declared.network),
    )
    .map(({ ID }) => ID);
  if (ids.length === 0) return [];
  // One that ends meanwhile is a helper's; what is left is told all the same.
  const outcome = await engine.try(["container", "inspect", ...ids]);
  return JSON.parse(outcome.stdout === "" ? "[]" : outcome.stdout) as readonly InspectedContainer[];
}

async function readInfo(engine: Engine): Promise<{ readonly info: EngineInfo; readonly clockAheadMs: number }> {
  const before = Date.now();
  const info = JSON.parse(await engine.run(["info", "--format", "{{json .}}"])) as EngineInfo;
  const middle = (before + Date.now()) / 2;
  return { info, clockAheadMs: Date.parse(info.SystemTime) - middle };
}

/** Milliseconds after which a container is no helper any more, whatever its label says: everyone can set one. */
const HELPER_MS = 5 * 60_000;

/** Of the doctor and of other programs of this project: here for one task, and gone. */
export function isHelper(container: InspectedContainer, { clockAheadMs }: Pick<HostScene, "clockAheadMs">): boolean {
  const age = Date.now() + clockAheadMs - Date.parse(container.Created);
  return container.Config.Labels?.[LABELS.helper] !== undefined && age < HELPER_MS;
}

export function nameOf(container: InspectedContainer): string {
  return container.Name.replace(/^\//, "");
}
