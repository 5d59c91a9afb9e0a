/** Changes and what a review has to say about each: all of it, and nothing else. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { review } from "../../judge/changes/review";
import { realize } from "./change";
import { CORPUS } from "./corpus/all";

/** Hashes of texts that are too long to print follow from our own scripts. */
function plain(sentences: readonly string[]): readonly string[] {
  return sentences
    .map((sentence) => sentence.replace(/\b(script|test|value|command,|mark) [0-9a-f]{8,16}\b/g, "$1 ########"))
    .sort();
}

for (const [family, changes] of Object.entries(CORPUS)) {
  describe(`${family}:`, () => {
    for (const change of changes) {
      test(change.name, async () => {
        const { before, after } = await realize(change);
        const { lines } = review({ before, after, source: "offline" });
        const found = lines.map(({ direction, sentence }) => `${direction}: ${sentence}`);
        assert.deepEqual(plain(found), plain(change.expect));
      });
    }
    test(`has at least eight changes`, () => {
      assert.ok(changes.length >= 8);
    });
  });
}
