/** What can be said to `npx pulumi-rethinkdb review`. */
import { Failure } from "../../../ops/lib/failure";
import { FAIL_ON, type FailOn } from "../../../judge/changes/report";
import { parseOptions } from "../../options";
import { type VerbText } from "../../verb";

export const REVIEW: VerbText = {
  name: "review",
  does: "Says what a change does to security, before it is applied: docs/review.md.",
  options: {
    "--offline": ["", "run both versions here, without CLI, state, Docker or secrets"],
    "--base": ["REF", "the version to compare with, as git names it"],
    "--base-dir": ["FOLDER", "the same as a folder"],
    "--head-dir": ["FOLDER", "the changed version; this folder by default"],
    "--write-head": ["FILE", "keep what the changed version declares"],
    "--head-file": ["FILE", "judge what was kept so"],
    "--preview": ["FILE", "judge a preview: pulumi preview --json --show-sames"],
    "--stack": ["NAME", "one stack"],
    "--format": ["FORMATS", "terminal, markdown, json, sarif, with :FILE each, separated by commas"],
    "--docs": ["URL", "what links in Markdown begin with"],
    "--fail-on": [
      "LIST",
      "exit code 1 for weakened, destroyed, disrupted, unknown, changed, strengthened or not-judged",
    ],
    "--accepted": ["FILE", "accepted weakenings"],
    "--expect-only-additions": ["", "exit code 1 for anything but new servers"],
  },
  examples: [
    "npx pulumi-rethinkdb review --offline --base main",
    "npx pulumi-rethinkdb review --stack dev --fail-on weakened",
  ],
};

export const FORMATS = ["terminal", "markdown", "json", "sarif"] as const;

export type Format = (typeof FORMATS)[number];

export interface ReviewOptions {
  readonly offline: boolean;
  readonly base: string | undefined;
  readonly baseDir: string | undefined;
  readonly headDir: string | undefined;
  readonly headFile: string | undefined;
  readonly writeHead: string | undefined;
  readonly preview: string | undefined;
  readonly stack: string | undefined;
  readonly accepted: string | undefined;
  readonly docs: string;
  readonly outputs: readonly { readonly format: Format; readonly file: string | undefined }[];
  readonly failOn: readonly FailOn[];
  readonly onlyAdditions: boolean;
}

export function readReviewOptions(argv: readonly string[]): ReviewOptions {
  const given = parseOptions(REVIEW, argv);
  const options: ReviewOptions = {
    offline: given.has("--offline"),
    base: given.get("--base"),
    baseDir: given.get("--base-dir"),
    headDir: given.get("--head-dir"),
    headFile: given.get("--head-file"),
    writeHead: given.get("--write-head"),
    preview: given.get("--preview"),
    stack: given.get("--stack"),
    accepted: given.get("--accepted"),
    docs: given.get("--docs") ?? "",
    outputs: (given.get("--format") ?? "terminal").split(",").map(readOutput),
    failOn: (given.get("--fail-on") ?? "").split(",").filter(Boolean).map(readFailOn),
    onlyAdditions: given.has("--expect-only-additions"),
  };
  checkTogether(options, given);
  return options;
}

function checkTogether(options: ReviewOptions, given: ReadonlyMap<string, string>): void {
  const { offline, base, baseDir, preview } = options;
  if (offline && base === undefined && baseDir === undefined && options.writeHead === undefined) {
    throw new Failure(
      "review: --offline compares with another version; name it: --base <git ref>, or --base-dir <folder>",
    );
  }
  if (base !== undefined && baseDir !== undefined)
    throw new Failure("review: --base and --base-dir are two ways to name one thing; use one");
  if (offline && preview !== undefined)
    throw new Failure("review: --preview is an engine's; it does not go with --offline");
  for (const name of ["--base-dir", "--head-dir", "--head-file", "--write-head"]) {
    if (!offline && given.has(name)) throw new Failure(`review: ${name} goes with --offline only`);
  }
}

function readOutput(text: string): ReviewOptions["outputs"][number] {
  const [name = "", ...path] = text.split(":");
  const format = FORMATS.find((known) => known === name);
  if (format === undefined) throw new Failure(`--format: "${name}" is not one of ${FORMATS.join(", ")}`);
  return { format, file: path.length === 0 ? undefined : path.join(":") };
}

function readFailOn(text: string): FailOn {
  const found = FAIL_ON.find((known) => known === text);
  if (found === undefined) throw new Failure(`--fail-on: "${text}" is not one of ${FAIL_ON.join(", ")}`);
  return found;
}
