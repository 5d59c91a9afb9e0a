/** The ways in for people, to an engine that is reached over ssh alone, its host key checked. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { type Connection, r } from "rethinkdb-ts";
import { mustPython } from "../support/python";
import { RunningVerb, until } from "../support/runningVerb";
import { missingWebUiImage } from "../support/prerequisites";
import { missingSshd } from "../support/sshd";
import { SshHost } from "../support/sshHost";
import { docker, TestStack } from "../support/stack";
import { connectThrough } from "../support/throughTunnel";
import { UiClient } from "../support/uiClient";

const NAME = "w-ssh";
const SSHD = 37900;
const PORT = 37110;
const UI = 37120;
const UI_PASSWORD = "the password of the web UI";
/** sshd's `MaxStartups` begins to refuse connections at ten that have not logged in yet. */
const CONNECTIONS = 50;
const why = missingSshd() || (process.getuid?.() === 0 ? missingWebUiImage() : "sshd for this test needs root");
if (why) console.log(`!! NOT RUN: e2e/ssh.test.ts, because ${why}`);

let host: SshHost;
let stack: TestStack;
let ca: string;

/** ssh processes of docker to the test's host. */
function sessions(): readonly string[] {
  const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes("dial-stdio") && line.includes(String(SSHD)));
}

function connected(): Promise<Connection> {
  return connectThrough(PORT, stack.settings.adminPassword, ca);
}

describe("over an engine behind ssh", { skip: why }, () => {
  before(async () => {
    host = await SshHost.start(SSHD);
    stack = TestStack.create({ clusterName: NAME, subnet: "10.87.1.0/24", driverPort: 37100, nodes: 2 });
    stack.env["PATH"] = `${host.path}:${stack.env["PATH"] ?? ""}`;
    // Said in the program; what else could be meant leads nowhere.
    stack.env["DOCKER_HOST"] = "unix:///nowhere";
    const program = join(stack.folder, "index.ts");
    const said = `{ ...readConfig(), dockerHost: "${host.endpoint}" }`;
    writeFileSync(program, readFileSync(program, "utf8").replace("readConfig())", `${said})`));
    stack.configure({ driverPublish: "none" });
    stack.configureJson("webUi", { enabled: true, publish: "none" });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], UI_PASSWORD);
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
  });
  afterEach(() => {
    host.knowHost("host");
    RunningVerb.killAll();
  });
  after(async () => {
    stack.dispose();
    await host.dispose();
  });

  test(`a tunnel carries ${String(CONNECTIONS)} connections at once, and leaves no ssh behind`, async () => {
    assert.equal(docker("port", `${NAME}-n0`), "");
    const tunnel = await RunningVerb.start(stack, "tunnel", ["--port", String(PORT)]);
    assert.equal(
      mustPython({ port: PORT, password: stack.settings.adminPassword, ca }, `return r.expr(42).run(c)`),
      42,
    );
    const started = Date.now();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const connection = await connected();
        const blob = randomBytes(100_000);
        const found = (await r.expr(blob).run(connection)) as unknown as Buffer;
        assert.ok(blob.equals(found));
        await connection.close();
      }),
    );
    console.log(`${String(CONNECTIONS)} connections over ssh: ${((Date.now() - started) / 1000).toFixed(1)} s`);
    assert.doesNotMatch(host.said, /MaxStartups|drop connection/);
    const open = await connected();
    assert.ok(sessions().length > 0);
    assert.equal(await tunnel.stop("SIGINT"), 0, tunnel.output);
    assert.match(tunnel.output, /The tunnel is closed\.\n$/);
    await until(
      () => sessions().length === 0,
      () => sessions().join("\n"),
    );
    await open.close({ noreplyWait: false }).catch(() => undefined);
  });

  test("a tunnel is refused to a host with another key", () => {
    host.knowHost("other");
    const { code, output } = stack.cli("tunnel", "--port", String(PORT));
    assert.deepEqual(
      [code, output],
      [
        1,
        `the host key of root@127.0.0.1:${String(SSHD)} is another one than before, or another machine answers there; ` +
          `find out which, then correct known_hosts\n`,
      ],
    );
  });

  test("a prompt runs what is typed", () => {
    const main = join(stack.folder, "dist", "cli", "main.js");
    const options = { cwd: stack.folder, env: stack.env, encoding: "utf8", timeout: 60_000 } as const;
    const input = `r.db("rethinkdb").table("server_config").count()\n`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "shell", "--stack", NAME], {
      ...options,
      input,
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^connected to n\d as admin\n[^]*\n2\n$/);
  });

  test("the web UI that publishes nothing is led to", async () => {
    const caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, ca);
    const url = `https://127.0.0.1:${String(UI)}`;
    const running = await RunningVerb.start(stack, "ui", ["--port", String(UI)]);
    const ui = new UiClient({ url, caFile, password: UI_PASSWORD, clusterName: NAME });
    await ui.untilUp();
    assert.equal(ui.get("/", null).status, 401);
    assert.match(ui.get("/", null, ...ui.session()).body, /RethinkDB/);
    assert.equal(await running.stop("SIGINT"), 0, running.output);
  });
});
