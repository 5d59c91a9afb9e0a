/** The web UI on an engine that restarts, as after a host's reboot. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DEFAULT_IMAGE } from "../../args/constants";
import { DEFAULTS } from "../../args/shape/schema";
import { missingBrowser, TestBrowser } from "../support/browser";
import { untilOne } from "../support/cluster";
import { missingWebUiImage } from "../support/prerequisites";
import { PrivateEngine, whyNoPrivateEngine } from "../support/privateEngine";
import { missingSshd, SocksProxy } from "../support/sshd";
import { inspect, TestStack } from "../support/stack";
import { UiClient } from "../support/uiClient";

const NAME = "t-ui-soak";
const PORTS = [35000, 35001, 35002];
const UI = 35010;
const URL = `https://127.0.0.1:${String(UI)}`;
const SOCKS = 35011;
const PASSWORD = "the password of the web UI";
const CONTAINERS = [`${NAME}-n0`, `${NAME}-n1`, `${NAME}-n2`, `${NAME}-ui-peer`, `${NAME}-ui`];
const why = whyNoPrivateEngine() ?? missingWebUiImage();
if (why !== false) console.log(`!! NOT RUN: soak/webUi.test.ts, because ${why}`);

let engine: PrivateEngine;
let stack: TestStack;
let ca: string;
let caFile: string;
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
    engine = await PrivateEngine.start(NAME, { images: [DEFAULT_IMAGE, DEFAULTS.webUi.image] });
    process.env["DOCKER_HOST"] = engine.host;
    stack = TestStack.create({ clusterName: NAME, subnet: "10.232.1.0/24", driverPort: PORTS[0] ?? 0 });
    stack.configureJson("webUi", { enabled: true, port: UI });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], PASSWORD);
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, ca);
    ui = new UiClient({ url: URL, caFile, password: PASSWORD, clusterName: NAME, netns: engine.netns });
    await ui.untilUp();
  });
  after(async () => {
    stack.dispose();
    await engine.dispose();
    if (outside === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = outside;
  });

  test("comes back with a restart of the engine, for people with the password only", async () => {
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

  const whyNoSocks = missingSshd() || missingBrowser();
  if (whyNoSocks) console.log(`!! NOT RUN: ssh -D to the web UI, because ${whyNoSocks}`);
  test("is reached from another host over ssh -D, published on loopback alone", { skip: whyNoSocks }, async () => {
    // This namespace is the other host: what the engine's publishes on its loopback is not here.
    const here = new UiClient({ url: URL, caFile, password: PASSWORD, clusterName: NAME });
    assert.equal(here.get("/", PASSWORD).status, 0);
    const proxy = await SocksProxy.start(engine.netns, SOCKS);
    try {
      const socks = `127.0.0.1:${String(SOCKS)}`;
      assert.equal(here.get("/", null, "--socks5-hostname", socks).status, 401);
      assert.equal(here.get("/", PASSWORD, "--socks5-hostname", socks).status, 200);
      const flags = [`--proxy-server=socks5://${socks}`, "--proxy-bypass-list=<-loopback>"];
      const driven = await TestBrowser.start(caFile, ...flags);
      try {
        const context = await driven.browser.newContext({ httpCredentials: { username: "admin", password: PASSWORD } });
        const page = await context.newPage();
        assert.equal((await page.goto(URL))?.status(), 200);
        await page.getByText("RethinkDB").first().waitFor();
      } finally {
        await driven.dispose();
      }
    } finally {
      await proxy.dispose();
    }
  });
});
