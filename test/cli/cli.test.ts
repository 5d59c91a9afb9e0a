/** What the verbs decide before they touch anything. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judgeLocks } from "../../cli/lock";
import { parseOptions, wholeNumber } from "../../cli/options";
import { renderNextSteps } from "../../cli/up";

describe("options", () => {
  test("say what is known when one is not", () => {
    assert.throws(() => parseOptions("up", ["--node", "5"], { nodes: { type: "string" } }), {
      message: "npm run up: Unknown option '--node'; known: --nodes",
    });
    assert.throws(
      () => parseOptions("pin", ["now"], {}),
      /^Failure: npm run pin: Unexpected argument 'now'.*; known: none$/,
    );
  });

  for (const text of ["five", "0", "65", "3.5", "-1", "", "1e1"]) {
    test(`refuse "${text}" as a number of servers`, () => {
      assert.throws(() => wholeNumber("nodes", text, 1, 64), {
        message: `--nodes: "${text}" is not a whole number from 1 to 64`,
      });
    });
  }

  test("take a number, or leave it open", () => {
    assert.equal(wholeNumber("nodes", "64", 1, 64), 64);
    assert.equal(wholeNumber("nodes", undefined, 1, 64), undefined);
  });
});

describe("a lock on the local stack", () => {
  const alive = (pid: number): boolean => pid === 42;

  test("is no matter when there is none, and stale when its process is gone", () => {
    assert.equal(judgeLocks([], "here", alive), "free");
    assert.equal(judgeLocks([{ pid: 41, hostname: "here" }], "here", alive), "stale");
  });

  test("of a living process is respected", () => {
    assert.throws(() => judgeLocks([{ pid: 42, hostname: "here" }], "here", alive), {
      message: "another run holds the local stack: process 42; wait for it, or end it",
    });
  });

  test("of another host is never judged from here", () => {
    assert.throws(() => judgeLocks([{ pid: 41, hostname: "there" }], "here", alive), {
      message:
        "another run holds the local stack, on host there, process 41; if it is dead, run npm run pulumi -- cancel",
    });
  });
});

test("the end of up says what a person needs next", () => {
  const text = renderNextSteps([
    { name: "n0", driverEndpoint: "127.0.0.1:28015" },
    { name: "n1", driverEndpoint: null },
  ]);
  assert.equal(
    text,
    `
The cluster is up: TLS on every port, a password on admin, no web UI.
  n0  127.0.0.1:28015
  n1  not published

Password of admin:  cat .state/admin-password
CA for clients:     npm run --silent pulumi -- stack output driverCaPem > rethinkdb-ca.pem
Ready to paste:     npm run --silent pulumi -- stack output connect
More servers:       npm run up -- --nodes 4
Undo:               npm run destroy
`,
  );
});
