/** What several servers say together, and that none of them decides alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bestView,
  describePartition,
  isOutside,
  judgeStopByAll,
  seenByAny,
  seenIn,
  type View,
} from "../../../core/decide/views";
import { status, type TableSketch } from "../../support/status";

const view = (server: string, seen: readonly string[], tables: Readonly<Record<string, TableSketch[]>> = {}): View => ({
  server,
  status: status(seen, tables),
});

test("a view has the servers of its status", () => {
  assert.deepEqual(seenIn(view("n0", ["n0", "n2"])), ["n0", "n2"]);
});

test("what any view has is seen", () => {
  assert.deepEqual([...seenByAny([view("n0", ["n0"]), view("n1", ["n1", "n2"])])], ["n0", "n1", "n2"]);
});

for (const [what, views, preferred, best] of [
  ["the first of equals", [view("n0", ["n0", "n1"]), view("n1", ["n0", "n1"])], undefined, "n0"],
  ["the one that sees more", [view("n0", ["n0"]), view("n1", ["n1", "n2"]), view("n3", ["n3"])], undefined, "n1"],
  [
    "a later one that sees most",
    [view("n0", ["n0"]), view("n1", ["n1", "n2"]), view("n3", ["n1", "n2", "n3"])],
    undefined,
    "n3",
  ],
  ["one that sees the server that it is about", [view("n0", ["n0", "n1", "n2"]), view("n3", ["n3"])], "n3", "n3"],
  ["the best of all where none sees that server", [view("n0", ["n0"]), view("n1", ["n1", "n2"])], "n9", "n1"],
] as const) {
  test(`the best view is ${what}`, () => {
    assert.equal(bestView(views, preferred)?.server, best);
  });
}

test("there is no best view where no server answers", () => {
  const none: readonly View[] = [];
  const best: View | undefined = bestView(none);
  assert.equal(best, undefined);
});

test("servers that all see the same are in no partition", () => {
  assert.equal(describePartition([]), undefined);
  assert.equal(describePartition([view("n0", ["n0", "n1"])]), undefined);
  assert.equal(describePartition([view("n0", ["n0", "n1"]), view("n1", ["n1", "n0"])]), undefined);
});

test("a partition names who sees whom, n10 after n9", () => {
  const views = [view("n0", ["n10", "n9", "n0"]), view("n9", ["n0", "n9", "n10"]), view("n1", ["n1"])];
  assert.equal(describePartition(views), "n0, n9 see n0, n9, n10; n1 sees n1");
});

for (const [what, views, expected] of [
  ["others answer, none sees it and it is alone", [view("n1", ["n1"]), view("n0", ["n0", "n2"])], true],
  ["others answer, none sees it and it does not answer", [view("n0", ["n0", "n2"])], true],
  ["one of the others sees it", [view("n1", ["n1"]), view("n0", ["n0"]), view("n2", ["n1", "n2"])], false],
  ["it sees one of the others", [view("n1", ["n1", "n2"]), view("n0", ["n0"])], false],
  ["it alone answers", [view("n1", ["n1"])], false],
  ["no server answers", [], false],
] as const) {
  test(`a server is ${expected ? "" : "not "}outside the cluster where ${what}`, () => {
    assert.equal(isOutside("n1", views), expected);
  });
}

test("a stop is refused where any view refuses it, and interrupts what any view says", () => {
  const whole = { t: [{ replicas: ["n0", "n1", "n2"] }] };
  const halved = { t: [{ replicas: ["n0", "n1", "n2"], ready: ["n0", "n1"] }] };
  const single = { single: [{ replicas: ["n1"] }] };
  assert.deepEqual(judgeStopByAll("n1", []), { refused: [], interrupted: [] });
  assert.deepEqual(judgeStopByAll("n1", [view("n0", ["n0"], whole)]), { refused: [], interrupted: [] });
  assert.deepEqual(
    judgeStopByAll("n1", [
      view("n0", ["n0"], whole),
      view("n1", ["n1"], { ...halved, ...single }),
      view("n2", ["n2"], halved),
    ]),
    { refused: ["test.t"], interrupted: ["test.single"] },
  );
});

test("a table that one view refuses is not said to be interrupted by another", () => {
  const views = [
    view("n0", ["n0"], { t: [{ replicas: ["n0", "n1"] }] }),
    view("n1", ["n1"], { t: [{ replicas: ["n0", "n1", "n2"], ready: ["n0", "n1"] }] }),
  ];
  assert.deepEqual(judgeStopByAll("n1", views), { refused: ["test.t"], interrupted: [] });
});
