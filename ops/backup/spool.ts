/**
 * Holds a table until its size is known, which the header of a tar says before its bytes: in memory, and what does not fit there
 * in a file. The file is encrypted with a key that is only in memory, and has no name any more once it is open: it is gone with
 * the process, however that ends.
 */
import { type Cipher, createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../lib/failure";

const MIB = 1 << 20;
/** Of one table in memory. */
export const MEMORY_BYTES = 16 * MIB;
const ALGORITHM = "aes-256-ctr";
const READ_BYTES = MIB;

export class Spool {
  /** Bytes that were written. */
  size = 0;
  private pieces: Buffer[] = [];
  private inMemory = 0;
  private file: FileHandle | undefined;
  private cipher: Cipher | undefined;
  private fileSize = 0;
  private readonly key = randomBytes(32);
  private readonly iv = randomBytes(16);

  /** @param folder where a file goes; the system's own for temporary files by default. */
  constructor(
    private readonly memoryBytes = MEMORY_BYTES,
    private readonly folder = tmpdir(),
  ) {}

  /** @throws Failure when the disk is full. */
  async write(piece: Buffer): Promise<void> {
    this.size += piece.length;
    this.pieces.push(piece);
    this.inMemory += piece.length;
    if (this.inMemory >= this.memoryBytes) await this.spill();
  }

  /** What was written, once. */
  async *read(): AsyncGenerator<Buffer> {
    if (this.file !== undefined) {
      const decipher = createDecipheriv(ALGORITHM, this.key, this.iv);
      for (let at = 0; at < this.fileSize;) {
        const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, this.fileSize - at));
        const { bytesRead } = await this.file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw new Error("the spool ends too early");
        at += bytesRead;
        yield decipher.update(buffer.subarray(0, bytesRead));
      }
    }
    for (let piece = this.pieces.shift(); piece !== undefined; piece = this.pieces.shift()) yield piece;
  }

  async close(): Promise<void> {
    this.pieces = [];
    await this.file?.close();
    this.file = undefined;
  }

  private async spill(): Promise<void> {
    try {
      this.file ??= await openNameless(this.folder);
      this.cipher ??= createCipheriv(ALGORITHM, this.key, this.iv);
      const bytes = this.cipher.update(Buffer.concat(this.pieces));
      this.pieces = [];
      this.inMemory = 0;
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await this.file.write(bytes, at, bytes.length - at, this.fileSize);
        at += bytesWritten;
        this.fileSize += bytesWritten;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      throw new Failure(
        `backup: ${this.folder} is full: it needs room for the largest tables, encrypted, while they are read; ` +
          `make room, or set TMPDIR to a folder with more`,
      );
    }
  }
}

async function openNameless(parent: string): Promise<FileHandle> {
  const folder = await mkdtemp(join(parent, "rethinkdb-backup-"));
  try {
    return await open(join(folder, "table"), "wx+", 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}
