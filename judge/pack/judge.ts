/** Judges a set of resources without an engine, with the same rules and the same config as the pack. */
import { type Level, type PolicyResource, type Rule, type RuleConfig } from "./rule";
import * as rules from "./rules/index";

/** Every rule, in the order of its name. */
export const RULES: readonly Rule[] = Object.values(rules).sort((a, b) => (a.name < b.name ? -1 : 1));

export interface Finding {
  readonly rule: string;
  readonly description: string;
  readonly level: Level;
  readonly urn: string;
  readonly message: string;
}

export interface Setting {
  readonly level: Level | "disabled";
  readonly config: RuleConfig;
}

export function judge(
  resources: readonly PolicyResource[],
  settings: ReadonlyMap<string, Setting> = new Map(),
): readonly Finding[] {
  return RULES.flatMap((rule) => {
    const { level, config } = settings.get(rule.name) ?? { level: rule.level, config: {} };
    if (level === "disabled") return [];
    const found = rule.check({ resources }, { ...rule.config, ...config });
    return found.map(({ urn, message }) => ({ rule: rule.name, description: rule.description, level, urn, message }));
  });
}

/** @returns the settings of a config file of a pack, or every reason why it is none. */
export function readSettings(parsed: unknown): {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly errors: readonly string[];
} {
  const errors: string[] = [];
  const settings = new Map<string, Setting>();
  const given = asRecord(parsed);
  if (given === undefined) return { settings, errors: ["it is no object of rules by name"] };
  for (const [name, value] of Object.entries(given)) {
    const rule = RULES.find((known) => known.name === name);
    if (rule === undefined) {
      errors.push(`${name}: is no rule; known are ${RULES.map((known) => known.name).join(", ")}`);
      continue;
    }
    const { enforcementLevel: level = rule.level, ...config } =
      typeof value === "string" ? { enforcementLevel: value } : (asRecord(value) ?? {});
    if (level !== "mandatory" && level !== "advisory" && level !== "disabled") {
      errors.push(`${name}: ${JSON.stringify(level)} is not one of mandatory, advisory, disabled`);
      continue;
    }
    const numbers: Record<string, number> = {};
    for (const [key, number] of Object.entries(config)) {
      if (!(key in rule.config)) errors.push(`${name}.${key}: is not known; ${knownKeys(rule)}`);
      else if (typeof number !== "number") errors.push(`${name}.${key}: ${JSON.stringify(number)} is no number`);
      else numbers[key] = number;
    }
    settings.set(name, { level, config: numbers });
  }
  return { settings, errors };
}

function knownKeys({ config }: Rule): string {
  const keys = Object.keys(config);
  return keys.length === 0 ? "this rule has nothing to set" : `known are ${keys.join(", ")}`;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
