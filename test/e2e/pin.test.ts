/** `npx pulumi-rethinkdb pin` against a registry of our own on loopback. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { judgeImage } from "../../args/values/image";
import { copyProject } from "../support/checkout";
import { docker, finish, type Finished, tryDocker } from "../support/stack";

const IMAGE = "127.0.0.1:31950/rethinkdb:2.4.4-bookworm-slim";
const NEVER_PUSHED = "127.0.0.1:31950/never-pushed:1";
let folder: string;
let project: string;
let registry: ChildProcess;

async function npmRun(...words: readonly string[]): Promise<Finished> {
  return finish(spawn("npm", ["run", "--silent", ...words], { cwd: project, stdio: "pipe" }));
}

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
    docker("tag", "rethinkdb:2.4.4-bookworm-slim", NEVER_PUSHED);
    project = copyProject();
  });
  after(() => {
    registry.kill();
    tryDocker("image", "rm", IMAGE, NEVER_PUSHED);
    rmSync(project, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  test("says that an image no registry has cannot be pinned", async () => {
    await npmRun("pulumi", "--", "config", "set", "image", NEVER_PUSHED);
    const { code, output } = await npmRun("pin");
    assert.equal(code, 1);
    assert.equal(
      output,
      `image: ${NEVER_PUSHED} has no digest, it was built on this engine and never pulled or pushed; docker pull it from its registry, or push it to one, then run npx pulumi-rethinkdb pin again\n`,
    );
  });

  test("writes tag and digest of the registry, which the engine then runs", async () => {
    const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(docker("push", IMAGE))?.[1];
    assert.ok(pushed);
    await npmRun("pulumi", "--", "config", "set", "image", IMAGE);
    assert.equal((await npmRun("pin")).code, 0);
    const pinned = (await npmRun("pulumi", "--", "config", "get", "image")).stdout.trim();
    assert.equal(pinned, `${IMAGE}@${pushed}`);
    assert.deepEqual(judgeImage(pinned), {});
    assert.match(docker("run", "--rm", "--pull", "never", pinned, "rethinkdb", "--version"), /^rethinkdb 2\.4\.4/);
    assert.match((await npmRun("pin")).output, /^image is pinned already: /);
  });
});
