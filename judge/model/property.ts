/** What facts are about: a property has grades, one promise, and the rules that it may break. */
import type { Grade } from "./fact";
import type { Breach } from "./rule";

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
  /** No order among its values is known: one that differs is `unknown`, and stops until it is accepted. */
  readonly ungraded?: true;
  /** Differs from one to the next: what is new is not held against its siblings. */
  readonly apart?: true;
  /** For rules alone: a review has its own words for it. */
  readonly unreviewed?: true;
  /** Rules of the policy pack that it may break. */
  readonly breaks?: readonly Breach[];
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
  "the-code",
  "what-nobody-declares",
] as const;

export type Anchor = (typeof ANCHORS)[number];

export type Family = Readonly<Record<string, Property>>;

/** A property that rules hold to its promise, or to what they say themselves. */
export const held = (property: Property, ...breaks: readonly Breach[]): Property => ({ ...property, breaks });
