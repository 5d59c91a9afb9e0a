/** A checksum of rows that is the same in whatever order they come. */
import { createHash } from "node:crypto";

const MASK = (1n << 64n) - 1n;

/** Adds up the SHA-256 of every row, in four words of 64 bits. */
export class RowSum {
  rows = 0;
  private readonly words: [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n];

  /** @param row as RethinkDB itself writes it: its fields are sorted. */
  add(row: string): void {
    const digest = createHash("sha256").update(row).digest();
    for (let word = 0; word < 4; word++) {
      this.words[word] = ((this.words[word] ?? 0n) + digest.readBigUInt64BE(word * 8)) & MASK;
    }
    this.rows++;
  }

  get text(): string {
    return this.words.map((word) => word.toString(16).padStart(16, "0")).join("");
  }
}
