/** `npx pulumi-rethinkdb plan`: what a stack's config makes, from its program under mocks: no Docker, no CLI, no network, no secrets. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Failure } from "../../../ops/lib/failure";
import { declareOffline } from "../../offline/declare";
import { DEFAULTS_STACK } from "../../offline/sides";
import { stackFileOf, stacksIn } from "../../offline/stackFiles";
import { STACK } from "../../stack/localStack";
import { meant } from "../../../args/shape/shape";
import { parseOptions } from "../../options";
import { readFacts } from "../../print/plan/facts";
import { renderHtml } from "../../print/plan/html";
import { renderMermaid } from "../../print/plan/mermaid";
import { renderText } from "../../print/plan/text";
import { type Verb } from "../../verb";

export const verb: Verb = {
  name: "plan",
  does: "Shows what a stack's config makes, without Docker, Pulumi CLI or network.",
  options: {
    "--stack": ["NAME", "the stack of Pulumi.NAME.yaml; the local one by default, else the defaults"],
    "--dir": ["FOLDER", "another project, such as examples/typescript/plain"],
    "--html": ["FILE", "write a page with a picture instead"],
    "--mermaid": ["", "print the picture for Markdown instead"],
  },
  examples: [
    "npx pulumi-rethinkdb plan",
    "npx pulumi-rethinkdb plan --html plan.html",
    "npx pulumi-rethinkdb plan --stack dev --mermaid",
  ],
  run: plan,
};

export async function plan(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const folder = resolve(options.get("--dir") ?? project);
  const stack = chooseStack(folder, options.get("--stack"));
  const { set } = await declareOffline({ side: "this folder", folder, stack, stackFile: stackFileOf(folder, stack) });
  const clusters = readFacts(set);
  if (clusters.length === 0) throw new Failure("plan: the program declares no RethinkdbCluster");
  const name = `${set.project}/${set.stack}`;
  const html = options.get("--html");
  if (html !== undefined) {
    writeFileSync(html, renderHtml(name, clusters));
    console.log(`Written: ${html}`);
  }
  if (options.has("--mermaid")) console.log(clusters.map(renderMermaid).join("\n"));
  else if (html === undefined) console.log(clusters.map((facts) => renderText(name, facts)).join("\n\n"));
  return 0;
}

/** The local stack if it has a config; without one, the defaults. */
function chooseStack(folder: string, named: string | undefined): string {
  if (named === undefined) return stackFileOf(folder, STACK) === undefined ? DEFAULTS_STACK : STACK;
  if (named === DEFAULTS_STACK || stackFileOf(folder, named) !== undefined) return named;
  const known = [...stacksIn(folder), DEFAULTS_STACK];
  throw new Failure(`plan: there is no Pulumi.${named}.yaml; ${meant(named, known)}`);
}
