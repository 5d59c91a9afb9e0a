/** What a review makes of the order in which servers start. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOrder } from "../../judge/facts/order";
import type { Fact } from "../../judge/model/fact";
import { Places } from "../../judge/model/places";
import { readPreview } from "../../judge/model/preview";
import type { ResourceSet } from "../../judge/model/resources";
import { cluster, recordHere } from "../support/recorded";
import { options } from "./change";

function waiting(set: ResourceSet): readonly (readonly [string, string])[] {
  const facts: Fact[] = [];
  readOrder(new Places(set), facts);
  return facts
    .filter(({ property }) => property === "order/after-lower")
    .map(({ subject, grade }) => [subject.name, grade?.text ?? ""]);
}

/** n2 waits for n0's membership in place of n1's. */
async function sideBySide(): Promise<ResourceSet> {
  const { set } = await recordHere(cluster({ nodes: 3 }));
  const urnOf = (role: string): string => set.resources.find(({ name }) => name === `db-${role}`)?.urn ?? "";
  const edit = options(
    ({ dependencies }) => ({
      dependencies: dependencies.map((urn) => (urn === urnOf("n1-member") ? urnOf("n0-member") : urn)),
    }),
    "n2-permit",
  );
  return edit(set);
}

test("new servers that start side by side are in order in what an up made, and not in what is declared", async () => {
  const set = await sideBySide();
  const grades = async (given: ResourceSet): Promise<readonly string[]> =>
    Promise.resolve(waiting(given).map(([, text]) => text));
  const [yes = "", no = ""] = await grades(set);
  assert.notEqual(yes, no);
  assert.deepEqual(await grades({ ...set, isApplied: true }), [yes, yes]);
  const alone = options(() => ({ dependencies: [] }), "n2-permit")(set);
  assert.deepEqual(await grades({ ...alone, isApplied: true }), [yes, no]);
});

test("of a preview only the side of before is what an up made", () => {
  const state = { urn: "urn:pulumi:s::p::t::n", type: "t" };
  const { before, after } = readPreview({
    steps: [{ op: "same", urn: state.urn, oldState: state, newState: state }],
    changeSummary: { same: 1 },
  });
  assert.deepEqual([before.isApplied, after.isApplied], [true, undefined]);
});
