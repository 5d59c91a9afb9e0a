/** A review for GitHub code scanning: each line on the line of the change. SARIF 2.1.0. */
import type { Direction, Line } from "../model/line";
import type { Report } from "../changes/report";

export interface Location {
  /** Relative to the repository. */
  readonly file: string;
  readonly line: number;
}

export type Locate = (stack: string, line: Line) => Location;

const LEVELS: Readonly<Record<Direction, "error" | "warning" | "note">> = {
  weakened: "error",
  destroyed: "error",
  disrupted: "warning",
  unknown: "warning",
  changed: "note",
  strengthened: "note",
};

export function renderSarif({ stacks }: Report, locate: Locate): string {
  const found = stacks.flatMap(({ stack, lines }) => lines.map((line) => ({ stack, line })));
  const rules = new Map(found.map(({ line }) => [ruleId(line), line]));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "pulumi-rethinkdb review",
            rules: [...rules].map(([id, { why, direction }]) => ({
              id,
              shortDescription: { text: id },
              help: { text: why },
              defaultConfiguration: { level: LEVELS[direction] },
              properties: { tags: ["security"] },
            })),
          },
        },
        results: found.map(({ stack, line }) => {
          const { file, line: startLine } = locate(stack, line);
          return {
            ruleId: ruleId(line),
            level: LEVELS[line.direction],
            message: { text: `${line.sentence}. ${line.why} See docs/security.md#${line.anchor}` },
            locations: [
              { physicalLocation: { artifactLocation: { uri: file, uriBaseId: "%SRCROOT%" }, region: { startLine } } },
            ],
            partialFingerprints: { "review/v1": `${stack}/${line.direction}/${line.rule}/${line.subjects.join(",")}` },
          };
        }),
        columnKind: "utf16CodeUnits",
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** One direction of one property, whatever it is about. */
function ruleId({ direction, rule }: Line): string {
  return `${direction}/${rule.split("/").slice(0, 2).join("/")}`;
}
