/** What the bench makes of its numbers: medians with their spread, ratios run by run, a chart, and the place in the docs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ratioOf, spreadOf } from "../bench/clock";
import { putBetween, renderChart, renderRows, show } from "../bench/table";

describe("the numbers of the bench", () => {
  test("are medians with the runs they were between", () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
    assert.equal(show(spreadOf([3, 1, 2])), "2.00 (1.00–3.00)");
    assert.equal(show(spreadOf([2])), "2.00");
  });

  test("are compared run by run", () => {
    assert.deepEqual(ratioOf([2, 9, 4], [1, 3, 4]), { median: 2, min: 1, max: 3 });
  });

  test("are held against their goals, as a ratio where there is one", () => {
    const lines = renderRows([
      { what: "a", values: [2, 4], against: { what: "b", values: [1, 2] }, goal: 1.9 },
      { what: "c", values: [0.8], goal: 0.8 },
    ]).split("\n");
    assert.deepEqual(lines.slice(2), [
      "| a | 4.00 (2.00–4.00) | b: 2.00 (1.00–2.00) | 2.00 | ≤ 1.9 | no |",
      "| c | 0.80 |  |  | ≤ 0.8 s | yes |",
    ]);
  });

  test("become a chart with a line for each series and a mark for each size", () => {
    const svg = renderChart("title", [
      {
        name: "up",
        color: "#111111",
        points: [
          [1, 5],
          [40, 47],
        ],
      },
      { name: "script", color: "#222222", points: [[1, 2]] },
    ]);
    assert.equal(svg.match(/<polyline /g)?.length, 2);
    assert.equal(svg.match(/<circle /g)?.length, 3);
    for (const words of ["title", "up", "script", ">1<", ">40<", ">50 s<"]) assert.ok(svg.includes(words), words);
    assert.ok(svg.startsWith("<svg ") && svg.trimEnd().endsWith("</svg>"));
    assert.equal(/NaN|undefined/.test(svg), false);
  });

  test("have their places in the docs", () => {
    const text = readFileSync(join(__dirname, "..", "..", "docs", "performance.md"), "utf8");
    for (const mark of ["promises", "sizes"]) {
      const changed = putBetween(text, mark, "| a |");
      assert.equal(putBetween(changed, mark, "| a |"), changed);
      assert.ok(changed.includes(`<!-- ${mark} -->\n\n| a |\n\n<!-- end of ${mark} -->`));
    }
    assert.throws(() => putBetween(text, "nothing", ""), /no place for nothing/);
  });
});
