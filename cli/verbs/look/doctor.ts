/** `npx pulumi-rethinkdb doctor`: whether each cluster of the stack is well, and in words what is not. */
import type { Health } from "../../../core/decide/health";
import { ACCOUNT_FIELDS, ACCOUNTS, type AccountsRequest } from "../../../core/programs/accounts";
import { type AccountsRecord, findDrift } from "../../../ops/programs/accounts";
import { health } from "../../../ops/doctor/health";
import { Failure } from "../../../ops/lib/failure";
import { checkOwnEngine } from "../../engine/check";
import { STACK } from "../../stack/localStack";
import { parseOptions } from "../../options";
import { readSecretState } from "../../stack/secretState";
import { clustersIn, type ExportedState, recordsIn } from "../../stack/state";
import { renderTable } from "../../print/table";
import { STACK_OPTION, type Verb } from "../../verb";

export const verb: Verb = {
  name: "doctor",
  does: "Says whether each cluster of the stack is well, and in words what is not. Exit code 1 when something is not.",
  options: {
    "--health": ["", "the same; what doctor does by itself"],
    "--json": ["", "for programs"],
    ...STACK_OPTION,
  },
  examples: ["npx pulumi-rethinkdb doctor", "npx pulumi-rethinkdb doctor --stack dev --json"],
  run: doctor,
};

export async function doctor(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const named = options.get("--stack");
  await checkOwnEngine(project, named ?? STACK);
  const state = await readSecretState(project, "doctor", named);
  const clusters = clustersIn(state);
  if (clusters.length === 0) throw new Failure(`doctor: the stack "${named ?? STACK}" has no cluster; run up`);
  const managed = managedAccounts(state);
  const reports = await Promise.all(
    clusters.map(async (cluster) =>
      withDrift(
        await health(cluster),
        managed.find(({ request }) => request.identity === cluster.identity),
      ),
    ),
  );
  console.log(options.has("--json") ? JSON.stringify(reports, undefined, 2) : reports.map(describeHealth).join("\n\n"));
  return reports.every(({ problems }) => problems.length === 0) ? 0 : 1;
}

interface ManagedAccounts {
  readonly request: AccountsRequest;
  /** Users of the last run, among them those that left the stack since. */
  readonly before: readonly string[];
}

/** Of each cluster that has databases or users as code. */
export function managedAccounts(state: ExportedState): readonly ManagedAccounts[] {
  return recordsIn(state, ACCOUNTS)
    .map(({ read, result }) => ({ request: read(ACCOUNT_FIELDS), result }))
    .map(({ request, result }) => ({
      request,
      before: result === "" ? [] : (JSON.parse(result) as AccountsRecord).users,
    }))
    .filter(({ request, before }) => request.databases.length + request.users.length + before.length > 0);
}

/** @param find tells what is not as the stack says */
export async function withDrift(
  report: Health,
  accounts: ManagedAccounts | undefined,
  find: typeof findDrift = findDrift,
): Promise<Health> {
  // Where no server answers, the report says so already.
  if (accounts === undefined || !report.servers.some(({ connected }) => connected)) return report;
  const lines = await find(accounts.request, accounts.before).then(
    (drift) => drift.lines.map((line) => `drift: ${line}; the next up puts it back`),
    (error: unknown) => {
      if (error instanceof Failure) return [`drift: nothing is known of it: ${error.message}`];
      throw error;
    },
  );
  return { ...report, problems: [...report.problems, ...lines] };
}

export function describeHealth(report: Health): string {
  const { servers, tables, problems } = report;
  const rows = [
    ["server", "container", "state", "in the cluster", "version", "disk free", "certificate ends"],
    ...servers.map((server) => [
      server.name,
      server.container,
      server.state,
      server.connected ? "yes" : "no",
      server.version || "-",
      server.diskFreePercent === null ? "-" : `${String(server.diskFreePercent)} %`,
      server.certificateDaysLeft === null ? "-" : `in ${String(server.certificateDaysLeft)} days`,
    ]),
  ];
  return [
    ...renderTable(rows),
    ``,
    `${String(tables.ready)} of ${String(tables.total)} tables are ready on all their replicas.`,
    ...report.issues.map((issue) => `RethinkDB says: ${issue.trim()}`),
    ...(problems.length === 0
      ? [`${report.clusterName} is well.`]
      : ["", ...problems.map((problem) => `! ${problem}`)]),
  ].join("\n");
}
