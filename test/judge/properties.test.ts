/** What holds for every review: swapping both sides swaps the directions, and the same sides give the same review. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import fc from "fast-check";
import type { ResourceSet } from "../../judge/model/resources";
import { FAMILIES } from "../../judge/model/posture";
import { linesOf, review, type Review } from "../../judge/changes/review";
import { cluster, recordHere } from "../support/recorded";
import type { Edit } from "./change";
import { CORPUS } from "./corpus/all";

/** Every edit by hand of the corpus, to be made in any combination. */
const EDITS: readonly Named[] = Object.values(CORPUS).flatMap((changes) =>
  changes.flatMap(({ name, base, head }) =>
    [base, head].flatMap((side) =>
      side?.declare === undefined
        ? (side?.edits ?? []).map((edit) => Object.assign(edit.bind(null), { toString: () => name }))
        : [],
    ),
  ),
);

/** Shown by its name when a property fails. */
type Named = Edit & { readonly toString: () => string };

const edits = fc.subarray([...EDITS], { maxLength: 6 });

let three: ResourceSet;
let five: ResourceSet;

const made = (set: ResourceSet, given: readonly Edit[]): ResourceSet =>
  given.reduce((s, edit) => edit(s), structuredClone(set));

const look = (a: ResourceSet, b: ResourceSet): Review => review({ before: a, after: b, source: "offline" });

const UNGRADED = Object.values(FAMILIES)
  .flatMap((family) => Object.entries(family))
  .filter(([, { ungraded }]) => ungraded === true)
  .map(([name]) => name);
const isUngraded = (id: string): boolean => UNGRADED.some((name) => `${id}/`.includes(`/${name}/`));

type Told = "weakened" | "strengthened" | "changed" | "unknown";

const facts = (given: Review, ...directions: readonly Told[]): readonly string[] =>
  directions
    .flatMap((direction) => linesOf(given, direction).flatMap(({ facts: ids }) => ids))
    .filter((id) => !isUngraded(id))
    .sort();

/** Of what has no better and worse: whatever is not weaker one way may be the other. */
const ungraded = (given: Review): readonly string[] =>
  given.lines
    .flatMap(({ facts: ids }) => ids)
    .filter(isUngraded)
    .sort();

describe("a review", () => {
  before(async () => {
    const base = await recordHere(cluster());
    three = base.set;
    five = (await recordHere(cluster({ nodes: 5 }), base.madeUp)).set;
  });

  test("has the opposite directions when both sides are swapped", () => {
    fc.assert(
      fc.property(edits, edits, fc.boolean(), fc.boolean(), (some, others, growA, growB) => {
        const [a, b] = [made(growA ? five : three, some), made(growB ? five : three, others)];
        const [there, back] = [look(a, b), look(b, a)];
        assert.deepEqual(facts(there, "weakened"), facts(back, "strengthened"));
        assert.deepEqual(facts(there, "strengthened"), facts(back, "weakened"));
        assert.deepEqual(facts(there, "changed"), facts(back, "changed"));
        assert.deepEqual(ungraded(there), ungraded(back));
        for (const [one, other] of [
          [there, back],
          [back, there],
        ] as const) {
          const stops = linesOf(one, "strengthened").concat(linesOf(one, "changed"));
          const unseen = stops.filter(({ facts: ids, sentence }) => ids.some(isUngraded) && !sentence.includes("gone"));
          assert.deepEqual(unseen, [], JSON.stringify(other.lines));
        }
      }),
      { numRuns: 150 },
    );
  });

  test("is the same for the same sides, in whatever order resources stand", () => {
    fc.assert(
      fc.property(edits, edits, (some, others) => {
        const [a, b] = [made(three, some), made(three, others)];
        const reversed = { ...b, resources: [...b.resources].reverse() };
        assert.equal(JSON.stringify(look(a, b)), JSON.stringify(look(a, b)));
        assert.equal(JSON.stringify(look(a, reversed)), JSON.stringify(look(a, b)));
      }),
      { numRuns: 100 },
    );
  });

  test("of a set with itself is empty", () => {
    fc.assert(
      fc.property(edits, (some) => {
        const a = made(three, some);
        assert.deepEqual(look(a, structuredClone(a)).lines, []);
      }),
      { numRuns: 100 },
    );
  });
});
