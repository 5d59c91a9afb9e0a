/** Weakenings that were accepted, by name, for a reason and for a time. */
import type { Line } from "../model/line";

export interface Accepted {
  /** `port/published/28015/tcp (driver)` */
  readonly rule: string;
  /** `n0`, …; `all` means every subject. */
  readonly subjects: readonly string[];
  /** The value that is accepted, in the review's words; another value is another weakening. */
  readonly to: string;
  readonly reason: string;
  /** The last day on which it holds, `YYYY-MM-DD`. */
  readonly expires: string;
}

export interface Judged {
  readonly open: readonly Line[];
  readonly accepted: readonly { readonly line: Line; readonly by: Accepted }[];
  /** Sentences on exceptions that ran out. */
  readonly expired: readonly string[];
}

/** @param today `YYYY-MM-DD` */
export function applyAccepted(lines: readonly Line[], entries: readonly Accepted[], today: string): Judged {
  const open: Line[] = [];
  const accepted: { line: Line; by: Accepted }[] = [];
  const expired: string[] = [];
  for (const line of lines) {
    const found = entries.filter((entry) => matches(entry, line));
    const by = found.find(({ expires }) => expires >= today);
    if (by !== undefined) accepted.push({ line, by });
    else {
      open.push(line);
      for (const entry of found)
        expired.push(`the exception for ${entry.rule} of ${entry.subjects.join(", ")} ran out on ${entry.expires}`);
    }
  }
  return { open, accepted, expired: [...new Set(expired)] };
}

function matches(entry: Accepted, line: Line): boolean {
  if (!isAcceptable(line)) return false;
  const all = entry.subjects.includes("all");
  return (
    entry.rule === line.rule && entry.to === line.after && line.subjects.every((s) => all || entry.subjects.includes(s))
  );
}

/** What is not known yet has no value that could be accepted. */
export function isAcceptable({ direction, after }: Line): boolean {
  return direction === "weakened" || direction === "destroyed" || (direction === "unknown" && after !== "unknown");
}

const KEYS = ["rule", "subjects", "to", "reason", "expires"];

/** @returns the entries, or every reason why the file is none. */
export function readAccepted(
  path: string,
  parsed: unknown,
): { readonly entries: readonly Accepted[]; readonly errors: readonly string[] } {
  const errors: string[] = [];
  const list = parsed === null || parsed === undefined ? [] : (parsed as { readonly accepted?: unknown }).accepted;
  if (!Array.isArray(list))
    return { entries: [], errors: [`${path}: has no list "accepted"; write accepted: [] for none`] };
  const entries = list.map((given: unknown, index): Accepted => {
    const at = `${path}: accepted[${String(index)}]`;
    const entry = (typeof given === "object" && given !== null ? given : {}) as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(entry)) {
      if (!KEYS.includes(key)) errors.push(`${at}.${key}: is not known; known are ${KEYS.join(", ")}`);
    }
    const word = (key: string, what: string): string => {
      const value = entry[key];
      if (typeof value === "string" && value.trim() !== "") return value;
      errors.push(`${at}.${key}: is missing; write ${what}`);
      return "";
    };
    const subjects = entry["subjects"];
    const named = Array.isArray(subjects) && subjects.length > 0 && subjects.every((name) => typeof name === "string");
    if (!named) errors.push(`${at}.subjects: is missing; write a list of names as the review prints them, or [all]`);
    const expires = word("expires", "the last day on which it holds, as YYYY-MM-DD");
    if (expires !== "" && !isDay(expires))
      errors.push(`${at}.expires: "${expires}" is not a day; write it as YYYY-MM-DD`);
    return {
      rule: word("rule", "the rule as the review prints it"),
      subjects: named ? subjects : [],
      to: typeof entry["to"] === "string" ? entry["to"] : word("to", "the accepted value as the review prints it"),
      reason: word("reason", "why it is accepted"),
      expires,
    };
  });
  return { entries, errors };
}

function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0;
  return Number(day) >= 1 && Number(day) <= days;
}
