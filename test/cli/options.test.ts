/** What a verb says of options that it does not know. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseOptions, wholeNumber } from "../../cli/options";

describe("options", () => {
  test("take their value from the next word or behind =", () => {
    assert.deepEqual([...parseOptions("up", ["--nodes", "5"], { "--nodes": "N" })], [["--nodes", "5"]]);
    assert.deepEqual([...parseOptions("up", ["--nodes=5"], { "--nodes": "N" })], [["--nodes", "5"]]);
    assert.deepEqual([...parseOptions("destroy", ["--volumes"], { "--volumes": "" })], [["--volumes", ""]]);
    assert.deepEqual([...parseOptions("up", [], { "--nodes": "N" })], []);
  });

  for (const [words, known, message] of [
    [["--node", "5"], { "--nodes": "N" }, 'up: "--node" is unknown; known is npm run up -- [--nodes N]'],
    // What npm hands on when `--` is forgotten.
    [["5"], { "--nodes": "N" }, 'up: "5" is unknown; known is npm run up -- [--nodes N]'],
    [["--constructor"], { "--nodes": "N" }, 'up: "--constructor" is unknown; known is npm run up -- [--nodes N]'],
    [["--nodes"], { "--nodes": "N" }, "up: --nodes needs a value: --nodes N"],
    [["--volumes=yes"], { "--volumes": "" }, "up: --volumes takes no value"],
    [["x"], {}, 'up: "x" is unknown; there are no options'],
  ] as const) {
    test(`refuse ${words.join(" ")}`, () => {
      assert.throws(() => parseOptions("up", words, known), { name: "Failure", message });
    });
  }

  for (const text of ["0", "65", "-1", "3.5", "1e1", "", " 3", "three"]) {
    test(`want a whole number and not ${JSON.stringify(text)}`, () => {
      assert.throws(() => wholeNumber("--nodes", text, 1, 64), {
        message: `--nodes: "${text}" is not a whole number from 1 to 64`,
      });
    });
  }

  test("read a whole number", () => {
    assert.equal(wholeNumber("--nodes", "64", 1, 64), 64);
  });
});
