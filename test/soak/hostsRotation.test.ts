/** Certificates of five servers over three hosts are rotated under readers and writers, and the web UI comes and goes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DEFAULT_IMAGE } from "../../args/constants";
import { DEFAULTS } from "../../args/shape/schema";
import { doctor } from "../support/doctor";
import { HostCluster, timed } from "../support/hostCluster";
import { whyNoHosts } from "../support/hosts";
import { missingWebUiImage } from "../support/prerequisites";
import { finish, type Finished } from "../support/stack";
import { UiClient } from "../support/uiClient";

const NAME = "h-rot";
const UI_PORT = 38190;
const UI_PASSWORD = "the password of the web UI";
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsRotation.test.ts, because ${skip}`);
const noUi = missingWebUiImage();

let cluster: HostCluster;

/** A verb while clients work in other processes and timers of this one go on. */
async function verb(...argv: readonly string[]): Promise<Finished> {
  const { folder, env } = cluster.stack;
  const main = join(folder, "dist", "cli", "main.js");
  const child = spawn(process.execPath, [main, ...argv, "--stack", NAME], { cwd: folder, env, stdio: "pipe" });
  return finish(child);
}

/** When each server's container was started. */
function starts(): Readonly<Record<string, string>> {
  const { hosts, names, places } = cluster;
  const ask = (name: string): string =>
    hosts.docker(places[name] ?? "", "inspect", "--format", "{{.State.StartedAt}}", `${NAME}-${name}`);
  return Object.fromEntries(names.map((name) => [name, ask(name)]));
}

describe("certificates of five servers over three hosts", { skip: skip ?? false }, () => {
  before(async () => {
    const images = [DEFAULT_IMAGE, ...(noUi ? [] : [DEFAULTS.webUi.image])];
    const at = { network: "10.88.203", subnet: "10.88.4.0/24", driverPort: 38180 };
    cluster = await HostCluster.start({ name: NAME, ...at, images });
  });
  after(async () => {
    await cluster.dispose();
  });

  test("one server's are renewed, and no other server restarts", async () => {
    const before = starts();
    await cluster.underLoad("renew --server n1", async () => {
      const [seconds, { code, output }] = await timed(() => verb("renew", "--server", "n1"));
      assert.equal(code, 0, output);
      return { seconds };
    });
    const now = starts();
    assert.deepEqual(
      cluster.names.filter((name) => now[name] !== before[name]),
      ["n1"],
    );
    await cluster.assertSettled();
  });

  test("the cluster CA is rotated by one verb, over all hosts", async () => {
    await cluster.underLoad("rotate-ca cluster --yes", async () => {
      const [seconds, { code, output }] = await timed(() => verb("rotate-ca", "cluster", "--yes"));
      assert.equal(code, 0, output);
      assert.match(output, /Every server was seen to present a certificate of the new generation\./);
      assert.match(output, /The cluster CA is of generation 2 now; no other generation is trusted\./);
      return { seconds };
    });
    await cluster.assertSettled();
  });

  test("the web UI answers over HTTPS to people with its password; then it is gone again", { skip: noUi }, async () => {
    const { stack, hosts } = cluster;
    stack.configureJson("webUi", { enabled: true, port: UI_PORT });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], UI_PASSWORD);
    await stack.mustUp();
    const caFile = join(stack.folder, "ca.pem");
    writeFileSync(caFile, cluster.ca);
    const { netns } = hosts.get("a").engine;
    const url = `https://127.0.0.1:${String(UI_PORT)}`;
    const ui = new UiClient({ url, caFile, password: UI_PASSWORD, clusterName: NAME, netns });
    await ui.untilUp();
    assert.equal(ui.get("/", null).status, 401);
    assert.equal(ui.get("/", "wrong").status, 401);
    assert.match(ui.get("/", null, ...ui.session()).body, /RethinkDB/);
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    stack.configureJson("webUi", { enabled: false });
    stack.unset("webUiPassword");
    await stack.mustUp();
    for (const name of ["a", "b", "c"]) {
      assert.doesNotMatch(hosts.docker(name, "ps", "-a", "--format", "{{.Names}}"), /-ui/, name);
    }
    await cluster.assertSettled();
  });
});
