/** Which servers wait for which: those that serve are changed one at a time, only new ones start side by side. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { planOrder, startsAtOnce } from "../../../core/plan/order";

const NAMES = ["n0", "n1", "n2", "n3", "n4"];

function after(present: readonly string[], down: readonly string[] = [], atOnce = 8, names = NAMES): string {
  return [...planOrder(names, { present, down }, atOnce).after].map(([name, other]) => `${name}>${other}`).join(" ");
}

describe("the order of a run", () => {
  test("is one after the other where all exist", () => {
    assert.equal(after(NAMES), "n1>n0 n2>n1 n3>n2 n4>n3");
  });

  test("is one after the other where nobody knows which exist, and then none counts as absent", () => {
    const { chain, absent, after: waits } = planOrder(NAMES, undefined, 8);
    assert.deepEqual([chain, absent], [NAMES, []]);
    assert.equal([...waits].join(" "), "n1,n0 n2,n1 n3,n2 n4,n3");
  });

  test("begins a new cluster with the first server alone", () => {
    assert.equal(after([]), "n1>n0 n2>n0 n3>n0 n4>n0");
    assert.deepEqual(planOrder(NAMES, { present: [], down: [] }, 8).chain, ["n0"]);
    assert.deepEqual(planOrder(NAMES, { present: [], down: [] }, 8).absent, NAMES);
  });

  test("starts new servers side by side, when the last of those that exist is done", () => {
    assert.equal(after(["n0", "n1", "n2"]), "n1>n0 n2>n1 n3>n2 n4>n2");
    assert.deepEqual(planOrder(NAMES, { present: ["n0", "n1", "n2"], down: [] }, 8).absent, ["n3", "n4"]);
  });

  test("repairs what is down before what serves, and new servers come last", () => {
    assert.equal(after(["n0", "n1", "n2"], ["n1"]), "n0>n1 n2>n0 n3>n2 n4>n2");
    assert.equal(after(["n0", "n1", "n2"], ["n2"]), "n0>n2 n1>n0 n3>n1 n4>n1");
  });

  test("keeps a server in the chain that lost its container, or that a killed run did not get to", () => {
    assert.equal(after(["n0", "n3"]), "n1>n0 n2>n1 n3>n2 n4>n3");
    assert.deepEqual(planOrder(NAMES, { present: ["n0", "n3"], down: [] }, 8).absent, ["n1", "n2", "n4"]);
  });

  test("takes no notice of servers that leave", () => {
    assert.equal(after(["n0", "n1", "n4"], ["n4"], 8, ["n0", "n1", "n2", "n3"]), "n1>n0 n2>n1 n3>n1");
  });

  test("starts a bounded number at once", () => {
    const names = Array.from({ length: 8 }, (_, i) => `n${String(i)}`);
    assert.equal(after(["n0"], [], 3, names), "n1>n0 n2>n0 n3>n0 n4>n1 n5>n2 n6>n3 n7>n4");
  });

  test("is four at once where an engine is behind ssh, eight elsewhere", () => {
    const host = (dockerHost: string | null, lost = false): { dockerHost: string | null; lost: boolean } => ({
      dockerHost,
      lost,
    });
    const local = "unix:///var/run/docker.sock";
    assert.equal(startsAtOnce([host(null)], local), 8);
    assert.equal(startsAtOnce([host(null)], "ssh://db@192.0.2.1"), 4);
    assert.equal(startsAtOnce([host("tcp://192.0.2.1:2376"), host("ssh://db@192.0.2.2")], local), 4);
    assert.equal(startsAtOnce([host("ssh://db@192.0.2.2", true), host(null)], local), 8);
  });

  test("never touches two servers that exist at once, nor a new one before them, whatever is there", () => {
    const subset = fc.subarray(NAMES);
    fc.assert(
      fc.property(subset, subset, fc.integer({ min: 1, max: 9 }), (present, down, atOnce) => {
        const { after: waits } = planOrder(NAMES, { present, down }, atOnce);
        const before = (name: string): readonly string[] => {
          const other = waits.get(name);
          return other === undefined ? [] : [other, ...before(other)];
        };
        for (const [index, name] of present.entries()) {
          for (const other of present.slice(index + 1)) {
            assert.ok(before(name).includes(other) || before(other).includes(name), `${name} and ${other}`);
          }
          for (const fresh of NAMES.slice(NAMES.indexOf(present.at(-1) ?? "") + 1)) {
            assert.ok(before(fresh).includes(name), `${fresh} before ${name}`);
          }
        }
        assert.equal(NAMES.filter((name) => !waits.has(name)).length, 1, "one is first");
      }),
    );
  });
});
