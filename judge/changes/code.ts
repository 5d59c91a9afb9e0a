/** What of the code differs: which no fact shows, so each difference is unknown until its digest is accepted. */
import { createHashText } from "../model/fact";
import type { Code, Package } from "../model/code";
import type { Direction, Line } from "../model/line";

/** How many names a sentence lists. */
const NAMED = 6;

export function compareCode(before: Code, after: Code): readonly Line[] {
  return [
    ...keysOf(before.areas, after.areas).flatMap((area) => compareArea(area, before.areas[area], after.areas[area])),
    ...keysOf(before.settings, after.settings).flatMap((key) => {
      const [was = NONE, is = NONE] = [before.settings[key], after.settings[key]];
      if (was === is) return [];
      return [line("unknown", `settings/${key}`, was, is, `${key} is now ${is}; was ${was}`, SETTING)];
    }),
    ...comparePackages(before.packages, after.packages),
  ];
}

const NONE = "none";
const CODE = "What is declared does not show what code does: read the change.";
const SETTING = "It decides what runs, and with what, before the program does.";

function compareArea(
  area: string,
  before: Readonly<Record<string, string>> = {},
  after: Readonly<Record<string, string>> = {},
): readonly Line[] {
  const files = keysOf(before, after).filter((file) => before[file] !== after[file]);
  if (files.length === 0) return [];
  const digest = (given: Readonly<Record<string, string>>): string =>
    Object.keys(given).length === 0 ? NONE : createHashText(given);
  const [was, is] = [digest(before), digest(after)];
  const sentence = `${area} differs in ${listed(files)}: its digest is now ${is}; was ${was}`;
  return [line("unknown", `files/${area}`, was, is, sentence, CODE)];
}

function comparePackages(before: Code["packages"], after: Code["packages"]): readonly Line[] {
  if (before === null || after === null) {
    const why = "This reader knows npm's lock file only.";
    return before === after ? [] : [line("unknown", "packages", NONE, NONE, "another kind of lock file is used", why)];
  }
  const lines: Line[] = [];
  const changed = new Map<string, string[]>();
  for (const at of keysOf(before, after)) {
    const [was, is] = [before[at], after[at]];
    const name = at.replace(/^.*node_modules\//, "");
    if (is !== undefined) lines.push(...judgePackage(name, was, is));
    const what = howChanged(was, is);
    if (what !== "") changed.set(what, [...(changed.get(what) ?? []), named(name, was, is)]);
  }
  if (changed.size > 0) {
    const [was, is] = [createHashText(before), createHashText(after)];
    const what = [...changed].map(([how, names]) => `${how} ${listed(names)}`).join("; ");
    const sentence = `packages: ${what}: their digest is now ${is}; was ${was}`;
    lines.push(
      line("unknown", "packages", was, is, sentence, "A package runs with everything that the deployment may do."),
    );
  }
  return lines;
}

function howChanged(was: Package | undefined, is: Package | undefined): string {
  if (was === undefined) return "new are";
  if (is === undefined) return "gone are";
  if (was.version !== is.version) return "other versions have";
  return was.resolved === is.resolved && was.integrity === is.integrity ? "" : "other contents have";
}

function named(name: string, was: Package | undefined, is: Package | undefined): string {
  const versions = [was?.version, is?.version].filter((version) => version !== undefined);
  return `${name} ${[...new Set(versions)].join(" to ")}`;
}

/** What no version of a package needs. */
function judgePackage(name: string, was: Package | undefined, is: Package): readonly Line[] {
  const lines: Line[] = [];
  const weaker = (what: string, to: string, from: string, why: string): void => {
    const sentence = `package ${name}: ${what} is now ${to}; was ${from}`;
    lines.push(line("weakened", `package/${name}/${what.replaceAll(" ", "-")}`, from, to, sentence, why));
  };
  const [here, there] = [hostOf(was?.resolved ?? is.resolved), hostOf(is.resolved)];
  if (here !== there) weaker("source", there, here, "Another source can hand out other contents under the same name.");
  if (was !== undefined && was.version === is.version && was.integrity !== is.integrity) {
    const [to, from] = [is.integrity === "" ? NONE : createHashText(is.integrity), createHashText(was.integrity)];
    weaker("checksum", to, from, "A version that was published does not change its contents.");
  }
  if (is.runsScripts && was?.runsScripts !== true) {
    weaker("script at installation", "yes", "no", "It runs on every machine that installs the packages.");
  }
  return lines;
}

/** Of a link into the project nothing is loaded. */
function hostOf(resolved: string): string {
  const scheme = /^([a-z+]+):\/\/([^/]*)/i.exec(resolved);
  return scheme === null
    ? resolved.split(":")[0] || NONE
    : `${scheme[1] ?? ""}://${(scheme[2] ?? "").replace(/^.*@/, "")}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(more > 0 ? [`${String(more)} more`] : [])].join(", ");
}

function keysOf(a: object, b: object): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function line(direction: Direction, rule: string, before: string, after: string, sentence: string, why: string): Line {
  return {
    ...{ direction, before, after, sentence, why },
    rule: `code/${rule}`,
    subjects: ["code"],
    anchor: "the-code",
    ...{ facts: [], urns: [], args: [] },
  };
}
