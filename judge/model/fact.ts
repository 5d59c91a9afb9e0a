/** One thing that is so, and how good that is. */
import { specHash } from "../../core/render/specHash";

export const KINDS = [
  "cluster",
  "server",
  "certificate",
  "network",
  "engine",
  "container",
  "volume",
  "resource",
  "ui",
] as const;

export type Kind = (typeof KINDS)[number];

export interface Subject {
  readonly kind: Kind;
  /** Docker's name of the cluster; empty for what belongs to none. */
  readonly cluster: string;
  /** `n0`, `cluster CA g1`, …; unique in its cluster and kind. */
  readonly name: string;
}

/** A value in words, and its place in the order of its property: higher is weaker. */
export interface Grade {
  readonly text: string;
  readonly rank: number;
  /** What was measured, where a rule has a limit that config can change. */
  readonly amount?: number;
}

export interface Fact {
  /** Stable: `orders/server/n0/port/published/28015/tcp`. */
  readonly id: string;
  readonly subject: Subject;
  readonly property: string;
  readonly detail: string;
  /** null when a preview does not know it yet. */
  readonly grade: Grade | null;
  /** URN of the resource it was read from. */
  readonly urn: string;
}

export function subjectId(subject: Subject): string {
  return `${subject.cluster}/${subject.kind}/${subject.name}`;
}

/** Makes facts about one subject, read from one resource. */
export type Note = (property: string, grade: Grade | null, detail?: string) => void;

export function noteInto(facts: Fact[], subject: Subject, urn: string): Note {
  return (property, grade, detail = "") => {
    const id = [subjectId(subject), property, ...(detail === "" ? [] : [detail])].join("/");
    facts.push({ id, subject, property, detail, grade, urn });
  };
}

/** A property without better or worse. */
export const neutral = (value: string): Grade => ({ text: value, rank: 0 });
export const NONE: Grade = { text: "none", rank: 0 };
export const NO: Grade = { text: "no", rank: 0 };

/** What must be so. */
export const required = (value: boolean): Grade => ({ text: value ? "yes" : "no", rank: value ? 0 : 1 });
/** What better were not so. */
export const unwanted = (value: boolean): Grade => ({ text: value ? "yes" : "no", rank: value ? 1 : 0 });

/** A short name for a text that is too long, or too private, to print. */
export const createHashText = (value: unknown): string => specHash(value).slice(0, 8);
