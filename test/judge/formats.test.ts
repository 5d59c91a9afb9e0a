/** What people, code scanning and programs are given. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, describe, test } from "node:test";
import Ajv from "ajv";
import { type Accepted, applyAccepted, readAccepted } from "../../judge/changes/accepted";
import { ANCHORS } from "../../judge/model/property";
import { COMMENT_MARK, renderMarkdown } from "../../judge/formats/markdown";
import { renderSarif } from "../../judge/formats/sarif";
import { renderTerminal } from "../../judge/formats/terminal";
import { FAMILIES } from "../../judge/model/posture";
import { failures, report, type Report } from "../../judge/changes/report";
import { review } from "../../judge/changes/review";
import { cluster, recordHere } from "../support/recorded";

/** A file of a package. */
function readJson(name: string): object {
  return JSON.parse(readFileSync(createRequire(__filename).resolve(name), "utf8")) as object;
}

let found: Report;
let lines: ReturnType<typeof review>["lines"];

before(async () => {
  const base = await recordHere(cluster({ nodes: 1 }));
  const head = await recordHere(cluster({ nodes: 1, driverPublish: "0.0.0.0", allow: ["public-driver"] }), base.madeUp);
  const given = review({ before: base.set, after: head.set, source: "offline" });
  lines = given.lines;
  found = report([given], [], "2030-01-01");
});

describe("the report", () => {
  test("for a terminal says the worst first, why it matters and where to read on", () => {
    assert.equal(
      renderTerminal(found, false),
      `
rethinkdb/test: 2 weakened, 1 disrupted
adds no server; 1 existing servers touched: n0

Weaker
  - n0: address on which port 28015/tcp (driver) is published is now 0.0.0.0 (every address); was 127.0.0.1 (loopback)
      Docker publishes past the host's firewall: anyone who reaches the address reaches the port.
      docs/security.md#published-ports  rule: port/published/28015/tcp (driver)
  - cluster orders: guard overridden: public-driver is now yes; was no
      An override switches a refusal off for as long as it stands there.
      docs/security.md#overrides  rule: override/allowed/public-driver

Restarts
  ~ n0 restarts (ports)
      Clients of a server that restarts have to connect again.
      docs/security.md#update-order

Beyond this review
  . whether every table stays available while n0 restarts: only the live cluster knows
  . whether certificates are due for renewal: a run without the stack's state does not know their age
  . values of secrets: a run without the stack's config does not have them
`,
    );
  });

  test("for a comment has the verdict first, what is dangerous open and the rest folded", () => {
    const markdown = renderMarkdown(found, { docs: "/owner/name/blob/main/" });
    assert.ok(markdown.startsWith(`${COMMENT_MARK}\n\n## 🔴 Security review of rethinkdb/test: 2 weakened`));
    assert.ok(markdown.indexOf("0.0.0.0") < markdown.indexOf("<details>"));
    assert.ok(markdown.includes("is published is now **0.0.0.0 \\(every address\\)**; was 127.0.0.1"));
    assert.ok(markdown.includes("[Read on](/owner/name/blob/main/docs/security.md#published-ports)"));
    assert.match(markdown, /<details><summary>🟠 Restarts \(1\)<\/summary>\n\n- n0 restarts/);
  });

  test("for code scanning has a rule and a place for every line", () => {
    const sarif = JSON.parse(renderSarif(found, () => ({ file: "Pulumi.prod.yaml", line: 3 }))) as {
      runs: {
        tool: { driver: { rules: { id: string }[] } };
        results: { ruleId: string; level: string; locations: unknown }[];
      }[];
    };
    const [run] = sarif.runs;
    assert.deepEqual(
      run?.results.map(({ ruleId, level }) => `${level} ${ruleId}`),
      ["error weakened/port/published", "error weakened/override/allowed", "warning disrupted/restart/change"],
    );
    assert.deepEqual(
      new Set(run.tool.driver.rules.map(({ id }) => id)),
      new Set(run.results.map(({ ruleId }) => ruleId)),
    );
    assert.deepEqual(run.results[0]?.locations, [
      {
        physicalLocation: {
          artifactLocation: { uri: "Pulumi.prod.yaml", uriBaseId: "%SRCROOT%" },
          region: { startLine: 3 },
        },
      },
    ]);
  });

  test("for code scanning is what the schema of SARIF says, and the schema refuses what is not", () => {
    const sarif = JSON.parse(renderSarif(found, () => ({ file: "Pulumi.prod.yaml", line: 3 }))) as {
      runs: { results: { level: string }[] }[];
    };
    const ajv = new Ajv({ schemaId: "auto", meta: false, allErrors: true });
    ajv.addMetaSchema(readJson("ajv/lib/refs/json-schema-draft-04.json"));
    const valid = ajv.compile(readJson("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
    void valid(sarif);
    assert.deepEqual(valid.errors ?? [], []);
    for (const result of sarif.runs.flatMap(({ results }) => results)) result.level = "fatal";
    assert.equal(valid(sarif), false);
  });

  test("names what --fail-on asks for", () => {
    assert.deepEqual(failures(found, ["weakened", "destroyed", "not-judged"]), ["weakened"]);
  });

  test("links only to headings that docs/security.md has, and every property has one", () => {
    const headings = [...readFileSync("docs/security.md", "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, "")
        .replaceAll(" ", "-"),
    );
    assert.deepEqual(
      ANCHORS.filter((anchor) => !headings.includes(anchor)),
      [],
    );
    for (const [name, { title, why, anchor }] of Object.values(FAMILIES).flatMap((family) => Object.entries(family))) {
      assert.ok(ANCHORS.includes(anchor) && title !== "" && /\.$/.test(why), name);
    }
  });
});

describe("an accepted weakening", () => {
  const entry: Accepted = {
    ...{ rule: "override/allowed/public-driver", subjects: ["cluster orders"], to: "yes" },
    ...{ reason: "a demo", expires: "2030-01-31" },
  };

  test("is taken out as long as it holds", () => {
    assert.equal(applyAccepted(lines, [entry], "2030-01-31").open.filter((l) => l.direction === "weakened").length, 1);
  });

  test("counts again when it ran out, and says so", () => {
    const { open, expired } = applyAccepted(lines, [entry], "2030-02-01");
    assert.equal(open.length, lines.length);
    assert.deepEqual(expired, [
      "the exception for override/allowed/public-driver of cluster orders ran out on 2030-01-31",
    ]);
  });

  test("accepts no other value, no other subject and no other rule", () => {
    for (const other of [{ to: "no" }, { subjects: ["cluster other"] }, { rule: "override/allowed" }]) {
      assert.deepEqual(applyAccepted(lines, [{ ...entry, ...other }], "2030-01-01").accepted, []);
    }
  });

  test("is refused with every reason when it is not whole", () => {
    const file = { accepted: [{ rule: "x", subjects: [], until: "x", expires: "2030-02-30" }] };
    assert.deepEqual(readAccepted("f.yaml", file).errors, [
      "f.yaml: accepted[0].until: is not known; known are rule, subjects, to, reason, expires",
      "f.yaml: accepted[0].subjects: is missing; write a list of names as the review prints them, or [all]",
      'f.yaml: accepted[0].expires: "2030-02-30" is not a day; write it as YYYY-MM-DD',
      "f.yaml: accepted[0].to: is missing; write the accepted value as the review prints it",
      "f.yaml: accepted[0].reason: is missing; write why it is accepted",
    ]);
    assert.deepEqual(readAccepted("f.yaml", {}).errors, [
      'f.yaml: has no list "accepted"; write accepted: [] for none',
    ]);
    assert.deepEqual(readAccepted("f.yaml", null), { entries: [], errors: [] });
  });
});
