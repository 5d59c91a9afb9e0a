/** The review of an engine's preview and the review offline say the same of the same change. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { BothReviews, opts, type StackChange, transformed } from "../support/bothReviews";
import { PROJECT } from "../support/checkout";
import { finish, TestStack } from "../support/stack";

const NAME = "t-review";
let stack: TestStack;
let both: BothReviews;

const CHANGES: readonly StackChange[] = [
  { name: "nothing" },
  { name: "two more servers", config: { nodes: "3" } },
  {
    name: "a public driver port",
    config: { driverPublish: '"0.0.0.0"', allow: '["public-driver"]' },
    says: "weakened: n0: address on which port 28015/tcp (driver) is published is now 0.0.0.0 (every address); was 127.0.0.1 (loopback)",
  },
  {
    name: "no published driver port",
    config: { driverPublish: "none" },
    says: "strengthened: n0: address on which port 28015/tcp (driver) is published is now none; was 127.0.0.1 (loopback)",
  },
  {
    name: "certificates for a year",
    config: { certValidityDays: "365" },
    says: "weakened: n0 cluster certificate, n0 driver certificate: validity is now 365 days; was 90 days",
  },
  {
    name: "a wildcard name",
    config: { driverSans: '["*.example.com"]' },
    says: "weakened: n0 driver certificate: valid for every name below example.com is now yes; was no",
  },
  {
    name: "half the memory",
    config: { memoryMib: "512" },
    says: "disrupted: n0 restarts (command, memory, memorySwap)",
  },
  {
    name: "a uid of logins",
    config: { runAsUid: "1000" },
    says: "weakened: n0: user of the process is now 1000 (a uid that logins have); was 28015",
  },
  {
    name: "an override",
    config: { allow: '["adopt-data"]' },
    says: `weakened: cluster ${NAME}: guard overridden: adopt-data is now yes; was no`,
  },
  {
    name: "new CAs",
    config: { caValidityDays: "7300" },
    says: "destroyed: the cluster CA is replaced by a new one: servers with certificates of the old one and of the new one cannot talk",
  },
  {
    name: "another subnet",
    config: { subnet: "10.231.8.0/24" },
    says: "destroyed: network network is replaced by a new one: everything on it stops",
  },
  {
    name: "hardening taken away by a transformation",
    program: (text) =>
      transformed(
        text,
        `if (name.endsWith("-n0")) Object.assign(props, { privileged: true, readOnly: false, capabilities: { adds: ["SYS_ADMIN"] } })`,
      ),
    says: "weakened: n0: privileged is now yes; was no",
  },
  {
    name: "options taken away by a transformation",
    program: (text) =>
      transformed(
        text,
        `if (name.endsWith("-n0")) opts.replaceOnChanges = []; if (name.endsWith("-data")) opts.retainOnDelete = false`,
      ),
    says: "weakened: volume n0-data: data volume outlives its resource is now no; was yes",
  },
  {
    name: "a container of others",
    program: (text) =>
      `import * as docker from "@pulumi/docker";\n${text}\nnew docker.Container("web", { image: "nginx:1.30.6", ports: [{ internal: 80, external: 34780 }] });\n`,
    says: "weakened: container web: address on which port 80/tcp is published is no address given (every address) (new; weaker than what this project promises)",
  },
  {
    name: "another name with an alias",
    program: (text) =>
      opts(text.replace('"rethinkdb", readConfig', '"store", readConfig'), `{ aliases: [{ name: "rethinkdb" }] }`),
  },
  {
    name: "another name without an alias",
    program: (text) => text.replace('"rethinkdb", readConfig', '"store", readConfig'),
    says: "destroyed: the cluster's identity is deleted: every data volume becomes a stranger's, and servers refuse to start",
  },
];

describe("a preview of the real engine and the review offline", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.231.7.0/24", driverPort: 34700, nodes: 1 });
    await stack.mustUp();
    both = new BothReviews(stack);
    await both.declareBase();
  });
  afterEach(() => {
    both.back();
  });
  after(async () => {
    await finish(stack.start(["destroy", "--yes", "--skip-preview"]));
    stack.dispose();
  });

  for (const change of CHANGES) {
    test(`say the same of: ${change.name}`, () => both.agreeOn(change));
  }

  test("stand beside the policy pack, which lets the stack pass and refuses what breaks a promise", async () => {
    const pack = ["--policy-pack", join(PROJECT, "judge", "pack")];
    const kept = await stack.preview(...pack);
    assert.equal(kept.code, 0, kept.output);
    assert.match(kept.output, /\[advisory\] {2}image-by-digest/);
    assert.doesNotMatch(kept.output, /\[mandatory\]/);
    const body = `if (name.endsWith("-n0")) Object.assign(props, { readOnly: false, envs: ["ADMIN_PASSWORD=hunter2-hunter2"] })`;
    both.writeProgram(transformed(both.program, body));
    const broken = await stack.preview(...pack);
    assert.notEqual(broken.code, 0);
    assert.match(
      broken.output,
      /\[mandatory\] {2}read-only-root .*\n.*\n.*rethinkdb-n0: its root file system can be written\. Set readOnly\./,
    );
    assert.match(broken.output, /rethinkdb-n0: a secret stands in envs, which docker inspect shows\./);
    const said = broken.output.slice(broken.output.indexOf("Policies:"));
    assert.equal(said.includes("hunter2"), false);
  });

  test("of a certificate that falls due is told apart from what was changed", async () => {
    const exported = JSON.parse(stack.exported()) as {
      deployment: { resources: { urn: string; outputs?: Record<string, unknown> }[] };
    };
    const untouched = JSON.stringify(exported);
    for (const { urn, outputs } of exported.deployment.resources) {
      if (urn.endsWith("-driver-certificate") && outputs !== undefined)
        outputs["validityEndTime"] = new Date(Date.now() + 86_400_000).toISOString();
    }
    stack.pulumi(["stack", "import"], JSON.stringify(exported));
    try {
      const found = await both.fromEngine();
      const disrupted = found.lines
        .filter(({ direction }) => direction === "disrupted")
        .map(({ sentence }) => sentence);
      assert.deepEqual(disrupted, ["n0 restarts (certificates fall due)"]);
      assert.equal(
        found.additions.sentence,
        "adds no server; 0 existing servers touched; not of this change: certificates of n0 are due for renewal",
      );
      assert.equal(found.additions.only, true);
    } finally {
      stack.pulumi(["stack", "import"], untouched);
    }
  });
});
