/** One change of a deployed stack, reviewed from the engine's preview and offline. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { declareOffline } from "../../cli/offline/declare";
import type { Recording } from "../../cli/offline/recorder";
import { readPreview } from "../../judge/model/preview";
import { review, type Review } from "../../judge/changes/review";
import { PROJECT } from "./checkout";
import type { TestStack } from "./stack";

export interface StackChange {
  readonly name: string;
  /** Lines of the stack's config. */
  readonly config?: Readonly<Record<string, string>>;
  readonly program?: (text: string) => string;
  /** One sentence that has to be among those of both; none for a change that is none. */
  readonly says?: string;
}

/** The program with these options on the cluster. */
export const opts = (text: string, options: string): string =>
  text.replace("readConfig())", `readConfig(), ${options})`);
/** The program with a transformation of every resource: `name`, `props` and `opts` are there to be changed. */
export const transformed = (text: string, body: string): string =>
  opts(text, `{ transformations: [({ type, name, props, opts }) => { ${body}; return { props, opts }; }] }`);

export class BothReviews {
  readonly program: string;
  private readonly config: string;
  private base: Recording | undefined;

  /** @param stack as it is deployed: what `back` goes back to. */
  constructor(private readonly stack: TestStack) {
    this.config = readFileSync(this.stackFile, "utf8");
    this.program = readFileSync(join(stack.folder, "index.ts"), "utf8");
    // Offline, the program runs from its sources.
    for (const name of ["components", "core", "args", "schema.json"])
      cpSync(join(PROJECT, name), join(stack.folder, name), { recursive: true });
  }

  writeProgram(text: string): void {
    writeFileSync(join(this.stack.folder, "index.ts"), text);
  }

  write({ config = {}, program }: StackChange): void {
    const lines = Object.entries(config).map(([key, value]) => `  rethinkdb:${key}: ${value}\n`);
    const kept = this.config
      .split("\n")
      .filter((line) => !Object.keys(config).some((key) => line.includes(`rethinkdb:${key}:`)));
    writeFileSync(this.stackFile, kept.join("\n").trimEnd() + "\n" + lines.join(""));
    if (program !== undefined) this.writeProgram(program(this.program));
  }

  back(): void {
    writeFileSync(this.stackFile, this.config);
    this.writeProgram(this.program);
  }

  async fromEngine(): Promise<Review> {
    const { code, stdout, output } = await this.stack.preview("--json", "--show-sames", "--show-secrets");
    assert.equal(code, 0, output);
    return review(readPreview(JSON.parse(stdout)));
  }

  async offline(): Promise<Review> {
    const { folder, settings } = this.stack;
    const from = { folder, stack: settings.clusterName, stackFile: this.stackFile };
    if (this.base === undefined) throw new Error("declareBase comes first");
    const { set, madeUp } = this.base;
    const head = await declareOffline({ side: "the head", ...from, previous: madeUp });
    return review({ before: set, after: head.set, source: "offline" });
  }

  async declareBase(): Promise<void> {
    const { folder, settings } = this.stack;
    const from = { folder, stack: settings.clusterName, stackFile: this.stackFile };
    this.base = await declareOffline({ side: "the base", ...from });
  }

  /** Writes the change and holds what both say against each other. */
  async agreeOn(change: StackChange): Promise<void> {
    this.write(change);
    const [engine, mocks] = await Promise.all([this.fromEngine(), this.offline()]);
    const unknown = new Set(
      engine.lines
        .filter(({ before, after }) => before === "unknown" || after === "unknown")
        .flatMap(({ facts }) => facts),
    );
    const said = comparable(engine, unknown);
    assert.deepEqual(said, comparable(mocks, unknown));
    assert.deepEqual(engine.additions, mocks.additions, engine.lines.map(({ sentence }) => sentence).join("\n"));
    if (change.says === undefined) assert.deepEqual(said, []);
    else assert.ok(said.includes(change.says), said.join("\n"));
  }

  private get stackFile(): string {
    return join(this.stack.folder, `Pulumi.${this.stack.settings.clusterName}.yaml`);
  }
}

/** Lines on what the engine does not know yet are the offline review's alone. */
function comparable(given: Review, unknown: ReadonlySet<string>): readonly string[] {
  return given.lines
    .filter(
      ({ before, after, facts }) =>
        before !== "unknown" && after !== "unknown" && (facts.length === 0 || facts.some((id) => !unknown.has(id))),
    )
    .map(({ direction, sentence }) => `${direction}: ${sentence}`)
    .sort();
}
