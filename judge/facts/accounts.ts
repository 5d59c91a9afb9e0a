/** Who may do what: databases, users and every right, as the Command that reconciles them shows them in a preview. */
import { type Fact, NO, noteInto } from "../model/fact";
import { type Family, held, type Property } from "../model/property";
import { clusterSubject, type Places } from "../model/places";
import { mandatory } from "../model/rule";
import { isUnknown, record, text } from "../model/resources";

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
  "account/right": account("% granted", "Anyone with the user's password has the right.", ["users"]),
};

/** Rights on the system database: to write there is to be admin. */
const SYSTEM = "rethinkdb";

export function readAccounts(places: Places, facts: Fact[]): void {
  for (const place of places.all) {
    if (place.role !== "accounts" || place.cluster === "") continue;
    const note = noteInto(facts, clusterSubject(place.cluster), place.resource.urn);
    const shown = place.resource.inputs["environment"];
    if (isUnknown(shown)) note("account/right", null, "(all)");
    for (const [key, value] of Object.entries(record(shown))) {
      if (key === "DATABASES") {
        for (const name of text(value).split(" ").filter(Boolean))
          note("account/database", { text: "yes", rank: 0 }, name);
      }
      const user = /^USER_(.+)$/.exec(key)?.[1];
      if (user === undefined) continue;
      note("account/user", { text: "yes", rank: 0 }, user);
      if (isUnknown(value)) note("account/right", null, `${user}: (all)`);
      else readRights(user, text(value), note);
    }
  }
}

/** `every database: read; orders.items: write, no config` */
function readRights(user: string, rights: string, note: ReturnType<typeof noteInto>): void {
  for (const grant of rights.split("; ")) {
    const [scope = "", words] = grant.split(": ");
    for (const word of words?.split(", ") ?? []) {
      const denied = word.startsWith("no ");
      const right = denied ? word.slice(3) : word;
      const own = scope.split(".")[0] === SYSTEM && (right === "write" || right === "config");
      const grade = own ? { text: "yes, which equals admin", rank: 2 } : { text: "yes", rank: 1 };
      note(
        own ? "account/admin-right" : "account/right",
        denied ? { text: "denied", rank: 0 } : grade,
        `${user} ${right} on ${scope}`,
      );
    }
  }
}
