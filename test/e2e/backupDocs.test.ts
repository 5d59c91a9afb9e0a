/** The way from nothing to a verified backup, as docs/backups.md has it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { missingRestic } from "../support/backups";
import { copyProject, PROJECT } from "../support/checkout";
import { removeCluster } from "../support/stack";

const NAME = "t-bak-docs";
let folder: string;

/** Blocks of shell in the section of the way. */
function blocks(): readonly string[] {
  const page = readFileSync(join(PROJECT, "docs", "backups.md"), "utf8");
  const [, section = ""] = /^## From nothing to a verified backup\n([^]*?)^## /m.exec(page) ?? [];
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, code = ""]) => code);
}

describe("docs/backups.md", { skip: missingRestic() }, () => {
  before(() => {
    removeCluster(NAME);
    folder = copyProject();
    const config = { clusterName: NAME, nodes: 1, subnet: "10.222.41.0/24", driverPort: 31899 };
    const lines = Object.entries(config).map(([key, value]) => `  rethinkdb:${key}: ${String(value)}`);
    writeFileSync(join(folder, "Pulumi.local.yaml"), ["config:", ...lines, ""].join("\n"));
  });
  after(() => {
    removeCluster(NAME);
    rmSync(folder, { recursive: true, force: true });
  });

  test("leads from nothing to a verified backup in five commands, as they stand there", () => {
    const [settings = "", commands = "", ...more] = blocks();
    assert.equal(more.length, 0);
    assert.equal(commands.trim().split("\n").length, 5);
    const script = settings.replace("/srv/backups", `${folder}/backups`) + commands;
    const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", script], {
      cwd: folder,
      env: { ...process.env, HOME: folder, PULUMI_HOME: pulumiHome(), NO_COLOR: "1" },
      encoding: "utf8",
      timeout: 300_000,
    });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /^Backup \w{8} has 0 tables with 0 rows:$/m);
    assert.match(stdout, /^Backup \w{8} is verified: 0 tables with 0 rows, /m);
    assert.equal(statSync(join(folder, ".restic-password")).mode & 0o777, 0o600);
    assert.ok(existsSync(join(folder, ".state", "backups", `local-${NAME}.json`)));
  });
});

function pulumiHome(): string {
  return process.env["PULUMI_HOME"] ?? join(process.env["HOME"] ?? "", ".pulumi");
}
