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
import type { Prepared, PrepareRequest } from "../../../core/programs/prepare";
import { TLS_FILE_NAMES } from "../../../core/render/tlsFiles";
import { Failure } from "../../../ops/lib/failure";
import { prepare } from "../../../ops/programs/prepare";
import { readVolumeLook } from "../../../ops/docker/volumes";
import { withFakeDocker } from "../../support/fakeDocker";
import { lookLine } from "../../support/volumeLook";

const UID = process.getuid?.() ?? 0;
const FILES = Object.fromEntries(TLS_FILE_NAMES.map((name) => [name, `PEM of ${name}\n`])) as PrepareRequest["files"];

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

const OTHER = "feedfeedfeedfeedfeedfeed";

interface Found {
  readonly what: string;
  readonly identity?: string;
  /** Names beside it; folders end with a slash. */
  readonly names?: readonly string[];
  readonly adopted: boolean;
}

const FOUND: readonly Found[] = [
  { what: "another cluster's data of the same server", identity: `${OTHER}/n1/0`, adopted: true },
  { what: "another cluster's data of the same server after a replacement", identity: `${OTHER}/n1/12`, adopted: true },
  { what: "another cluster's data of another server", identity: `${OTHER}/n0/0`, adopted: false },
  { what: "another cluster's data of a server whose name begins alike", identity: `${OTHER}/n11/0`, adopted: false },
  { what: "this cluster's own data of another server", identity: `${REQUEST.identity}/n0/0`, adopted: false },
  { what: "this cluster's own data of another replacement", identity: `${REQUEST.identity}/n1/1`, adopted: false },
  { what: "an identity that this project never wrote", identity: "feed/n1/0", adopted: false },
  { what: "an identity with more after it", identity: `${OTHER}/n1/0/more`, adopted: false },
  { what: "data without an identity", names: ["stray"], adopted: false },
  { what: "RethinkDB's files without an identity", names: ["rethinkdb/", "rethinkdb/metadata"], adopted: false },
];

const fill = (folder: string, { identity, names = [] }: Found): void => {
  if (identity !== undefined) writeFileSync(join(folder, "identity"), identity);
  for (const name of names) {
    if (name.endsWith("/")) mkdirSync(join(folder, name));
    else writeFileSync(join(folder, name), "data");
  }
};
const everything = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

for (const found of FOUND) {
  for (const adopt of found.adopted ? [false] : [false, true]) {
    test(`touches nothing of ${found.what}${adopt ? ", though data may be adopted" : ""}`, async () => {
      await withVolumes(async (volumes) => {
        fill(volumes.data, found);
        const before = everything(volumes.data);
        const [status, shown] = await install(volumes, { adopt });
        assert.equal(status, 65);
        assert.deepEqual(readVolumeLook(shown.trim()), {
          says: found.identity ?? "",
          names: readdirSync(volumes.data).sort(),
          hasData: before.includes("rethinkdb/metadata"),
        });
        assert.deepEqual(everything(volumes.data), before);
        assert.deepEqual(readdirSync(volumes.tls), []);
      });
    });
  }

  if (!found.adopted) continue;
  test(`adopts ${found.what} where that is allowed`, async () => {
    await withVolumes(async (volumes) => {
      mkdirSync(join(volumes.data, "rethinkdb"));
      writeFileSync(join(volumes.data, "rethinkdb", "metadata"), "data");
      fill(volumes.data, found);
      assert.deepEqual(await install(volumes, { adopt: true }), [0, ""]);
      assert.equal(read(volumes.data, "identity"), "0123456789abcdef01234567/n1/0");
      assert.equal(read(volumes.data, "rethinkdb", "metadata"), "data");
    });
  });
}

test("touches nothing where something else lies on the tls volume", async () => {
  await withVolumes(async (volumes) => {
    for (const name of ["left", "join.conf", "lost+found", "letters"]) writeFileSync(join(volumes.tls, name), "");
    const before = everything(volumes.tls);
    assert.deepEqual(await install(volumes), [67, "letters\n"]);
    assert.deepEqual(everything(volumes.tls), before);
    assert.deepEqual(readdirSync(volumes.data), []);
  });
});

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

for (const [what, sketch, holds, cure] of [
  [
    "an earlier cluster's data of this server",
    { says: `${OTHER}/n1/0` },
    "holds data of n1 of an earlier cluster",
    `, or start on it with allow: ["adopt-data"]`,
  ],
  ["another server's data", { says: `${REQUEST.identity}/n0/0` }, "holds this cluster's own data of n0", ""],
  [
    "something else",
    { names: ["photos", "letters"] },
    "holds photos, letters and no identity, so this project did not fill it",
    "",
  ],
  ["data that is its own by now", { says: `${REQUEST.identity}/n1/0` }, "was changed while it was looked at", ""],
] as const) {
  test(`says that the data volume holds ${what}, and what to do`, async () => {
    await withFakeDocker([{ when: "", code: 65, stdout: lookLine(sketch) }], async () => {
      const message = `n1: the data volume db-n1-data ${holds}; nothing was touched; put the right volume back${cure}`;
      await assert.rejects(prepare(REQUEST), new Failure(message));
    });
  });
}

test("says what lies on the tls volume and is not the project's", async () => {
  await withFakeDocker([{ when: "", code: 67, stdout: "letters\nleft\n" }], async () => {
    const message =
      "n1: the volume db-n1-tls holds letters, which this project did not put there; " +
      "nothing was touched; move it away or delete it (docker volume rm db-n1-tls)";
    await assert.rejects(prepare(REQUEST), new Failure(message));
  });
});

test("says why certificates could not be installed", async () => {
  await withFakeDocker([{ when: "", code: 1, stderr: "No space left on device\nmore\n" }], async () => {
    await assert.rejects(prepare(REQUEST), new Failure("n1: cannot install its certificates: No space left on device"));
  });
});
