/** Who may do what: databases, users and every right, as the Command that reconciles them shows them in a preview. */
import { type Fact, NO, type Note, noteInto, required } from "../model/fact";
import { type Family, held, type Property } from "../model/property";
import { clusterSubject, type Places } from "../model/places";
import { mandatory } from "../model/rule";
import { canonical, type Inputs, isUnknown, list, record, text } from "../model/resources";

const account = (title: string, why: string, args: readonly string[]): Property => ({
  title,
  why,
  anchor: "passwords-and-accounts",
  args,
  absent: NO,
  // Rights are what users are for; those that equal admin are not.
  promise: 1,
});

const NO_ADMIN = mandatory(
  "no-admin-by-grant",
  "No user may write to or configure the database rethinkdb: that equals admin.",
);

export const ACCOUNTS: Family = {
  "account/database": account("database %", "A database that is no longer named is left alone.", ["databases"]),
  "account/user": account("user %", "One more name that can log in.", ["users"]),
  "account/admin-right": held(
    account("% granted", "Anyone with the user's password can take every account.", ["users"]),
    {
      rule: NO_ADMIN,
      says: ({ fact: { detail } }) => {
        const [user = "", right = ""] = detail.split(" ");
        return `user ${user} has ${right} on RethinkDB's own database, and so is admin. Grant read there at most, and make admins log in as admin.`;
      },
    },
  ),
  "account/shown": {
    ...account(
      "what a preview shows of the accounts is what is asked for",
      "Otherwise a reader does not see who is let in.",
      [],
    ),
    absent: required(true),
    promise: 0,
  },
  "account/right": account("% granted", "Anyone with the user's password has the right.", ["users"]),
};

/** Rights on the system database: to write there is to be admin. */
const SYSTEM = "rethinkdb";

export function readAccounts(places: Places, facts: Fact[]): void {
  for (const place of places.all) {
    if (place.role !== "accounts" || place.cluster === "") continue;
    const { inputs, request, urn } = place.resource;
    const note = noteInto(facts, clusterSubject(place.cluster), urn);
    const shown = inputs["environment"];
    const [told, asked] = [readShown(shown), request === undefined ? undefined : readAsked(request)];
    if (isUnknown(shown) || told.unknown.length > 0) note("account/right", null, "(all)");
    const same = asked === undefined || canonical(sorted(asked)) === canonical(sorted(told));
    const of = <T>(pick: (from: Accounts) => readonly T[]): readonly T[] =>
      asked === undefined ? pick(told) : same ? pick(asked) : [...pick(asked), ...pick(told)];
    for (const name of new Set(of(({ databases }) => databases)))
      note("account/database", { text: "yes", rank: 0 }, name);
    const grants = of((from) => from.grants);
    for (const user of new Set(of(({ users }) => users))) {
      note("account/user", { text: "yes", rank: 0 }, user);
      for (const grant of grants.filter((given) => given.user === user)) noteRight(grant, grants, note);
    }
    if (asked !== undefined && !isUnknown(shown)) note("account/shown", required(same));
  }
}

interface Grant {
  readonly user: string;
  /** `every database`, `shop` or `shop.orders`. */
  readonly scope: string;
  readonly right: string;
  readonly denied: boolean;
}

interface Accounts {
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly grants: readonly Grant[];
}

const sorted = ({ databases, users, grants }: Accounts): readonly (readonly string[])[] => [
  [...databases].sort(),
  [...users].sort(),
  grants.map(({ user, scope, right, denied }) => [user, scope, right, denied].join(" ")).sort(),
];

/** `every database: read; orders.items: write, no config` */
function readShown(shown: unknown): Accounts & { readonly unknown: readonly string[] } {
  const entries = Object.entries(record(shown));
  const users = entries.flatMap(([key, value]) => {
    const user = /^USER_(.+)$/.exec(key)?.[1];
    return user === undefined ? [] : [[user, value] as const];
  });
  const databases = text(record(shown)["DATABASES"]).split(" ").filter(Boolean);
  const grants = users.flatMap(([user, value]) =>
    text(isUnknown(value) ? "" : value)
      .split("; ")
      .flatMap((grant) => {
        const [scope = "", words] = grant.split(": ");
        return (words?.split(", ") ?? []).map((word) => ({
          ...{ user, scope, right: word.replace(/^no /, "") },
          denied: word.startsWith("no "),
        }));
      }),
  );
  return {
    ...{ databases, grants, users: users.map(([user]) => user) },
    unknown: users.filter(([, value]) => isUnknown(value)).map(([user]) => user),
  };
}

function readAsked(request: Inputs): Accounts {
  const users = list(request["users"]).map(record);
  const grants = users.flatMap((user) =>
    list(user["grants"])
      .map(record)
      .flatMap((grant) => {
        const { db, table, rights } = grant;
        const scope = db === null ? "every database" : [text(db), ...(table === null ? [] : [text(table)])].join(".");
        return Object.entries(record(rights)).flatMap(([right, given]) =>
          given === null ? [] : [{ user: text(user["name"]), scope, right, denied: given !== true }],
        );
      }),
  );
  return { databases: list(request["databases"]).map(text), users: users.map(({ name }) => text(name)), grants };
}

/** What a user may do in the end: a right is as wide as nothing below it is denied. */
function noteRight({ user, scope, right, denied }: Grant, all: readonly Grant[], note: Note): void {
  const of = all.filter((other) => other.user === user && other.right === right);
  if (denied) {
    // Of a right that is given further up it is said there.
    const wider = of.some((other) => !other.denied && isWithin(scope, other.scope));
    if (!wider) note("account/right", { text: "denied", rank: 0 }, `${user} ${right} on ${scope}`);
    return;
  }
  const own = scope.split(".")[0] === SYSTEM && (right === "write" || right === "config");
  const but = of.filter((other) => other.denied && isWithin(other.scope, scope)).map((other) => other.scope);
  const except = but.length === 0 ? "" : `, but not on ${but.sort().join(", ")}`;
  // Each exception that falls away is more that the user may.
  const grade = own
    ? { text: "yes, which equals admin", rank: 2 }
    : { text: `yes${except}`, rank: 1 - but.length / 1000 };
  note(own ? "account/admin-right" : "account/right", grade, `${user} ${right} on ${scope}`);
}

function isWithin(narrow: string, wide: string): boolean {
  return narrow !== wide && (wide === "every database" || narrow.startsWith(`${wide}.`));
}
