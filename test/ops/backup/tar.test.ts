/** The archive is a tar for others too, and one that is cut short or damaged is never taken for a whole one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { readTar, tarEnd, tarHeader, tarPadding } from "../../../ops/backup/tar";

const LONG = `dump/${"d".repeat(60)}/${"t".repeat(80)}.json`;
const FILES: readonly (readonly [string, Buffer])[] = [
  ["dump/db/t.info", Buffer.from("{}\n")],
  ["dump/db/t.json", Buffer.alloc(1300, "x")],
  [LONG, Buffer.from("long")],
  ["dump/db/full.json", Buffer.alloc(512, "y")],
  ["dump/db/none.json", Buffer.alloc(0)],
];

function archive(): Buffer {
  const parts = FILES.flatMap(([name, bytes]) => [tarHeader(name, bytes.length, 1), bytes, tarPadding(bytes.length)]);
  return Buffer.concat([...parts, tarEnd()]);
}

/** In pieces that fit nothing. */
function* pieces(bytes: Buffer, size = 100): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* stream(bytes: Buffer, size?: number): AsyncGenerator<Buffer> {
  for (const piece of pieces(bytes, size)) yield await Promise.resolve(piece);
}

async function read(bytes: Buffer, size?: number): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = [];
  for await (const entry of readTar(stream(bytes, size))) {
    const parts: Buffer[] = [];
    for await (const part of entry.bytes) parts.push(part);
    found.push([entry.name, Buffer.concat(parts).toString()]);
  }
  return found;
}

const WANTED = FILES.map(([name, bytes]) => [name, bytes.toString()] as const);

test("is read as it was written, whatever the pieces", async () => {
  for (const size of [1, 100, 511, 512, 100_000]) assert.deepEqual(await read(archive(), size), WANTED);
});

test("is a tar for tar", () => {
  const { stdout, status } = spawnSync("tar", ["-tf", "-"], { input: archive(), encoding: "utf8" });
  assert.equal(status, 0);
  assert.deepEqual(
    stdout.trim().split("\n"),
    FILES.map(([name]) => name),
  );
});

test("files that are not read are passed over", async () => {
  const names: string[] = [];
  for await (const { name } of readTar(stream(archive()))) names.push(name);
  assert.deepEqual(
    names,
    FILES.map(([name]) => name),
  );
});

test("an archive that is cut short anywhere is refused", async () => {
  const whole = archive();
  for (const end of [0, 100, 512, 700, 1024, 2000, whole.length - 1024]) {
    await assert.rejects(read(whole.subarray(0, end)), new Error("the archive ends too early"), `at ${String(end)}`);
  }
});

test("a header that was changed is refused", async () => {
  const changed = archive();
  changed[0] = 0x7a;
  await assert.rejects(read(changed), new Error("the archive is damaged: a header does not fit its checksum"));
});

test("a file of more than 8 GiB has its size", async () => {
  const size = 20 * 2 ** 30;
  const [header] = [tarHeader("dump/db/t.json", size, 1)];
  for await (const entry of readTar(stream(header))) {
    assert.equal(entry.size, size);
    break;
  }
});
