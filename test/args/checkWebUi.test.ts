/** What the caller reads when the web UI's args are wrong, in full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RethinkdbClusterArgs } from "../../args/args";
import type { WebUiArgs } from "../../args/webUi";
import { checkArgs } from "../../args/check";

const GOOD: RethinkdbClusterArgs = { clusterName: "db", adminPassword: "correct horse battery" };
const PASSWORD = "the password of the UI";

function check(webUi: Partial<WebUiArgs>, webUiPassword: RethinkdbClusterArgs["webUiPassword"] = PASSWORD): unknown {
  return checkArgs({ ...GOOD, webUi: { enabled: true, ...webUi }, webUiPassword });
}

for (const [what, webUi, message] of [
  [
    "an address that is none",
    { publish: "here" },
    `webUi.publish: "here" is neither "none" nor an IP address of the host`,
  ],
  [
    "every address",
    { publish: "0.0.0.0" },
    `webUi.publish: "0.0.0.0" publishes the web UI, which is admin, on every address of the host; name one address`,
  ],
  [
    "a public address",
    { publish: "8.8.4.4" },
    `webUi.publish: "8.8.4.4" is a public address, and the web UI is admin; use a private one, ` +
      `or "none" and npx pulumi-rethinkdb ui, or add "public-web-ui" to allow`,
  ],
  ["a port that is none", { port: 0 }, "webUi.port: 0 is not a whole number from 1 to 65535"],
  ["the driver port of a server", { port: 28016 }, "webUi.port: 28016 is the driver port of n1; choose another one"],
  [
    "a user with a colon",
    { user: "a:b" },
    `webUi.user: "a:b" cannot be sent to the web UI; use letters, digits, ".", "_" and "-"`,
  ],
  ["an image that is none", { image: "a b" }, `webUi.image: "a b" is not an image name; write it as nginx:1.30.6`],
] as const) {
  test(`refuses ${what}`, () => {
    assert.deepEqual(check(webUi), { errors: [message], warnings: [] });
  });
}

for (const [what, password, message] of [
  [
    "an empty password",
    "",
    "webUiPassword: is empty; set one, for example with: pulumi config set --secret webUiPassword",
  ],
  ["a password that bcrypt would cut off", "x".repeat(73), "webUiPassword: has 73 characters; use 72 or fewer"],
] as const) {
  test(`refuses ${what}`, () => {
    assert.deepEqual(check({}, password), { errors: [message], warnings: [] });
  });
}

test("refuses a web UI without a password", () => {
  assert.deepEqual(checkArgs({ ...GOOD, webUi: { enabled: true } }).errors, [
    "webUiPassword: is missing; set one, for example with: pulumi config set --secret webUiPassword",
  ]);
});

test("accepts one that is not published, one that is known later, and none", () => {
  assert.deepEqual(check({ publish: "none", port: 28015 }), { errors: [], warnings: [] });
  assert.deepEqual(check({}, Promise.resolve("x")), { errors: [], warnings: [] });
  assert.deepEqual(checkArgs({ ...GOOD, webUi: { enabled: false, port: 0 } }), { errors: [], warnings: [] });
});

test("accepts a public address with the override", () => {
  const args = {
    ...GOOD,
    webUi: { enabled: true, publish: "8.8.4.4" },
    webUiPassword: PASSWORD,
    allow: ["public-web-ui"],
  };
  assert.deepEqual(checkArgs(args), { errors: [], warnings: [] });
});
