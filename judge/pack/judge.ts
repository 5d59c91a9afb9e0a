/** Judges a set of resources by its facts alone, without an engine: each rule is kept by facts that keep their promises. */
import { type Fact, subjectId } from "../model/fact";
import { FAMILIES, type Posture, propertyOf, readPosture } from "../model/posture";
import type { Place } from "../model/places";
import type { ResourceSet } from "../model/resources";
import type { Breach, Level, Rule, RuleConfig } from "../model/rule";

const PROPERTIES = Object.values(FAMILIES).flatMap((family) => Object.values(family));

/** Every rule that a property may break, in the order of its name. */
export const RULES: readonly Rule[] = [
  ...new Set(PROPERTIES.flatMap(({ breaks = [] }) => breaks.map(({ rule }) => rule))),
].sort((a, b) => (a.name < b.name ? -1 : 1));

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

export function judge(set: ResourceSet, settings: ReadonlyMap<string, Setting> = new Map()): readonly Finding[] {
  const posture = readPosture(set);
  return RULES.flatMap((rule) => {
    const { level, config } = settings.get(rule.name) ?? { level: rule.level, config: {} };
    if (level === "disabled") return [];
    return violationsOf(rule, posture, config).map(({ urn, message }) => ({
      ...{ rule: rule.name, description: rule.description, level, urn, message },
    }));
  });
}

export interface Violation {
  readonly urn: string;
  readonly message: string;
}

/** What is not known before it is applied breaks no rule. */
export function violationsOf(rule: Rule, posture: Posture, config: RuleConfig): readonly Violation[] {
  const found = new Map<string, Violation>();
  for (const fact of posture.facts.values()) {
    for (const breach of propertyOf(fact.property).breaks ?? []) {
      const place = posture.places.at(fact.urn);
      if (breach.rule !== rule || place === undefined) continue;
      const message = broken(fact, breach, place, posture, config);
      if (message === undefined) continue;
      const said = `${place.resource.name}: ${message}`;
      found.set(`${fact.urn} ${said}`, { urn: fact.urn, message: said });
    }
  }
  return [...found.values()];
}

function broken(
  fact: Fact,
  { rule, of, keeps, says }: Breach,
  place: Place,
  { facts }: Posture,
  config: RuleConfig,
): string | undefined {
  const { grade, subject } = fact;
  if (grade === null || (of !== undefined && !of.includes(place.part))) return undefined;
  const other = (property: string, detail = ""): Fact["grade"] | undefined =>
    facts.get([subjectId(subject), property, ...(detail === "" ? [] : [detail])].join("/"))?.grade;
  const given = {
    ...{ fact, grade, place, other },
    config: { ...rule.config, ...config },
    allows: (override: string): boolean => isAllowed(override, place.cluster, facts),
  };
  const kept = keeps === undefined ? grade.rank <= propertyOf(fact.property).promise : keeps(given);
  return kept ? undefined : typeof says === "string" ? says : says(given);
}

function isAllowed(override: string, cluster: string, facts: Posture["facts"]): boolean {
  return [...facts.values()].some(
    ({ property, detail, subject }) =>
      property === "override/allowed" && detail === override && subject.cluster === cluster && cluster !== "",
  );
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
