/** Generations in the config, changed as the pulumi command changes them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { caConfigCommands } from "../../../../cli/verbs/rotate/caConfig";
import type { CaArgs } from "../../../../args/certificates";

/** What `pulumi config set-all --path` and `rm --path` do: a longer list keeps its end, and what follows moves up. */
function run(args: readonly string[], before: CaArgs): CaArgs {
  const after = { issue: before.issue, trust: [...before.trust] };
  if (args[1] === "rm") {
    after.trust.splice(Number(/\[(\d+)\]$/.exec(args.at(-1) ?? "")?.[1]), 1);
    return after;
  }
  for (const [, path = "", value] of args
    .map((arg) => /^driverCa\.(.*)=(\d+)$/.exec(arg))
    .filter((found) => found !== null)) {
    const index = /^trust\[(\d+)\]$/.exec(path)?.[1];
    if (index === undefined) after.issue = Number(value);
    else after.trust[Number(index)] = Number(value);
  }
  return after;
}

const plans = fc
  .uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 })
  .chain((trust) => fc.constantFrom(...trust).map((issue): CaArgs => ({ issue, trust })));

test("whatever stands there becomes what is wanted", () => {
  fc.assert(
    fc.property(plans, plans, (now, wanted) => {
      let found = now;
      for (const args of caConfigCommands("driverCa", now, wanted)) found = run(args, found);
      assert.equal(found.issue, wanted.issue);
      assert.deepEqual([...found.trust].sort(), [...wanted.trust].sort());
    }),
  );
});

test("the last step leaves a step of the same rotation in force between its two commands", () => {
  assert.deepEqual(caConfigCommands("driverCa", { issue: 1, trust: [1, 2] }, { issue: 2, trust: [2] }), [
    [
      ...["config", "set-all", "--path", "--plaintext", "driverCa.issue=2"],
      ...["--plaintext", "driverCa.trust[0]=1", "--plaintext", "driverCa.trust[1]=2"],
    ],
    ["config", "rm", "--path", "driverCa.trust[0]"],
  ]);
});
