/** Which steps of a rotation are legal, and that whatever is legal keeps every pair of servers together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { beginRotation, judgeCaStep, type LiveCa, nextRotationStep } from "../../../core/decide/caSteps";
import type { CaArgs } from "../../../args/certificates";

const all = (issue: number, ...trust: readonly number[]): readonly LiveCa[] =>
  ["n0", "n1", "n2"].map((server) => ({ server, issue, trust }));
const judge = (wanted: CaArgs, live: readonly LiveCa[]): readonly string[] => judgeCaStep("clusterCa", wanted, live);

test("each of the three steps follows the one before, and each may be taken back before the next", () => {
  const walk: readonly CaArgs[] = [
    { issue: 1, trust: [1] },
    { issue: 1, trust: [1, 2] },
    { issue: 2, trust: [1, 2] },
    { issue: 2, trust: [2] },
  ];
  walk.forEach((ca, index) => {
    const live = all(ca.issue, ...ca.trust);
    assert.deepEqual(judge(ca, live), []);
    const next = walk[index + 1];
    if (next !== undefined) assert.deepEqual(judge(next, live), []);
    if (next !== undefined && index < 2) assert.deepEqual(judge(ca, all(next.issue, ...next.trust)), []);
  });
});

test("a new cluster begins with whatever it is told", () => {
  assert.deepEqual(judge({ issue: 7, trust: [7] }, []), []);
});

test("issuing from what is not trusted yet is refused, with the step that is missing and where", () => {
  const said =
    "clusterCa: n0, n1, n2 do not trust generation 2 yet, so certificates cannot be issued from it; " +
    "first run up with clusterCa: { issue: 1, trust: [1, 2] }";
  assert.deepEqual(judge({ issue: 2, trust: [1, 2] }, all(1, 1)), [said]);
  assert.deepEqual(judge({ issue: 2, trust: [2] }, all(1, 1)), [said]);
  const [behind, ...others] = all(1, 1);
  assert.deepEqual(judge({ issue: 2, trust: [1, 2] }, [behind as LiveCa, ...all(1, 1, 2).slice(1)]), [
    said.replace("n0, n1, n2 do", "n0 does"),
  ]);
  assert.equal(others.length, 2);
});

test("retiring what a server still presents is refused, with the step that is missing and where", () => {
  const said =
    "clusterCa: n0, n1, n2 still present a certificate of generation 1, so it cannot be retired; " +
    "first run up with clusterCa: { issue: 2, trust: [1, 2] }";
  assert.deepEqual(judge({ issue: 2, trust: [2] }, all(1, 1, 2)), [said]);
  const oneBehind = [...all(2, 1, 2).slice(0, 2), { server: "n2", issue: 1, trust: [1, 2] }];
  assert.deepEqual(judge({ issue: 2, trust: [2] }, oneBehind), [
    said.replace("n0, n1, n2 still present", "n2 still presents"),
  ]);
  assert.deepEqual(judge({ issue: 1, trust: [1] }, all(2, 1, 2)), [
    "clusterCa: n0, n1, n2 still present a certificate of generation 2, so it cannot be retired; " +
      "first run up with clusterCa: { issue: 1, trust: [1, 2] }",
  ]);
});

test("a generation that was retired never comes back", () => {
  assert.deepEqual(judge({ issue: 2, trust: [1, 2] }, all(2, 2)), [
    "clusterCa: generation 1 was retired and cannot come back, its number would name another key; in force is { issue: 2, trust: [2] }, and the next one is 3",
  ]);
});

test("nor does one that was taken back before anybody used it: clients may have it, and its key is gone", () => {
  const wanted: CaArgs = { issue: 1, trust: [1, 2] };
  const past = { accepted: { issue: 1, trust: [1] }, newest: 2 };
  assert.deepEqual(judgeCaStep("driverCa", wanted, all(1, 1), past), [
    "driverCa: generation 2 was retired and cannot come back, its number would name another key; " +
      "in force is { issue: 1, trust: [1] }, and the next one is 3",
  ]);
  assert.deepEqual(judgeCaStep("driverCa", { issue: 1, trust: [1, 3] }, all(1, 1), past), []);
  // A run that was accepted and stopped before it changed a server goes on.
  assert.deepEqual(judgeCaStep("driverCa", wanted, all(1, 1), { accepted: wanted, newest: 2 }), []);
  assert.deepEqual(beginRotation(past.accepted, past.newest).wanted, { issue: 1, trust: [1, 3] });
});

const anyCa = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.boolean())
  .chain(([low, both]) =>
    fc
      .constantFrom(...(both ? [low, low + 1] : [low]))
      .map((issue) => ({ issue, trust: both ? [low, low + 1] : [low] })),
  );

test("whatever is legal, no two servers ever meet of which one distrusts the other, changed or not yet", () => {
  fc.assert(
    fc.property(anyCa, fc.array(anyCa, { minLength: 1, maxLength: 5 }), (wanted, cas) => {
      const live = cas.map((ca, index) => ({ server: `n${String(index)}`, ...ca }));
      fc.pre(judge(wanted, live).length === 0);
      for (const server of live) {
        assert.ok(server.trust.includes(wanted.issue) && wanted.trust.includes(server.issue));
      }
    }),
  );
});

test("a rotation that was ended anywhere goes on where the servers are", () => {
  const steady: CaArgs = { issue: 1, trust: [1] };
  assert.deepEqual(nextRotationStep(steady, all(1, 1)), { name: "done", wanted: steady });
  const first = beginRotation(steady);
  assert.deepEqual(first, { name: "trust", wanted: { issue: 1, trust: [1, 2] } });
  const both = first.wanted;
  const mixed = (a: readonly LiveCa[], b: readonly LiveCa[]): readonly LiveCa[] => [...a.slice(0, 1), ...b.slice(1)];
  assert.deepEqual(nextRotationStep(both, mixed(all(1, 1, 2), all(1, 1))), first);
  const issue = { name: "issue", wanted: { issue: 2, trust: [1, 2] } };
  assert.deepEqual(nextRotationStep(both, all(1, 1, 2)), issue);
  assert.deepEqual(nextRotationStep(issue.wanted, mixed(all(2, 1, 2), all(1, 1, 2))), issue);
  const retire = { name: "retire", wanted: { issue: 2, trust: [2] } };
  assert.deepEqual(nextRotationStep(issue.wanted, all(2, 1, 2)), retire);
  assert.deepEqual(nextRotationStep(retire.wanted, mixed(all(2, 2), all(2, 1, 2))), retire);
  assert.deepEqual(nextRotationStep(retire.wanted, all(2, 2)), { name: "done", wanted: retire.wanted });
});

test("what the config says below every living generation is no part of a rotation, and a third generation waits its turn", () => {
  const steady: CaArgs = { issue: 2, trust: [2] };
  assert.deepEqual(nextRotationStep({ issue: 1, trust: [1] }, all(2, 2)), { name: "done", wanted: steady });
  const step = nextRotationStep({ issue: 2, trust: [2, 3] }, all(2, 1, 2));
  assert.deepEqual(step, { name: "trust", wanted: { issue: 2, trust: [2, 3] } });
  assert.deepEqual(judge(step.wanted, all(2, 1, 2)), []);
  assert.deepEqual(judge({ issue: 3, trust: [2, 3] }, all(2, 1, 2)), [
    "clusterCa: n0, n1, n2 do not trust generation 3 yet, so certificates cannot be issued from it; " +
      "first run up with clusterCa: { issue: 2, trust: [2, 3] }",
  ]);
});

test("a rotation from anywhere takes at most three steps, each of them legal", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), (generation) => {
      let live = all(generation, generation);
      let step = beginRotation({ issue: generation, trust: [generation] });
      for (let steps = 0; step.name !== "done"; steps++) {
        assert.ok(steps < 3);
        assert.deepEqual(judge(step.wanted, live), []);
        live = all(step.wanted.issue, ...step.wanted.trust);
        step = nextRotationStep(step.wanted, live);
      }
      assert.deepEqual(step.wanted, { issue: generation + 1, trust: [generation + 1] });
    }),
  );
});
