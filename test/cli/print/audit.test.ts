/** An audit in each format. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import Ajv from "ajv";
import { renderAudit } from "../../../cli/doctor/formats";
import { renderJunit } from "../../../cli/print/audit/junit";
import { renderAuditSarif } from "../../../cli/print/audit/sarif";
import { renderTerminal } from "../../../cli/print/audit/terminal";
import { auditReport } from "../../support/auditReport";

const report = auditReport();

describe("an audit for a terminal", () => {
  const text = renderTerminal(report, false);

  test("says the verdict, each finding with what to do, and what was not tried", () => {
    assert.match(text, /^db: 2 findings \(2 high\); 1 attempt could not be made$/m);
    assert.match(
      text,
      /^! high {2}db-n0: \/tls\/<x>\/"driver\.key" has mode 444 & more\n {4}tried {2}looked at key-modes\n {4}do {5}run npm run up\n {4}probe {2}key-modes {2}docs\/security\.md#local-user$/m,
    );
    assert.match(text, /^! high {2}db: table test\.t is being rearranged; it still serves$/m);
    assert.match(text, /^Not tried\n {2}\. disks \(n1\): it is exited$/m);
    assert.match(text, /^Nothing to try on\n {2}\. web-ui-cookie \(the web UI\): the stack declares none$/m);
    assert.match(
      text,
      /^It took 4\.2 seconds, 10 connections, 2 logins, 1 throw-away container and 3 commands in running containers\. Nothing was changed\.$/m,
    );
  });

  test("has a row for each line of the threat table, and never says held of what was not tried", () => {
    assert.match(text, /^held {7}http-port /m);
    assert.match(text, /^FOUND {6}local-user /m);
    assert.match(text, /^not tried {2}time /m);
    assert.match(text, /^not tried {2}driver-port /m);
  });

  test("is coloured only where asked", () => {
    assert.ok(!text.includes("\u001b"));
    assert.match(renderTerminal(report, true), /\u001b\[31mFOUND|\u001b\[31;1mFOUND/);
  });
});

test("for programs it is the report with its version", () => {
  const parsed = JSON.parse(renderAudit(report, "json", "nowhere", false)) as typeof report;
  assert.equal(parsed.version, 1);
  assert.deepEqual(parsed, report);
});

test("for a CI a probe is a case: failed, skipped, or an error where it could not be tried", () => {
  const xml = renderJunit(report);
  assert.match(
    xml,
    /<testcase classname="db\.http-port" name="port-8080: looked at port-8080" time="1\.234"><\/testcase>/,
  );
  assert.match(
    xml,
    /<failure type="high" message="db-n0: \/tls\/&lt;x&gt;\/&quot;driver\.key&quot; has mode 444 &amp; more">run npm run up<\/failure>/,
  );
  assert.match(xml, /<error type="not-tried" message="n1: it is exited"\/>/);
  assert.match(xml, /<skipped message="the web UI: the stack declares none"\/>/);
  assert.match(xml, /<testsuite name="db\.time" tests="1" failures="0" errors="1" skipped="0">/);
  assert.match(xml, /<testsuite name="db\.health" tests="1" failures="1" errors="0" skipped="0">/);
});

describe("for code scanning", () => {
  const sarif = JSON.parse(renderAuditSarif(report, (anchor) => anchor.length)) as {
    readonly runs: readonly [
      {
        readonly results: {
          level: string;
          readonly ruleId: string;
          readonly locations: readonly {
            readonly physicalLocation: { readonly region: { readonly startLine: number } };
          }[];
        }[];
        readonly invocations: readonly unknown[];
      },
    ];
  };

  test("it is what the schema of SARIF says, and the schema refuses what is not", () => {
    const ajv = new Ajv({ schemaId: "auto", unknownFormats: "ignore", logger: false });
    const readJson = (path: string): object => JSON.parse(readFileSync(require.resolve(path), "utf8")) as object;
    ajv.addMetaSchema(readJson("ajv/lib/refs/json-schema-draft-04.json"));
    const valid = ajv.compile(readJson("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
    void valid(sarif);
    assert.deepEqual(valid.errors, null);
    assert.equal(valid({ ...sarif, version: "1" }), false);
  });

  test("each finding stands on its line of docs/security.md, and what was not tried is said", () => {
    const [run] = sarif.runs;
    assert.deepEqual(
      run.results.map(({ ruleId, level }) => [ruleId, level]),
      [
        ["health", "error"],
        ["key-modes", "error"],
      ],
    );
    assert.equal(run.results[1]?.locations[0]?.physicalLocation.region.startLine, "local-user".length);
    assert.deepEqual(run.invocations, [
      {
        executionSuccessful: false,
        toolExecutionNotifications: [
          { level: "warning", message: { text: "db: disks was not tried on n1: it is exited" } },
        ],
      },
    ]);
  });

  test("the line is read from the document", () => {
    const lines = readFileSync("docs/security.md", "utf8").split("\n");
    const real = JSON.parse(renderAudit(report, "sarif", ".", false)) as typeof sarif;
    const line = real.runs[0].results[1]?.locations[0]?.physicalLocation.region.startLine ?? 0;
    assert.match(lines[line - 1] ?? "", /id="local-user"/);
  });
});

test("the page needs nothing else, lets nothing in, and quotes what it shows", () => {
  const html = renderAudit(report, "html", "nowhere", false);
  assert.match(html, /^<!doctype html>/);
  assert.doesNotMatch(html, /(src|href)=/);
  assert.match(html, /default-src 'none'/);
  assert.match(html, /&lt;x&gt;/);
  assert.doesNotMatch(html, /<x>/);
  assert.match(html, /<h1>Audit of local, 2030-01-02T03:04:05\.000Z<\/h1>/);
});
