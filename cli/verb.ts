/** What a verb is, and options that many have. */

export interface VerbText {
  /** As in `npx pulumi-rethinkdb <name>`. */
  readonly name: string;
  /** One line. */
  readonly does: string;
  /** What stands before the options, such as `cluster|driver|client`. */
  readonly argument?: string;
  /** By name: what stands for the value, empty for none, and what it is for. */
  readonly options: Readonly<Record<string, readonly [value: string, what: string]>>;
  /** Only in a checkout of this project, which has a local stack. */
  readonly isLocal?: true;
  /** Whole command lines. */
  readonly examples: readonly string[];
}

export interface Verb extends VerbText {
  /** @param project its folder. @returns the exit code. */
  readonly run: (project: string, argv: readonly string[]) => Promise<number>;
}

export const STACK_OPTION = {
  "--stack": ["NAME", "another stack than the local one, or than the one that is selected"],
} as const;
export const VERBOSE_OPTION = {
  "--verbose": ["", "every line of Pulumi's; in a terminal its live view has them all"],
} as const;
export const CLUSTER_OPTIONS = {
  ...STACK_OPTION,
  "--cluster": ["NAME", "one of several clusters of the stack"],
} as const;
