/** Folders of files that a test writes, removed after it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before } from "node:test";

/** @returns what writes files, by path, into a new folder; those that are undefined are left out. */
export function folders(name: string): (files: Readonly<Record<string, string | undefined>>) => string {
  let home = "";
  let made = 0;
  before(() => {
    home = mkdtempSync(join(tmpdir(), `${name}-`));
  });
  after(() => {
    rmSync(home, { recursive: true, force: true });
  });
  return (files) => {
    const folder = join(home, String(made++));
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  };
}
