/** `npx pulumi-rethinkdb certs`: every certificate of the stack's clusters, whose, by which generation, and when it ends. */
import { DAY_MS, type CertificateRow, type CertificateEntry, listCertificates } from "../../../core/pki/expiry";
import { servedCertificates } from "../../../ops/cluster/installedCertificates";
import { Failure } from "../../../ops/lib/failure";
import { checkOwnEngine } from "../../engine/check";
import { STACK } from "../../stack/localStack";
import { parseOptions } from "../../options";
import { readSecretState } from "../../stack/secretState";
import { clustersIn, type ExportedState, resourcesOf } from "../../stack/state";
import { renderTable } from "../../print/table";
import { STACK_OPTION, type Verb } from "../../verb";

export const verb: Verb = {
  name: "certs",
  does: "Lists every certificate, when it ends, and what to do. Exit code 1 when there is something to do.",
  options: { "--json": ["", "for programs"], ...STACK_OPTION },
  examples: ["npx pulumi-rethinkdb certs"],
  run: certs,
};

export async function certs(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const named = options.get("--stack");
  await checkOwnEngine(project, named ?? STACK);
  const state = await readSecretState(project, "certs", named);
  const clusters = clustersIn(state);
  if (clusters.length === 0) throw new Failure(`certs: the stack "${named ?? STACK}" has no cluster; run up`);
  const lists = await Promise.all(
    clusters.map(async (cluster) => ({
      clusterName: cluster.clusterName,
      certificates: listCertificates(
        await servedCertificates(cluster),
        knownCertificates(state, cluster.clusterName),
        (time) => (Date.parse(time) - Date.now()) / DAY_MS,
      ),
    })),
  );
  console.log(
    options.has("--json")
      ? JSON.stringify(lists, undefined, 2)
      : lists.map(({ clusterName, certificates }) => `${clusterName}\n${tableOf(certificates)}`).join("\n\n"),
  );
  return lists.every(({ certificates }) => certificates.every(({ note }) => note === "")) ? 0 : 1;
}

export function knownCertificates(state: ExportedState, clusterName: string): readonly CertificateEntry[] {
  const clusters = resourcesOf(state, "rethinkdb:index:RethinkdbCluster");
  const outputs = clusters.find((cluster) => cluster.outputs?.["clusterName"] === clusterName)?.outputs;
  return (outputs?.["certificates"] ?? []) as readonly CertificateEntry[];
}

export function tableOf(certificates: readonly CertificateRow[]): string {
  const rows = [
    ["whose", "CA", "generation", "not after", "days left", ""],
    ...certificates.map(({ owner, purpose, generation, notAfter, daysLeft, note }) => [
      owner,
      purpose,
      String(generation),
      notAfter,
      String(daysLeft),
      note,
    ]),
  ];
  return renderTable(rows).join("\n");
}
