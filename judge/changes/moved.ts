/** A step and where in its cluster it happens; names and lines for it. */
import type { Anchor } from "../model/property";
import { byNumber, type Direction, type Line } from "../model/line";
import { isOfWebUi, type Place } from "../model/places";
import { TYPES } from "../model/resources";
import type { Step } from "../model/steps";

export interface Moved {
  readonly step: Step;
  readonly place: Place;
}

export const nameOf = (place: Place): string => place.role || place.resource.name;
/** What restarts and renews as one: a server, or the web UI. */
export const unitOf = (place: Place): string => (isOfWebUi(place) ? "ui" : place.server);
export const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort(byNumber);

/** A program that runs again with another request compares with the live state, and touches what is not so. */
export function runsAgain({ step, place }: Moved): boolean {
  const inputs = ["stdin", "environment"];
  return place.resource.type === TYPES.command && step.op === "update" && step.changed.every((i) => inputs.includes(i));
}

export const line = (
  direction: Direction,
  rule: string,
  subjects: readonly string[],
  sentence: string,
  why: string,
  anchor: Anchor,
  moved: readonly Moved[],
): Line => ({
  ...{ direction, rule, subjects, before: "", after: "", sentence, why, anchor, facts: [], args: ARGS[rule] ?? [] },
  urns: moved.map(({ place }) => place.resource.urn).sort(),
});

const ARGS: Readonly<Record<string, readonly string[]>> = {
  "gone/server": ["nodes"],
  "gone/volume": ["nodes"],
  "replaced/network": ["subnet"],
};
