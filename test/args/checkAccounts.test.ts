/** What the caller reads when databases, users or grants are wrong, in full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GrantArgs, UserArgs } from "../../args/accounts";
import type { RethinkdbClusterArgs } from "../../args/args";
import { Report } from "../../args/report";
import { checkArgs } from "../../args/check";
import { checkUserPasswords, plainPasswords } from "../../args/accounts";

const GOOD: RethinkdbClusterArgs = { clusterName: "db", adminPassword: "correct horse battery" };
const PASSWORD = "long enough password";

type Case = readonly [what: string, args: Partial<RethinkdbClusterArgs>, ...messages: string[]];

/** Args with these users, each with a password. */
function withUsers(...users: readonly unknown[]): Partial<RethinkdbClusterArgs> {
  const list = users as readonly UserArgs[];
  return { users: list, userPasswords: Object.fromEntries(list.map(({ name }) => [name, PASSWORD])) };
}

function withGrants(...grants: readonly unknown[]): Partial<RethinkdbClusterArgs> {
  return withUsers({ name: "web", grants: grants as readonly GrantArgs[] });
}

const NAME_RULE =
  "is empty, or has a space, a quote, a backslash or a character that is not printable ASCII; choose another name";
const ESCAPE_RULE =
  'has "," or "=", which rethinkdb-ts does not escape, so that it could never log in; choose another name';

const ERRORS: readonly Case[] = [
  [
    "a database with a dot",
    { databases: ["a.b"] },
    `databases[0]: "a.b" cannot name a database; use letters, digits, "_" and "-"`,
  ],
  [
    "an empty database name",
    { databases: [""] },
    `databases[0]: "" cannot name a database; use letters, digits, "_" and "-"`,
  ],
  [
    "RethinkDB's own database",
    { databases: ["rethinkdb"] },
    `databases[0]: "rethinkdb" is RethinkDB's own database and always there; take it out`,
  ],
  ["a database twice", { databases: ["a", "b", "a"] }, `databases[2]: "a" is databases[0] already; take it out`],

  [
    "admin as a user",
    withUsers({ name: "admin" }),
    `users[0].name: "admin" is built in and may do everything; set adminPassword instead`,
  ],
  [
    "the operator as a user",
    withUsers({ name: "pulumi_operator" }),
    `users[0].name: "pulumi_operator" is the account of the deployment itself; choose another name`,
  ],
  ["a comma in a name", withUsers({ name: "a,b" }), `users[0].name: "a,b" ${ESCAPE_RULE}`],
  ["an equals sign in a name", withUsers({ name: "a=b" }), `users[0].name: "a=b" ${ESCAPE_RULE}`],
  ["an empty name", withUsers({ name: "" }), `users[0].name: "" ${NAME_RULE}`],
  ["an umlaut in a name", withUsers({ name: "müller" }), `users[0].name: "müller" ${NAME_RULE}`],
  ["a space in a name", withUsers({ name: "a b" }), `users[0].name: "a b" ${NAME_RULE}`],
  ["a quote in a name", withUsers({ name: "o'neil" }), `users[0].name: "o'neil" ${NAME_RULE}`],
  ["a line end in a name", withUsers({ name: "a\n" }), `users[0].name: "a\\n" ${NAME_RULE}`],
  [
    "a user twice",
    withUsers({ name: "web" }, { name: "web" }),
    `users[1].name: "web" is users[0] already; put the grants of both into one`,
  ],

  [
    "a table without a database",
    withGrants({ table: "t", read: true }),
    `users[0].grants[0].table: "t" says no database; add db`,
  ],
  [
    "a grant on a database that cannot be",
    withGrants({ db: "a.b", read: true }),
    `users[0].grants[0].db: "a.b" cannot name a database; use letters, digits, "_" and "-"`,
  ],
  [
    "a grant on a table that cannot be",
    withGrants({ db: "a", table: "b c", read: true }),
    `users[0].grants[0].table: "b c" cannot name a table; use letters, digits, "_" and "-"`,
  ],
  [
    "a grant of nothing",
    withGrants({ db: "a" }),
    `users[0].grants[0]: says nothing about a; add read, write, connect or config, or take it out`,
  ],
  [
    "a grant of nothing on everything",
    withGrants({}),
    `users[0].grants[0]: says nothing about every database; add read, write, connect or config, or take it out`,
  ],
  [
    "connect on a database",
    withGrants({ db: "a", table: "t", connect: true }),
    `users[0].grants[0].connect: is given for a.t, and RethinkDB knows it only without db; move it to a grant of its own`,
  ],
  [
    "two grants on the same",
    withGrants({ db: "a", read: true }, { db: "b", read: true }, { db: "a", config: true }),
    `users[0].grants[2]: a has users[0].grants[0] already; put both into one`,
  ],

  [
    "a misspelt right",
    withGrants({ db: "a", wrte: true, read: true }),
    `users[0].grants[0].wrte: is no field; do you mean "write"?`,
  ],
  ["a misspelt field", withUsers({ name: "web", grant: [] }), `users[0].grant: is no field; do you mean "grants"?`],
  [
    "a right that is no boolean",
    withGrants({ db: "a", read: "yes" }),
    `users[0].grants[0].read: "yes" is neither true nor false`,
  ],
  ["a database that is no text", withGrants({ db: 7.5, read: true }), `users[0].grants[0].db: 7.5 is not a text`],
  ["a user without a name", { users: [{} as UserArgs] }, `users[0].name: is missing`],

  [
    "a user without a password",
    { users: [{ name: "web" }] },
    `userPasswords: has none for user "web"; set one, for example with: pulumi config set --secret --path 'userPasswords["web"]'`,
  ],
  [
    "a password without a user",
    { userPasswords: { web: PASSWORD } },
    `userPasswords["web"]: is the password of a user that is not among users; add the user, or take the password out`,
  ],
  [
    "an empty password",
    { users: [{ name: "web" }], userPasswords: { web: "" } },
    `userPasswords["web"]: is empty; set one, for example with: pulumi config set --secret --path 'userPasswords["web"]'`,
  ],
  [
    "a password that Python cannot send",
    { users: [{ name: "web" }], userPasswords: { web: "pässword-long-enough" } },
    `userPasswords["web"]: has a character that is not printable ASCII; the official Python driver encodes passwords as latin-1 and could never log in; use letters, digits and ASCII signs`,
  ],
  [
    "a password named like a method of every object",
    { users: [{ name: "toString" }] },
    `userPasswords: has none for user "toString"; set one, for example with: pulumi config set --secret --path 'userPasswords["toString"]'`,
  ],
];

for (const [what, args, ...messages] of ERRORS) {
  test(`refuses ${what}`, () => {
    assert.deepEqual(checkArgs({ ...GOOD, ...args }).errors, messages);
  });
}

const NOTHING_WRONG: readonly Case[] = [
  ["databases that are there anyway", { databases: ["test", "a-b_c9"] }],
  ["a user without a grant", withUsers({ name: "idle" })],
  ["signs in a name", withUsers({ name: "a.b@c-d_e+f" })],
  ["a denial below a grant", withGrants({ db: "a", read: true }, { db: "a", table: "secret", read: false })],
  ["write where a wider grant reads", withGrants({ db: "a", table: "t", write: true }, { read: true })],
  ["connect everywhere", withGrants({ connect: true })],
  ["reading a system table", withGrants({ db: "rethinkdb", table: "stats", read: true })],
  ["passwords that are known later", { users: [{ name: "web" }], userPasswords: Promise.resolve({}) }],
  ["one password that is known later", { users: [{ name: "web" }], userPasswords: { web: Promise.resolve("x") } }],
];

for (const [what, args] of NOTHING_WRONG) {
  test(`accepts ${what}`, () => {
    assert.deepEqual(checkArgs({ ...GOOD, ...args }), { errors: [], warnings: [] });
  });
}

for (const [what, grant, where, right] of [
  ["write on the system database", { db: "rethinkdb", read: true, write: true }, "rethinkdb", "write"],
  ["config on the system database", { db: "rethinkdb", config: true }, "rethinkdb", "config"],
  ["write on a system table", { db: "rethinkdb", table: "users", read: true, write: true }, "rethinkdb.users", "write"],
] as const) {
  test(`warns of ${what}: it equals admin`, () => {
    assert.deepEqual(checkArgs({ ...GOOD, ...withGrants(grant) }), {
      errors: [],
      warnings: [
        `users[0].grants[0].${right}: on ${where} equals admin: who has it can take every account; use read alone`,
      ],
    });
  });
}

for (const [what, grants] of [
  ["alone", [{ db: "a", write: true }]],
  ["below a denial", [{ db: "a", table: "t", write: true }, { db: "a", read: false }, { read: true }]],
] as const) {
  test(`warns of write without read ${what}`, () => {
    const where = what === "alone" ? "a" : "a.t";
    assert.deepEqual(checkArgs({ ...GOOD, ...withGrants(...grants) }), {
      errors: [],
      warnings: [
        `users[0].grants[0].write: on ${where} is worth nothing without read: RethinkDB allows no write without read; add read`,
      ],
    });
  });
}

test("warns of a short password", () => {
  const report = new Report();
  checkUserPasswords([{ name: "web" }], { web: "short" }, report);
  assert.deepEqual(report.errors, []);
  assert.deepEqual(report.warnings, [
    `userPasswords["web"]: has fewer than 12 characters; RethinkDB does not slow down guessing, use a longer one`,
  ]);
});

test("knows which passwords can be checked at once", () => {
  assert.deepEqual(plainPasswords(undefined), {});
  assert.deepEqual(plainPasswords({ a: "b" }), { a: "b" });
  assert.equal(plainPasswords(Promise.resolve({ a: "b" })), undefined);
  assert.equal(plainPasswords({ a: Promise.resolve("b") }), undefined);
});
