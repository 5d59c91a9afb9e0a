/** A Docker engine that hangs, and a server that does: every verb and every run ends within its bound and names what hangs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, afterEach, before, describe, test } from "node:test";
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
  afterEach(() => {
    engine.signal("SIGCONT");
  });
  after(async () => {
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
    const [refreshSeconds, refresh] = await timed(() => Promise.resolve(stack.cli("renew", "--server", "n0")));
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
    const { stdout } = spawnSync(
      "docker",
      ["--host", engine.host, "inspect", "--format", "{{.State.Pid}}", `${NAME}-n0`],
      {
        encoding: "utf8",
      },
    );
    // Its process, not its container: docker exec works, and no query is answered.
    process.kill(Number(stdout), "SIGSTOP");
    const [seconds, { code, output }] = await timed(() => Promise.resolve(doctorText(stack)));
    process.kill(Number(stdout), "SIGCONT");
    console.log(JSON.stringify({ doctorOfFrozenServer: seconds }));
    assert.equal(code, 1);
    assert.match(output, /n0 runs and does not answer/);
    assert.ok(seconds < 90, `${String(seconds)} s`);
  });
});
