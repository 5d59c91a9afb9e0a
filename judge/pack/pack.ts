/** The rules as policies of CrossGuard. */
import {
  type PolicyConfigSchema,
  type ResourceValidationArgs,
  type StackValidationArgs,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { type Inputs, UNKNOWN } from "../../core/render/previewValues";
import { RULES } from "./judge";
import type { PolicyResource, Rule, RuleConfig } from "./rule";

export const POLICIES: readonly StackValidationPolicy[] = RULES.map(toPolicy);

function toPolicy(rule: Rule): StackValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    configSchema: schemaOf(rule.config),
    validateStack: (args, report) => {
      const config = { ...rule.config, ...args.getConfig<RuleConfig>() };
      const stack = { resources: args.resources.map(toResource), isApplied: isApplied() };
      for (const { urn, message } of rule.check(stack, config)) report(message, urn);
    },
  };
}

/** Pulumi says so to every pack that it starts; where it does not, nothing is taken for granted. */
function isApplied(): boolean {
  return process.env["PULUMI_NODEJS_DRY_RUN"] === "false";
}

function schemaOf(config: RuleConfig): PolicyConfigSchema {
  return {
    properties: Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, { type: "number", default: value }]),
    ),
  };
}

function toResource(given: StackValidationArgs["resources"][number]): PolicyResource {
  const { type, name, urn, props, opts, dependencies, propertyDependencies } = given;
  return {
    ...{ type, name, urn },
    inputs: known(props) as Inputs,
    options: {
      protect: opts.protect,
      retainOnDelete: retained(opts),
      dependencies: dependencies.map((dependency) => dependency.urn),
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([key, list]) => [key, list.map((dependency) => dependency.urn)]),
      ),
    },
  };
}

function retained(opts: ResourceValidationArgs["opts"]): boolean | null {
  const { retainOnDelete } = opts as { readonly retainOnDelete?: boolean };
  return retainOnDelete ?? null;
}

/** In a preview the SDK throws when a value is touched that is not known yet: the marker takes its place. */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, at) => touch(() => value[at] as unknown));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.keys(value).map((key) => [key, touch(() => (value as Inputs)[key])]));
  }
  return value;
}

function touch(read: () => unknown): unknown {
  let value: unknown;
  try {
    value = read();
  } catch (error) {
    // The class is not exported.
    if (error instanceof Error && error.constructor.name === "UnknownValueError") return UNKNOWN;
    throw error;
  }
  return known(value);
}
