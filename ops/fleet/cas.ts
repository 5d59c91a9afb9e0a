/** Whether the CAs may take the step that is asked for, by what the living servers present and trust. */
import { CA_ARGS, type CaArg } from "../../args/certificates";
import { judgeCaStep, type LiveCa } from "../../core/decide/caSteps";
import { FIRST_CA } from "../../args/shape/schema";
import { LABELS } from "../../core/render/labels";
import type { ClusterRef } from "../../core/programs/parts/shared";
import type { FleetRequest } from "../../core/programs/fleet";
import { byOrdinal } from "../docker/engine";
import { enginesOf } from "../cluster/hosts";
import { Progress } from "../lib/progress";

const CA_LABELS: Readonly<Record<CaArg, readonly [issue: string, trust: string]>> = {
  clusterCa: [LABELS.clusterCaIssue, LABELS.clusterCaTrust],
  driverCa: [LABELS.driverCaIssue, LABELS.driverCaTrust],
  clientCa: [LABELS.clientCaIssue, LABELS.clientCaTrust],
};

/** What the last run accepted. */
export interface CaRecord extends Pick<FleetRequest, "cas" | "ownCas" | "driverClients"> {
  /** Highest generation that was ever accepted, by arg; of an earlier release, the last accepted. */
  readonly newestCas?: Readonly<Partial<Record<CaArg, number>>>;
}

/** Of a record that does not say. */
export const NO_CA_RECORD: CaRecord = {
  cas: { clusterCa: FIRST_CA, driverCa: FIRST_CA, clientCa: FIRST_CA },
  ownCas: {},
  driverClients: [],
};

export async function checkCaSteps(before: CaRecord | undefined, request: FleetRequest): Promise<readonly string[]> {
  const live = await readLiveCas(request);
  // Without clients there is no client CA.
  const asked = CA_ARGS.filter((arg) => arg !== "clientCa" || request.driverClients.length > 0);
  return asked.flatMap((arg) => {
    const past = before && { accepted: before.cas[arg], newest: before.newestCas?.[arg] ?? 0 };
    return judgeCaStep(arg, request.cas[arg], live[arg], past);
  });
}

/** By arg, the highest generation that was ever accepted. */
export function newestCas(...records: readonly (CaRecord | undefined)[]): Readonly<Record<CaArg, number>> {
  const of = (arg: CaArg): number =>
    Math.max(...records.flatMap((record) => [record?.newestCas?.[arg] ?? 0, ...(record?.cas[arg].trust ?? [])]));
  return { clusterCa: of("clusterCa"), driverCa: of("driverCa"), clientCa: of("clientCa") };
}

/** Each container says what it was made with, running or not. */
export async function readLiveCas(
  request: Pick<ClusterRef, "identity" | "dockerHost" | "hosts">,
): Promise<Readonly<Record<CaArg, readonly LiveCa[]>>> {
  const labels = CA_ARGS.flatMap((arg) => CA_LABELS[arg]).map((name) => `{{.Label "${name}"}}`);
  const format = [`{{.Label "${LABELS.server}"}}`, ...labels].join("\t");
  const filter = `label=${LABELS.identity}=${request.identity}`;
  const rows = await Promise.all(
    enginesOf(request).map(({ engine }) => engine.lines(["ps", "-a", "--filter", filter, "--format", format])),
  );
  const servers = rows
    .flat()
    .map((row) => row.split("\t"))
    .filter(([server]) => server !== undefined && server !== "")
    .sort(([a = ""], [b = ""]) => byOrdinal(a, b));
  const of = (arg: CaArg): readonly LiveCa[] =>
    servers
      .map((cells) => {
        const [issue = "", trust = ""] = cells.slice(1 + 2 * CA_ARGS.indexOf(arg));
        return { server: cells[0] ?? "", issue: Number(issue), trust: trust.split(",").map(Number) };
      })
      // Without the label it has no part in this CA.
      .filter(({ issue }) => issue > 0);
  return { clusterCa: of("clusterCa"), driverCa: of("driverCa"), clientCa: of("clientCa") };
}

/** Another key under the same generation would split the cluster, and the labels would not show it. */
export function compareOwnCas(before: CaRecord | undefined, now: FleetRequest): readonly string[] {
  if (before === undefined) return [];
  return (["clusterCa", "driverCa"] as const).flatMap((arg) =>
    now.cas[arg].trust.flatMap((generation) => {
      const had = before.ownCas[arg]?.[String(generation)];
      const has = now.ownCas[arg]?.[String(generation)];
      // Only what was in use before can be changed by it.
      if (had === has || !before.cas[arg].trust.includes(generation)) return [];
      const path = `${arg}Pems["${String(generation)}"]`;
      return [
        `${path}: is another key than generation ${String(generation)} has had so far; put it back, ` +
          `and give the new one as generation ${String(Math.max(...now.cas[arg].trust) + 1)}`,
      ];
    }),
  );
}

/** There is no list of revoked certificates in RethinkDB: nothing but another CA ends one before its time. */
export function tellUnrevoked(before: CaRecord | undefined, now: FleetRequest): void {
  const gone = (before?.driverClients ?? []).filter((name) => !now.driverClients.includes(name));
  if (gone.length === 0 || now.driverClients.length === 0) return;
  new Progress("driverClients").say(
    `${gone.join(", ")}: no new certificate from now on, but the one in use stays good until it ends; ` +
      `to revoke it, rotate the client CA: npx pulumi-rethinkdb rotate-ca client`,
  );
}
