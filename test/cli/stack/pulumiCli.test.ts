/** Which CLI is started: the one that is there, found as the npm package's own launcher finds it. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installedPulumi, PulumiCli } from "../../../cli/stack/pulumiCli";

const SCRIPT = `#!/bin/sh\necho "$1 $(dirname "$0") \${PATH%%:*}"\n`;

test("a CLI that is there is started without the launcher, with what lies beside it on the PATH", async () => {
  const home = mkdtempSync(join(tmpdir(), "pulumi-home-"));
  const bin = join(home, "versions", "9.9.9", "bin");
  const env = { PULUMI_HOME: home, PULUMI_VERSION: "9.9.9" };
  try {
    assert.equal(installedPulumi(env), undefined);
    mkdirSync(bin, { recursive: true });
    const cli = join(bin, "pulumi");
    writeFileSync(cli, "");
    chmodSync(cli, 0o755);
    assert.equal(installedPulumi(env), undefined, "a download that was cut short is none");
    writeFileSync(cli, SCRIPT);
    chmodSync(cli, 0o644);
    if (process.getuid?.() !== 0) assert.equal(installedPulumi(env), undefined, "not executable");
    chmodSync(cli, 0o755);
    assert.equal(installedPulumi(env), cli);
    assert.equal(installedPulumi({ ...env, PULUMI_VERSION: "9.9.8" }), undefined);
    const said = await new PulumiCli(home, process.env, [cli]).read(["version"]);
    assert.equal(said.trim(), `version ${bin} ${bin}`);
  } finally {
    rmSync(home, { recursive: true });
  }
});
