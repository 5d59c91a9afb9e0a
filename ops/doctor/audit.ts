/** Tries every probe on one cluster. It changes nothing, and is bounded in time and connections. */
import type { Declared } from "../../core/decide/audit/declared";
import {
  type Attempt,
  type ClusterAudit,
  outcomeOf,
  type ProbeReport,
  reportAudit,
} from "../../core/decide/audit/report";
import type { Health } from "../../core/decide/health";
import { clock, within } from "../lib/poll";
import { health as lookAtHealth } from "./health";
import { needless, notTriedFor, type Probe } from "./probe";
import { PROBES } from "./probes/all";
import { Scene } from "./scene/scene";

/** Seconds for one probe; what it has not tried by then is not tried. */
const PROBE_SECONDS = 60;

export interface AuditOptions {
  /** Folder of the project. */
  readonly project: string;
  /** Ids; empty for all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** Tests put another one in its place. */
  readonly health?: typeof lookAtHealth;
}

export async function audit(
  declared: Declared,
  options: AuditOptions,
): Promise<ClusterAudit & { readonly health: Health }> {
  const began = clock.now();
  const [health, scene] = await Promise.all([
    (options.health ?? lookAtHealth)(declared),
    Scene.open(declared, options.project),
  ]);
  try {
    const probes = await Promise.all(PROBES.map(async (probe) => runProbe(probe, scene, options)));
    const seconds = Math.round((clock.now() - began) / 100) / 10;
    return { ...reportAudit(declared.clusterName, health, probes, { did: scene.did, seconds }), health };
  } finally {
    scene.close();
  }
}

async function runProbe(probe: Probe, scene: Scene, { only, skip }: AuditOptions): Promise<ProbeReport> {
  const { id, line, tried } = probe;
  const began = clock.now();
  const left = skip.includes(id)
    ? "--skip names it"
    : only.length > 0 && !only.includes(id)
      ? "--only names others"
      : undefined;
  const attempts: readonly Attempt[] =
    left !== undefined
      ? [needless("the cluster", left)]
      : await within(PROBE_SECONDS, probe.run(scene)).catch((error: unknown) => {
          if (error instanceof Error && error.message.startsWith("no answer in")) {
            return [{ outcome: "not-tried", subject: "the cluster", reason: error.message, essential: true } as const];
          }
          return [notTriedFor("the cluster", error)];
        });
  return { id, line, tried, outcome: outcomeOf(attempts), attempts, milliseconds: Math.round(clock.now() - began) };
}
