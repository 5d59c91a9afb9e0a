/** The web UI on an engine that restarts, as after a host's reboot. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DEFAULT_IMAGE, WEB_UI_DEFAULTS } from "../../core/defaults";
import { untilOne } from "../support/cluster";
import { missingWebUiImage } from "../support/prerequisites";
import { PrivateEngine, whyNoPrivateEngine } from "../support/privateEngine";
import { inspect, TestStack } from "../support/stack";
import { UiClient } from "../support/uiClient";

const NAME = "t-ui-soak";
const PORTS = [35000, 35001, 35002];
const UI = 35010;
const PASSWORD = "the password of the web UI";
const CONTAINERS = [`${NAME}-n0`, `${NAME}-n1`, `${NAME}-n2`, `${NAME}-ui-peer`, `${NAME}-ui`];
const why = whyNoPrivateEngine() ?? missingWebUiImage();
if (why !== false) console.log(`!! NOT RUN: soak/webUi.test.ts, because ${why}`);

let engine: PrivateEngine;
let stack: TestStack;
let ca: string;
let ui: UiClient;

const startedAt = (): readonly string[] =>
  CONTAINERS.map((name) => inspect<{ State: { StartedAt: string } }>("container", name).State.StartedAt);

async function wholeCluster(): Promise<void> {
  const { adminPassword: password } = stack.settings;
  const targets = PORTS.map((port) => ({ port, password, ca, netns: engine.netns }));
  await untilOne(targets, ["n0", "n1", "n2"], 120);
}

describe("the web UI on an engine of its own", { skip: why }, () => {
  const outside = process.env["DOCKER_HOST"];
  before(async () => {
    engine = await PrivateEngine.start(NAME, [DEFAULT_IMAGE, WEB_UI_DEFAULTS.image]);
    process.env["DOCKER_HOST"] = engine.host;
    stack = TestStack.create({ clusterName: NAME, subnet: "10.232.1.0/24", driverPort: PORTS[0] ?? 0 });
    stack.configureJson("webUi", { enabled: true, port: UI });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], PASSWORD);
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    const caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, ca);
    const url = `https://127.0.0.1:${String(UI)}`;
    ui = new UiClient({ url, caFile, password: PASSWORD, clusterName: NAME, netns: engine.netns });
    await ui.untilUp();
  });
  after(async () => {
    stack.dispose();
    await engine.dispose();
    if (outside === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = outside;
  });

  test("comes back with a restart of the engine, for whoever has the password and nobody else", async () => {
    const session = ui.session();
    const before = startedAt();
    await engine.restart();
    await ui.untilUp();
    for (const [i, name] of CONTAINERS.entries())
      assert.notEqual(startedAt()[i], before[i], `${name} was started anew`);
    for (const password of [null, "wrong"]) {
      for (const answer of [ui.get("/", password), ui.open(password)]) {
        assert.equal(answer.status, 401);
        assert.doesNotMatch(answer.headers, /set-cookie/i);
      }
    }
    assert.equal(ui.get("/", PASSWORD).status, 200);
    assert.equal(ui.open(null, ...session).status, 200, "a session goes on");
    await wholeCluster();
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });
});
