/** What the policy pack demands: a rule is kept by facts, and each property says which rules it breaks, and when. */
import type { Fact, Grade } from "./fact";
import type { Part, Place } from "./places";

export type Level = "mandatory" | "advisory";

export type RuleConfig = Readonly<Record<string, number>>;

export interface Rule {
  readonly name: string;
  readonly description: string;
  /** Unless config says otherwise. */
  readonly level: Level;
  /** Numbers that config can change, with their defaults. */
  readonly config: RuleConfig;
}

/** One fact that may break a rule, and what is around it. */
export interface Case {
  readonly fact: Fact;
  readonly grade: Grade;
  readonly place: Place;
  readonly config: RuleConfig;
  /** The grade of another property of the same subject. */
  readonly other: (property: string, detail?: string) => Grade | null | undefined;
  /** Whether an override is allowed in the same cluster. */
  readonly allows: (override: string) => boolean;
}

export interface Breach {
  readonly rule: Rule;
  /** Parts of a cluster that it is demanded of; of everything when absent. */
  readonly of?: readonly Part[];
  /** Whether a fact keeps the rule; when absent, whether it is as good as its property promises. */
  readonly keeps?: (given: Case) => boolean;
  /** What is wrong, and how to mend it; never a value that could be a secret. */
  readonly says: string | ((given: Case) => string);
}

export const mandatory = (name: string, description: string, config: RuleConfig = {}): Rule => ({
  ...{ name, description, config },
  level: "mandatory",
});

export const advisory = (name: string, description: string, config: RuleConfig = {}): Rule => ({
  ...{ name, description, config },
  level: "advisory",
});

/** Containers that run RethinkDB with data of their own, this project's and others. */
export const SERVERS: readonly Part[] = ["server", "rethinkdb"];
/** Containers that run RethinkDB, proxies too. */
export const RETHINKDB: readonly Part[] = [...SERVERS, "proxy"];
/** nginx of the web UI holds a key and leads to admin: most of what is demanded of a server is demanded of it. */
export const CONTAINERS: readonly Part[] = [...RETHINKDB, "nginx"];
