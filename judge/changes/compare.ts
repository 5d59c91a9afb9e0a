/** Compares two postures, fact by fact. Swapped arguments give the opposite directions. */
import { type Fact, type Grade, type Subject, subjectId } from "../model/fact";
import { type Property } from "../model/property";
import { byNumber, type Direction, type Line, nameSubject } from "../model/line";
import { type Posture, propertyOf } from "../model/posture";

interface Difference {
  readonly fact: Fact;
  readonly direction: Direction;
  readonly before: Grade | null;
  readonly after: Grade | null;
  /** The side on which the whole subject is missing, and what stands for it there. */
  readonly missing: "" | "before" | "after";
  readonly standIn: "sibling" | "promise" | "";
}

interface Side {
  readonly facts: ReadonlyMap<string, Fact>;
  readonly subjects: ReadonlySet<string>;
  /** Facts by cluster, kind, property and detail: what siblings have. */
  readonly kin: ReadonlyMap<string, readonly Fact[]>;
  readonly kinds: ReadonlySet<string>;
  /** Subjects of whose command line nothing is known, not even which options it has. */
  readonly blind: ReadonlySet<string>;
}

/** Properties that are read from the command line alone. */
const ON_COMMAND_LINE = /^(argv|bind|http|tls)\//;

export function compareFacts(before: Posture, after: Posture): readonly Line[] {
  const [a, b] = [sideOf(before), sideOf(after)];
  const ids = new Set([...before.facts.keys(), ...after.facts.keys()]);
  const differences: Difference[] = [];
  for (const id of [...ids].sort()) {
    const difference = compareFact(a.facts.get(id), b.facts.get(id), a, b);
    if (difference !== undefined) differences.push(difference);
  }
  const clusters = Math.max(before.places.clusters.length, after.places.clusters.length);
  return group(differences, clusters);
}

function sideOf({ facts, subjects }: Posture): Side {
  const kin = new Map<string, Fact[]>();
  for (const fact of facts.values()) kin.set(kinKey(fact), [...(kin.get(kinKey(fact)) ?? []), fact]);
  const all = [...facts.values()];
  return {
    facts,
    subjects,
    kin,
    kinds: new Set(all.map(({ subject }) => kindKey(subject))),
    blind: new Set(
      all
        .filter(({ property, grade }) => property === "argv/known" && grade === null)
        .map(({ subject }) => subjectId(subject)),
    ),
  };
}

/** Certificates of one purpose are siblings; those of servers and of CAs are not. */
function kindKey({ cluster, kind, name }: Subject): string {
  return [cluster, kind, ["certificate", "volume", "resource"].includes(kind) ? name.replace(/\d+/g, "") : ""].join(
    "/",
  );
}

function kinKey(fact: Fact): string {
  return [kindKey(fact.subject), fact.property, fact.detail].join("/");
}

function compareFact(before: Fact | undefined, after: Fact | undefined, a: Side, b: Side): Difference | undefined {
  const fact = after ?? before;
  if (fact === undefined) return undefined;
  const property = propertyOf(fact.property);
  if (property.unreviewed === true) return undefined;
  const missing = missingSide(fact, a, b);
  if (property.silent === true && missing === "" && (before === undefined || after === undefined)) return undefined;
  const standIn = missing === "" ? undefined : standInFor(fact, property, missing === "before" ? a : b);
  const on = (side: Fact | undefined, is: "before" | "after"): Grade | null => {
    if (missing === is && standIn !== undefined) return standIn.grade;
    if (side !== undefined) return side.grade;
    return isBlind(fact, is === "before" ? a : b) ? null : property.absent;
  };
  const [was, is] = [on(before, "before"), on(after, "after")];
  const kind = standIn?.kind ?? "";
  const direction = directionOf(was, is, property, missing, before !== undefined && after !== undefined, kind);
  if (direction === undefined) return undefined;
  return { fact, direction, before: was, after: is, missing, standIn: kind };
}

function isBlind({ subject, property }: Fact, { blind }: Side): boolean {
  return ON_COMMAND_LINE.test(property) && blind.has(subjectId(subject));
}

function missingSide({ subject }: Fact, a: Side, b: Side): Difference["missing"] {
  const id = subjectId(subject);
  return !a.subjects.has(id) ? "before" : !b.subjects.has(id) ? "after" : "";
}

/** What a subject that is not there is held against: its weakest sibling, or else what the project promises. */
function standInFor(
  fact: Fact,
  property: Property,
  side: Side,
): { readonly grade: Grade | null; readonly kind: "sibling" | "promise" } {
  const siblings = side.kin.get(kinKey(fact)) ?? [];
  const known = siblings.map(({ grade }) => grade).filter((grade) => grade !== null);
  if (known.length > 0) {
    return { grade: known.reduce((weakest, grade) => (grade.rank > weakest.rank ? grade : weakest)), kind: "sibling" };
  }
  if (siblings.length > 0) return { grade: null, kind: "sibling" };
  const counts = property.ungraded === true || property.absent.rank >= property.promise;
  if (counts && side.kinds.has(kindKey(fact.subject))) {
    return { grade: property.absent, kind: "sibling" };
  }
  return { grade: { text: "what this project promises", rank: property.promise }, kind: "promise" };
}

function directionOf(
  was: Grade | null,
  is: Grade | null,
  property: Property,
  missing: Difference["missing"],
  both: boolean,
  kind: Difference["standIn"],
): Direction | undefined {
  if (missing !== "") return directionOfMissing(was, is, property, missing, kind);
  if (was === null || is === null) return was === is ? undefined : "unknown";
  if (property.ungraded === true && was.text !== is.text) return is.rank > was.rank ? "weakened" : "unknown";
  const neutral = was.rank === is.rank || (property.whenBoth === true && !both);
  if (neutral) return was.text === is.text ? undefined : "changed";
  return is.rank > was.rank ? "weakened" : "strengthened";
}

/** What comes or goes counts when it is weaker than what stands in for it; better than that is no news. */
function directionOfMissing(
  was: Grade | null,
  is: Grade | null,
  property: Property,
  missing: "before" | "after",
  kind: Difference["standIn"],
): Direction | undefined {
  const [here, standIn] = missing === "before" ? [is, was] : [was, is];
  if (property.whenBoth === true) return undefined;
  if (here === null) return "unknown";
  if (here.rank <= (standIn?.rank ?? property.promise)) {
    const differs =
      property.ungraded === true &&
      property.apart !== true &&
      kind === "sibling" &&
      standIn !== null &&
      standIn.text !== here.text;
    return differs ? "unknown" : undefined;
  }
  return missing === "before" ? "weakened" : "strengthened";
}

/** One line for all subjects to which the same happens. */
function group(differences: readonly Difference[], clusters: number): readonly Line[] {
  const groups = new Map<string, Difference[]>();
  for (const difference of differences) {
    const { fact, direction, before, after, missing, standIn } = difference;
    const key = JSON.stringify([
      ...[direction, fact.property, fact.detail, fact.subject.kind, fact.subject.cluster],
      ...[before?.text, after?.text, missing, standIn],
    ]);
    groups.set(key, [...(groups.get(key) ?? []), difference]);
  }
  const lines = [...groups.values()].map((members) => toLine(members, clusters));
  return [...lines.filter(({ direction }) => direction !== "unknown"), ...gatherUnknown(lines)];
}

function toLine(members: readonly Difference[], clusters: number): Line {
  const [first] = members;
  if (first === undefined) throw new Error("a group has members");
  const { fact, direction } = first;
  const property = propertyOf(fact.property);
  const subjects = members.map((member) => nameSubject(member.fact.subject, clusters)).sort(byNumber);
  return {
    direction,
    rule: [fact.property, ...(fact.detail === "" ? [] : [fact.detail])].join("/"),
    subjects,
    before: first.before?.text ?? "unknown",
    after: first.after?.text ?? "unknown",
    sentence: `${subjects.join(", ")}: ${property.title.replace("%", () => fact.detail)} ${saying(first)}`,
    why: property.why,
    anchor: property.anchor,
    facts: members.map((member) => member.fact.id).sort(),
    urns: members
      .map((member) => member.fact.urn)
      .filter(Boolean)
      .sort(),
    args: property.args,
  };
}

function saying({ before, after, missing, standIn }: Difference): string {
  const unknown = "known only when it is applied";
  if (missing === "") {
    if (after === null) return `is ${unknown}; was ${before?.text ?? "unknown"}`;
    return before === null
      ? `is now ${after.text}; what it was is not known`
      : `is now ${after.text}; was ${before.text}`;
  }
  const [here, there] = missing === "before" ? [after, before] : [before, after];
  const than =
    standIn === "promise" ? "weaker than what this project promises" : `its siblings: ${there?.text ?? "unknown"}`;
  if (missing === "before") return here === null ? `is ${unknown} (new)` : `is ${here.text} (new; ${than})`;
  return here === null ? `was not known (gone)` : `was ${here.text} (gone; ${than})`;
}

const isKnown = ({ before, after }: Line): boolean => before !== "unknown" && after !== "unknown";

/** One line for everything that is not known of the same subjects: what it is, a preview could not say anyway. */
function gatherUnknown(lines: readonly Line[]): readonly Line[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    if (line.direction !== "unknown") continue;
    // What is known and not graded is accepted, or not, by its value.
    const key = JSON.stringify([line.subjects, isKnown(line) ? line.rule : ""]);
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].map((members): Line => {
    const [first] = members;
    if (first === undefined || members.length === 1) return first as Line;
    const who = first.subjects.join(", ");
    const what = members.map(({ sentence }) =>
      sentence.slice(who.length + 2).replace(/ is known only when it is applied.*$/, ""),
    );
    return {
      ...first,
      rule: "unknown",
      sentence: `${who}: known only when it is applied: ${[...new Set(what)].sort().join("; ")}`,
      why: "Look again at what the next preview says of it.",
      facts: members.flatMap(({ facts }) => facts).sort(),
      urns: [...new Set(members.flatMap(({ urns }) => urns))].sort(),
      args: [...new Set(members.flatMap(({ args }) => args))].sort(),
    };
  });
}
