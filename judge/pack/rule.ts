/** What a rule is: a promise, how a set of resources breaks it, and how to mend it. Pure, for CrossGuard and offline alike. */
import type { Inputs } from "../../core/render/previewValues";

export interface PolicyResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Markers stand for what is not known yet, and offline for secrets; CrossGuard hands secrets over in clear. */
  readonly inputs: Inputs;
  readonly options: PolicyOptions;
}

export interface PolicyOptions {
  readonly protect: boolean;
  /** null where CrossGuard does not say. */
  readonly retainOnDelete: boolean | null;
  /** URNs. */
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
}

export type Level = "mandatory" | "advisory";

export type RuleConfig = Readonly<Record<string, number>>;

export interface Rule {
  readonly name: string;
  readonly description: string;
  /** Unless config says otherwise. */
  readonly level: Level;
  /** Numbers that config can change, with their defaults. */
  readonly config: RuleConfig;
  readonly check: (stack: Stack, config: RuleConfig) => readonly Violation[];
}

export interface Violation {
  readonly urn: string;
  /** What is wrong, where, and how to mend it; never a value that could be a secret. */
  readonly message: string;
}

export interface Stack {
  readonly resources: readonly PolicyResource[];
  /** Known to be what an up makes, where servers that did not exist start side by side; a preview declares all in a chain. */
  readonly isApplied?: boolean;
}

/** A rule that looks at one resource after the other. */
export function perResource(
  type: string,
  check: (resource: PolicyResource, stack: Stack, config: RuleConfig) => string | readonly string[] | undefined,
): Rule["check"] {
  return (stack, config) =>
    stack.resources
      .filter((resource) => resource.type === type)
      .flatMap((resource) => {
        const found = check(resource, stack, config) ?? [];
        return (typeof found === "string" ? [found] : found).map((message) => ({ urn: resource.urn, message }));
      });
}
