/** `npx pulumi-rethinkdb policy`: the rules of the pack on what the program declares under mocks, without CLI, state or Docker. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, Failure } from "../../../ops/lib/failure";
import { type Finding, judge, readSettings, RULES, type Setting } from "../../../judge/pack/judge";
import { clean } from "../../../judge/model/clean";
import { declareOffline } from "../../offline/declare";
import { stacksToJudge } from "../../offline/sides";
import { stackFileOf } from "../../offline/stackFiles";
import { parseOptions } from "../../options";
import { type Verb } from "../../verb";

export const verb: Verb = {
  name: "policy",
  does: "Judges what the program declares by the rules of the policy pack, without Docker or Pulumi CLI.",
  options: {
    "--stack": ["NAME", "one stack"],
    "--dir": ["FOLDER", "another project"],
    "--config": ["FILE", "levels and numbers of the rules"],
  },
  examples: ["npx pulumi-rethinkdb policy"],
  run: policy,
};

/** @returns 1 where a mandatory rule found something, 2 where nothing could be judged. */
export async function policy(project: string, argv: readonly string[]): Promise<number> {
  try {
    return await judgeFolder(project, argv);
  } catch (error) {
    console.error(error instanceof Failure ? error.message : `unexpected: ${describe(error)}`);
    return 2;
  }
}

async function judgeFolder(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const folder = resolve(options.get("--dir") ?? project);
  const settings = readConfig(options.get("--config"));
  const findings: Finding[] = [];
  for (const stack of stacksToJudge({ base: folder, head: folder, stack: options.get("--stack") })) {
    const { set } = await declareOffline({ side: "this folder", folder, stack, stackFile: stackFileOf(folder, stack) });
    const found = judge(set, settings);
    findings.push(...found);
    console.log(renderFindings(`${set.project}/${stack}`, found));
  }
  return findings.some(({ level }) => level === "mandatory") ? 1 : 0;
}

export function renderFindings(stack: string, findings: readonly Finding[]): string {
  const mandatory = findings.filter(({ level }) => level === "mandatory").length;
  const count = `${String(RULES.length)} rules, ${String(mandatory)} mandatory and ${String(findings.length - mandatory)} advisory findings`;
  const lines = findings.map(
    ({ level, rule, message }) => `  ${level === "mandatory" ? "x" : "!"} ${rule}: ${clean(message)}`,
  );
  return [`${clean(stack)}: ${count}`, ...lines].join("\n");
}

function readConfig(path: string | undefined): ReadonlyMap<string, Setting> {
  if (path === undefined) return new Map();
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Failure(`--config: ${path} is no JSON file: ${describe(error)}`);
  }
  const { settings, errors } = readSettings(parsed);
  if (errors.length > 0) throw new Failure(errors.map((error) => `${path}: ${error}`).join("\n"));
  return settings;
}
