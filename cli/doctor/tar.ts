/** A compressed tar archive of text files. */
import { gzipSync } from "node:zlib";
import { tarEnd, tarHeader, tarPadding } from "../../ops/backup/tar";

export interface TarFile {
  readonly name: string;
  readonly text: string;
}

/** @param time seconds since the epoch. */
export function tarGz(files: readonly TarFile[], time: number): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const body = Buffer.from(text, "utf8");
    return [tarHeader(name, body.length, time), body, tarPadding(body.length)];
  });
  return gzipSync(Buffer.concat([...parts, tarEnd()]));
}
