/** The component as others get it: packed, installed elsewhere, used from another program. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, describe, test } from "node:test";
import { PULUMI_BIN } from "../support/prerequisites";
import { docker, tryDocker } from "../support/stack";

const PROJECT = resolve(__dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "rethinkdb-package-"));

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { RethinkdbCluster } from "pulumi-rethinkdb";
const cluster = new RethinkdbCluster("db", {
  clusterName: "t-package", adminPassword: pulumi.secret("a password from elsewhere"), nodes: 1,
  subnet: "10.220.10.0/24", driverPort: 31970,
});
export const servers = cluster.servers;
`;

describe("the packed component", () => {
  after(() => {
    tryDocker("rm", "--force", "t-package-n0");
    tryDocker("network", "rm", "t-package");
    tryDocker("volume", "rm", "t-package-n0-data", "t-package-n0-tls");
    rmSync(folder, { recursive: true, force: true });
  });

  test("makes a cluster from another directory, and records no path of this machine", () => {
    const packed = JSON.parse(
      execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
        cwd: PROJECT,
        encoding: "utf8",
      }),
    ) as { filename: string; files: { path: string }[] }[];
    const paths = packed[0]?.files.map(({ path }) => path) ?? [];
    assert.ok(paths.includes("dist/ops/main.js") && paths.includes("LICENSE"));
    assert.deepEqual(
      paths.filter((path) => /^(test|node_modules|\.state|Pulumi\.)/.test(path)),
      [],
    );

    // What npm install would lay out, without asking a registry: the package for real, its dependencies as they are here.
    const modules = join(folder, "app", "node_modules");
    mkdirSync(join(modules, "pulumi-rethinkdb"), { recursive: true });
    execFileSync("tar", [
      "-xzf",
      join(folder, packed[0]?.filename ?? ""),
      "--strip-components=1",
      "-C",
      join(modules, "pulumi-rethinkdb"),
    ]);
    // Copied, not linked: through links the engine would see the files where they really are.
    execFileSync("cp", ["-a", `${join(PROJECT, "node_modules")}/.`, modules]);
    writeFileSync(
      join(folder, "app", "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          module: "node16",
          moduleResolution: "node16",
          target: "es2022",
          strict: true,
          skipLibCheck: true,
        },
        files: ["index.ts"],
      }),
    );
    writeFileSync(join(folder, "app", "package.json"), JSON.stringify({ name: "app", main: "index.ts" }));
    writeFileSync(join(folder, "app", "Pulumi.yaml"), "name: app\nruntime: nodejs\n");
    writeFileSync(join(folder, "app", "index.ts"), PROGRAM);
    mkdirSync(join(folder, "state"));

    const env = {
      ...process.env,
      PATH: `${PULUMI_BIN}:${process.env["PATH"] ?? ""}`,
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "x",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const pulumi = (...args: string[]): string => {
      const result = spawnSync("pulumi", args, { cwd: join(folder, "app"), env, encoding: "utf8" });
      assert.equal(result.status, 0, result.stdout + result.stderr);
      return result.stdout;
    };
    pulumi("stack", "init", "dev");
    pulumi("up", "--yes", "--skip-preview");
    assert.equal(docker("inspect", "--format", "{{.State.Running}}", "t-package-n0"), "true");
    const state = pulumi("stack", "export");
    for (const path of [folder, PROJECT, homedir()]) assert.ok(!state.includes(path), `the state names ${path}`);
    assert.match(state, /node 'node_modules\/pulumi-rethinkdb\/dist\/ops\/main\.js' fleet/);
    pulumi("destroy", "--yes", "--skip-preview");
  });
});
