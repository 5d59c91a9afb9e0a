/** `npx pulumi-rethinkdb review --offline`: two versions of a real project, under mocks. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { policy } from "../../../../cli/verbs/look/policy";
import { review } from "../../../../cli/verbs/look/review";
import type { Report } from "../../../../judge/changes/report";
import { captured } from "../../../support/captured";
import { GitProject } from "../../../support/gitProject";

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
  project.commit();
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
    assert.equal(outcome.report.stacks[0].verdict, "no difference in what was judged");
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

  test("tells a secret that stands in the program itself", async () => {
    project.edit("index.ts", "readConfig()", '{ ...readConfig(), adminPassword: "correct-horse-battery" }');
    const outcome = await run();
    const what =
      "weakened: cluster rethinkdb-prod: secret adminPassword stands in the program itself is now yes; was no";
    assert.ok(sentences(outcome).includes(what), sentences(outcome).join("\n"));
    assert.equal(outcome.all.includes("correct-horse"), false);
  });

  test("tells a secret of the config that an output shows in clear", async () => {
    project.edit(
      "index.ts",
      "export const clusterName",
      [
        `import * as pulumi from "@pulumi/pulumi";`,
        `export const shown = pulumi.unsecret(new pulumi.Config().requireSecret("adminPassword"));`,
        `export const clusterName`,
      ].join("\n"),
    );
    const what = "weakened: stack: output shown holds a secret in clear is now yes; was no";
    const found = sentences(await run());
    assert.ok(found.includes(what), found.join("\n"));
  });

  test("tells one password in clear beside others that are encrypted", async () => {
    const users = ["  rethinkdb:nodes: 3", `  rethinkdb:users: [{ "name": "web" }, { "name": "api" }]`];
    const passwords = [
      "  rethinkdb:userPasswords:",
      "    web:",
      "      secure: v1:ghi",
      "    api: correct-horse-battery",
    ];
    project.edit("Pulumi.prod.yaml", "  rethinkdb:nodes: 3", [...users, ...passwords].join("\n"));
    const outcome = await run();
    const what = "weakened: stack: config value userPasswords is now in clear; was none";
    assert.ok(sentences(outcome).includes(what), sentences(outcome).join("\n"));
    assert.equal(outcome.all.includes("correct-horse"), false);
  });

  for (const [how, lines] of [
    [
      "each secret by itself",
      [
        "  rethinkdb:driverCaPems:",
        `    "1":`,
        "      certPem:",
        "        secure: v1:abc",
        "      keyPem:",
        "        secure: v1:def",
        "  rethinkdb:userPasswords:",
        "    web:",
        "      secure: v1:ghi",
      ],
    ],
    [
      "the whole value at once",
      ["  rethinkdb:driverCaPems:", "    secure: v1:abc", "  rethinkdb:userPasswords:", "    secure: v1:def"],
    ],
  ] as const) {
    test(`judges a stack with a CA of its own and passwords of users, encrypted ${how}`, async () => {
      project.edit(
        "Pulumi.prod.yaml",
        "  rethinkdb:nodes: 3",
        [`  rethinkdb:nodes: 3`, `  rethinkdb:users: [{ "name": "web" }]`, ...lines].join("\n"),
      );
      const outcome = await run();
      assert.equal(outcome.code, 0, outcome.all);
      assert.equal(outcome.all.includes("not-known-offline"), false);
      const judged = await captured(() => policy(project.folder, []));
      assert.equal(judged.result, 0, judged.stderr);
      // The same CA at every run: nothing differs that was not changed.
      project.commit();
      try {
        assert.deepEqual(sentences(await run()), []);
      } finally {
        project.undoCommit();
      }
    });
  }

  test("refuses a misspelt key and a misspelt field of the config, with the names that were meant", async () => {
    project.edit(
      "Pulumi.prod.yaml",
      "  rethinkdb:nodes: 3",
      [
        "  rethinkdb:nodez: 3",
        "  rethinkdb:databases: [2024]",
        "  rethinkdb:webUi:",
        "    enabled: false",
        "    publsh: none",
      ].join("\n"),
    );
    const outcome = await run();
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /^the program of the head does not run: /);
    assert.match(
      outcome.stderr,
      /webUi\.publsh: is no field; do you mean "publish"\?\nnodez: is no field; do you mean "nodes"\?$/m,
    );
  });

  test("says what cannot be judged while it is encrypted", async () => {
    project.edit("Pulumi.prod.yaml", "  rethinkdb:nodes: 3", "  rethinkdb:hosts:\n    secure: v1:abc");
    const outcome = await run();
    assert.equal(outcome.code, 2);
    assert.equal(
      outcome.stderr,
      "rethinkdb:hosts: is encrypted as a whole, so that offline nothing of it is known; " +
        "encrypt only the secret values in it (pulumi config set --secret --path …)\n",
    );
  });

  test("says in git's own words why git does not answer", async () => {
    // As in a container whose checkout belongs to another user.
    const otherOwner = {
      GIT_TEST_ASSUME_DIFFERENT_OWNER: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
    };
    const kept = { ...process.env };
    Object.assign(process.env, otherOwner);
    try {
      const outcome = await run();
      assert.equal(outcome.code, 2);
      assert.match(
        outcome.stderr,
        /^--base: fatal: detected dubious ownership in repository at '.*'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe\.directory /,
      );
      const other = await captured(() =>
        review(project.folder, ["--offline", "--base-dir", project.folder, "--format", "json"]),
      );
      assert.equal(other.result, 2);
      assert.match(other.stderr, /^fatal: detected dubious ownership/);
      process.env["PATH"] = "/nowhere";
      assert.equal(
        (await run()).stderr,
        "--base: git is not installed; install it, or name a folder with --base-dir\n",
      );
    } finally {
      for (const key of Object.keys(otherOwner)) Reflect.deleteProperty(process.env, key);
      Object.assign(process.env, kept);
    }
    assert.equal(
      (await captured(() => review(project.folder, ["--offline", "--base", "nowhere"]))).stderr,
      `--base: "nowhere" is no commit of this repository; name a branch, a tag or a commit that git knows (in CI: fetch it first)\n`,
    );
  });

  test("a stack's file is for git, and only the local stack's is not", () => {
    project.write("Pulumi.dev.yaml", "config:\n  rethinkdb:nodes: 5\n");
    project.write("Pulumi.local.yaml", "config:\n  rethinkdb:nodes: 5\n");
    const untracked = execFileSync("git", ["status", "--porcelain", "--untracked-files=all"], {
      cwd: project.folder,
      encoding: "utf8",
    });
    assert.equal(untracked, "?? Pulumi.dev.yaml\n");
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
