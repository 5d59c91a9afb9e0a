/** Whole reviews of a project in git by which somebody tries to get past the gate. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { review } from "../../../cli/verbs/look/review";
import type { Report } from "../../../judge/changes/report";
import { captured } from "../../support/captured";
import { GitProject } from "../../support/gitProject";
import { GATE } from "./gate";

let project: GitProject;

const STACK = [
  "encryptionsalt: v1:abc",
  "config:",
  "  rethinkdb:adminPassword:",
  "    secure: v1:def",
  "  rethinkdb:nodes: 1",
  "",
].join("\n");

before(() => {
  project = new GitProject();
  write("Pulumi.prod.yaml", STACK);
  write("Pulumi.test.yaml", STACK);
  write(".github/workflows/review.yml", "on: pull_request\n");
  project.commit();
});
after(() => {
  project.remove();
});
beforeEach(() => {
  project.reset();
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(project.folder, name)), { recursive: true });
  project.write(name, text);
}

async function gate(...more: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const out = `${project.folder}.json`;
  const argv = ["--offline", "--base", "HEAD", "--format", `json:${out}`, "--fail-on", GATE.join(","), ...more];
  const { result, stderr } = await captured(() => review(project.folder, argv));
  const { stacks } = JSON.parse(result === 2 ? '{"stacks":[]}' : readFileSync(out, "utf8")) as Report;
  rmSync(out, { force: true });
  const lines = stacks.flatMap(({ stack, lines: open, notJudged }) => [
    ...open.map(({ direction, rule, sentence }) => `${stack} ${direction} ${rule}: ${sentence}`),
    ...notJudged.map((sentence) => `${stack} not judged ${sentence}`),
  ]);
  return { code: result, said: [stderr, ...lines].join("\n") };
}

describe("the gate of a project", () => {
  test("stops a program that behaves as long as it is only looked at, and all that comes with it", async () => {
    project.edit(
      "index.ts",
      "export const clusterName",
      [
        'import * as docker from "@pulumi/docker";',
        'import * as pulumi from "@pulumi/pulumi";',
        'if (process.env["PULUMI_NODEJS_DRY_RUN"] === "false") new docker.Container("spy", { image: "spy:1.0.0" });',
        'new docker.Provider("default_4_2", { host: "ssh://deploy@203.0.113.9" });',
        'export const shown = new pulumi.Config("rethinkdb").require("adminPassword");',
        "export const clusterName",
      ].join("\n"),
    );
    write(".github/workflows/review.yml", "on: pull_request_target\n");
    write(".gitignore", `${project.read(".gitignore")}ops/\n`);
    write("dist/ops/main.js", "process.exit();\n");
    write("ops/hidden.ts", "process.exit();\n");
    project.stage("dist/ops/main.js", "ops/hidden.ts");
    write(
      "review.accepted.yaml",
      [
        "accepted:",
        "  - rule: override/allowed/adopt-data",
        "    subjects: [all]",
        "    to: yes",
        "    reason: a drill",
        "    expires: 2999-12-31",
        "",
      ].join("\n"),
    );
    project.edit("Pulumi.prod.yaml", "nodes: 1", 'nodes: 1\n  rethinkdb:allow: ["adopt-data"]');
    const { code, said } = await gate("--stack", "prod");
    assert.equal(code, 1, said);
    for (const line of [
      "prod unknown code/files/program: program differs in index.ts, review.accepted.yaml",
      "prod unknown code/files/.github",
      "prod unknown code/files/dist",
      "prod unknown code/files/ops",
      "prod weakened override/allowed/adopt-data",
      "prod not judged default_4_2",
    ]) {
      assert.ok(said.includes(line), `${line} is not in\n${said}`);
    }
  });

  test("stops a password in clear, and a stack that is taken away from it", async () => {
    project.edit("Pulumi.prod.yaml", "adminPassword:\n    secure: v1:def", "adminPassword: correct-horse-battery");
    rmSync(join(project.folder, "Pulumi.test.yaml"));
    const { code, said } = await gate();
    assert.equal(code, 1, said);
    assert.ok(said.includes("prod weakened config/visible"), said);
    assert.ok(said.includes("test destroyed gone/server"), said);
    assert.ok(!said.includes("correct-horse"));
  });

  test("lets pass comments, formatting, docs, tests, what git ignores, and more servers", async () => {
    project.edit("index.ts", "/** The stack:", "// A comment.\n/** The stack:");
    write("docs/more.md", "text\n");
    write("test/more.test.ts", "1;\n");
    write("dist/ops/main.js", "process.exit();\n");
    write(".state/x", "x");
    project.edit("Pulumi.prod.yaml", "nodes: 1", "nodes: 3");
    const { code, said } = await gate("--stack", "prod");
    assert.equal(code, 0, said);
  });
});
