/**
 * Reads tables and writes the archive that `rethinkdb-dump` writes and `rethinkdb-restore` reads, as one stream. The official
 * tool itself first writes everything in clear into a folder, also where the archive goes to stdout.
 */
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { fullName, type TableFacts } from "../../core/decide/backup/manifest";
import { describe, Failure } from "../lib/failure";
import { Turns } from "../connect/limiter";
import type { FoundTable } from "./facts";
import type { Meter } from "./meter";
import { readRows } from "./rows";
import { RowSum } from "./rowSum";
import { type Source, withConnection } from "./source";
import { Spool } from "./spool";
import { tarEnd, tarHeader, tarPadding } from "./tar";

/** Tables that are read side by side. */
const READERS = 2;
/** Bytes that are handed on at once. */
const PIECE_BYTES = 256 * 1024;

export interface DumpOptions {
  readonly source: Source;
  readonly tables: readonly FoundTable[];
  /** Gets the archive. */
  readonly sink: Writable;
  readonly meter: Meter;
  /** Seconds since 1970, for the archive's headers. */
  readonly seconds: number;
  /** Begins a sentence and names what is not there afterwards. */
  readonly who: string;
  /** Told of a table when it is read, before it is in the archive. */
  readonly onRead?: (table: TableFacts) => void;
}

/** @returns the tables with what was counted. Nothing of an archive that fails is of use. */
export async function writeArchive(options: DumpOptions): Promise<readonly TableFacts[]> {
  const { tables, sink, source, who } = options;
  const archive = new Archive(sink, options.seconds);
  const done: TableFacts[] = [];
  // The largest first: so the others are read beside it.
  const waiting = [...tables].sort((a, b) => b.rows - a.rows);
  let broken: unknown;
  const read = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && broken === undefined; next = waiting.shift()) {
      const table = next;
      try {
        done.push(await dumpTable(table, options, archive));
      } catch (error) {
        broken ??= explain(error, who, fullName(table.shape), source.name);
      }
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  if (broken !== undefined) throw broken as Error;
  await archive.end();
  return done.sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
}

function explain(error: unknown, who: string, table: string, source: string): unknown {
  // Those say all by themselves: of the disk, of an account.
  if (error instanceof ArchiveRefused || (error instanceof Failure && error.message.startsWith("backup: ")))
    return error;
  const reason = describe(error);
  if (/does not have the required/.test(reason)) return new Failure(`${who}: ${table} may not be read: ${reason}`);
  return new Failure(
    `${who}: ${table} of ${source} could not be read to its end (${reason}), so that nothing was kept; run it again`,
  );
}

async function dumpTable(
  { shape, info }: FoundTable,
  { source, meter, onRead }: DumpOptions,
  archive: Archive,
): Promise<TableFacts> {
  const { db, name } = shape;
  const spool = new Spool();
  const sum = new RowSum();
  try {
    await withConnection(source, async (connection) => {
      let piece = "[\n";
      let pending = 0;
      for await (const row of readRows(connection, db, name)) {
        piece += sum.rows === 0 ? row : `,\n${row}`;
        sum.add(row);
        pending++;
        if (piece.length < PIECE_BYTES) continue;
        await spool.write(Buffer.from(piece));
        meter.addRows(pending);
        piece = "";
        pending = 0;
      }
      await spool.write(Buffer.from(`${piece}\n]\n`));
      meter.addRows(pending);
    });
    const facts = { ...shape, rows: sum.rows, checksum: sum.text, bytes: spool.size };
    onRead?.(facts);
    await archive.add(`${db}/${name}`, `${JSON.stringify(info)}\n`, spool);
    meter.addTable();
    return facts;
  } finally {
    await spool.close();
  }
}

/** The other side of the stream ended: it says why. */
export class ArchiveRefused extends Error {
  override readonly name = "ArchiveRefused";
}

class Archive {
  private readonly turns = new Turns(1);
  private readonly folder: string;
  private closed = false;

  constructor(
    private readonly sink: Writable,
    private readonly seconds: number,
  ) {
    this.folder = `rethinkdb_dump_${new Date(seconds * 1000).toISOString().slice(0, 19)}`;
    sink.on("error", () => undefined);
    sink.on("close", () => (this.closed = true));
  }

  add(path: string, info: string, spool: Spool): Promise<void> {
    return this.turns.take(async () => {
      const infoBytes = Buffer.from(info);
      await this.put(tarHeader(`${this.folder}/${path}.info`, infoBytes.length, this.seconds));
      await this.put(Buffer.concat([infoBytes, tarPadding(infoBytes.length)]));
      await this.put(tarHeader(`${this.folder}/${path}.json`, spool.size, this.seconds));
      for await (const piece of spool.read()) await this.put(piece);
      await this.put(tarPadding(spool.size));
    });
  }

  async end(): Promise<void> {
    await this.put(tarEnd());
    this.sink.end();
    await finished(this.sink, { readable: false }).catch((error: unknown) => {
      throw new ArchiveRefused(describe(error));
    });
  }

  private async put(bytes: Buffer): Promise<void> {
    if (this.closed || this.sink.destroyed) throw new ArchiveRefused("the stream is closed");
    if (bytes.length === 0 || this.sink.write(bytes)) return;
    await new Promise<void>((resolve, reject) => {
      const drained = (): void => {
        this.sink.off("close", ended);
        resolve();
      };
      const ended = (): void => {
        this.sink.off("drain", drained);
        reject(new ArchiveRefused("the stream is closed"));
      };
      this.sink.once("drain", drained);
      this.sink.once("close", ended);
    });
  }
}

/** Now, in seconds since 1970. */
export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
