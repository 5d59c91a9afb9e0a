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
}

export interface Property {
  /** A noun phrase; `%` stands for the detail. */
  readonly title: string;
  /** Why a reviewer should care, one sentence. */
  readonly why: string;
  /** Heading in `docs/security.md`. */
  readonly anchor: Anchor;
  /** Args and config keys that decide it. */
  readonly args: readonly string[];
  /** The value on a subject that is there and has nothing of the kind. */
  readonly absent: Grade;
  /** The weakest rank that this project promises; a subject without a before and without a sibling is held against it. */
  readonly promise: number;
  /** Better or worse only when it is there before and after. */
  readonly whenBoth?: true;
  /** Says nothing when it comes or goes: another property already does. */
  readonly silent?: true;
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

/** Headings of `docs/security.md`, worst first. */
export const ANCHORS = [
  "published-ports",
  "http-and-the-web-ui",
  "passwords-and-accounts",
  "secrets",
  "overrides",
  "the-container",
  "tls",
  "addresses-a-server-binds",
  "mounts-and-volumes",
  "the-engine",
  "the-network",
  "update-order",
  "the-image",
  "what-nobody-declares",
] as const;

export type Anchor = (typeof ANCHORS)[number];

export type Family = Readonly<Record<string, Property>>;

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

/** A short name for a text that is too long, or nobody's business, to print. */
export const createHashText = (value: unknown): string => specHash(value).slice(0, 8);
