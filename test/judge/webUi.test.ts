/** What a review knows of the web UI besides its lines: nothing of it is left unjudged, and a renewal is told apart. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { whyNotJudged } from "../../judge/facts/foreign";
import { readPosture } from "../../judge/model/posture";
import { UNKNOWN, type ResourceSet } from "../../judge/model/resources";
import { review } from "../../judge/changes/review";
import { type Step, workOutSteps } from "../../judge/model/steps";
import { cluster, PASSWORD, recordHere } from "../support/recorded";
import { asked } from "./gate/gate";
import { inputs } from "./change";

let stock: ResourceSet;

before(async () => {
  stock = (await recordHere(cluster({ webUi: { enabled: true }, webUiPassword: PASSWORD }))).set;
});

describe("the web UI in a review", () => {
  test("is judged as a whole", () => {
    const { facts, places } = readPosture(stock);
    assert.deepEqual(places.all.flatMap(whyNotJudged), []);
    const said = [...facts.values()].filter(({ subject }) => subject.kind === "ui");
    assert.deepEqual(
      said.filter(({ grade }) => grade === null).map(({ id }) => id),
      [],
    );
  });

  test("is not what tables wait for when it restarts", () => {
    const head = inputs((i) => (i["memory"] = 256), "ui")(stock);
    const given = review({ before: stock, after: head, source: "offline" });
    assert.ok(!given.limits.some((sentence) => sentence.includes("every table")));
    assert.equal(given.additions.sentence, "adds no server; 0 existing servers touched; also changes web UI");
  });

  test("that restarts for a certificate that falls due is not of the change", () => {
    const moved = inputs(
      (i) => (i.command = i.command?.map((w) => w.replace(/[0-9a-f]{16}/, "0123456789abcdef"))),
      "ui",
    )(stock);
    const head = asked((request) => (request["fingerprint"] = "0123456789abcdef"), /^ui-prepare$/)(moved);
    const due = "db-ui-driver-certificate";
    const steps = workOutSteps(stock, head).map((step): Step =>
      step.after?.name === due ? { ...step, op: "replace", renewal: true } : step,
    );
    const { additions, lines } = review({ before: stock, after: head, steps, source: "preview" });
    assert.deepEqual(
      lines.map(({ sentence }) => sentence),
      ["ui restarts (certificates fall due)"],
    );
    assert.equal(
      additions.sentence,
      "adds no server; 0 existing servers touched; not of this change: certificates of web UI are due for renewal",
    );
    assert.equal(additions.only, true);
  });

  test("that a preview does not know yet is said to be unknown", () => {
    const head = inputs(
      (i) => Object.assign(i, { command: UNKNOWN, environment: UNKNOWN }),
      /^ui(-peer|-prepare)?$/,
    )(stock);
    const { lines } = review({ before: stock, after: head, source: "preview" });
    assert.deepEqual(
      [...new Set(lines.filter(({ subjects }) => subjects.includes("web UI")).map(({ direction }) => direction))],
      ["unknown"],
    );
    // No option of a command line that is not known is said to be there no more.
    assert.deepEqual(
      lines.filter(({ direction }) => !["unknown", "disrupted"].includes(direction)).map(({ sentence }) => sentence),
      [],
    );
  });
});
