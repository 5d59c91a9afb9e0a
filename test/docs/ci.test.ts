/** CI that others copy: pinned, with the least rights, and nothing secret beside code of a pull request. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { COMMENT_MARK } from "../../judge/formats/markdown";

interface Job {
  readonly environment?: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly env?: object;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = ".github/workflows";
const texts = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]));
const workflows = new Map([...texts].map(([name, text]) => [name, parse(text) as Workflow]));
const jobs = [...workflows].flatMap(([name, { jobs: own }]) =>
  Object.entries(own).map(([job, given]) => ({ name, job, given })),
);

function isOfTags(workflow: Workflow | undefined): boolean {
  const { push, ...others } = workflow?.on ?? {};
  return Object.keys(others).length === 0 && Object.keys(push ?? {}).join() === "tags";
}

describe("the workflows", () => {
  test("pin every action to a commit", () => {
    const used = jobs.flatMap(({ given }) => given.steps.map(({ uses }) => uses).filter((uses) => uses !== undefined));
    assert.ok(used.length > 10);
    assert.deepEqual(
      used.filter((uses) => !/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/.test(uses)),
      [],
    );
  });

  test("begin with no right but to read", () => {
    for (const [name, { permissions }] of workflows) {
      assert.deepEqual(
        Object.values(permissions ?? { all: "write" }).filter((right) => right !== "read"),
        [],
        name,
      );
    }
  });

  test("leave no token behind in a checkout", () => {
    const checkouts = jobs.flatMap(({ given }) =>
      given.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")),
    );
    assert.ok(checkouts.every((step) => step.with?.["persist-credentials"] === false));
  });

  test("show no secret to a job without an approved environment, and give it no write", () => {
    for (const { name, job, given } of jobs) {
      const writes = Object.values(given.permissions ?? {}).includes("write");
      const runs = given.steps.some(({ run }) => run !== undefined);
      // A tag is set by people who may release, and one of them approves the job.
      const releases = given.environment !== undefined && isOfTags(workflows.get(name));
      assert.ok(!(writes && runs) || releases, `${name} ${job} runs commands and may write`);
      if (given.environment === undefined) assert.ok(!JSON.stringify(given).includes("secrets."), `${name} ${job}`);
    }
  });

  test("put nothing of a pull request into a script", () => {
    const scripts = jobs.flatMap(({ given }) =>
      given.steps.map((step) => step.run ?? JSON.stringify(step.with?.["script"] ?? "")),
    );
    assert.deepEqual(
      scripts.filter((script) => script.includes("${{")),
      [],
    );
  });

  test("find their own comment by the mark that the report begins with", () => {
    assert.ok(texts.get("review-judge.yml")?.includes(`const MARK = "${COMMENT_MARK}"`));
    assert.ok(readFileSync(".gitlab-ci.yml", "utf8").includes(`startsWith("${COMMENT_MARK}")`));
  });

  test("judge by files of the base", () => {
    const judge = workflows.get("review-judge.yml");
    assert.deepEqual(Object.keys(judge?.on ?? {}), ["workflow_run"]);
    const folders = judge?.jobs["judge"]?.steps.filter(({ run }) => run !== undefined) as readonly {
      "working-directory"?: string;
    }[];
    assert.deepEqual([...new Set(folders.map((step) => step["working-directory"]))], ["base"]);
  });
});
