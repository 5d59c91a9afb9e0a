/** `npm run review -- --offline`: two versions of a real project, under mocks. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { review } from "../../../cli/review";
import type { Report } from "../../../review/report";
import { captured } from "../../support/captured";
import { GitProject } from "../../support/gitProject";

let project: GitProject;

interface Outcome {
  readonly code: number;
  readonly stderr: string;
  readonly report: Report;
  readonly all: string;
}

/** Every format at once. */
async function run(...argv: readonly string[]): Promise<Outcome> {
  const files = ["markdown", "json", "sarif", "terminal"].map(
    (format) => [format, join(project.folder, `out.${format}`)] as const,
  );
  const formats = files.map((pair) => pair.join(":")).join(",");
  const { result, stderr } = await captured(() =>
    review(project.folder, ["--offline", "--base", "HEAD", "--format", formats, ...argv]),
  );
  const texts = result === 2 ? [] : files.map(([format]) => project.read(`out.${format}`));
  for (const [, path] of files) rmSync(path, { force: true });
  return {
    code: result,
    stderr,
    report: JSON.parse(texts[1] ?? "{}") as Report,
    all: [stderr, ...texts].join("\n"),
  };
}

const sentences = ({ report }: Outcome): readonly string[] =>
  report.stacks.flatMap(({ lines }) => lines.map(({ direction, sentence }) => `${direction}: ${sentence}`));

const SECRET = randomBytes(12).toString("hex");

before(() => {
  project = new GitProject();
  project.write(
    "Pulumi.prod.yaml",
    [
      "encryptionsalt: v1:abc",
      "config:",
      `  rethinkdb:adminPassword:`,
      `    secure: v1:${SECRET}`,
      "  rethinkdb:nodes: 3",
      "",
    ].join("\n"),
  );
  project.commit("Pulumi.prod.yaml");
});
after(() => {
  project.remove();
});
afterEach(() => {
  project.reset();
});

describe("an offline review", () => {
  test("finds nothing where nothing changed, and says what it cannot know", async () => {
    project.edit("index.ts", "/** The stack:", "// Another comment.\n/** The stack:");
    const outcome = await run(
      "--fail-on",
      "weakened,destroyed,disrupted,unknown,changed,strengthened",
      "--expect-only-additions",
    );
    assert.equal(outcome.code, 0, outcome.all);
    assert.equal(outcome.report.stacks[0]?.stack, "prod");
    assert.deepEqual(sentences(outcome), []);
    assert.equal(outcome.report.stacks[0].verdict, "no difference in what was judged; 2 not judged");
  });

  test("says that more servers are only additions", async () => {
    project.edit("Pulumi.prod.yaml", "nodes: 3", "nodes: 5");
    const outcome = await run("--expect-only-additions");
    assert.equal(outcome.code, 0, outcome.all);
    assert.equal(outcome.report.stacks[0]?.additions.sentence, "adds n3, n4; 0 existing servers touched");
  });

  test("fails where more than additions happens, on the line that says so", async () => {
    project.edit(
      "Pulumi.prod.yaml",
      "nodes: 3",
      'nodes: 4\n  rethinkdb:driverPublish: 0.0.0.0\n  rethinkdb:allow: ["public-driver"]',
    );
    const outcome = await run("--expect-only-additions", "--fail-on", "weakened");
    assert.equal(outcome.code, 1);
    assert.equal(
      outcome.stderr,
      "review: found what --fail-on names: weakened\n" +
        "review: only additions were expected of rethinkdb/prod: adds n3; 3 existing servers touched: n0, n1, n2\n",
    );
    assert.ok(
      sentences(outcome).includes(
        "weakened: n0, n1, n2: address on which port 28015/tcp (driver) is published is now 0.0.0.0 (every address); was 127.0.0.1 (loopback)",
      ),
    );
    const at = /"uri": "(Pulumi\.prod\.yaml)"[^}]*\}[^}]*"startLine": (\d+)/.exec(outcome.all);
    assert.deepEqual(at?.slice(1), ["Pulumi.prod.yaml", "6"]);
  });

  test("shows no secret, wherever the program puts it", async () => {
    const planted = randomBytes(12).toString("hex");
    project.edit(
      "index.ts",
      "export const clusterName",
      [
        `import * as docker from "@pulumi/docker";`,
        `import * as pulumi from "@pulumi/pulumi";`,
        `const secret = pulumi.secret("${planted}");`,
        `new docker.Container("leaky", { image: "x:1.0.0", envs: [pulumi.interpolate\`A=\${secret}\`], command: [secret],`,
        `  labels: [{ label: "l", value: secret }], hostname: secret, volumes: [{ hostPath: secret, containerPath: "/x" }] });`,
        `export const shown = secret;`,
        `export const clusterName`,
      ].join("\n"),
    );
    const outcome = await run();
    assert.equal(outcome.code, 0, outcome.all);
    for (const secret of [planted, SECRET, "not-known-offline"]) assert.equal(outcome.all.includes(secret), false);
    const found = sentences(outcome);
    for (const key of ["command", "environment", "hostname", "labels"]) {
      const what = `weakened: container leaky: secret in the container's ${key} is yes (new; weaker than what this project promises)`;
      assert.ok(found.includes(what), `${what} is in ${found.join("\n")}`);
    }
    assert.ok(found.includes("changed: stack: output shown is now a secret; was none"), found.join("\n"));
  });

  test("tells a secret that moved into the clear", async () => {
    project.edit("Pulumi.prod.yaml", `    secure: v1:${SECRET}`, "");
    project.edit("Pulumi.prod.yaml", "rethinkdb:adminPassword:", "rethinkdb:adminPassword: correct-horse-battery");
    const outcome = await run();
    assert.deepEqual(sentences(outcome), ["weakened: stack: config value adminPassword is now in clear; was a secret"]);
    assert.equal(outcome.all.includes("correct-horse"), false);
  });

  test("hands over the program's own words when a version does not run", async () => {
    project.edit("Pulumi.prod.yaml", "nodes: 3", "nodes: 0");
    const { code, stderr } = await run();
    assert.equal(code, 2);
    assert.equal(stderr, "the program of the head does not run: nodes: 0 is not a whole number from 1 to 64\n");
  });

  test("judges a head that was written down elsewhere, and takes exceptions from the base alone", async () => {
    const accepted = [
      "accepted:",
      "  - rule: override/allowed/adopt-data",
      "    subjects: [cluster rethinkdb-prod]",
      "    to: yes",
      "    reason: a drill",
      "    expires: 2999-12-31",
      "",
    ].join("\n");
    project.edit("Pulumi.prod.yaml", "nodes: 3", 'nodes: 3\n  rethinkdb:allow: ["adopt-data"]');
    project.write("review.accepted.yaml", accepted);
    const written = join(project.folder, "..", `${SECRET}.json`);
    try {
      const first = await run("--write-head", written, "--fail-on", "weakened");
      assert.equal(first.code, 1, first.all);
      const second = await run(
        "--head-file",
        written,
        "--accepted",
        join(project.folder, "review.accepted.yaml"),
        "--fail-on",
        "weakened",
      );
      assert.equal(second.code, 0, second.all);
      assert.equal(second.report.stacks[0]?.accepted[0]?.reason, "a drill");
    } finally {
      rmSync(written, { force: true });
    }
  });
});
