/** The gate stops every weakening, in the direction that a person would give it, and no harmless change. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HARMLESS, WEAKENINGS } from "./all";
import { isStopped, judged, stopsOf } from "./gate";

describe("the gate stops where", () => {
  for (const weakening of WEAKENINGS) {
    test(weakening.name, async () => {
      const found = await judged(weakening);
      const stops = stopsOf(found);
      const { stop, about } = weakening;
      const fits = (said: string): boolean =>
        stop === "not judged" ? said.startsWith(stop) && said.includes(about) : said.startsWith(`${stop} ${about}`);
      assert.ok(stops.some(fits), `${stop} ${about} is not in\n${stops.join("\n")}`);
      assert.ok(isStopped(found));
    });
  }
});

describe("the gate lets pass that", () => {
  for (const change of HARMLESS) {
    test(change.name, async () => {
      assert.deepEqual(stopsOf(await judged(change)), []);
    });
  }
});

test("there are enough cases, each with a name of its own", () => {
  for (const [cases, least] of [
    [WEAKENINGS, 120],
    [HARMLESS, 60],
  ] as const) {
    assert.ok(cases.length >= least);
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  }
});
