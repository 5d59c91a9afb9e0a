/** `npx pulumi-rethinkdb review`: what a change does to security, before it is applied. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, Failure } from "../../../ops/lib/failure";
import { type Accepted, readAccepted } from "../../../judge/changes/accepted";
import { renderJson } from "../../../judge/formats/json";
import { renderMarkdown } from "../../../judge/formats/markdown";
import { renderSarif } from "../../../judge/formats/sarif";
import { renderTerminal } from "../../../judge/formats/terminal";
import { clean } from "../../../judge/model/clean";
import { NoPreview, readPreview } from "../../../judge/model/preview";
import { failures, type Report, report } from "../../../judge/changes/report";
import { review as judge, type Sides } from "../../../judge/changes/review";
import { checkOut } from "../../offline/checkout";
import { Locator } from "../../offline/locate";
import { offlineSides, readBoth, sidesWithHead, type WrittenHeads } from "../../offline/sides";
import { readYaml } from "../../offline/stackFiles";
import { LocalStack } from "../../stack/localStack";
import { isOwnProject } from "../../stack/project";
import { PulumiCli } from "../../stack/pulumiCli";
import { type Format, readReviewOptions, type ReviewOptions, REVIEW } from "./reviewOptions";
import type { Verb } from "../../verb";

export const verb: Verb = { ...REVIEW, run: review };

/** Weakenings that are accepted, with a reason and an end; taken from the base, so that no change accepts itself. */
export const ACCEPTED_FILE = "review.accepted.yaml";

/** Told apart from findings, so that a job can. */
const COULD_NOT_JUDGE = 2;
const FOUND = 1;

interface Work {
  readonly sides: readonly (Sides & { readonly stackFile?: string | undefined })[];
  readonly accepted: readonly Accepted[];
  readonly base: string | undefined;
  readonly head: string;
}

export async function review(project: string, argv: readonly string[]): Promise<number> {
  try {
    const options = readReviewOptions(argv);
    const head = resolve(options.headDir ?? project);
    if (options.writeHead !== undefined && options.base === undefined && options.baseDir === undefined) {
      throw new Failure("review: --write-head needs the base, too: what did not change is told from it");
    }
    return options.offline
      ? await withBase(project, options, (base) => offline(options, base, head))
      : await online(project, options);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    return COULD_NOT_JUDGE;
  }
}

async function withBase(
  project: string,
  { base, baseDir }: ReviewOptions,
  act: (folder: string) => Promise<number>,
): Promise<number> {
  if (baseDir !== undefined) return act(resolve(baseDir));
  const checkout = checkOut(project, base ?? "HEAD");
  try {
    return await act(checkout.folder);
  } finally {
    checkout.remove();
  }
}

async function offline(options: ReviewOptions, base: string, head: string): Promise<number> {
  const folders = { base, head, stack: options.stack };
  const sides =
    options.headFile === undefined
      ? await offlineSides(folders)
      : await sidesWithHead(folders, parseJson("--head-file", options.headFile));
  if (options.writeHead !== undefined) {
    const written: WrittenHeads = { version: 1, heads: sides.map(({ after }) => after) };
    writeFileSync(options.writeHead, JSON.stringify(written));
  }
  const accepted = readAcceptedFile(options.accepted ?? join(base, ACCEPTED_FILE), options.accepted !== undefined);
  return finish({ sides, accepted, base, head }, options);
}

/** What the engine says; it runs the program with the stack's config and state. */
async function online(project: string, options: ReviewOptions): Promise<number> {
  const parsed =
    options.preview === undefined ? await previewOf(project, options.stack) : parseJson("--preview", options.preview);
  let sides: Sides;
  try {
    sides = readPreview(parsed);
  } catch (error) {
    if (!(error instanceof NoPreview)) throw error;
    throw new Failure(
      `${options.preview === undefined ? "pulumi preview" : `--preview: ${options.preview}`}: ${clean(error.message)}`,
    );
  }
  const judged = (base: string | undefined): number => {
    const path = options.accepted ?? join(base ?? project, ACCEPTED_FILE);
    return finish(
      { sides: [sides], accepted: readAcceptedFile(path, options.accepted !== undefined), base, head: project },
      options,
    );
  };
  // Exceptions come from there, and so does what a changed line is told from.
  if (options.base === undefined) return judged(undefined);
  return withBase(project, options, async (base) => {
    const code = await readBoth({ base, head: project }, sides.after.stack || sides.before.stack);
    sides = { ...sides, code };
    return judged(base);
  });
}

async function previewOf(project: string, stack: string | undefined): Promise<unknown> {
  // What programs are asked is a secret as a whole; the reader takes what is none, and nothing else is kept.
  const flags = [
    "preview",
    "--json",
    "--show-sames",
    "--show-secrets",
    ...(stack === undefined ? [] : ["--stack", stack]),
  ];
  const isLocal = stack === undefined && !process.env["PULUMI_STACK"] && isOwnProject(project);
  const local = isLocal ? new LocalStack(project) : undefined;
  await local?.ensure();
  const { stdout, stderr } = await (local?.pulumi ?? new PulumiCli(project, process.env)).attempt(flags);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Failure(`pulumi preview failed: ${stderr.trim() || "it printed no JSON"}`);
  }
}

function finish({ sides, accepted, base, head }: Work, options: ReviewOptions): number {
  const reviews = sides.map(judge);
  const found = report(reviews, accepted, new Date().toISOString().slice(0, 10));
  const locators = new Map(
    sides.map((side) => [side.after.stack, new Locator(base, head, side.stackFile, side.after)]),
  );
  for (const { format, file } of options.outputs) {
    const text = render(found, format, options, locators, file === undefined);
    if (file === undefined) process.stdout.write(text);
    else writeFileSync(file, text);
  }
  return verdict(found, options);
}

function render(
  found: Report,
  format: Format,
  { docs }: ReviewOptions,
  locators: ReadonlyMap<string, Locator>,
  shown: boolean,
): string {
  switch (format) {
    case "terminal":
      return renderTerminal(found, shown && process.stdout.isTTY && !process.env["NO_COLOR"]);
    case "markdown":
      return renderMarkdown(found, { docs });
    case "json":
      return renderJson(found);
    case "sarif":
      return renderSarif(found, (stack, line) => locators.get(stack)?.locate(line) ?? { file: "Pulumi.yaml", line: 1 });
  }
}

function verdict(found: Report, { failOn, onlyAdditions }: ReviewOptions): number {
  let code = 0;
  const failed = failures(found, failOn);
  if (failed.length > 0) {
    console.error(`review: found what --fail-on names: ${failed.join(", ")}`);
    code = FOUND;
  }
  const more = onlyAdditions ? found.stacks.filter(({ additions }) => !additions.only) : [];
  for (const { project, stack, additions } of more) {
    console.error(`review: only additions were expected of ${project}/${stack}: ${additions.sentence}`);
    code = FOUND;
  }
  return code;
}

function readAcceptedFile(path: string, named: boolean): readonly Accepted[] {
  if (!named && !existsSync(path)) return [];
  const { entries, errors } = readAccepted(named ? path : ACCEPTED_FILE, readYaml(path));
  if (errors.length > 0) throw new Failure(errors.join("\n"));
  return entries;
}

function parseJson(what: string, path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new Failure(`${what}: ${path} is not there`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(`${what}: ${path} is no whole JSON: ${describe(error)}`);
  }
}
