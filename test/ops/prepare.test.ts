/** Installing certificates: its script is run in bash on folders in place of the volumes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Prepared, PrepareRequest } from "../../core/requests";
import { TLS_FILE_NAMES, type TlsMaterial } from "../../core/tlsFiles";
import { Failure } from "../../ops/failure";
import { prepare } from "../../ops/prepare";
import { withFakeDocker } from "../support/fakeDocker";

const UID = process.getuid?.() ?? 0;
const FILES = Object.fromEntries(TLS_FILE_NAMES.map((name) => [name, `PEM of ${name}\n`])) as TlsMaterial;

const REQUEST: PrepareRequest = {
  clusterName: "db",
  identity: "0123456789abcdef01234567",
  image: "rethinkdb:2.4.3",
  dockerHost: "tcp://192.0.2.1:2376",
  server: "n1",
  dataVolume: "db-n1-data",
  tlsVolume: "db-n1-tls",
  incarnation: 0,
  uid: UID,
  fingerprint: "aaaaaaaaaaaaaaaa",
  files: FILES,
  seeds: ["10.213.0.10:29015"],
  adopt: false,
  spec: "spec",
};

interface Volumes {
  readonly tls: string;
  readonly data: string;
}

async function withVolumes(act: (volumes: Volumes) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "prepare-"));
  const volumes = { tls: join(folder, "tls"), data: join(folder, "data") };
  try {
    mkdirSync(volumes.tls);
    mkdirSync(volumes.data);
    await act(volumes);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs what the program gives to docker, with the volumes in place of `/tls` and `/data`. */
async function install(
  volumes: Volumes,
  request: Partial<PrepareRequest> = {},
): Promise<readonly [number | null, string]> {
  return withFakeDocker([], async (docker) => {
    await prepare({ ...REQUEST, ...request });
    const call = docker.calls[0];
    assert.ok(call);
    const [script = "", ...args] = call.args.slice(call.args.indexOf("-c") + 1);
    const here = script.replaceAll("/tls", volumes.tls).replaceAll("/data", volumes.data);
    const { status, stdout, stderr } = spawnSync("bash", ["-c", here, ...args], {
      input: call.stdin,
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    return [status, stdout];
  });
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const read = (...path: readonly string[]): string => readFileSync(join(...path), "utf8");

test("installs keys for the server alone, the rest for reading, and marks the data volume", async () => {
  await withVolumes(async (volumes) => {
    assert.deepEqual(await install(volumes), [0, ""]);
    const folder = join(volumes.tls, "aaaaaaaaaaaaaaaa");
    assert.deepEqual(readdirSync(folder).sort(), [...TLS_FILE_NAMES].sort());
    for (const name of TLS_FILE_NAMES) {
      assert.equal(read(folder, name), FILES[name]);
      assert.equal(mode(join(folder, name)), name.endsWith(".key") ? "400" : "444", name);
    }
    assert.match(read(volumes.tls, "join.conf"), /^join=10\.213\.0\.10:29015$/m);
    assert.equal(read(volumes.data, "identity"), "0123456789abcdef01234567/n1/0");
    assert.equal(mode(join(volumes.data, "rethinkdb")), "700");
    assert.deepEqual(readdirSync(volumes.data).sort(), ["identity", "rethinkdb"]);
  });
});

test("installs new certificates beside the ones in use, and leaves the list of peers alone", async () => {
  await withVolumes(async (volumes) => {
    await install(volumes);
    writeFileSync(join(volumes.data, "rethinkdb", "metadata"), "data");
    const renewed = { ...FILES, "driver.pem": "renewed\n" };
    const request = { fingerprint: "bbbbbbbbbbbbbbbb", files: renewed, seeds: [] };
    assert.deepEqual(await install(volumes, request), [0, ""]);
    assert.deepEqual(await install(volumes, request), [0, ""]);
    assert.deepEqual(readdirSync(volumes.tls).sort(), ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "join.conf"]);
    assert.equal(read(volumes.tls, "aaaaaaaaaaaaaaaa", "driver.pem"), FILES["driver.pem"]);
    assert.equal(read(volumes.tls, "bbbbbbbbbbbbbbbb", "driver.pem"), "renewed\n");
    assert.match(read(volumes.tls, "join.conf"), /^join=/m);
    assert.equal(read(volumes.data, "rethinkdb", "metadata"), "data");
  });
});

const FOREIGN: readonly (readonly [what: string, file: string, text: string, says: string])[] = [
  ["another cluster's volume", "identity", "feed/n1/0", "feed/n1/0\n"],
  ["data without an identity", "stray", "data", "something without an identity\n"],
];

for (const [what, file, text, says] of FOREIGN) {
  test(`touches nothing of ${what}`, async () => {
    await withVolumes(async (volumes) => {
      writeFileSync(join(volumes.data, file), text);
      assert.deepEqual(await install(volumes), [65, says]);
      assert.deepEqual(readdirSync(volumes.data), [file]);
      assert.deepEqual(readdirSync(volumes.tls), []);
    });
  });

  test(`adopts ${what} where that is allowed, with its data`, async () => {
    await withVolumes(async (volumes) => {
      mkdirSync(join(volumes.data, "rethinkdb"));
      writeFileSync(join(volumes.data, "rethinkdb", "metadata"), "data");
      writeFileSync(join(volumes.data, file), text);
      assert.deepEqual(await install(volumes, { adopt: true }), [0, ""]);
      assert.equal(read(volumes.data, "identity"), "0123456789abcdef01234567/n1/0");
      assert.equal(read(volumes.data, "rethinkdb", "metadata"), "data");
    });
  });
}

test("starts over after a run that was cut off half way", async () => {
  await withVolumes(async (volumes) => {
    mkdirSync(join(volumes.tls, "aaaaaaaaaaaaaaaa.new"));
    writeFileSync(join(volumes.tls, "aaaaaaaaaaaaaaaa.new", "stray"), "");
    writeFileSync(join(volumes.data, "identity"), "0123456789abcdef01234567/n1/0");
    assert.deepEqual(await install(volumes), [0, ""]);
    assert.ok(!existsSync(join(volumes.tls, "aaaaaaaaaaaaaaaa", "stray")));
    assert.deepEqual(readdirSync(volumes.tls).sort(), ["aaaaaaaaaaaaaaaa", "join.conf"]);
  });
});

test("prints another run whenever the spec is another than at the last one", async () => {
  const runAfter = async (spec: string, last?: Prepared): Promise<Prepared> => {
    if (last) process.env["PULUMI_COMMAND_STDOUT"] = JSON.stringify(last);
    try {
      return await withFakeDocker([], () => prepare({ ...REQUEST, spec }));
    } finally {
      delete process.env["PULUMI_COMMAND_STDOUT"];
    }
  };
  const first = await runAfter("a");
  const same = await runAfter("a", first);
  const other = await runAfter("b", same);
  const back = await runAfter("a", other);
  assert.equal(same.run, first.run);
  assert.equal(new Set([first.run, other.run, back.run]).size, 3);
});

test("gives docker keys and certificates on stdin and nowhere else", async () => {
  await withFakeDocker([], async (docker) => {
    const { fingerprint, spec } = await prepare(REQUEST);
    assert.deepEqual([fingerprint, spec], ["aaaaaaaaaaaaaaaa", "spec"]);
    for (const text of Object.values(FILES)) {
      const encoded = Buffer.from(text).toString("base64");
      assert.ok(docker.calls[0]?.stdin.includes(encoded));
      assert.ok(!docker.visible.includes(text.trim()) && !docker.visible.includes(encoded));
    }
  });
});

test("says whose volume it is, and what to do", async () => {
  await withFakeDocker([{ when: "", code: 65, stdout: "feed/n1/0\n" }], async () => {
    const message =
      `n1: the data volume db-n1-data says "feed/n1/0" and not this server; ` +
      `put the right volume back, or start on it with allow: ["adopt-data"]`;
    await assert.rejects(prepare(REQUEST), new Failure(message));
  });
});

test("says why certificates could not be installed", async () => {
  await withFakeDocker([{ when: "", code: 1, stderr: "No space left on device\nmore\n" }], async () => {
    await assert.rejects(prepare(REQUEST), new Failure("n1: cannot install its certificates: No space left on device"));
  });
});
