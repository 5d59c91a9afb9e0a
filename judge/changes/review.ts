/** Two sets of resources in, one review out: what gets weaker, stronger, restarts and is lost. */
import type { Code } from "../model/code";
import { compareCode } from "./code";
import { compareFacts } from "./compare";
import { type Direction, type Line, sortLines } from "../model/line";
import { type Movements, readMovements } from "./movements";
import { type Posture, readPosture } from "../model/posture";
import type { ResourceSet } from "../model/resources";
import { type Step, workOutSteps } from "../model/steps";

export interface Review {
  readonly project: string;
  readonly stack: string;
  readonly source: Source;
  readonly additions: Additions;
  readonly lines: readonly Line[];
  /** Sentences: what of this change was not judged. */
  readonly notJudged: readonly string[];
  /** Sentences: what no review of this kind can see. */
  readonly limits: readonly string[];
}

export type Source = "preview" | "offline";

export interface Additions {
  /** "adds n3, n4; 0 existing servers touched" */
  readonly sentence: string;
  /** Nothing but new servers, renewals that fall due apart. */
  readonly only: boolean;
  readonly added: readonly string[];
  readonly touched: readonly string[];
  readonly renewed: readonly string[];
}

export interface Sides {
  readonly before: ResourceSet;
  readonly after: ResourceSet;
  /** As the engine said; worked out from the inputs when absent. */
  readonly steps?: readonly Step[];
  readonly source: Source;
  /** What runs on each side, where it could be read. */
  readonly code?: { readonly before: Code; readonly after: Code };
}

export function review(sides: Sides): Review {
  const [before, after] = [readPosture(sides.before), readPosture(sides.after)];
  const steps = sides.steps ?? workOutSteps(sides.before, sides.after);
  const movements = readMovements(steps, before, after);
  const code = sides.code === undefined ? [] : compareCode(sides.code.before, sides.code.after);
  const lines = sortLines([...compareFacts(before, after), ...movements.lines, ...code]);
  const notJudged = [
    ...movements.notJudged,
    ...(hasCluster(before) || hasCluster(after) ? [] : [NO_CLUSTER]),
    ...(sides.source === "preview" && sides.code === undefined ? [NO_CODE] : []),
  ];
  const additions = sumUp(movements, lines);
  return {
    project: sides.after.project,
    stack: sides.after.stack,
    source: sides.source,
    additions,
    lines,
    notJudged: [...new Set(notJudged)],
    limits: [...new Set([...movements.limits, ...blind(sides, steps)])],
  };
}

const NO_CLUSTER = "no RethinkDB cluster of this project is declared: nothing that is here was made to be judged";

const hasCluster = ({ places }: Posture): boolean => places.clusters.length > 0;

const NO_CODE = "the code: a preview does not say which made the state; name that version with --base";

function blind({ source }: Sides, steps: readonly Step[]): readonly string[] {
  if (source === "preview") return ["outputs of the stack: a preview does not list them"];
  if (steps.length === 0) return [];
  return [
    "whether certificates are due for renewal: a run without the stack's state does not know their age",
    "values of secrets: a run without the stack's config does not have them",
  ];
}

export function linesOf(review: Review, direction: Direction): readonly Line[] {
  return review.lines.filter((line) => line.direction === direction);
}

function sumUp(movements: Movements, lines: readonly Line[]): Additions {
  const { added, touched, renewed, others } = movements;
  const ui = renewed.includes("web UI") ? ["container ui", "container ui-peer"] : [];
  const due = [...added, ...renewed, ...ui];
  const harmless = (line: Line): boolean =>
    line.direction === "strengthened" ||
    (line.direction === "disrupted" && line.rule === "restart/renewal") ||
    // Certificates that are not made yet cannot be known.
    (line.direction === "unknown" && line.subjects.every((subject) => due.includes(subject)));
  const bad = lines.filter((line) => !harmless(line));
  const only = touched.length === 0 && others.length === 0 && bad.length === 0;
  const parts = [
    `${added.length === 0 ? "adds no server" : `adds ${added.join(", ")}`}; ${String(touched.length)} existing servers touched`,
    ...(touched.length > 0 ? [`: ${touched.join(", ")}`] : []),
    ...(others.length > 0 ? [`; also changes ${others.join(", ")}`] : []),
    ...(renewed.length > 0 ? [`; not of this change: certificates of ${renewed.join(", ")} are due for renewal`] : []),
  ];
  return { sentence: parts.join(""), only, added, touched, renewed };
}
