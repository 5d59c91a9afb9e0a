/** A cluster by the Automation API, with settings of the project that say nothing of where the program is. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { copyProject } from "../support/checkout";
import { PULUMI_BIN } from "../support/prerequisites";
import { docker, finish, removeCluster } from "../support/stack";

const NAME = "t-automation";

const PROGRAM = `
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const { RethinkdbCluster } = require("./package/dist/components");
async function main() {
  const program = async () => {
    const cluster = new RethinkdbCluster("db", {
      clusterName: "${NAME}",
      subnet: "10.220.61.0/24",
      driverPort: 36100,
      nodes: 1,
      adminPassword: "correct horse battery",
    });
    return { name: cluster.clusterName };
  };
  const options = {
    projectSettings: { name: "mine", runtime: "nodejs", backend: { url: "file://" + __dirname } },
    envVars: { PULUMI_CONFIG_PASSPHRASE: "test" },
  };
  const stack = await LocalWorkspace.createOrSelectStack({ stackName: "dev", projectName: "mine", program }, options);
  const { outputs } = await stack.up();
  console.log("up: " + outputs.name.value);
  const again = await stack.preview({ expectNoChanges: true });
  console.log("again: " + JSON.stringify(again.changeSummary));
  await stack.destroy();
  console.log("gone");
}
main().catch((error) => { console.error(error.message); process.exit(1); });
`;

let folder: string;

before(() => {
  removeCluster(NAME);
  folder = copyProject();
  symlinkSync(folder, join(folder, "package"));
  writeFileSync(join(folder, "program.cjs"), PROGRAM);
});
after(() => {
  removeCluster(NAME);
  rmSync(folder, { recursive: true, force: true });
});

test("comes up, needs no change and goes, with a project that has no main", async () => {
  const env = { ...process.env, PATH: `${PULUMI_BIN}:${process.env["PATH"] ?? ""}`, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { code, output } = await finish(spawn("node", ["program.cjs"], { cwd: folder, env, stdio: "pipe" }));
  assert.equal(code, 0, output);
  assert.match(output, /^up: t-automation\nagain: \{"same":\d+\}\ngone$/m);
  assert.equal(docker("ps", "-aq", "--filter", `name=${NAME}`), "");
});
