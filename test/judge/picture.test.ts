/** The picture at the top of a review's comment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawPicture } from "../../judge/formats/picture";
import { report, type StackReport } from "../../judge/changes/report";
import { review } from "../../judge/changes/review";
import { cluster, recordHere } from "../support/recorded";
import type { Edit } from "./change";

async function drawn(head: Parameters<typeof cluster>[0], edit: Edit = (set) => set): Promise<readonly string[]> {
  const base = await recordHere(cluster());
  const after = edit((await recordHere(cluster(head), base.madeUp)).set);
  const [stack] = report([review({ before: base.set, after, source: "offline" })], [], "2030-01-01").stacks;
  return drawPicture(stack as StackReport).split("\n");
}

test("nothing is drawn where nothing changes", async () => {
  assert.deepEqual(await drawn({}), [""]);
});

test("a port that is published wider leads to each server in red, and restarts follow each other", async () => {
  const lines = await drawn({ driverPublish: "10.0.0.5" });
  assert.deepEqual(lines.slice(0, 2), ["```mermaid", "flowchart LR"]);
  assert.equal(lines.at(-1), "```");
  for (const line of [
    '  b0["n0<br/>1 weaker, restarts"]:::weaker',
    '  from0(["who reaches 10.0.0.5 (a private address)"]) -- "28015/tcp (driver)" --> b0',
    '  from0 -- "28015/tcp (driver)" --> b2',
    '  b0 -. "then" .-> b1',
    '  b1 -. "then" .-> b2',
    "  linkStyle 0 stroke:#cf222e,stroke-width:3px",
  ]) {
    assert.ok(lines.includes(line), `${line} is in\n${lines.join("\n")}`);
  }
});

test("new servers are boxes of their own", async () => {
  const lines = await drawn({ nodes: 5 });
  assert.deepEqual(
    lines.filter((line) => line.includes("[")),
    ['  b0["n3<br/>new"]:::added', '  b1["n4<br/>new"]:::added'],
  );
});

test("a change of many servers is cut to what can be seen, and says how many more there are", async () => {
  const base = await recordHere(cluster({ nodes: 30 }));
  const { set: after } = await recordHere(cluster({ nodes: 30, driverPublish: "10.0.0.5" }), base.madeUp);
  const [stack] = report([review({ before: base.set, after, source: "offline" })], [], "2030-01-01").stacks;
  const boxes = drawPicture(stack as StackReport)
    .split("\n")
    .filter((line) => /^ {2}(b\d+|rest)\[/.test(line));
  assert.equal(boxes.length, 17);
  assert.equal(boxes.at(-1), '  rest["and 14 more"]');
});

test("a name becomes no part of the picture", async () => {
  const evil = '"]; click b0 "https://evil.example" <script>';
  const rename: Edit = (set) => ({
    ...set,
    resources: [
      ...set.resources,
      {
        ...(set.resources[5] as (typeof set.resources)[0]),
        urn: evil,
        name: evil,
        parent: "",
        type: "docker:index/container:Container",
        inputs: { ports: [{ internal: 1, external: 1, ip: "0.0.0.0" }] },
      },
    ],
  });
  const text = (await drawn({}, rename)).join("\n");
  assert.match(text, /weaker/);
  assert.doesNotMatch(text, /click b0 "|<script|https:\/\/evil\.example"/);
  assert.ok(
    text.split("\n").every((line) => (line.match(/"/g) ?? []).length % 2 === 0),
    text,
  );
});
