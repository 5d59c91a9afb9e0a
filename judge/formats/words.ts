/** Headings of the directions, for every format that a person reads. */
import type { Direction } from "../model/line";

export const HEADINGS: Readonly<Record<Direction, string>> = {
  weakened: "Weaker",
  destroyed: "Lost",
  disrupted: "Restarts",
  unknown: "Unknown",
  changed: "Otherwise different",
  strengthened: "Stronger",
};

/** Over what is no part of this change's verdict. */
export const LIMITS = "Beyond this review";

/** How many lines of one kind a person is shown; the JSON has all. */
export const SHOWN = 40;

export function shorten<T>(
  items: readonly T[],
  limit = SHOWN,
): { readonly shown: readonly T[]; readonly more: number } {
  return { shown: items.slice(0, limit), more: Math.max(0, items.length - limit) };
}
