/** What a restore does, before it does anything: which tables, where they go, and why it may not. */
import { parseVersion, type Version } from "../version";
import { fullName, type Manifest, type Shard, type TableFacts } from "./manifest";

/** What begins like this is this project's own: no other table is ever dropped or renamed unasked. */
const OWN = "pulumi_rethinkdb_";
/** While it is filled, a table has this name; the real one only when it is whole. */
const FILLING = new RegExp(`^${OWN}restoring_(.+)_([0-9a-f]{8})$`);
/** A table that a whole new one takes the place of, for the moment between two renames. */
const REPLACED = new RegExp(`^${OWN}replaced_(.+)_([0-9a-f]{8})$`);

export function fillingName(table: string, run: string): string {
  return `${OWN}restoring_${table}_${run}`;
}

export function replacedName(table: string, run: string): string {
  return `${OWN}replaced_${table}_${run}`;
}

export interface LiveName {
  readonly db: string;
  readonly name: string;
}

/** What a restore that was killed left, and what undoes it. */
export interface Leftovers {
  /** Half full. */
  readonly drop: readonly LiveName[];
  /** Tables that were being replaced: `name` is what it is called now, `was` its own name. */
  readonly rename: readonly (LiveName & { readonly was: string })[];
  /** A sentence for each table that nothing tells what to do with. */
  readonly unclear: readonly string[];
}

export function findLeftovers(live: readonly LiveName[]): Leftovers {
  const names = new Set(live.map(fullName));
  const replaced = live.flatMap(({ db, name }) => {
    const [, was, run] = REPLACED.exec(name) ?? [];
    if (was === undefined || run === undefined) return [];
    return [{ db, name, was, filling: fullName({ db, name: fillingName(was, run) }) }];
  });
  const isThere = ({ db, was }: { db: string; was: string }): boolean => names.has(fullName({ db, name: was }));
  // The new table has not got the name, so that the one that has it is of others.
  const isUnclear = (table: (typeof replaced)[number]): boolean => isThere(table) && names.has(table.filling);
  const unclear = replaced.filter(isUnclear);
  const kept = unclear.map(({ filling }) => filling);
  return {
    drop: [
      ...live.filter((table) => FILLING.test(table.name) && !kept.includes(fullName(table))),
      ...replaced.filter((table) => isThere(table) && !isUnclear(table)).map(({ db, name }) => ({ db, name })),
    ],
    rename: replaced.filter((table) => !isThere(table)).map(({ db, name, was }) => ({ db, name, was })),
    unclear: unclear.map(
      ({ db, name, was, filling }) =>
        `${db}.${was} was made anew after a restore was killed while it replaced that table: what it was is ${db}.${name}, ` +
        `what was restored is ${filling}; drop or rename those that you do not want, then run it again; nothing was touched`,
    ),
  };
}

/** The tables that there are when leftovers are undone. */
export function withoutLeftovers(live: readonly LiveName[], { drop, rename }: Leftovers): readonly LiveName[] {
  const gone = [...drop, ...rename].map(fullName);
  const named = rename.map(({ db, was }) => ({ db, name: was }));
  return [...live.filter((table) => !gone.includes(fullName(table))), ...named];
}

export interface Wanted {
  /** `db` or `db.table`; empty is everything. */
  readonly only: readonly string[];
  /** `db.table` that may be replaced. */
  readonly replace: readonly string[];
}

export type RestorePlan =
  { readonly tables: readonly TableFacts[]; readonly databases: readonly string[] } | { readonly trouble: string };

export function planRestore(manifest: Manifest, wanted: Wanted, live: readonly LiveName[]): RestorePlan {
  const { only, replace } = wanted;
  const matches = (word: string, table: TableFacts): boolean => word === table.db || word === fullName(table);
  const unknown = only.filter(
    (word) => !manifest.databases.includes(word) && !manifest.tables.some((table) => matches(word, table)),
  );
  if (unknown.length > 0)
    return { trouble: `--only: ${list(unknown)} is not in the backup; it has ${contents(manifest)}` };
  const tables = manifest.tables.filter((table) => only.length === 0 || only.some((word) => matches(word, table)));
  const stray = replace.filter((word) => !tables.some((table) => fullName(table) === word));
  if (stray.length > 0) {
    return {
      trouble: `--replace: ${list(stray)} is not among the tables that are restored; it has ${contents({ tables })}`,
    };
  }
  const existing = tables.map(fullName).filter((name) => live.some((table) => fullName(table) === name));
  const refused = existing.filter((name) => !replace.includes(name));
  if (refused.length > 0) {
    return {
      trouble:
        `${list(refused)} exist${refused.length === 1 ? "s" : ""} already, and nothing was touched; ` +
        `to replace: --replace ${refused.join(",")}`,
    };
  }
  const named = only.length === 0 ? manifest.databases : only.filter((word) => manifest.databases.includes(word));
  return { tables, databases: [...new Set([...named, ...tables.map(({ db }) => db)])].sort() };
}

/** @returns why servers of one version may not get a backup of another; undefined when they may. */
export function judgeVersions(manifest: Pick<Manifest, "servers">, targets: readonly string[]): string | undefined {
  const from = newest(manifest.servers.map(({ version }) => version));
  const to = targets.map(parseVersion);
  if (from === undefined || to.length === 0 || to.includes(undefined)) {
    return "a version of RethinkDB is not known, of the backup or of the servers, so that nothing was touched";
  }
  const older = to.find((version) => version !== undefined && order(version) < order(from));
  if (older === undefined) return undefined;
  return (
    `the backup is of RethinkDB ${from.text} and the servers run ${older.text}; ` +
    `an older series may not read indexes and hooks of a newer one: use servers of ${from.series} or newer`
  );
}

function newest(versions: readonly string[]): Version | undefined {
  const all = versions.map(parseVersion);
  if (all.includes(undefined)) return undefined;
  return all.reduce((a, b) => (a === undefined || (b !== undefined && order(b) > order(a)) ? b : a), undefined);
}

/** By series: patches of one series read each other's. */
function order({ series }: Version): number {
  const [major = "0", minor = "0"] = series.split(".");
  return Number(major) * 1000 + Number(minor);
}

export interface Layout {
  readonly shards: number;
  readonly replicas: number;
  /** Server by server, where all are there that were; undefined where RethinkDB chooses. */
  readonly exact: readonly Shard[] | undefined;
  /** What is other than it was, a sentence. */
  readonly note: string | undefined;
}

/** @param servers of the target, by name. */
export function planLayout(table: TableFacts, servers: readonly string[]): Layout {
  const shards = Math.max(1, table.shards.length);
  const wanted = Math.max(1, ...table.shards.map(({ replicas }) => replicas.length));
  const members = table.shards.flatMap(({ replicas }) => replicas);
  const exact = table.shards.length > 0 && members.every((name) => servers.includes(name)) ? table.shards : undefined;
  const replicas = Math.min(wanted, servers.length);
  if (exact !== undefined) return { shards, replicas, exact, note: undefined };
  const name = fullName(table);
  if (replicas === wanted) {
    const gone = missing(members, servers);
    const are = gone.length === 1 ? "is" : "are";
    return { shards, replicas, exact, note: `${name}: ${list(gone)} ${are} not here, so RethinkDB chose its servers` };
  }
  const note = `${name}: had ${String(wanted)} replicas, and has ${String(replicas)}: there are no more servers`;
  return { shards, replicas, exact, note };
}

function missing(members: readonly string[], servers: readonly string[]): readonly string[] {
  return [...new Set(members.filter((name) => !servers.includes(name)))].sort();
}

function contents({ tables }: { readonly tables: readonly TableFacts[] }): string {
  return tables.length === 0 ? "no table" : list(tables.map(fullName));
}

function list(words: readonly string[]): string {
  return words.join(", ");
}
