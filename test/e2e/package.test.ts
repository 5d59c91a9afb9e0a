/** The component as others get it: packed, installed elsewhere, used from another program. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { PULUMI_BIN } from "../support/prerequisites";
import { mustPython } from "../support/python";
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

const app = join(folder, "app");
const env = {
  ...process.env,
  PATH: `${PULUMI_BIN}:${process.env["PATH"] ?? ""}`,
  PULUMI_BACKEND_URL: `file://${folder}/state`,
  PULUMI_CONFIG_PASSPHRASE: "x",
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_STACK: "dev",
  NO_COLOR: "1",
};

function run(
  program: string,
  args: readonly string[],
  cwd = app,
): { readonly code: number | null; readonly output: string } {
  const result = spawnSync(program, [...args], { cwd, env, encoding: "utf8", timeout: 120_000 });
  return { code: result.status, output: result.stdout + result.stderr };
}

function must(program: string, ...args: readonly string[]): string {
  const { code, output } = run(program, args);
  assert.equal(code, 0, `${program} ${args.join(" ")}:\n${output}`);
  return output;
}

const npx = (...args: readonly string[]): string => must("npx", "--no-install", "pulumi-rethinkdb", ...args);

describe("the packed component", () => {
  before(() => {
    mkdirSync(join(folder, "state"));
    layOut();
    must("pulumi", "stack", "init", "dev");
    must("pulumi", "up", "--yes", "--skip-preview");
  });
  after(() => {
    tryDocker("rm", "--force", "t-package-n0");
    tryDocker("network", "rm", "t-package");
    tryDocker("volume", "rm", "t-package-n0-data", "t-package-n0-tls");
    rmSync(folder, { recursive: true, force: true });
  });

  test("made a cluster from another directory, and recorded no path of this machine", () => {
    assert.equal(docker("inspect", "--format", "{{.State.Running}}", "t-package-n0"), "true");
    const state = must("pulumi", "stack", "export");
    for (const path of [folder, PROJECT, homedir()]) assert.ok(!state.includes(path), `the state names ${path}`);
    assert.match(state, /"create": "fleet"/);
    must("pulumi", "preview", "--expect-no-changes");
  });

  test("brings a command whose help has every verb that works here", () => {
    const help = npx("help");
    assert.match(help, /^ {2}doctor /m);
    assert.doesNotMatch(help, /^ {2}(up|destroy|pulumi) /m);
    const { code, output } = run("npx", ["--no-install", "pulumi-rethinkdb", "up"]);
    assert.equal(code, 1);
    assert.equal(output, "up: works on the local stack of a checkout of pulumi-rethinkdb; here run pulumi up\n");
  });

  test("looks at the cluster of the stack that is selected, also from elsewhere", () => {
    const [report] = JSON.parse(npx("doctor", "--health", "--json")) as { clusterName: string; problems: string[] }[];
    assert.deepEqual([report?.clusterName, report?.problems], ["t-package", []]);
    const bin = join(app, "node_modules", ".bin", "pulumi-rethinkdb");
    const { code, output } = run(bin, ["certs", "--cwd", app], folder);
    assert.equal(code, 0, output);
    assert.match(output, /^n0 +driver +1 /m);
    assert.equal(
      run(bin, ["certs"], folder).output,
      `${folder} is in no Pulumi project: go to the project's folder, or name it with --cwd\n`,
    );
  });

  test("leads to the driver port", async () => {
    const tunnel = spawn("npx", ["--no-install", "pulumi-rethinkdb", "tunnel", "--port", "31971", "--ca", "ca.pem"], {
      cwd: app,
      env,
      detached: true,
    });
    try {
      const said = await new Promise<string>((resolve) => {
        let text = "";
        tunnel.stdout.on("data", (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes("leads to the driver port")) resolve(text);
        });
      });
      assert.match(said, /127\.0\.0\.1:31971 leads to the driver port of the cluster, over TLS/);
      const ca = readFileSync(join(app, "ca.pem"), "utf8");
      const client = { port: 31971, password: "a password from elsewhere", ca };
      assert.deepEqual(mustPython(client, `return list(r.db_list().run(c))`), ["rethinkdb", "test"]);
    } finally {
      if (tunnel.pid !== undefined) process.kill(-tunnel.pid, "SIGINT");
    }
  });

  test("says what to write into the program where no config has the args", () => {
    assert.match(
      npx("rotate-ca", "driver", "--yes"),
      /Step 1 of 3: [^]*Set this in the program [^]*\n {2}driverCa: \{"issue":1,"trust":\[1,2\]\}\nThen run the same command again; it goes on\.\n$/,
    );
    assert.match(npx("rotate-operator"), /\n {2}operatorGeneration: 2\n$/);
  });

  test("brings the review and the policy pack along", () => {
    assert.match(npx("policy"), /^app\/dev: 46 rules, 0 mandatory/m);
    assert.match(npx("review", "--offline", "--base-dir", "."), /^app\/dev: no difference in what was judged/m);
    const preview = spawnSync("pulumi", ["preview", "--json", "--show-sames", "--show-secrets"], { cwd: app, env });
    writeFileSync(join(app, "preview.json"), preview.stdout);
    assert.match(npx("review", "--preview", "preview.json"), /^app\/dev: no difference in what was judged/m);
    const pack = join("node_modules", "pulumi-rethinkdb", "dist", "judge", "pack");
    assert.match(must("pulumi", "preview", "--policy-pack", pack), /\[advisory\] {2}image-by-digest/);
  });

  test("goes with its stack", () => {
    must("pulumi", "destroy", "--yes", "--skip-preview");
    assert.notEqual(tryDocker("inspect", "t-package-n0").code, 0);
  });
});

/** What npm install would lay out, without asking a registry: the package for real, its dependencies as they are here. */
function layOut(): void {
  const packed = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
      cwd: PROJECT,
      encoding: "utf8",
    }),
  ) as { filename: string; files: { path: string }[] }[];
  const paths = packed[0]?.files.map(({ path }) => path) ?? [];
  assert.ok(["dist/ops/main.js", "dist/cli/main.js", "LICENSE"].every((path) => paths.includes(path)));
  assert.deepEqual(
    paths.filter((path) => /^(test|node_modules|\.state|Pulumi\.)/.test(path)),
    [],
  );
  const modules = join(app, "node_modules");
  mkdirSync(join(modules, "pulumi-rethinkdb"), { recursive: true });
  const tarball = join(folder, packed[0]?.filename ?? "");
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(modules, "pulumi-rethinkdb")]);
  // Copied, not linked: through links the engine would see the files where they really are.
  execFileSync("cp", ["-a", `${join(PROJECT, "node_modules")}/.`, modules]);
  const bin = join(modules, ".bin", "pulumi-rethinkdb");
  rmSync(bin, { force: true });
  symlinkSync(join("..", "pulumi-rethinkdb", "dist", "cli", "main.js"), bin);
  const compilerOptions = { module: "node16", moduleResolution: "node16", target: "es2022", strict: true };
  writeFileSync(
    join(app, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, skipLibCheck: true }, files: ["index.ts"] }),
  );
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", main: "index.ts" }));
  writeFileSync(join(app, "Pulumi.yaml"), "name: app\nruntime: nodejs\n");
  writeFileSync(join(app, "index.ts"), PROGRAM);
}
