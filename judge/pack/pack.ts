/** The rules as policies of CrossGuard. */
import {
  type PolicyConfigSchema,
  type ResourceValidationArgs,
  type StackValidationArgs,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { type Posture, readPosture } from "../model/posture";
import { type Inputs, NO_OPTIONS, type Resource, UNKNOWN } from "../model/resources";
import type { Rule, RuleConfig } from "../model/rule";
import { RULES, violationsOf } from "./judge";

export const POLICIES: readonly StackValidationPolicy[] = RULES.map(toPolicy);

function toPolicy(rule: Rule): StackValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: rule.level,
    configSchema: schemaOf(rule.config),
    validateStack: (args, report) => {
      for (const { urn, message } of violationsOf(rule, postureOf(args.resources), args.getConfig<RuleConfig>()))
        report(message, urn);
    },
  };
}

/** Pulumi says so to every pack that it starts; where it does not, nothing is taken for granted. */
function isApplied(): { readonly isApplied?: true } {
  return process.env["PULUMI_NODEJS_DRY_RUN"] === "false" ? { isApplied: true } : {};
}

function schemaOf(config: RuleConfig): PolicyConfigSchema {
  return {
    properties: Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, { type: "number", default: value }]),
    ),
  };
}

type Given = StackValidationArgs["resources"];

/** Every policy is handed the same resources, one after the other. */
const POSTURES = new WeakMap<Given, Posture>();

function postureOf(resources: Given): Posture {
  const known = POSTURES.get(resources);
  if (known !== undefined) return known;
  const set = { project: "", stack: "", config: {}, outputs: {}, resources: resources.map(toResource), ...isApplied() };
  const posture = readPosture(set);
  POSTURES.set(resources, posture);
  return posture;
}

function toResource(given: Given[number]): Resource {
  const { type, name, urn, props, opts, parent, dependencies, propertyDependencies } = given;
  return {
    ...{ type, name, urn },
    parent: parent?.urn ?? "",
    inputs: known(props) as Inputs,
    options: {
      ...NO_OPTIONS,
      protect: opts.protect,
      retainOnDelete: retained(opts),
      dependencies: dependencies.map((dependency) => dependency.urn),
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([key, list]) => [key, list.map((dependency) => dependency.urn)]),
      ),
    },
  };
}

/** CrossGuard does not say. */
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
