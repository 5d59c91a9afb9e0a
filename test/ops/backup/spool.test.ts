/** What does not fit into memory goes to the disk, and nothing of it can be read there. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Failure } from "../../../ops/lib/failure";
import { Spool } from "../../../ops/backup/spool";

const folder = mkdtempSync(join(tmpdir(), "spool-test-"));
after(() => {
  rmSync(folder, { recursive: true });
});

async function fill(spool: Spool, pieces: number): Promise<string> {
  let all = "";
  for (let i = 0; i < pieces; i++) {
    const piece = `clear text ${String(i)};`;
    all += piece;
    await spool.write(Buffer.from(piece));
  }
  return all;
}

async function textOf(spool: Spool): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of spool.read()) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Content of the files without a name that this process has open below the folder. */
function openFiles(): readonly Buffer[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    const path = `/proc/self/fd/${fd}`;
    try {
      return readlinkSync(path).startsWith(folder) ? [readFileSync(path)] : [];
    } catch {
      return [];
    }
  });
}

test("a small table never leaves the memory", async () => {
  const spool = new Spool(10_000, folder);
  const all = await fill(spool, 10);
  assert.deepEqual([openFiles().length, spool.size], [0, all.length]);
  assert.equal(await textOf(spool), all);
  await spool.close();
});

test("a large one comes back as it was, from a file that has no name and no clear text", async () => {
  const spool = new Spool(1000, folder);
  const all = await fill(spool, 5000);
  const [file, ...more] = openFiles();
  assert.equal(more.length, 0);
  assert.ok(file !== undefined && file.length > 50_000, "the file has most of it");
  assert.equal(file.includes("clear text"), false);
  assert.deepEqual(readdirSync(folder), []);
  assert.equal(spool.size, all.length);
  assert.equal(await textOf(spool), all);
  await spool.close();
  assert.deepEqual(openFiles(), []);
});

test("a folder that is not there is said", async () => {
  const spool = new Spool(1, join(folder, "none"));
  await assert.rejects(fill(spool, 1), /ENOENT/);
});

test("a full disk is one sentence", async () => {
  const spool = new Spool(1, folder);
  await fill(spool, 1);
  const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  (spool as unknown as { file: { write: () => Promise<never> } }).file.write = () => Promise.reject(full);
  await assert.rejects(
    fill(spool, 1),
    new Failure(
      `backup: ${folder} is full: it needs room for the largest tables, encrypted, while they are read; ` +
        `make room, or set TMPDIR to a folder with more`,
    ),
  );
  await spool.close();
});
