/** A Docker engine that hangs, and a server that does: every verb and every run ends within its bound and names what hangs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { doctorText } from "../support/doctor";
import { PrivateEngine, whyNoPrivateEngine } from "../support/privateEngine";
import { TestStack } from "../support/stack";
import { timed } from "../support/hostCluster";

const NAME = "t-frozen";
const skip = whyNoPrivateEngine();
if (skip !== undefined) console.log(`!! NOT RUN: frozen.test.ts, because ${skip}`);

let engine: PrivateEngine;
let stack: TestStack;

describe("an engine that hangs", { skip: skip ?? false }, () => {
  before(async () => {
    engine = await PrivateEngine.start(NAME);
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.48.0/24", driverPort: 31750, nodes: 1 });
    stack.env["DOCKER_HOST"] = engine.host;
    stack.configure({ driverPublish: "none" });
    await stack.mustUp();
  });
  after(async () => {
    engine.signal("SIGCONT");
    stack.tryPulumi(["destroy", "--yes", "--skip-preview"]);
    stack.dispose();
    await engine.dispose();
  });

  test("ends an up, the doctor and a tunnel in time, with the name of what hangs", async () => {
    engine.signal("SIGSTOP");
    const spent: Record<string, number> = {};
    const hangs = /docker \S.* did not end in \d+ seconds at unix:\/\/\S+: the Docker engine hangs, or the way to it/;
    const [upSeconds, up] = await timed(() => stack.up());
    spent["up"] = upSeconds;
    assert.notEqual(up.code, 0);
    assert.match(up.output, hangs);
    const [refreshSeconds, refresh] = await timed(() => Promise.resolve(stack.cli("renew", "n0", "--yes")));
    spent["renew"] = refreshSeconds;
    assert.notEqual(refresh.code, 0);
    assert.match(refresh.output, hangs);
    const [doctorSeconds, doctor] = await timed(() => Promise.resolve(doctorText(stack)));
    spent["doctor"] = doctorSeconds;
    assert.notEqual(doctor.code, 0);
    assert.match(doctor.output, hangs);
    const [tunnelSeconds, tunnel] = await timed(() => Promise.resolve(stack.cli("tunnel", "--port", "31759")));
    spent["tunnel"] = tunnelSeconds;
    assert.notEqual(tunnel.code, 0);
    assert.match(tunnel.output, hangs);
    console.log(JSON.stringify(spent));
    for (const [verb, seconds] of Object.entries(spent)) assert.ok(seconds < 120, `${verb}: ${String(seconds)} s`);
    engine.signal("SIGCONT");
    await stack.mustUp();
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  test("does not keep a doctor from telling of a server that hangs", async () => {
    const docker = (...args: readonly string[]): void => {
      assert.equal(spawnSync("docker", ["--host", engine.host, ...args]).status, 0);
    };
    // Its process, not its container: docker exec works, and no query is answered.
    docker("exec", "--user", "0", `${NAME}-n0`, "bash", "-c", "kill -STOP 1 || kill -STOP $(pgrep -o rethinkdb)");
    const [seconds, { code, output }] = await timed(() => Promise.resolve(doctorText(stack)));
    docker("kill", "--signal", "CONT", `${NAME}-n0`);
    console.log(JSON.stringify({ doctorOfFrozenServer: seconds }));
    assert.equal(code, 1);
    assert.match(output, /n0 runs and does not answer/);
    assert.ok(seconds < 90, `${String(seconds)} s`);
  });
});
