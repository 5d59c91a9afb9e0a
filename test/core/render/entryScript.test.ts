/** The first process of a container, run in bash on a folder in place of `/data` and a stand-in for RethinkDB. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ENTRY_SCRIPT, volumeIdentity } from "../../../core/render/entryScript";

const IDENTITY = "0123456789abcdef01234567/n0/0";

interface Volume {
  readonly identity?: string;
  readonly started?: true;
  readonly metadata?: true;
  readonly other?: true;
}

interface Start {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(volume: Volume): Start {
  const folder = mkdtempSync(join(tmpdir(), "entry-"));
  try {
    const data = join(folder, "data");
    const bin = join(folder, "bin");
    mkdirSync(join(data, "rethinkdb"), { recursive: true });
    mkdirSync(bin);
    writeFileSync(join(bin, "rethinkdb"), `#!/bin/sh\nprintf '[%s]' "$$" "$@"\n`, { mode: 0o755 });
    if (volume.identity !== undefined) writeFileSync(join(data, "identity"), volume.identity);
    if (volume.started) writeFileSync(join(data, "started"), "");
    if (volume.metadata) writeFileSync(join(data, "rethinkdb", "metadata"), "");
    if (volume.other) writeFileSync(join(data, "stray"), "");
    const script = ENTRY_SCRIPT.replaceAll("/data/", `${data}/`);
    const args = ["-c", script, "rethinkdb", IDENTITY, "--server-name", "n0", "a b"];
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    const { pid, status, stdout, stderr } = spawnSync("bash", args, {
      env,
      encoding: "utf8",
      // With a socket for stdin, which a pipe of Node is, bash would read the user's own startup files.
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { status, stdout: stdout.replace(`[${String(pid)}]`, "[same process]"), stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const BECOMES: Start = { status: 0, stdout: "[same process][--server-name][n0][a b]", stderr: "" };

const refused = (has: string): Start => ({
  status: 64,
  stdout: "",
  stderr:
    `refused: the data volume says '${has}' and this server is '${IDENTITY}': it is empty, a copy, or another cluster's. ` +
    "Put the right volume back.\n",
});

const CASES: readonly (readonly [what: string, volume: Volume, expected: Start])[] = [
  ["becomes RethinkDB, with its arguments, on its own new volume", { identity: IDENTITY }, BECOMES],
  ["becomes RethinkDB on data that it began", { identity: IDENTITY, started: true, metadata: true }, BECOMES],
  ["becomes RethinkDB on data of a first start that was cut off", { identity: IDENTITY, metadata: true }, BECOMES],
  ["refuses an empty volume", {}, refused("nothing")],
  ["refuses a volume with an empty identity", { identity: "" }, refused("nothing")],
  ["refuses data without an identity", { other: true, metadata: true }, refused("nothing")],
  [
    "refuses another cluster's volume",
    { identity: "f".repeat(24) + "/n0/0", metadata: true },
    refused("f".repeat(24) + "/n0/0"),
  ],
  [
    "refuses another server's volume",
    { identity: IDENTITY.replace("n0", "n1"), metadata: true },
    refused(IDENTITY.replace("n0", "n1")),
  ],
  [
    "refuses a volume that was given up",
    { identity: IDENTITY.replace("/0", "/1"), metadata: true },
    refused(IDENTITY.replace("/0", "/1")),
  ],
  [
    "refuses to start over where data was",
    { identity: IDENTITY, started: true },
    {
      status: 64,
      stdout: "",
      stderr: "refused: the data of this server is gone from its volume. Put it back, or replace the server.\n",
    },
  ],
];

for (const [what, volume, expected] of CASES) {
  test(what, () => {
    assert.deepEqual(start(volume), expected);
  });
}

test("an identity names the cluster, the server and the incarnation of its data", () => {
  assert.equal(volumeIdentity("0123456789abcdef01234567", "n0", 0), IDENTITY);
});
