/** `npx pulumi-rethinkdb doctor`: whether each cluster of the stack is well, and what an attacker would get out of it. */
import { setPriority } from "node:os";
import type { Declared } from "../../../core/decide/audit/declared";
import { type AuditReport, exitCodeOf } from "../../../core/decide/audit/report";
import type { Health } from "../../../core/decide/health";
import { ACCOUNT_FIELDS, ACCOUNTS, type AccountsRequest } from "../../../core/programs/accounts";
import { audit } from "../../../ops/doctor/audit";
import { health } from "../../../ops/doctor/health";
import { auditOutside } from "../../../ops/doctor/outside";
import { Failure } from "../../../ops/lib/failure";
import { type AccountsRecord, findDrift } from "../../../ops/programs/accounts";
import { withBackupAge } from "../../doctor/backupAge";
import { declaredIn } from "../../doctor/declared";
import { deliver } from "../../doctor/deliver";
import { FORMATS, readFormat, renderAudit } from "../../doctor/formats";
import { writeMetrics } from "../../doctor/metrics";
import { readTargets } from "../../doctor/targets";
import { readProbeIds } from "../../doctor/probeIds";
import { writeBundle } from "../../doctor/bundle";
import { checkOwnEngine } from "../../engine/check";
import { parseOptions } from "../../options";
import { describeHealth } from "../../print/health";
import { STACK } from "../../stack/localStack";
import { readSecretState } from "../../stack/secretState";
import { clustersIn, type ExportedState, recordsIn } from "../../stack/state";
import { STACK_OPTION, type Verb } from "../../verb";

export { describeHealth };

/** As `nice` has it; the docker commands inherit it. */
const PRIORITY = 10;

export const verb: Verb = {
  name: "doctor",
  does: "Says whether each cluster of the stack is well, and tries each attack of docs/security.md on it. It changes nothing.",
  options: {
    "--health": ["", "only whether it is well, which is quick"],
    "--only": ["IDS", "only these probes, such as port-8080,key-modes, or all of a line, such as cluster-port"],
    "--skip": ["IDS", "all probes but these"],
    "--format": [FORMATS.join("|"), "terminal unless you name another one"],
    "--json": ["", "the same as --format json"],
    "--out": ["FILE", "into a file, which is whole or not there"],
    "--prometheus": ["FILE", "also writes metrics for node_exporter's textfile collector"],
    "--bundle": ["FILE", "also writes an archive for a helper: states, layouts and logs without secrets and data"],
    "--cluster": [
      "HOST:PORT,…",
      "a cluster that this project did not make, from outside: only what anyone on the network can try",
    ],
    ...STACK_OPTION,
  },
  examples: [
    "npx pulumi-rethinkdb doctor",
    "npx pulumi-rethinkdb doctor --health",
    "npx pulumi-rethinkdb doctor --stack dev --format html --out audit.html",
  ],
  run: doctor,
};

export async function doctor(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const format = readFormat(options);
  const outside = options.get("--cluster");
  if (outside !== undefined) return lookFromOutside(project, outside, options);
  checkHealthOptions(options, format);
  const [only, skip] = [readProbeIds("--only", options), readProbeIds("--skip", options)];
  const named = options.get("--stack");
  const stack = named ?? STACK;
  await checkOwnEngine(project, stack);
  const state = await readSecretState(project, "doctor", named);
  if (clustersIn(state).length === 0) {
    throw new Failure(`doctor: the stack "${stack}" has no cluster; run up`);
  }
  const metrics = options.get("--prometheus");
  if (options.has("--health")) {
    const reports = (await healthOf(state)).map((report) => withBackupAge({ project, stack, state }, report));
    if (metrics !== undefined) {
      const all = declaredIn(state);
      writeMetrics(
        project,
        stack,
        metrics,
        reports.map((report) => ({ declared: mustFind(all, report.clusterName), health: report })),
      );
    }
    const text = format === "json" ? JSON.stringify(reports, undefined, 2) : reports.map(describeHealth).join("\n\n");
    deliver(`${text}\n`, options.get("--out"));
    return reports.every(({ problems }) => problems.length === 0) ? 0 : 1;
  }
  // Clients of the cluster come first on a machine that they share.
  setPriority(PRIORITY);
  const at = new Date().toISOString();
  const all = declaredIn(state);
  const audits = await Promise.all(all.map(async (declared) => audit(declared, { project, only, skip })));
  const clusters = audits.map((found) => ({
    ...found,
    health: withBackupAge({ project, stack, state }, found.health),
  }));
  const report: AuditReport = { version: 1, at, stack, clusters };
  if (metrics !== undefined) {
    writeMetrics(
      project,
      stack,
      metrics,
      clusters.map((found) => ({
        ...{ declared: mustFind(all, found.clusterName), health: found.health },
        // A part of the probes would clear alarms that the others raised.
        ...(options.has("--only") || options.has("--skip") ? {} : { audit: found }),
      })),
    );
  }
  const out = options.get("--out");
  deliver(renderAudit(report, format, project, out === undefined && process.stdout.isTTY), out);
  // What the audit found is told first: an archive that cannot be written takes nothing from it.
  const bundle = options.get("--bundle");
  if (bundle !== undefined) await writeBundle(project, { stack: named, state, declared: all, report }, bundle);
  return exitCodeOf(clusters);
}

/** @throws Failure for what a look at health alone cannot give. */
function checkHealthOptions(options: ReadonlyMap<string, string>, format: string): void {
  if (!options.has("--health")) return;
  const other = ["--bundle", "--only", "--skip"].find((name) => options.has(name));
  if (other !== undefined) throw new Failure(`doctor: ${other} needs the probes, which --health leaves out`);
  if (!["terminal", "json"].includes(format)) {
    throw new Failure(
      `doctor: --format ${format} shows the probes, which --health leaves out; with it there is terminal or json`,
    );
  }
}

/** At a cluster of which nothing is declared. */
async function lookFromOutside(project: string, words: string, options: ReadonlyMap<string, string>): Promise<number> {
  const other = [...options.keys()].find((name) => !["--cluster", "--format", "--json", "--out"].includes(name));
  if (other !== undefined) throw new Failure(`doctor: ${other} does not go with --cluster, which knows no stack`);
  const targets = readTargets(words);
  const at = new Date().toISOString();
  const clusters = [await auditOutside(targets)];
  const out = options.get("--out");
  const report: AuditReport = { version: 1, at, stack: "", clusters };
  deliver(renderAudit(report, readFormat(options), project, out === undefined && process.stdout.isTTY), out);
  return exitCodeOf(clusters);
}

function mustFind(all: readonly Declared[], clusterName: string): Declared {
  const found = all.find((declared) => declared.clusterName === clusterName);
  if (found === undefined) throw new Error(`${clusterName} is not declared`);
  return found;
}

async function healthOf(state: ExportedState): Promise<readonly Health[]> {
  const managed = managedAccounts(state);
  return Promise.all(
    clustersIn(state).map(async (cluster) =>
      withDrift(
        await health(cluster),
        managed.find(({ request }) => request.identity === cluster.identity),
      ),
    ),
  );
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
