/** Writing lists of peers: its script is run in bash on folders in place of the volumes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { PeersRequest } from "../../../core/programs/peers";
import { Failure } from "../../../ops/lib/failure";
import { peers } from "../../../ops/programs/peers";
import { withFakeDocker } from "../../support/fakeDocker";

const REQUEST: PeersRequest = {
  clusterName: "db",
  identity: "0123456789abcdef01234567",
  image: "rethinkdb:2.4.3",
  dockerHost: "tcp://192.0.2.1:2376",
  servers: [0, 1, 2].map((n) => ({
    name: `n${String(n)}`,
    tlsVolume: `db-n${String(n)}-tls`,
    peer: `10.213.0.1${String(n)}:29015`,
  })),
};

test("tells every server of all the others, in place of what it knew", async () => {
  const folder = mkdtempSync(join(tmpdir(), "peers-"));
  try {
    await withFakeDocker([], async (docker) => {
      assert.deepEqual(await peers(REQUEST), { peers: REQUEST.servers.map(({ peer }) => peer) });
      const call = docker.calls[0];
      assert.ok(call);
      const mounts = call.args.filter((_arg, index) => call.args[index - 1] === "--volume");
      assert.deepEqual(mounts, ["db-n0-tls:/v/n0", "db-n1-tls:/v/n1", "db-n2-tls:/v/n2"]);
      for (const { name } of REQUEST.servers) mkdirSync(join(folder, name));
      writeFileSync(join(folder, "n0", "join.conf"), "join=old\n");
      const script = (call.args[call.args.indexOf("-c") + 1] ?? "").replaceAll("/v/", `${folder}/`);
      const { status, stderr } = spawnSync("bash", ["-c", script, "bash"], { input: call.stdin, encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
    });
    const known = REQUEST.servers.map(({ name }) => {
      assert.deepEqual(readdirSync(join(folder, name)), ["join.conf"]);
      const text = readFileSync(join(folder, name, "join.conf"), "utf8");
      return text.split("\n").filter((line) => line.startsWith("join="));
    });
    assert.deepEqual(known, [
      ["join=10.213.0.11:29015", "join=10.213.0.12:29015"],
      ["join=10.213.0.10:29015", "join=10.213.0.12:29015"],
      ["join=10.213.0.10:29015", "join=10.213.0.11:29015"],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("says why lists of peers could not be written", async () => {
  await withFakeDocker([{ when: "", code: 1, stderr: "No space left on device\n" }], async () => {
    const message = "cannot write the servers' lists of peers: No space left on device";
    await assert.rejects(peers(REQUEST), new Failure(message));
  });
});
