/** An archive in tar's ustar form, for text files with short names. */
import { gzipSync } from "node:zlib";

const BLOCK = 512;

export interface TarFile {
  /** At most 100 characters. */
  readonly name: string;
  readonly text: string;
}

/** @param time seconds since the epoch. */
export function tarGz(files: readonly TarFile[], time: number): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const body = Buffer.from(text, "utf8");
    return [header(name, body.length, time), body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]));
}

/** https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function header(name: string, size: number, time: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`"${name}" is too long for a name in an archive`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  block.write(name, 0);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(time, 12), 136);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
