/** The cluster that a backup is of, as its stack knows it. */
import { randomBytes } from "node:crypto";
import { DEFAULTS } from "../../args/shape/schema";
import type { BackupsArgs } from "../../args/backups";
import { Failure } from "../../ops/lib/failure";
import { clusterSource, type Source } from "../../ops/backup/source";
import { type LiveCluster, chooseCluster } from "../stack/liveCluster";
import { STACK } from "../stack/localStack";
import { readSecretState } from "../stack/secretState";
import { type ExportedState, resourcesOf } from "../stack/state";

type Settings = Required<BackupsArgs>;

export interface Place {
  /** Folder of the project. */
  readonly project: string;
  readonly stack: string;
  readonly request: LiveCluster["request"];
  readonly settings: Settings;
  /** What the cluster was declared with, without secrets, as JSON. */
  readonly config: string;
}

/** Under which Pulumi marks a secret in a state. */
const SECRET = "4dabf18193072939515e22adb298388d";

export async function readPlace(project: string, options: ReadonlyMap<string, string>): Promise<Place> {
  const stack = options.get("--stack");
  const state = await readSecretState(project, "backup", stack);
  const { request } = chooseCluster(state, options.get("--cluster"));
  const declared = declaredArgs(state, request.clusterName);
  const settings = { ...DEFAULTS.backups, ...(declared["backups"] as Partial<BackupsArgs> | undefined) };
  return { project, stack: stack ?? STACK, request, settings, config: JSON.stringify(declared) };
}

/** @throws Failure where the stack has no account for backups. */
export function accountOf({ settings, request }: Place): { readonly user: string; readonly password: string } {
  const { enabled, user } = settings;
  const password = request.passwords[user];
  if (enabled && password !== undefined) return { user, password };
  throw new Failure(
    "backup: this cluster has no account for backups: npm run pulumi -- config set --path backups.enabled true, " +
      "npm run pulumi -- config set --secret backupPassword, then run up",
  );
}

/** With the account for backups. */
export function backupSource(place: Place): Source {
  return clusterSource(place.request, { ...place.request, ...accountOf(place) }, "the next up sets it again");
}

/** With admin's, who alone may read accounts, name tables and place them on servers. */
export function adminSource({ request }: Place): Source {
  const login = { ...request, user: "admin", password: request.adminPassword };
  return clusterSource(request, login, "pulumi up --target-replace '**-admin' sets it again");
}

function declaredArgs(state: ExportedState, clusterName: string): Readonly<Record<string, unknown>> {
  const found = resourcesOf(state, "rethinkdb:index:RethinkdbCluster").find(
    ({ inputs }) => inputs?.["clusterName"] === clusterName,
  );
  return withoutSecrets(found?.inputs ?? {});
}

export function withoutSecrets(inputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(inputs).filter(([name, value]) => !hasSecret(value) && !/password|pems$/i.test(name)),
  );
}

function hasSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return SECRET in value || Object.values(value).some(hasSecret);
}

/** Eight hexadecimal digits. */
export function newRun(): string {
  return randomBytes(4).toString("hex");
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
