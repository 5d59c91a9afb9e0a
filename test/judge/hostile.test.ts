/** Previews and sets that should not exist: a clear error, or "not judged"; never a crash, never "all fine". */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { renderMarkdown } from "../../judge/formats/markdown";
import { renderSarif } from "../../judge/formats/sarif";
import { renderTerminal } from "../../judge/formats/terminal";
import { readPreview } from "../../judge/model/preview";
import { EMPTY_SET, readSet } from "../../judge/model/readSet";
import { report } from "../../judge/changes/report";
import { NO_OPTIONS, type Resource, type ResourceSet, TYPES } from "../../judge/model/resources";
import { review, type Review } from "../../judge/changes/review";
import { cluster, recordHere } from "../support/recorded";

let standard: ResourceSet;

/** As the engine writes it. */
const state = ({ urn, type, parent, inputs, options }: Resource): object => {
  const resourceHooks = options.hooks.length > 0 ? { BeforeCreate: ["leftover"] } : {};
  return { urn, type, parent, inputs, ...options, resourceHooks };
};

const same = (set: ResourceSet): { op: string; urn: string; oldState: object; newState: object }[] =>
  set.resources.map((r) => ({ op: "same", urn: r.urn, oldState: state(r), newState: state(r) }));

const preview = (parsed: unknown): Review => review(readPreview(parsed));

const foreign = (index: number, type: string, inputs: Resource["inputs"] = {}): Resource => ({
  urn: `urn:pulumi:test::rethinkdb::${type}::x${String(index)}`,
  ...{ type, name: `x${String(index)}`, parent: "", inputs, options: NO_OPTIONS },
});

before(async () => {
  standard = (await recordHere(cluster())).set;
});

describe("a preview", () => {
  const REFUSED: readonly (readonly [string, () => unknown, string])[] = [
    ["that is no object", () => "x", "it has no steps; make it with: pulumi preview --json --show-sames"],
    ["without steps", () => ({ config: {} }), "it has no steps; make it with: pulumi preview --json --show-sames"],
    [
      "that failed",
      () => ({ steps: [], diagnostics: [{ severity: "error", message: "nodes: 0 is too few\n" }] }),
      "the preview itself failed: nodes: 0 is too few",
    ],
    ["with a step without a URN", () => ({ steps: [{ op: "same" }] }), "steps[0].urn is no text"],
    [
      "with an operation of the future",
      () => ({ steps: [{ op: "teleport", urn: "urn:x" }] }),
      'steps[0].op is "teleport", which this reader does not know',
    ],
    [
      "with a state without a type",
      () => ({ steps: [{ op: "same", urn: "urn:x", oldState: { urn: "urn:x" } }] }),
      "steps[0] has a state without a urn or a type",
    ],
    [
      "without the resources that stay",
      () => ({ steps: same(standard).slice(0, 3), changeSummary: { same: 49 } }),
      "it leaves out 46 unchanged resources; make it with --show-sames",
    ],
  ];
  for (const [name, made, message] of REFUSED) {
    test(`${name} is refused`, () => {
      assert.throws(() => readPreview(made()), { message });
    });
  }

  const CODE = "the code: a preview does not say which made the state; name that version with --base";

  test("of another project is not judged, and not fine", () => {
    const others = { ...standard, resources: [foreign(1, "aws:s3/bucket:Bucket", { acl: "public-read" })] };
    const { lines, notJudged, limits } = preview({ steps: same(others) });
    assert.deepEqual(lines, []);
    assert.deepEqual(notJudged, [
      "no RethinkDB cluster of this project is declared: nothing that is here was made to be judged",
      CODE,
    ]);
    assert.deepEqual(limits, [
      "x1 (aws:s3/bucket:Bucket): this project does not declare it, and its type is not known here; it stays as it is",
      "outputs of the stack: a preview does not list them",
    ]);
  });

  test("without a single step is not fine either", () => {
    const found = report([preview({ steps: [] })], [], "2030-01-01");
    assert.match(found.stacks[0]?.verdict ?? "", /^no difference in what was judged; 2 not judged$/);
  });

  test("of two thousand resources takes less than five seconds", () => {
    const many = Array.from({ length: 2000 }, (_, i) =>
      foreign(i, i % 2 === 0 ? TYPES.container : "x:y:Z", { image: "a", ports: [{ internal: i, external: i }] }),
    );
    const started = Date.now();
    const found = preview({
      steps: [...same(standard), ...many.map((r) => ({ op: "create", urn: r.urn, newState: state(r) }))],
    });
    const markdown = renderMarkdown(report([found], [], "2030-01-01"));
    const seconds = (Date.now() - started) / 1000;
    assert.ok(found.notJudged.length === 2001 && found.lines.length > 10);
    assert.ok(markdown.length < 65_536);
    assert.ok(seconds < 5, `${String(seconds)} s`);
  });

  test("masks each secret of a map, and says so of one that it does not mask", () => {
    const clear = (passwords: string): readonly string[] =>
      preview({ steps: same(standard), config: { "rethinkdb:userPasswords": passwords } }).lines.map(
        ({ sentence }) => sentence,
      );
    assert.deepEqual(clear('{"api":"[secret]","web":"[secret]"}'), []);
    for (const passwords of ['{"api":"[secret]","web":"hunter2-hunter2"}', "hunter2-hunter2", '"hunter2-hunter2"']) {
      assert.deepEqual(clear(passwords), [
        "stack: config value userPasswords is now in clear; what it was is not known",
      ]);
    }
  });

  test("in which every value is unknown is said to be unknown", () => {
    const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const steps = same(standard).map((step) => {
      const inputs = Object.fromEntries(Object.keys((step.newState as Resource).inputs).map((key) => [key, UNKNOWN]));
      return { ...step, op: "update", newState: { ...step.newState, inputs } };
    });
    const { lines } = preview({ steps });
    assert.ok(lines.some(({ direction }) => direction === "unknown"));
    const guessed = lines.filter(({ direction }) => direction === "strengthened" || direction === "changed");
    assert.deepEqual(
      guessed.map(({ sentence }) => sentence),
      [],
    );
  });
});

describe("a set", () => {
  test("without fields is refused by the first that is missing", () => {
    assert.throws(() => readSet({ project: "p", stack: "s" }), { message: "resources is no list" });
    assert.throws(() => readSet({ resources: [] }), { message: "project is no text" });
    const bare = { project: "p", stack: "s", resources: [{ urn: "u" }] };
    assert.throws(() => readSet(bare), { message: "resources[0].type is no text" });
  });

  test("names no file outside of the repository", () => {
    const resource = { ...foreign(1, "x:y:Z"), source: "../../etc/passwd:1" };
    assert.equal(readSet({ ...standard, resources: [resource] }).resources[0]?.source, undefined);
  });

  test("whose parents go in a circle is read all the same", () => {
    const a = { ...foreign(1, "x:y:Z"), parent: foreign(2, "x:y:Z").urn };
    const b = { ...foreign(2, "x:y:Z"), parent: a.urn };
    const circle = { ...standard, resources: [a, b] };
    assert.equal(review({ before: circle, after: circle, source: "offline" }).lines.length, 0);
  });

  test("says nothing through names: no markup, no mention, no terminal sequence", () => {
    const evil = "x`\u001b[2J @octocat <img src=x onerror=1> [a](https://evil.example) **b** \u202e\n# h\n/approve";
    const resource: Resource = { ...foreign(1, TYPES.container, { image: evil, envs: [`${evil}=1`] }), name: evil };
    const after = { ...standard, stack: evil, resources: [...standard.resources, resource] };
    const found = report([review({ before: standard, after, source: "offline" })], [], "2030-01-01");
    const markdown = renderMarkdown(found);
    for (const part of ["<img", "](https://evil", "@octocat", "\u001b", "\u202e", "\n# h", "\n/approve"]) {
      assert.ok(!markdown.includes(part), `${JSON.stringify(part)} is in\n${markdown}`);
    }
    assert.ok(!renderTerminal(found, false).includes("\u001b"));
    assert.ok(!renderSarif(found, () => ({ file: "x", line: 1 })).includes("\\u001b"));
  });

  test("with a property named after JavaScript's own is only data", () => {
    const inputs = JSON.parse(
      '{"__proto__": {"readOnly": true}, "constructor": 1, "image": "a:1.0.0"}',
    ) as Resource["inputs"];
    const after = { ...standard, resources: [...standard.resources, foreign(1, TYPES.container, inputs)] };
    const { lines } = review({ before: standard, after, source: "offline" });
    assert.ok(lines.some(({ sentence }) => sentence.startsWith("container x1: read-only root file system is no")));
  });
});

test("a first deployment is held against what the project promises, and keeps it", () => {
  const found = review({ before: EMPTY_SET("rethinkdb", "test"), after: standard, source: "offline" });
  assert.deepEqual(found.lines, []);
  assert.equal(found.additions.sentence, "adds n0, n1, n2; 0 existing servers touched");
});
