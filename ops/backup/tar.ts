/** The archive of `rethinkdb-dump`: a tar, written and read as a stream. https://www.gnu.org/software/tar/manual/html_node/Standard.html */

const BLOCK = 512;
/** What eleven octal digits hold. */
const OCTAL_MAX = 0o77777777777;
const NAME_BYTES = 100;

/** @param seconds when it was last changed, since 1970. */
export function tarHeader(name: string, size: number, seconds: number): Buffer {
  const bytes = Buffer.from(name, "utf8");
  if (bytes.length <= NAME_BYTES) return header(bytes, size, seconds, "0");
  const long = Buffer.concat([bytes, Buffer.alloc(1)]);
  return Buffer.concat([
    header(Buffer.from("././@LongLink"), long.length, seconds, "L"),
    long,
    tarPadding(long.length),
    header(bytes.subarray(0, NAME_BYTES), size, seconds, "0"),
  ]);
}

/** What fills the last block of a file. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

function header(name: Buffer, size: number, seconds: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block, 0);
  block.write("0000600\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  if (size <= OCTAL_MAX) block.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  else {
    block.writeBigUInt64BE(BigInt(size), 128);
    block[124] = 0x80;
  }
  block.write(`${seconds.toString(8).padStart(11, "0")}\0`, 136, "latin1");
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  block.write("ustar  \0", 257, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** Its bytes; what is not read is skipped. */
  readonly bytes: AsyncIterable<Buffer>;
}

/** @throws Error where the stream ends before the archive does, or is none. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const input = new Input(source);
  try {
    yield* readEntries(input);
  } finally {
    await input.close();
  }
}

async function* readEntries(input: Input): AsyncGenerator<TarEntry> {
  let longName: string | undefined;
  for (;;) {
    const block = await input.exactly(BLOCK);
    if (block.every((byte) => byte === 0)) {
      // The writer on the other side must not meet a closed pipe.
      await input.drain();
      return;
    }
    const { name, size, type } = readHeader(block);
    if (type === "L") {
      longName = (await input.exactly(size)).toString("utf8").replace(/\0.*$/s, "");
      await input.skip(tarPadding(size).length);
      continue;
    }
    const body = new Body(input, size);
    yield { name: longName ?? name, size, bytes: body.read() };
    await input.skip(body.left + tarPadding(size).length);
    longName = undefined;
  }
}

function readHeader(block: Buffer): { readonly name: string; readonly size: number; readonly type: string } {
  const said = Number.parseInt(block.toString("latin1", 148, 156).replace(/\0.*$/s, "").trim(), 8);
  let sum = 0;
  for (const [at, byte] of block.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  if (sum !== said) throw new Error("the archive is damaged: a header does not fit its checksum");
  const size =
    ((block[124] ?? 0) & 0x80) === 0
      ? Number.parseInt(block.toString("latin1", 124, 135), 8)
      : Number(block.readBigUInt64BE(128));
  return {
    name: block.toString("utf8", 0, NAME_BYTES).replace(/\0.*$/s, ""),
    size,
    type: block.toString("latin1", 156, 157),
  };
}

class Body {
  left: number;

  constructor(
    private readonly input: Input,
    size: number,
  ) {
    this.left = size;
  }

  async *read(): AsyncGenerator<Buffer> {
    while (this.left > 0) {
      const piece = await this.input.upTo(this.left);
      this.left -= piece.length;
      yield piece;
    }
  }
}

/** Bytes of a stream in the pieces that are asked for. */
class Input {
  private rest: Buffer = Buffer.alloc(0);
  private readonly iterator: AsyncIterator<Buffer>;

  constructor(source: AsyncIterable<Buffer>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  /** At least one byte. */
  async upTo(most: number): Promise<Buffer> {
    while (this.rest.length === 0) {
      const next = await this.iterator.next();
      if (next.done === true) throw new Error("the archive ends too early");
      this.rest = next.value;
    }
    const piece = this.rest.subarray(0, most);
    this.rest = this.rest.subarray(piece.length);
    return piece;
  }

  async exactly(size: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = size; left > 0; left -= pieces.at(-1)?.length ?? 0) pieces.push(await this.upTo(left));
    return Buffer.concat(pieces);
  }

  async skip(size: number): Promise<void> {
    for (let left = size; left > 0;) left -= (await this.upTo(left)).length;
  }

  /** Nothing more is wanted. */
  async close(): Promise<void> {
    await this.iterator.return?.();
  }

  async drain(): Promise<void> {
    while ((await this.iterator.next()).done !== true);
  }
}
