/** Scripts that helpers run on volumes, run in bash on folders in place of them. */
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
import type { UiPrepareRequest } from "../../core/programs/uiPrepare";
import { Engine } from "../../ops/docker/engine";
import { Failure } from "../../ops/lib/failure";
import { leavingMarks, markLeft, readMark, unmarkLeft } from "../../ops/cluster/drainMarks";
import { uiPrepare } from "../../ops/programs/webUi/uiPrepare";
import { uiPrune } from "../../ops/programs/webUi/uiPrune";
import { lookIntoVolumes } from "../../ops/docker/volumes";
import { type Answer, withFakeDocker } from "../support/fakeDocker";

const HOST = "tcp://192.0.2.1:2376";
const IMAGE = "rethinkdb:2.4.4";
const MINE = "0123456789abcdef01234567";
const BASE = { clusterName: "db", identity: MINE, image: IMAGE, dockerHost: HOST };

/** Folders that stand for volumes, by name. */
async function withFolders(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "volumes-"));
  try {
    await act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Answers `act` by what its helper prints, run with each mount's folder in place of the volume. */
async function onFolders<T>(folder: string, act: () => Promise<T>, answers: readonly Answer[] = []): Promise<T> {
  const run = async (
    printed: Answer,
  ): Promise<{ readonly result: T | undefined; readonly args: readonly string[]; readonly stdin: string }> =>
    withFakeDocker([...answers, printed], async (docker) => {
      const result = await act().catch((error: unknown) => {
        if (error instanceof Failure && printed.code === undefined) return undefined;
        throw error;
      });
      const call = docker.calls.find(({ args }) => args[0] === "run");
      assert.ok(call);
      return { result, args: call.args, stdin: call.stdin };
    });
  const { args, stdin } = await run({ when: "^run " });
  const mounts = args.filter((_, index) => args[index - 1] === "--volume").map((mount) => mount.split(":"));
  const [asked = "", ...words] = args.slice(args.indexOf("-c") + 1);
  let script = asked;
  for (const [name = "", place = ""] of mounts) {
    const here = join(folder, name);
    mkdirSync(here, { recursive: true });
    // Places of several volumes have one folder above them.
    if (/^\/v\/\d+$/.test(place)) {
      mkdirSync(join(folder, "v"), { recursive: true });
      if (!existsSync(join(folder, place.slice(1)))) spawnSync("ln", ["-s", here, join(folder, place.slice(1))]);
    } else script = script.replaceAll(place, here);
  }
  script = script.replaceAll("/v/", `${folder}/v/`);
  const done = spawnSync("bash", ["-c", script, ...words], { input: stdin, encoding: "utf8" });
  rmSync(join(folder, "v"), { recursive: true, force: true });
  const { result } = await run({ when: "^run ", code: done.status ?? 1, stdout: done.stdout, stderr: done.stderr });
  return result as T;
}

const fill = (folder: string, volume: string, ...names: readonly string[]): void => {
  mkdirSync(join(folder, volume), { recursive: true });
  for (const name of names) {
    if (name.includes("/")) mkdirSync(join(folder, volume, name.split("/")[0] ?? ""), { recursive: true });
    writeFileSync(join(folder, volume, name), `text of ${name}`);
  }
};

test("a look shows identity, names and whether there is data, of each volume in turn", async () => {
  await withFolders(async (folder) => {
    fill(folder, "a", "identity", "rethinkdb/metadata", ".hidden");
    fill(folder, "b");
    fill(folder, "c", "a name with spaces");
    mkdirSync(join(folder, "c", "rethinkdb"));
    const looks = await onFolders(folder, () => lookIntoVolumes(new Engine(HOST), IMAGE, ["a", "b", "c"]));
    assert.deepEqual(looks, [
      { says: "text of identity", names: [".hidden", "identity", "rethinkdb"], hasData: true },
      { says: "", names: [], hasData: false },
      { says: "", names: ["a name with spaces", "rethinkdb"], hasData: false },
    ]);
  });
});

test("volumes that are not all shown are not looked into", async () => {
  await withFakeDocker([{ when: "^run ", stdout: "- - none\n" }], async () => {
    await assert.rejects(
      lookIntoVolumes(new Engine(HOST), IMAGE, ["a", "b"]),
      new Failure("cannot look into the volumes: not every one was shown"),
    );
  });
  await withFakeDocker([{ when: "^run ", code: 1, stderr: "no space left on device\nmore\n" }], async () => {
    await assert.rejects(
      lookIntoVolumes(new Engine(HOST), IMAGE, ["a"]),
      new Failure("cannot look into the volumes: no space left on device"),
    );
  });
  await withFakeDocker([], async (docker) => {
    assert.deepEqual(await lookIntoVolumes(new Engine(HOST), IMAGE, []), []);
    assert.deepEqual(docker.commands, []);
  });
});

test("a mark is written, read and taken off", async () => {
  await withFolders(async (folder) => {
    fill(folder, "a-tls", "join.conf");
    fill(folder, "b-tls");
    fill(folder, "b-data", "leaving.json");
    const marks = (): Promise<readonly string[]> =>
      onFolders(folder, () => leavingMarks(new Engine(HOST), IMAGE, ["a-tls", "b-tls", "b-data"]));
    const left = (identity: string): Promise<string | undefined> =>
      onFolders(folder, () => readMark(new Engine(HOST), IMAGE, identity, "a-tls"));
    assert.deepEqual(await marks(), ["b-data"]);
    assert.equal(await left(MINE), undefined);
    await onFolders(folder, () => markLeft(new Engine(HOST), IMAGE, MINE, ["a-tls"]));
    assert.equal(readFileSync(join(folder, "a-tls", "left"), "utf8"), MINE);
    assert.deepEqual(await marks(), ["a-tls", "b-data"]);
    assert.equal(await left(MINE), "left");
    assert.equal(await left("feedfeedfeedfeedfeedfeed"), undefined);
    await onFolders(folder, () => markLeft(new Engine(HOST), IMAGE, MINE, ["a-tls"], true));
    assert.equal(await left(MINE), "abandoned");
    await onFolders(folder, () => unmarkLeft(new Engine(HOST), IMAGE, ["a-tls", "b-tls"]));
    assert.deepEqual(readdirSync(join(folder, "a-tls")), ["join.conf"]);
  });
});

const UI: UiPrepareRequest = {
  ...BASE,
  uid: process.getuid?.() ?? 0,
  uiImage: "nginx:1",
  container: "db-ui",
  publish: null,
  peerVolume: "db-ui-peer-tls",
  volume: "db-ui-tls",
  socketVolume: "db-ui-socket",
  peerFingerprint: "aaaaaaaaaaaaaaaa",
  fingerprint: "bbbbbbbbbbbbbbbb",
  peerFiles: { "cluster.key": "KEY", "cluster.pem": "PEM" },
  key: "UI KEY",
  certificate: "UI PEM",
  sans: { dnsNames: ["localhost"], ipAddresses: [] },
  peers: ["10.0.0.10:29015"],
  user: "admin",
  password: "the password of the UI",
  seed: "seed",
};
const HAS_IMAGE: Answer = { when: "^image inspect", stdout: `[{"Id":"1"}]` };

test("the web UI's files appear whole, for its uid alone, and its password only as a hash", async () => {
  await withFolders(async (folder) => {
    const made = await onFolders(folder, () => uiPrepare(UI), [HAS_IMAGE]);
    assert.deepEqual(made, { fingerprint: "bbbbbbbbbbbbbbbb" });
    assert.deepEqual(readdirSync(join(folder, "db-ui-peer-tls")).sort(), ["aaaaaaaaaaaaaaaa", "join.conf"]);
    assert.deepEqual(readdirSync(join(folder, "db-ui-tls")), ["bbbbbbbbbbbbbbbb"]);
    const own = join(folder, "db-ui-tls", "bbbbbbbbbbbbbbbb");
    assert.deepEqual(readdirSync(own).sort(), ["nginx.conf", "passwords", "ui.key", "ui.pem"]);
    for (const name of readdirSync(own))
      assert.equal((statSync(join(own, name)).mode & 0o777).toString(8), "400", name);
    assert.match(readFileSync(join(own, "passwords"), "utf8"), /^admin:\$2b\$12\$/);
    assert.ok(!readFileSync(join(own, "nginx.conf"), "utf8").includes(UI.password));
    assert.deepEqual(readdirSync(join(folder, "db-ui-socket")), [".keep"]);
    assert.match(readFileSync(join(folder, "db-ui-peer-tls", "join.conf"), "utf8"), /^join=10\.0\.0\.10:29015$/m);
  });
});

test("says why the web UI's files could not be installed, and that its image is nowhere", async () => {
  await withFakeDocker([HAS_IMAGE, { when: "^run ", code: 1, stderr: "no space left on device\n" }], async () => {
    await assert.rejects(uiPrepare(UI), new Failure("web UI: cannot install its files: no space left on device"));
  });
  const nowhere = [
    { when: "^image inspect", code: 1, stderr: "Error: No such image: nginx:1\n" },
    { when: "^pull", code: 1, stderr: "manifest unknown\nmore\n" },
  ];
  await withFakeDocker(nowhere, async () => {
    const message =
      "webUi.image: nginx:1 is not on this engine and cannot be pulled: manifest unknown; load it, or name another one";
    await assert.rejects(uiPrepare(UI), new Failure(message));
  });
});

const PRUNE = {
  ...BASE,
  container: "db-ui",
  peerContainer: "db-ui-peer",
  peerVolume: "db-ui-peer-tls",
  volume: "db-ui-tls",
  keep: ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"],
};

test("old folders of the web UI go, those in use and those that come stay, and all else", async () => {
  await withFolders(async (folder) => {
    fill(folder, "db-ui-peer-tls", "aaaaaaaaaaaaaaaa/k", "cccccccccccccccc/k", "dddddddddddddddd/k", "join.conf");
    fill(folder, "db-ui-tls", "bbbbbbbbbbbbbbbb/k", "eeeeeeeeeeeeeeee/k", "eeeeeeeeeeeeeeee.new/k", "letters/k");
    const uses = [
      { when: "inspect db-ui-peer", stdout: JSON.stringify([{ Args: ["x", "/tls/cccccccccccccccc/cluster.key"] }]) },
      { when: "inspect db-ui", code: 1, stderr: "Error: No such container: db-ui\n" },
    ];
    const { kept } = await onFolders(folder, () => uiPrune(PRUNE), uses);
    assert.deepEqual(kept, ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"]);
    assert.deepEqual(readdirSync(join(folder, "db-ui-peer-tls")).sort(), [
      "aaaaaaaaaaaaaaaa",
      "cccccccccccccccc",
      "join.conf",
    ]);
    assert.deepEqual(readdirSync(join(folder, "db-ui-tls")).sort(), ["bbbbbbbbbbbbbbbb", "letters"]);
  });
});

test("says why old folders of the web UI could not be removed", async () => {
  const answers = [
    { when: "inspect", code: 1, stderr: "Error: No such container: x\n" },
    { when: "^run ", code: 1, stderr: "Read-only file system\n" },
  ];
  await withFakeDocker(answers, async () => {
    const message = "web UI: cannot remove old certificates: Read-only file system";
    await assert.rejects(uiPrune(PRUNE), new Failure(message));
  });
});
