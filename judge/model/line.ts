/** One line of a review: a direction, a plain sentence, the reason it matters and where to read on. */
import { type Subject } from "./fact";
import { type Anchor, ANCHORS } from "./property";

export const DIRECTIONS = ["weakened", "destroyed", "disrupted", "unknown", "changed", "strengthened"] as const;

export type Direction = (typeof DIRECTIONS)[number];

export interface Line {
  readonly direction: Direction;
  /** Stable: the fact without its subject; for what happens to resources, what happens. */
  readonly rule: string;
  readonly subjects: readonly string[];
  /** In words; empty where there is none. */
  readonly before: string;
  readonly after: string;
  readonly sentence: string;
  readonly why: string;
  readonly anchor: Anchor;
  /** Ids of the facts it is about. */
  readonly facts: readonly string[];
  /** URNs of the resources it was read from. */
  readonly urns: readonly string[];
  /** Args and config keys that decide it. */
  readonly args: readonly string[];
}

/** `n2` before `n10`. */
export function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Worst first: by direction, then by how far a way in reaches. */
export function sortLines(lines: readonly Line[]): readonly Line[] {
  const key = (line: Line): string =>
    [DIRECTIONS.indexOf(line.direction), ANCHORS.indexOf(line.anchor), line.rule, line.sentence].join(" ");
  return [...lines].sort((a, b) => byNumber(key(a), key(b)));
}

/** The cluster is named only where there are several. */
export function nameSubject(subject: Subject, clusters: number): string {
  const name =
    subject.kind === "container" || subject.kind === "volume" ? `${subject.kind} ${subject.name}` : subject.name;
  const plain = subject.kind === "cluster" ? `cluster ${subject.name}` : name;
  return clusters > 1 && subject.cluster !== "" && subject.kind !== "cluster" ? `${subject.cluster}/${plain}` : plain;
}
