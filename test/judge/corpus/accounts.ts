import { type Change, type Edit, hand, inputs } from "../change";

/** The Command as it shows databases and users. */
const accounts = (environment: Record<string, string>): Edit =>
  inputs((i) => {
    i.environment = environment;
  }, "accounts");

const right = (how: string, what: string, now: string, was: string): string =>
  `${how}: cluster orders: ${what} granted is now ${now}; was ${was}`;

export const accountChanges: readonly Change[] = [
  {
    name: "a user is made that may read one table",
    base: hand(accounts({ DATABASES: "shop" })),
    head: hand(accounts({ DATABASES: "shop", USER_api: "shop.items: read" })),
    expect: [
      "changed: cluster orders: user api is now yes; was no",
      right("weakened", "api read on shop.items", "yes", "no"),
    ],
  },
  {
    name: "a user may write, too",
    base: hand(accounts({ USER_api: "shop: read" })),
    head: hand(accounts({ USER_api: "shop: read, write" })),
    expect: [right("weakened", "api write on shop", "yes", "no")],
  },
  {
    name: "a right is revoked",
    base: hand(accounts({ USER_api: "shop: read, write" })),
    head: hand(accounts({ USER_api: "shop: read" })),
    expect: [right("strengthened", "api write on shop", "no", "yes")],
  },
  {
    name: "a right moves from one table to every database",
    base: hand(accounts({ USER_api: "shop.items: read" })),
    head: hand(accounts({ USER_api: "every database: read" })),
    expect: [
      right("weakened", "api read on every database", "yes", "no"),
      right("strengthened", "api read on shop.items", "no", "yes"),
    ],
  },
  {
    name: "a user may connect, which is a way out of r.http",
    base: hand(accounts({ USER_api: "shop: read" })),
    head: hand(accounts({ USER_api: "every database: connect; shop: read" })),
    expect: [right("weakened", "api connect on every database", "yes", "no")],
  },
  {
    name: "a user may write to the system database, which equals admin",
    base: hand(accounts({ USER_ops: "rethinkdb: read" })),
    head: hand(accounts({ USER_ops: "rethinkdb: read, write" })),
    expect: [right("weakened", "ops write on rethinkdb", "yes, which equals admin", "no")],
  },
  {
    name: "a wider right is denied on one table",
    base: hand(accounts({ USER_api: "shop: read" })),
    head: hand(accounts({ USER_api: "shop: read; shop.cards: no read" })),
    expect: [right("strengthened", "api read on shop", "yes, but not on shop.cards", "yes")],
  },
  {
    name: "a user is taken out",
    base: hand(accounts({ USER_api: "shop: read" })),
    head: hand(accounts({})),
    expect: [
      "changed: cluster orders: user api is now no; was yes",
      right("strengthened", "api read on shop", "no", "yes"),
    ],
  },
  {
    name: "a database is named no more, which drops nothing",
    base: hand(accounts({ DATABASES: "audit shop" })),
    head: hand(accounts({ DATABASES: "shop" })),
    expect: ["changed: cluster orders: database audit is now no; was yes"],
  },
];
