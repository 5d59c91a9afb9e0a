/** Every property of a review has a change somewhere that produces a line with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FAMILIES } from "../../../judge/model/posture";
import { CORPUS } from "../corpus/all";
import { HARMLESS, WEAKENINGS } from "./all";
import { judged } from "./gate";

test("every property is seen in a line of some case", async () => {
  const wanted = Object.values(FAMILIES)
    .flatMap((family) => Object.entries(family))
    .filter(([, { unreviewed }]) => unreviewed !== true)
    .map(([name]) => name);
  const seen = new Set<string>();
  for (const change of [...Object.values(CORPUS).flat(), ...WEAKENINGS, ...HARMLESS]) {
    const { lines } = await judged(change);
    for (const { facts } of lines)
      for (const id of facts) for (const name of wanted) if (`${id}/`.includes(`/${name}/`)) seen.add(name);
  }
  assert.deepEqual(
    wanted.filter((name) => !seen.has(name)),
    [],
  );
});
