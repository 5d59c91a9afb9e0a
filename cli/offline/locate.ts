/** Finds the line of the change for a line of the review: where the arg that decides it is said, changed lines first. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Location } from "../../judge/formats/sarif";
import type { Line } from "../../judge/model/line";
import type { ResourceSet } from "../../judge/model/resources";

interface SourceFile {
  readonly file: string;
  readonly lines: readonly string[];
  /** Lines that the base has, too. */
  readonly known: ReadonlySet<string>;
}

export class Locator {
  private readonly files: readonly SourceFile[];
  private readonly sources: ReadonlyMap<string, Location>;

  /** @param first file in which a stack says its config */
  constructor(base: string | undefined, head: string, first: string | undefined, after: ResourceSet) {
    const names = [...(first === undefined ? [] : [first]), ...sourceNames(head)];
    this.files = [...new Set(names)]
      .filter((name) => existsSync(join(head, name)))
      .map((file) => {
        const known = base !== undefined && existsSync(join(base, file)) ? linesOf(join(base, file)) : [];
        return { file, lines: linesOf(join(head, file)), known: new Set(known) };
      });
    this.sources = new Map(
      after.resources.flatMap(({ urn, source }) => {
        const [, file, line] = /^(.*):(\d+)$/.exec(source ?? "") ?? [];
        return file === undefined ? [] : [[urn, { file, line: Number(line) }] as const];
      }),
    );
  }

  locate(line: Line): Location {
    const named = this.find(line, true) ?? this.find(line, false);
    const declared = line.urns.map((urn) => this.sources.get(urn)).find((source) => source !== undefined);
    return named ?? this.firstChange() ?? declared ?? { file: "Pulumi.yaml", line: 1 };
  }

  private find({ args }: Line, changed: boolean): Location | undefined {
    for (const { file, lines, known } of this.files) {
      for (const arg of args) {
        const says = new RegExp(`(^|[\\s:"'{,])${arg}["']?\\s*[:,]`);
        const at = lines.findIndex((text) => says.test(text) && (!changed || !known.has(text)));
        if (at >= 0) return { file, line: at + 1 };
      }
    }
    return undefined;
  }

  private firstChange(): Location | undefined {
    for (const { file, lines, known } of this.files) {
      const at = lines.findIndex((text) => text.trim() !== "" && !known.has(text));
      if (at >= 0) return { file, line: at + 1 };
    }
    return undefined;
  }
}

const FOLDERS = ["", "args", "components", "core"];

function sourceNames(folder: string): readonly string[] {
  return FOLDERS.flatMap((below) => {
    const path = join(folder, below);
    if (!existsSync(path)) return [];
    const all = readdirSync(path, { recursive: below !== "", encoding: "utf8" });
    const names = all.filter((name) => (below === "" ? /^(Pulumi\.ya?ml|.*\.ts)$/ : /\.ts$/).test(name));
    return names.sort().map((name) => join(below, name));
  });
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, "utf8").split("\n");
}
