import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeAddress, exposureOf, exposureRank } from "../../../args/values/exposure";

describe("an address", () => {
  const CLASSES = [
    ["127.0.0.1", "loopback"],
    ["127.8.8.8", "loopback"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["10.0.0.5", "private"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "private"],
    ["169.254.1.1", "private"],
    ["fd00::1", "private"],
    ["fe80::1", "private"],
    ["8.8.8.8", "public"],
    ["2606:4700::1", "public"],
    ["db.example.com", "public"],
    ["0.0.0.0", "every"],
    ["::", "every"],
    ["::ffff:0.0.0.0", "every"],
    ["all", "every"],
    ["", "every"],
  ] as const;
  for (const [address, exposure] of CLASSES) {
    test(`"${address}" is ${exposure}`, () => {
      assert.equal(exposureOf(address), exposure);
    });
  }

  test("of fewer is ranked below one of more", () => {
    const ranks = ["127.0.0.1", "10.0.0.1", "8.8.8.8", "0.0.0.0"].map((address) => exposureRank(exposureOf(address)));
    assert.deepEqual(ranks, [1, 2, 3, 4]);
  });

  test("is described in words", () => {
    assert.equal(describeAddress("10.0.0.5"), "10.0.0.5 (a private address)");
    assert.equal(describeAddress(""), "no address given (every address)");
  });
});
