/** `npm run pin` against a registry of our own on loopback. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { resolveDigest } from "../../cli/pin";
import { judgeImage } from "../../core/image";
import { Engine } from "../../ops/engine";
import { docker, tryDocker } from "../support/stack";

const IMAGE = "127.0.0.1:31950/rethinkdb:2.4.4-bookworm-slim";
let folder: string;
let registry: ChildProcess;

describe("pinning an image", () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rethinkdb-registry-"));
    const config = join(folder, "config.yml");
    writeFileSync(
      config,
      `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${folder}/data\nhttp:\n  addr: 127.0.0.1:31950\n`,
    );
    registry = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
    await new Promise((resolve, reject) => {
      registry.once("spawn", resolve);
      registry.once("error", () => {
        reject(new Error("docker-registry is needed: apt-get install docker-registry"));
      });
    });
    for (let tries = 0; tries < 50; tries++) {
      if (
        await fetch("http://127.0.0.1:31950/v2/").then(
          (r) => r.ok,
          () => false,
        )
      )
        break;
      await sleep(100);
    }
    docker("tag", "rethinkdb:2.4.4-bookworm-slim", IMAGE);
  });
  after(() => {
    registry.kill();
    tryDocker("image", "rm", IMAGE);
    rmSync(folder, { recursive: true, force: true });
  });

  test("says that an image no registry has cannot be pinned", async () => {
    docker("tag", "rethinkdb:2.4.4-bookworm-slim", "127.0.0.1:31950/never-pushed:1");
    await assert.rejects(
      resolveDigest(new Engine(null), "127.0.0.1:31950/never-pushed:1"),
      /^Failure: image: 127\.0\.0\.1:31950\/never-pushed:1 has no digest on this engine: it was built here or loaded from a file, and no registry has it/,
    );
    docker("image", "rm", "127.0.0.1:31950/never-pushed:1");
  });

  test("writes tag and digest of the registry, which the engine then runs", async () => {
    const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(docker("push", IMAGE))?.[1];
    assert.ok(pushed);
    const pinned = await resolveDigest(new Engine(null), IMAGE);
    assert.equal(pinned, `${IMAGE}@${pushed}`);
    assert.deepEqual(judgeImage(pinned), {});
    assert.match(docker("run", "--rm", "--pull", "never", pinned, "rethinkdb", "--version"), /^rethinkdb 2\.4\.4/);
    // Pinning again follows the tag, not the old digest.
    assert.equal(await resolveDigest(new Engine(null), pinned), pinned);
  });
});
