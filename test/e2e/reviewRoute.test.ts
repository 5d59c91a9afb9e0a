/** `npx pulumi-rethinkdb review` and `npx pulumi-rethinkdb policy` on a real stack with accounts and the web UI: verdicts, exit codes, no secrets. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { BothReviews, type StackChange, transformed } from "../support/bothReviews";
import { PROJECT } from "../support/checkout";
import { missingWebUiImage } from "../support/prerequisites";
import { finish, type Finished, TestStack } from "../support/stack";

const NAME = "w-review";
const PORT = "address on which port 8443/tcp (web UI) is published";
const FORMATS = ["terminal", "markdown", "json", "sarif"] as const;
const why = missingWebUiImage();

const plant = (): string => `s3cr3t-${randomBytes(12).toString("hex")}`;
const SECRETS = { admin: plant(), user: plant(), webUi: plant(), another: plant() };

const CHANGES: readonly StackChange[] = [
  {
    name: "the web UI on a private address",
    config: { webUi: '{"enabled": true, "port": 37710, "publish": "10.0.0.5"}' },
    says: `weakened: container ui: ${PORT} is now 10.0.0.5 (a private address); was 127.0.0.1 (loopback)`,
  },
  {
    name: "the web UI published nowhere",
    config: { webUi: '{"enabled": true, "port": 37710, "publish": "none"}' },
    says: `strengthened: container ui: ${PORT} is now none; was 127.0.0.1 (loopback)`,
  },
  {
    name: "another user of the web UI",
    config: { webUi: '{"enabled": true, "port": 37710, "user": "ops"}' },
    says: "changed: web UI: user is now ops; was admin",
  },
  {
    name: "no web UI any more",
    config: { webUi: '{"enabled": false}' },
    says: `strengthened: cluster ${NAME}: web UI is now off; was on`,
  },
  {
    name: "more rights for a user",
    config: { users: '[{"name": "api", "grants": [{"db": "shop", "read": true, "write": true}]}]' },
    says: `weakened: cluster ${NAME}: api write on shop granted is now yes; was no`,
  },
];

let stack: TestStack;
let both: BothReviews;

/** What a person types. */
function review(...args: readonly string[]): Finished {
  return stack.cli("review", ...args);
}

describe("on a stack with accounts and the web UI", { skip: why }, () => {
  before(async () => {
    stack = TestStack.create({
      ...{ clusterName: NAME, subnet: "10.87.7.0/24", driverPort: 37700, nodes: 1, adminPassword: SECRETS.admin },
    });
    stack.configureJson("webUi", { enabled: true, port: 37710 });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], SECRETS.webUi);
    stack.configureJson("databases", ["shop"]);
    stack.configureJson("users", [{ name: "api", grants: [{ db: "shop", read: true }] }]);
    stack.setUserPasswords({ api: SECRETS.user });
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
    test(`the engine's preview and the review offline say the same of: ${change.name}`, () => both.agreeOn(change));
  }

  test("npx pulumi-rethinkdb review finds nothing where nothing changed, and exits with 0", () => {
    const { code, output } = review("--fail-on", "weakened,destroyed,disrupted,changed,strengthened,unknown");
    assert.equal(code, 0, output);
    assert.equal(
      output,
      [
        ``,
        `rethinkdb/${NAME}: no difference in what was judged; 1 not judged`,
        `adds no server; 0 existing servers touched`,
        ``,
        `Not judged`,
        `  . the code: a preview does not say which made the state; name that version with --base`,
        ``,
        `Beyond this review`,
        `  . outputs of the stack: a preview does not list them`,
        ``,
      ].join("\n"),
    );
  });

  test("npx pulumi-rethinkdb review exits with 1 for what --fail-on names, and guesses nothing of what is not known yet", () => {
    both.write({ name: "", config: { certValidityDays: "365", driverPublish: "10.0.0.5" } });
    const { code, output } = review("--fail-on", "weakened,destroyed");
    assert.equal(code, 1, output);
    assert.match(output, /^rethinkdb\/w-review: 2 weakened, 2 disrupted, 3 unknown, 1 changed; 1 not judged$/m);
    assert.match(
      output,
      /^ {2}- n0: address on which port 28015\/tcp \(driver\) is published is now 10\.0\.0\.5 \(a private address\); was 127\.0\.0\.1 \(loopback\)$/m,
    );
    assert.match(output, /^review: found what --fail-on names: weakened$/m);
  });

  test("npx pulumi-rethinkdb review lets only additions pass where only those are expected", () => {
    both.write({ name: "", config: { nodes: "3" } });
    const added = review("--expect-only-additions");
    assert.equal(added.code, 0, added.output);
    assert.match(added.output, /^adds n1, n2; 0 existing servers touched$/m);
    both.write({ name: "", config: { nodes: "3", memoryMib: "512" } });
    const more = review("--expect-only-additions");
    assert.equal(more.code, 1, more.output);
    assert.match(
      more.output,
      /^review: only additions were expected of rethinkdb\/w-review: adds n1, n2; 1 existing servers touched: n0$/m,
    );
  });

  test("npx pulumi-rethinkdb review exits with 2 where nothing could be judged", () => {
    both.write({ name: "", config: { nodes: "-1" } });
    const { code, output } = review();
    assert.deepEqual(
      [code, output],
      [2, "pulumi preview: the preview itself failed: error: nodes: -1 is not a whole number from 1 to 64\n"],
    );
  });

  test("no secret is in any output of a review or of the policy pack, wherever a preview has them", async () => {
    stack.setUserPasswords({ api: SECRETS.another });
    // As people do it: in clear, where the engine shows it.
    const careless =
      `if (name.endsWith("-n0")) Object.assign(props, { envs: ["ADMIN_PASSWORD=${SECRETS.admin}"], ` +
      `labels: [{ label: "note", value: "${SECRETS.webUi}" }], hosts: [{ host: "${SECRETS.user}", ip: "10.0.0.9" }] })`;
    const config = { nodes: "3", driverPublish: "10.0.0.5", webUi: '{"enabled": true, "port": 37710, "user": "ops"}' };
    both.write({ name: "", config, program: (text) => transformed(text, careless) });
    const { code, stdout, output } = await stack.preview("--json", "--show-sames");
    assert.equal(code, 0, output);
    for (const secret of [SECRETS.admin, SECRETS.webUi, SECRETS.user]) assert.ok(stdout.includes(secret));
    // And as an engine would write it that masks nothing.
    const masks = stdout.match(/"\[secret\]"/g)?.length ?? 0;
    assert.ok(masks > 20, String(masks));
    const unmasked = stdout.replaceAll('"[secret]"', `"${SECRETS.another}"`);
    const said: string[] = [];
    for (const recorded of [stdout, unmasked]) {
      writeFileSync(join(stack.folder, "preview.json"), recorded);
      const files = FORMATS.map((format) => join(stack.folder, `out.${format}`));
      const formats = FORMATS.map((format, at) => `${format}:${files[at] ?? ""}`).join(",");
      const found = review("--preview", join(stack.folder, "preview.json"), "--format", `terminal,${formats}`);
      assert.equal(found.code, 0, found.output);
      const outputs = [found.output, ...files.map((file) => readFileSync(file, "utf8"))];
      assert.ok(outputs.every((text) => text.includes("10.0.0.5")));
      said.push(...outputs);
    }
    const offline = stack.cli("policy");
    assert.equal(offline.code, 1, offline.output);
    const engine = await stack.preview("--policy-pack", join(PROJECT, "judge", "pack"));
    assert.notEqual(engine.code, 0);
    // What stands before is the engine's own.
    const policies = engine.output.slice(engine.output.indexOf("Policies:"));
    for (const text of [offline.output, policies]) assert.match(text, /a secret stands in envs/);
    said.push(offline.output, policies);
    const leaked = Object.entries(SECRETS).filter(([, secret]) =>
      said.some((text) => text.includes(secret.slice(0, 19))),
    );
    assert.deepEqual(leaked, []);
  });
});
