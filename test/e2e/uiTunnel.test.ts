/** `npx pulumi-rethinkdb ui` where the web UI is not published: a way there for as long as it runs. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { missingWebUiImage } from "../support/prerequisites";
import { docker, TestStack } from "../support/stack";
import { UiClient } from "../support/uiClient";

const NAME = "t-ui-tunnel";
const LOCAL = 35050;
const URL = `https://127.0.0.1:${String(LOCAL)}`;
const PASSWORD = "the password of the web UI";

let stack: TestStack;
let ui: UiClient;

/** docker processes of the way there, on this host. */
function leftovers(): readonly string[] {
  const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.startsWith("docker exec") && line.includes(`${NAME}-ui`));
}

async function until(what: () => boolean, describeState: () => string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!what()) {
    assert.ok(Date.now() < end, describeState());
    await sleep(100);
  }
}

describe("npx pulumi-rethinkdb ui", { skip: missingWebUiImage() }, () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.232.3.0/24", driverPort: 35040, nodes: 1 });
    stack.configureJson("webUi", { enabled: true, publish: "none" });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], PASSWORD);
    await stack.mustUp();
    const caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, stack.output<string>("driverCaPem"));
    ui = new UiClient({ url: URL, caFile, password: PASSWORD, clusterName: NAME });
  });
  after(() => {
    stack.dispose();
  });

  test("leads to a web UI that publishes nothing, where the password decides, until Ctrl-C", async () => {
    assert.equal(docker("port", `${NAME}-ui`), "");
    assert.equal(docker("port", `${NAME}-ui-peer`), "");
    const main = join(stack.folder, "dist", "cli", "main.js");
    const argv = [main, "ui", "--stack", NAME, "--port", String(LOCAL)];
    // In a group of its own, like a command in a terminal.
    const child = spawn(process.execPath, argv, { cwd: stack.folder, env: stack.env, stdio: "pipe", detached: true });
    const ended = once(child, "close");
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    }
    try {
      await until(
        () => output.includes("Ctrl-C") || child.exitCode !== null,
        () => output,
      );
      assert.equal(
        output,
        [
          `The web UI is at ${URL}/, user admin.`,
          `Its password: pulumi config get webUiPassword --stack ${NAME}`,
          `Its certificate is of the driver CA (pulumi stack output driverCaPem --stack ${NAME}): import that into the browser, or compare before you trust it.`,
          `Ctrl-C closes the way there.`,
          ``,
        ].join("\n"),
      );
      await ui.untilUp();
      assert.equal(ui.get("/", null).status, 401);
      assert.equal(ui.get("/", "wrong").status, 401);
      assert.equal(ui.open(null).status, 401);
      const session = ui.session();
      assert.match(ui.get("/", null, ...session).body, /RethinkDB/);
      assert.equal(ui.open(null, ...session, "--header", `Origin: ${URL}`).status, 200);
      assert.equal(ui.open(null, ...session, "--header", "Origin: https://evil.example").status, 403);
      process.kill(-(child.pid ?? 0), "SIGINT");
      assert.deepEqual(await ended, [0, null], output);
    } finally {
      if (child.exitCode === null) child.kill("SIGKILL");
    }
    await until(
      () => leftovers().length === 0,
      () => leftovers().join("\n"),
    );
    assert.equal(ui.get("/", PASSWORD).status, 0, "the way there is closed");
  });

  test("says so when its port is taken", async () => {
    const holder = spawn("python3", ["-m", "http.server", "--bind", "127.0.0.1", String(LOCAL)], { stdio: "ignore" });
    try {
      const listens = (): boolean =>
        spawnSync("bash", ["-c", `exec 3<>/dev/tcp/127.0.0.1/${String(LOCAL)}`]).status === 0;
      await until(listens, () => "the port is not taken");
      const { code, output } = stack.cli("ui", "--port", String(LOCAL));
      const message = `--port: 127.0.0.1:${String(LOCAL)} is in use by another program; choose another one\n`;
      assert.deepEqual([code, output], [1, message]);
    } finally {
      holder.kill();
      await once(holder, "close");
    }
  });
});
