/** What a rotation is asked for on the command line. Its steps are core's, the walk is for the real engine to show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readRotation, rotateCa } from "../../../../cli/verbs/rotate/rotateCa";

const refusal = (message: string): { name: string; message: string } => ({ name: "Failure", message });
const BEHIND = "npm run passes options on only behind --, and npx pulumi-rethinkdb rotate-ca --help has all";

test("one CA is named, before or after the options", () => {
  assert.deepEqual(readRotation(["cluster"]), { purpose: "cluster", named: undefined, yes: false, verbose: false });
  assert.deepEqual(readRotation(["--yes", "client"]), {
    purpose: "client",
    named: undefined,
    yes: true,
    verbose: false,
  });
  assert.deepEqual(readRotation(["driver", "--stack", "prod"]), {
    purpose: "driver",
    named: "prod",
    yes: false,
    verbose: false,
  });
  assert.deepEqual(readRotation(["--stack=prod", "driver", "--yes"]), {
    purpose: "driver",
    named: "prod",
    yes: true,
    verbose: false,
  });
});

test("a stack may have the name of a CA", () => {
  assert.deepEqual(readRotation(["driver", "--stack", "cluster"]), {
    purpose: "driver",
    named: "cluster",
    yes: false,
    verbose: false,
  });
  assert.deepEqual(readRotation(["--stack", "cluster", "driver"]), {
    purpose: "driver",
    named: "cluster",
    yes: false,
    verbose: false,
  });
});

test("without a CA it is refused, also where only the stack has such a name", () => {
  const said = refusal("rotate-ca: say which CA: npx pulumi-rethinkdb rotate-ca cluster, driver or client");
  for (const argv of [[], ["--yes"], ["web"], ["--stack", "cluster"]]) assert.throws(() => readRotation(argv), said);
});

test("two CAs and unknown words are refused", () => {
  assert.throws(() => readRotation(["cluster", "driver"]), refusal(`rotate-ca: "driver" is no option; ${BEHIND}`));
  assert.throws(() => readRotation(["cluster", "cluster"]), refusal(`rotate-ca: "cluster" is no option; ${BEHIND}`));
  assert.throws(
    () => readRotation(["client", "--force"]),
    refusal(`rotate-ca: "--force" is no option; known are --yes, --stack, --verbose`),
  );
  assert.throws(() => readRotation(["client", "--yes=no"]), refusal("rotate-ca: --yes takes no value"));
  assert.throws(() => readRotation(["client", "--stack"]), refusal("rotate-ca: --stack needs a value: --stack NAME"));
});

test("what is wrong with the command line is said before an engine or a stack is asked", async () => {
  await assert.rejects(
    rotateCa("no such project", ["web"]),
    refusal("rotate-ca: say which CA: npx pulumi-rethinkdb rotate-ca cluster, driver or client"),
  );
});
