/** Programs in other languages, with the plugin as a release brings it: what they get is what a program in TypeScript gets. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makePlugin, readManifest } from "../../scripts/release";
import { PROJECT } from "../support/checkout";
import { describeLanguage, PluginHome, Program, renumber } from "../support/pluginHome";
import { inspect, removeCluster } from "../support/stack";

const folder = mkdtempSync(join(tmpdir(), "rethinkdb-archives-"));
const OLD = join(folder, "old.tar.gz");
const NEW = join(folder, "new.tar.gz");
const { version } = readManifest();
const NEXT = "9.9.9";
const PASSWORD = "a password for other languages";
const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

let sbom: string;
let home: PluginHome;
let nextHome: PluginHome;

before(() => {
  const made = makePlugin(readManifest());
  writeFileSync(OLD, made.archive);
  sbom = made.sbom;
  renumber(OLD, NEXT, NEW);
  home = new PluginHome();
  home.install(OLD, version);
  nextHome = new PluginHome(4);
  nextHome.install(NEW, NEXT);
});
after(() => {
  for (const one of [home, nextHome]) one.remove();
  rmSync(folder, { recursive: true, force: true });
});

const yaml = (props: string): string => `name: shop
runtime: yaml
config:
  adminPassword: { type: string, secret: true }
resources:
  db:
    type: rethinkdb:RethinkdbCluster
    properties:
      clusterName: t-lang-yaml
      adminPassword: \${adminPassword}
      subnet: 10.220.70.0/24
      driverPort: 34300
${props}outputs:
  servers: \${db.servers}
`;

interface State {
  readonly deployment: { readonly resources: readonly { readonly type: string; readonly urn: string }[] };
}

describeLanguage("yaml", "a program in YAML", () => {
  let program: Program;
  before(() => {
    removeCluster("t-lang-yaml");
    program = new Program(home);
    declare("      nodes: 1\n");
    program.init({ adminPassword: PASSWORD });
  });
  after(() => {
    removeCluster("t-lang-yaml");
    program.dispose();
  });

  /** With the SDK of the plugin that its home has. */
  function declare(props: string): void {
    program.write("Pulumi.yaml", yaml(props));
    program.pulumi("package", "add", `rethinkdb@${program.home === home ? version : NEXT}`);
  }
  const started = (name: string): unknown =>
    inspect<{ State: { StartedAt: string } }>("container", name).State.StartedAt;

  test("makes a cluster, and has nothing left to do", () => {
    assert.match(program.up(), /\+ 28 created/);
    program.pulumi("preview", "--expect-no-changes");
  });

  test("records no home, folder or version of what ran", () => {
    const { deployment } = JSON.parse(program.pulumi("stack", "export")) as State;
    // Pulumi's own notes apart: where a resource was declared, and which plugin to ask.
    const ours = deployment.resources.filter(({ type }) => type !== "pulumi:providers:rethinkdb");
    const text = JSON.stringify(ours, (key, value: unknown) =>
      ["sourcePosition", "stackTrace", "provider"].includes(key) ? undefined : value,
    );
    for (const path of [home.folder, program.folder, PROJECT, tmpdir(), version]) {
      assert.ok(!text.includes(path), `the state names ${path}`);
    }
    const own = ours.filter(({ type }) => type !== "pulumi:pulumi:Stack");
    assert.ok(!JSON.stringify(own).includes(home.folder), "no source position names the plugin's home");
  });

  test("does nothing after an upgrade in another home, where the old version is gone", () => {
    program.home = nextHome;
    declare("      nodes: 1\n");
    program.pulumi("preview", "--expect-no-changes");
  });

  test("grows and touches no server that exists", () => {
    const first = started("t-lang-yaml-n0");
    declare("      nodes: 3\n");
    program.up();
    assert.equal(started("t-lang-yaml-n0"), first);
    inspect("container", "t-lang-yaml-n2");
  });

  test("changes a limit by a restart of each server", () => {
    declare("      nodes: 3\n      memoryMib: 900\n");
    assert.match(program.up(), /\+-3 replaced/);
    const { HostConfig } = inspect<{ HostConfig: { Memory: number } }>("container", "t-lang-yaml-n2");
    assert.equal(HostConfig.Memory, 900 * 1024 * 1024);
  });

  test("says what is wrong with its values in the component's own words, and nothing before it", () => {
    declare("      nodes: 0\n      driverSans: ['a b']\n");
    const { code, output } = program.run("pulumi", ["preview"]);
    assert.notEqual(code, 0);
    const said = output.slice(output.indexOf("Diagnostics:")).split("\n");
    assert.match(
      said[2] ?? "",
      /^ {4}error: rethinkdb:index:RethinkdbCluster resource 'db' has a problem: nodes: 0 is not a whole number from 1 to 64$/,
    );
    assert.match(said[3] ?? "", /^ {4}driverSans\[0\]: "a b"/);
    assert.doesNotMatch(output, /rpc error|serializing property/);
  });

  test("judges a secret before anything else, and does not show it", () => {
    declare("      nodes: 3\n      memoryMib: 900\n");
    program.run("pulumi", ["config", "set", "--secret", "adminPassword"], "xyz\u0007zyx");
    const { code, output } = program.run("pulumi", ["preview"]);
    assert.notEqual(code, 0);
    assert.match(output, /'db' has a problem: adminPassword: /);
    assert.doesNotMatch(output, /xyz|zyx|serializing property/);
    program.run("pulumi", ["config", "set", "--secret", "adminPassword"], PASSWORD);
  });

  test("shrinks and is destroyed with the next version alone", () => {
    declare("      nodes: 1\n      memoryMib: 900\n");
    assert.match(program.up(), /- 24 deleted/);
    assert.match(program.pulumi("destroy", "--yes", "--skip-preview"), /- 28 deleted/);
  });
});

describeLanguage("python", "docs/installation-configuration.md", () => {
  test("leads from an empty folder to a query over TLS, word for word", () => {
    // Its names and ports are the defaults.
    removeCluster("orders");
    const program = new Program(new PluginHome());
    try {
      symlinkSync(OLD, join(program.folder, `pulumi-resource-rethinkdb-v${version}-linux-amd64.tar.gz`));
      const page = readFileSync(join(PROJECT, "docs", "installation-configuration.md"), "utf8");
      const part = page.slice(page.indexOf("# From an empty folder"), page.indexOf("# Configuration"));
      let last = "";
      for (const [, kind = "", file = "", text = ""] of part.matchAll(/^```(\w+) ?(\S*)\n([^]*?)^```$/gm)) {
        if (file !== "") program.write(file, text);
        else if (kind === "sh") last = program.must("bash", "-e", "-c", text);
      }
      assert.deepEqual((JSON.parse(last.replaceAll("'", '"')) as string[]).sort(), ["n0", "n1", "n2"]);
      program.pulumi("preview", "--expect-no-changes");
      program.pulumi("destroy", "--yes", "--skip-preview");
    } finally {
      removeCluster("orders");
      program.home.remove();
      program.dispose();
    }
  });
});

const SECRETS = ["adminPassword", "apiPassword", "reportPassword", "webUiPassword"];
const EXAMPLES = ["plain", "accounts-and-web-ui", "several-hosts"] as const;

for (const language of ["yaml", "python"] as const) {
  describeLanguage(language, `examples in ${language}`, () => {
    test("each has a preview", () => {
      const environment = mkdtempSync(join(tmpdir(), "rethinkdb-venv-"));
      try {
        for (const example of EXAMPLES) {
          const program = new Program(home);
          try {
            program.copy(join(PROJECT, "examples", language, example));
            onThisEngine(program, language === "yaml" ? "Pulumi.yaml" : "__main__.py");
            if (language === "python") {
              if (example === "plain") program.must("python3", "-m", "venv", environment);
              program.must(join(environment, "bin", "pip"), "install", "--quiet", "-r", "requirements.txt");
              const project = readFileSync(join(program.folder, "Pulumi.yaml"), "utf8");
              program.write("Pulumi.yaml", project.replace("virtualenv: venv", `virtualenv: ${environment}`));
            }
            program.pulumi("package", "add", `rethinkdb@${version}`);
            program.init(Object.fromEntries(SECRETS.map((name) => [name, `the secret ${name}`])));
            assert.match(program.pulumi("preview"), /\+ \d\d+ to create/);
          } finally {
            program.dispose();
          }
        }
      } finally {
        rmSync(environment, { recursive: true, force: true });
      }
    });
  });
}

/** Its hosts are this machine, three times: a preview asks each engine whether it is there. */
function onThisEngine(program: Program, file: string): void {
  const text = readFileSync(join(program.folder, file), "utf8");
  let many = 0;
  const hosts = text.replaceAll(/ssh:\/\/deploy@(10\.0\.0\.1\d|\{address\})/g, (_, address: string) => {
    if (address.startsWith("{")) return `unix://${program.folder}/{name}.sock`;
    return `unix://${program.folder}/${"abc"[many++] ?? ""}.sock`;
  });
  for (const name of "abc") symlinkSync("/var/run/docker.sock", join(program.folder, `${name}.sock`));
  writeFileSync(join(program.folder, file), hosts);
}

test("a release made twice has the same bytes", () => {
  const again = makePlugin(readManifest());
  assert.equal(digest(again.archive), digest(readFileSync(OLD)));
  assert.equal(again.sbom, sbom);
  assert.ok(sbom.includes(`"name": "@pulumi/docker"`));
});
