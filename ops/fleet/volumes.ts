/** Whether new servers would start on data that is not theirs. */
import type { FleetRequest, FleetServer } from "../../core/requests";
import type { Engine } from "../engine";
import { readIdentities } from "../volumes";

/** A data volume without a container: left by a destroyed cluster, or by an `up` that was killed. */
export async function checkVolumes(
  engine: Engine,
  request: FleetRequest,
  fresh: readonly FleetServer[],
): Promise<readonly string[]> {
  const existing = new Set(await engine.lines(["volume", "ls", "--format", "{{.Name}}"]));
  const kept = fresh.filter((server) => existing.has(server.dataVolume));
  if (kept.length === 0) return [];
  const identities = await readIdentities(
    engine,
    request.image,
    kept.map((server) => server.dataVolume),
  );
  const old = kept.filter((_, index) => {
    const text = identities[index] ?? "";
    return text !== "" && text.split("/")[0] !== request.identity;
  });
  if (old.length === 0 || request.allow.includes("adopt-data")) return [];
  return [
    `data volumes of an earlier cluster "${request.clusterName}" are still here: ${old.map((s) => s.dataVolume).join(", ")}; ` +
      `start on them with allow: ["adopt-data"], or delete them with npm run destroy -- --volumes (docker volume rm)`,
  ];
}
