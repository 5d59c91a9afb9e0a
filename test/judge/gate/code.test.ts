/** The gate stops where code, settings or packages differ, and lets pass what runs the same. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readCode } from "../../../cli/offline/code";
import { applyAccepted } from "../../../judge/changes/accepted";
import { compareCode } from "../../../judge/changes/code";
import type { Line } from "../../../judge/model/line";
import { BASE, CODE, type Files, HARMLESS_CODE, OLD_LOCKS } from "./code";
import { folders } from "../../support/folders";

const write = folders("review-gate");

async function differences(was: Files, is: Files): Promise<readonly Line[]> {
  const code = (files: Files): ReturnType<typeof readCode> => {
    const folder = write(files);
    return readCode(folder, join(folder, "Pulumi.prod.yaml"));
  };
  return compareCode(await code(was), await code(is));
}

describe("the gate stops at", () => {
  for (const [name, stop, rule, files] of CODE) {
    test(name, async () => {
      const lines = await differences(BASE, { ...BASE, ...files });
      const said = lines.map((line) => `${line.direction} ${line.rule}: ${line.sentence}`);
      assert.ok(
        said.some((line) => line.startsWith(`${stop} ${rule}`)),
        said.join("\n"),
      );
    });
  }

  test("a difference between two lock files of an old format", async () => {
    const [was, is] = OLD_LOCKS;
    const lines = await differences({ ...BASE, ...was }, { ...BASE, ...is });
    assert.ok(lines.some(({ direction }) => direction === "unknown"));
  });
});

describe("the gate lets pass", () => {
  for (const [name, files] of HARMLESS_CODE) {
    test(name, async () => {
      const lines = await differences(BASE, { ...BASE, ...files });
      assert.deepEqual(
        lines.map(({ sentence }) => sentence),
        [],
      );
    });
  }

  test("code whose digest somebody accepted, and no other digest", async () => {
    const lines = await differences(BASE, { ...BASE, "ops/permit.ts": "export const permit = 1;\n" });
    const accept = ({ rule, after: to }: Line): Parameters<typeof applyAccepted>[1] => [
      { rule, subjects: ["code"], to, reason: "it was read", expires: "2030-01-31" },
    ];
    const [first] = lines;
    assert.ok(first !== undefined && lines.length === 1);
    assert.deepEqual(applyAccepted(lines, accept(first), "2030-01-01").open, []);
    const others = await differences(BASE, { ...BASE, "ops/permit.ts": "export const permit = 2;\n" });
    assert.equal(applyAccepted(others, accept(first), "2030-01-01").open.length, 1);
    assert.equal(applyAccepted(lines, accept(first), "2030-02-01").open.length, 1);
  });
});
