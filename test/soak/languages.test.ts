/** Programs in languages that have to be compiled, and the plugin from a git address. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { makePlugin, readManifest } from "../../scripts/release";
import { PROJECT } from "../support/checkout";
import { missingLanguage, PluginHome, Program } from "../support/pluginHome";
import { removeCluster } from "../support/stack";

const { version } = readManifest();
const PASSWORD = "a password for other languages";
const EXAMPLES = ["plain", "accounts-and-web-ui", "several-hosts"] as const;
const folder = mkdtempSync(join(tmpdir(), "rethinkdb-archive-"));
let home: PluginHome;

before(() => {
  const archive = join(folder, "plugin.tar.gz");
  writeFileSync(archive, makePlugin(readManifest()).archive);
  home = new PluginHome();
  home.install(archive, version);
});
after(() => {
  home.remove();
  rmSync(folder, { recursive: true, force: true });
});

function missingCommand(name: string): string | false {
  return spawnSync(name, ["version"]).error === undefined ? false : `there is no ${name} command`;
}

function example(language: string, name: string): Program {
  const program = new Program(home);
  program.copy(join(PROJECT, "examples", language, name));
  program.pulumi("package", "add", `rethinkdb@${version}`);
  return program;
}

describe("Go", { skip: missingLanguage("go") || missingCommand("go") }, () => {
  for (const name of EXAMPLES) {
    test(`the example ${name} compiles`, () => {
      const program = example("go", name);
      try {
        program.must("go", "mod", "tidy");
        program.must("go", "vet", ".");
      } finally {
        program.dispose();
      }
    });
  }

  test("a cluster is made, grows, shrinks and goes", () => {
    removeCluster("t-lang-go");
    const program = example("go", "plain");
    const nodes = (many: number): void => {
      const text = readFileSync(join(PROJECT, "examples", "go", "plain", "main.go"), "utf8");
      const args = `"t-lang-go",\nNodes: pulumi.IntRef(${String(many)}), Subnet: pulumi.StringRef("10.220.71.0/24"), DriverPort: pulumi.IntRef(34400),`;
      program.write("main.go", text.replace(`"orders",`, args));
    };
    try {
      nodes(1);
      program.must("go", "mod", "tidy");
      program.init({ adminPassword: PASSWORD });
      assert.match(program.up(), /\+ 28 created/);
      program.pulumi("preview", "--expect-no-changes");
      nodes(3);
      assert.match(program.up(), /\+ 24 created/);
      nodes(1);
      assert.match(program.up(), /- 24 deleted/);
      nodes(0);
      const { output } = program.run("pulumi", ["preview"]);
      const said = output.slice(output.indexOf("Diagnostics:")).split("\n");
      assert.match(said[2] ?? "", /'db' has a problem: nodes: 0 is not a whole number from 1 to 64$/);
      assert.match(program.pulumi("destroy", "--yes", "--skip-preview"), /- 28 deleted/);
    } finally {
      removeCluster("t-lang-go");
      program.dispose();
    }
  });
});

describe("Java", { skip: missingLanguage("java") || missingCommand("mvn") }, () => {
  for (const name of EXAMPLES) {
    test(`the example ${name} compiles`, () => {
      const program = example("java", name);
      try {
        // As the command that adds the package says.
        program.must("cp", "-r", "sdks/rethinkdb/src", ".");
        program.must("mvn", "--quiet", "--batch-mode", "compile");
        if (name !== "plain") return;
        program.init({ adminPassword: PASSWORD });
        assert.match(program.pulumi("preview"), /\+ 52 to create/);
      } finally {
        program.dispose();
      }
    });
  }
});

describe("a git address", { skip: missingLanguage("yaml") || missingCommand("git") }, () => {
  let server: ChildProcess;
  before(async () => {
    const bare = join(folder, "root", "org");
    mkdirSync(bare, { recursive: true });
    execFileSync("git", ["clone", "--quiet", "--bare", PROJECT, join(bare, "rethinkdb.git")]);
    execFileSync("git", ["-C", join(bare, "rethinkdb.git"), "tag", "--force", `v${version}`, "HEAD"]);
    const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const files = ["-keyout", "key.pem", "-out", "cert.pem"];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...key, ...names, ...files], { cwd: folder, stdio: "ignore" });
    // npm cannot run scripts below a path with a colon, which a port would bring into the plugin's folder.
    server = spawn("python3", [join(PROJECT, "test", "support", "gitServer.py"), "443"], { cwd: folder });
    await sleep(1500);
  });
  after(() => server.kill());

  test("gives the plugin, which is built there and makes a cluster", () => {
    removeCluster("t-lang-git");
    const own = new PluginHome();
    const program = new Program(own);
    process.env["SSL_CERT_FILE"] = join(folder, "cert.pem");
    try {
      const text = readFileSync(join(PROJECT, "examples", "yaml", "plain", "Pulumi.yaml"), "utf8");
      const args = "t-lang-git\n      nodes: 1\n      subnet: 10.220.72.0/24\n      driverPort: 34500\n";
      program.write("Pulumi.yaml", text.replace("clusterName: orders\n", `clusterName: ${args}`));
      program.pulumi("package", "add", `localhost/org/rethinkdb.git/provider@${version}`);
      program.init({ adminPassword: PASSWORD });
      assert.match(program.up(), /\+ 28 created/);
      program.pulumi("preview", "--expect-no-changes");
      assert.match(program.pulumi("destroy", "--yes", "--skip-preview"), /- 28 deleted/);
    } finally {
      delete process.env["SSL_CERT_FILE"];
      removeCluster("t-lang-git");
      own.remove();
      program.dispose();
    }
  });
});
