/** Backups in a restic repository. */
import {
  ARCHIVE,
  type Backup,
  backupsIn,
  MANIFEST,
  MARK,
  type Orphan,
  orphansIn,
  type Part,
  type ResticSnapshot,
  type Run,
  tagsOf,
} from "../../core/decide/backup/catalog";
import { type Manifest, readManifest, rowsOf } from "../../core/decide/backup/manifest";
import { Failure, parseSecret } from "../lib/failure";
import type { Piped, Restic } from "./restic";
import type { Readable, Writable } from "node:stream";

export interface Catalog {
  /** The oldest first. */
  readonly backups: readonly Backup[];
  /** Snapshots that belong to no backup. */
  readonly orphans: readonly Orphan[];
}

export interface Writing extends Run {
  readonly clusterName: string;
  /** As restic takes it: `2006-01-02 15:04:05`, in local time. */
  readonly time: string;
}

export class Repository {
  constructor(private readonly restic: Restic) {}

  async catalog(): Promise<Catalog> {
    const found = parseSecret<readonly ResticSnapshot[] | null>(
      await this.restic.run(["snapshots", "--json", "--tag", MARK]),
      "what restic snapshots printed",
    );
    const snapshots = [...(found ?? [])].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
    return { backups: backupsIn(snapshots), orphans: orphansIn(snapshots) };
  }

  /** A stream that becomes the data of a backup. */
  writeArchive(writing: Writing): Piped<Writable> {
    return this.restic.write(backupArgs(writing, "data", ARCHIVE, tagsOf(writing, "data")));
  }

  /** Makes the data a backup. */
  async writeManifest(writing: Writing, manifest: Manifest): Promise<void> {
    const counts = { tables: manifest.tables.length, rows: rowsOf(manifest) };
    const tags = tagsOf(writing, "manifest", counts);
    await this.restic.run(backupArgs(writing, "manifest", MANIFEST, tags), JSON.stringify(manifest));
  }

  readArchive(backup: Backup): Piped<Readable> {
    return this.restic.read(["dump", backup.data, `/${ARCHIVE}`]);
  }

  async readManifest(backup: Backup): Promise<Manifest> {
    const read = readManifest(await this.restic.run(["dump", backup.manifest ?? "", `/${MANIFEST}`]));
    if ("manifest" in read) return read.manifest;
    throw new Failure(`backup: ${backup.id} cannot be used: ${read.trouble}`);
  }

  /** @throws Failure where the repository is damaged. */
  async check(): Promise<void> {
    await this.forgetDead();
    await this.restic.run(["check", "--quiet"]);
  }

  /** Ids of the lists of contents that a policy would not keep. */
  async doomed(identity: string, policy: readonly string[]): Promise<readonly string[]> {
    const tags = [MARK, `cluster:${identity}`, "part:manifest"].join(",");
    const said = await this.restic.run([
      ...["forget", "--dry-run", "--json", "--group-by", "host", "--tag", tags],
      ...policy,
    ]);
    // Of a repository without any it says nothing at all.
    const groups = parseSecret<readonly { readonly remove?: readonly ResticSnapshot[] | null }[] | null>(
      said.trim() || "[]",
      "what restic forget printed",
    );
    return (groups ?? []).flatMap(({ remove }) => remove ?? []).map(({ id }) => id);
  }

  /** In this order: a backup without its list of contents is none. */
  async forget(ids: readonly string[]): Promise<void> {
    await this.restic.run(["forget", ...ids]);
  }

  async prune(): Promise<void> {
    await this.restic.run(["prune", "--quiet"]);
  }

  /** Locks of runs that were killed; restic keeps those of living ones. */
  async forgetDead(): Promise<void> {
    await this.restic.run(["unlock", "--quiet"]);
  }
}

function backupArgs(writing: Writing, part: Part, file: string, tags: readonly string[]): readonly string[] {
  const { clusterName, time } = writing;
  return [
    ...["backup", "--quiet", "--stdin", "--stdin-filename", file, "--host", clusterName, "--time", time],
    ...tags.flatMap((tag) => ["--tag", tag]),
    // One archive has nothing to do with the one before; chunks are found in the index.
    ...(part === "data" ? ["--force"] : []),
  ];
}
