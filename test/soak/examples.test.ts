/** Each example on a real engine of its own: it comes up, passes the policy pack, has nothing left to do, and goes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DEFAULT_IMAGE } from "../../args/constants";
import { DEFAULTS } from "../../args/shape/schema";
import { copyProject, PROJECT } from "../support/checkout";
import { PULUMI_BIN, missingWebUiImage } from "../support/prerequisites";
import { PrivateEngine, whyNoPrivateEngine } from "../support/privateEngine";

const NAME = "w-examples";
const EXAMPLES: Readonly<
  Record<string, { readonly secrets: readonly string[]; readonly containers: readonly string[] }>
> = {
  plain: { secrets: ["adminPassword"], containers: ["orders-n0", "orders-n1", "orders-n2"] },
  "accounts-and-web-ui": {
    secrets: ["adminPassword", "apiPassword", "reportPassword", "webUiPassword"],
    containers: ["shop-n0", "shop-n1", "shop-n2", "shop-ui", "shop-ui-peer"],
  },
  "private-address": {
    secrets: ["adminPassword"],
    containers: ["orders-n0", "orders-n1", "orders-n2", "orders-n3", "orders-n4"],
  },
};
const why = whyNoPrivateEngine() ?? missingWebUiImage();
if (why !== false) console.log(`!! NOT RUN: soak/examples.test.ts, because ${why}`);

let engine: PrivateEngine;

/** A project as the example is, with the package as it is built here. */
class Example {
  readonly folder = copyProject();

  constructor(name: string) {
    rmSync(join(this.folder, "config.ts"));
    cpSync(join(PROJECT, "examples", "typescript", name), this.folder, { recursive: true });
    // In this folder the package is found under its own name, and would be taken for the program, too.
    appendFileSync(join(this.folder, "Pulumi.yaml"), "main: index.ts\n");
    const compilerOptions = { module: "node16", moduleResolution: "node16", target: "es2022", skipLibCheck: true };
    writeFileSync(join(this.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
    mkdirSync(join(this.folder, "state"));
    this.pulumi("stack", "init", "dev");
  }

  /** On the host that the namespace stands for: an address that is published has to be one of its own. */
  pulumi(...args: readonly string[]): string {
    const env = {
      ...process.env,
      PATH: `${PULUMI_BIN}:${process.env["PATH"] ?? ""}`,
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "x",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      DOCKER_HOST: engine.host,
    };
    const { status, stdout, stderr } = spawnSync("nsenter", [`--net=/run/netns/${NAME}`, "pulumi", ...args], {
      cwd: this.folder,
      env,
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  }
}

function docker(...args: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync("docker", ["--host", engine.host, ...args], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.split("\n").filter(Boolean);
}

describe("an example on an engine of its own", { skip: why }, () => {
  before(async () => {
    engine = await PrivateEngine.start(NAME, { images: [DEFAULT_IMAGE, DEFAULTS.webUi.image] });
    // The private address of the host in one of them.
    assert.equal(spawnSync("ip", ["-n", NAME, "addr", "add", "10.0.0.5/32", "dev", "lo"]).status, 0);
  });
  after(async () => {
    await engine.dispose();
  });

  test("is each of those in the folder, but for the one that needs three hosts", () => {
    const folders = readdirSync(join(PROJECT, "examples", "typescript"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    assert.deepEqual(folders.map(({ name }) => name).sort(), [...Object.keys(EXAMPLES), "several-hosts"].sort());
  });

  for (const [name, { secrets, containers }] of Object.entries(EXAMPLES)) {
    test(`${name}: comes up, passes the policy pack, and has nothing left to do`, () => {
      const example = new Example(name);
      try {
        for (const secret of secrets) example.pulumi("config", "set", "--secret", secret, `the secret ${secret}`);
        const pack = ["--policy-pack", join(PROJECT, "judge", "pack")];
        const up = example.pulumi("up", "--yes", "--skip-preview", ...pack);
        assert.doesNotMatch(up, /\[mandatory\]/);
        assert.match(up, /\[advisory\] {2}image-by-digest/);
        assert.deepEqual([...docker("ps", "--format", "{{.Names}}")].sort(), containers);
        example.pulumi("preview", "--expect-no-changes");
        example.pulumi("destroy", "--yes", "--skip-preview");
        assert.deepEqual(docker("ps", "-a", "--format", "{{.Names}}"), []);
      } finally {
        rmSync(example.folder, { recursive: true, force: true });
        // Two of them have one name, and data outlives a cluster.
        const left = docker("ps", "-aq");
        if (left.length > 0) docker("rm", "--force", ...left);
        const volumes = docker("volume", "ls", "-q");
        if (volumes.length > 0) docker("volume", "rm", ...volumes);
        const networks = docker("network", "ls", "-q", "--filter", "type=custom");
        if (networks.length > 0) docker("network", "rm", ...networks);
      }
    });
  }
});
