/** Backups by what restic lists: a backup is two snapshots, and without the second one it was cut short. */

/** As `restic snapshots --json` prints it. */
export interface ResticSnapshot {
  readonly id: string;
  readonly short_id?: string;
  readonly time: string;
  readonly hostname?: string;
  readonly tags?: readonly string[] | null;
}

/** On every snapshot of this project. */
export const MARK = "pulumi-rethinkdb";
/** Files of the two snapshots. */
export const ARCHIVE = "rethinkdb_dump.tar";
export const MANIFEST = "manifest.json";

export type Part = "data" | "manifest";

export interface Backup {
  /** Short id of the snapshot with the data. */
  readonly id: string;
  readonly data: string;
  /** Undefined where the backup was cut short. */
  readonly manifest: string | undefined;
  readonly time: string;
  readonly clusterName: string;
  readonly identity: string;
  /** Of this one backup. */
  readonly run: string;
  readonly tables: number;
  readonly rows: number;
}

export interface Run {
  readonly identity: string;
  /** Of this one backup. */
  readonly run: string;
}

export function tagsOf(
  { identity, run }: Run,
  part: Part,
  counts?: { readonly tables: number; readonly rows: number },
): readonly string[] {
  return [
    MARK,
    `cluster:${identity}`,
    `run:${run}`,
    `part:${part}`,
    ...(counts === undefined ? [] : [`tables:${String(counts.tables)}`, `rows:${String(counts.rows)}`]),
  ];
}

/** @returns in the order of the snapshots. */
export function backupsIn(snapshots: readonly ResticSnapshot[]): readonly Backup[] {
  const ours = snapshots.filter(({ tags }) => tags?.includes(MARK) === true);
  const of = (part: Part): readonly ResticSnapshot[] => ours.filter(({ tags }) => tags?.includes(`part:${part}`));
  const manifests = new Map(of("manifest").map((snapshot) => [tagOf(snapshot, "run"), snapshot]));
  return of("data").map((data): Backup => {
    const manifest = manifests.get(tagOf(data, "run"));
    return {
      id: data.short_id ?? data.id.slice(0, 8),
      data: data.id,
      manifest: manifest?.id,
      time: data.time,
      clusterName: data.hostname ?? "",
      identity: tagOf(data, "cluster"),
      run: tagOf(data, "run"),
      tables: Number(manifest === undefined ? 0 : tagOf(manifest, "tables")),
      rows: Number(manifest === undefined ? 0 : tagOf(manifest, "rows")),
    };
  });
}

export interface Orphan {
  readonly id: string;
  /** Of its cluster. */
  readonly identity: string;
}

/** A list of contents whose data is gone: half of a backup that was being removed. */
export function orphansIn(snapshots: readonly ResticSnapshot[]): readonly Orphan[] {
  const known = new Set(backupsIn(snapshots).map(({ manifest }) => manifest));
  return snapshots
    .filter(({ tags }) => tags?.includes(MARK) === true && tags.includes("part:manifest"))
    .filter(({ id }) => !known.has(id))
    .map((snapshot) => ({ id: snapshot.id, identity: tagOf(snapshot, "cluster") }));
}

export type Choice = { readonly backup: Backup } | { readonly trouble: string };

/**
 * @param wanted its id; undefined is the newest whole one of the cluster.
 * @param identity of the cluster.
 */
export function chooseBackup(all: readonly Backup[], wanted: string | undefined, identity: string): Choice {
  if (wanted !== undefined) {
    const found = all.filter(({ id, data }) => id === wanted || (wanted.length >= 8 && data.startsWith(wanted)));
    const [only] = found;
    if (only === undefined)
      return { trouble: `no backup "${wanted}" is in the repository; npx pulumi-rethinkdb backup list shows all` };
    if (only.manifest === undefined) {
      return {
        trouble: `backup ${only.id} was cut short, so it is no backup; npx pulumi-rethinkdb backup list shows whole ones`,
      };
    }
    return { backup: only };
  }
  const own = all.filter((backup) => backup.identity === identity && backup.manifest !== undefined);
  const newest = own.at(-1);
  if (newest !== undefined) return { backup: newest };
  const others = all.filter(({ manifest }) => manifest !== undefined).length;
  return {
    trouble:
      others === 0
        ? "the repository has no whole backup; npx pulumi-rethinkdb backup create makes one"
        : `the repository has no whole backup of this cluster, and ${String(others)} of others; ` +
          `name one with --backup ID, npx pulumi-rethinkdb backup list --all shows them`,
  };
}

function tagOf({ tags }: ResticSnapshot, name: string): string {
  return (tags ?? []).find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1) ?? "";
}
