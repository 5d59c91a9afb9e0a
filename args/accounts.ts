/** Databases, users and what they may do. */
import type { Input } from "@pulumi/pulumi";
import type { Complete } from "./shape/complete";
import { OPERATOR_USER, SYSTEM_DB } from "./constants";
import type { Report } from "./report";
import { checkPassword } from "./values/password";

export interface AccountArgs {
  /**
   * Databases to create where they are missing. Removing a name from the list drops nothing.
   * @default []
   * @page access.md
   */
  readonly databases?: readonly string[];

  /**
   * RethinkDB users and everything they may do. Rights that are not granted here are revoked. Removing a user from the
   * list removes the account. Users that were never in the list are not touched.
   * @default []
   * @page access.md
   */
  readonly users?: readonly UserArgs[];

  /**
   * Passwords of `users`, by user name. 1–1024 printable ASCII characters each. A map of plain strings is checked before
   * any resource exists, an Output as soon as it is known. They are secrets in the state.
   * @default {}
   * @secret
   */
  readonly userPasswords?: Input<Readonly<Record<string, Input<string>>>>;
}

/** One user of RethinkDB. */
export interface UserArgs {
  /** Printable ASCII without spaces, `,` and `=`, which drivers do not send as they are. Not `admin`. */
  readonly name: string;

  /**
   * What the user may do; nothing else.
   * @default []
   */
  readonly grants?: readonly GrantArgs[];
}

/**
 * Rights on one table, one database, or every database but RethinkDB's own. In each, `true` grants, `false` denies what
 * a wider grant gives. RethinkDB looks at the table first, then at the database, then at what holds everywhere.
 */
export interface GrantArgs {
  /**
   * Database.
   * @default - every database but `rethinkdb`
   */
  readonly db?: string;

  /**
   * Table of `db`. It must exist already.
   * @default - every table of `db`
   */
  readonly table?: string;

  /**
   * Read documents.
   * @default - as a wider grant says, else no
   */
  readonly read?: boolean;

  /**
   * Write documents.
   * @default - as a wider grant says, else no
   */
  readonly write?: boolean;

  /**
   * Let the servers open http connections for the user (`r.http`). Only without `db`.
   * @default - no
   */
  readonly connect?: boolean;

  /**
   * Make, change and drop tables and indexes; without `db` databases too.
   * @default - as a wider grant says, else no
   */
  readonly config?: boolean;
}

export const RIGHTS = ["read", "write", "connect", "config"] as const;

const NAME = /^[A-Za-z0-9_-]+$/;

export function checkAccounts(args: Complete<AccountArgs>, report: Report): void {
  checkDatabases(args.databases, report);
  const { users } = args;
  users.forEach((user, index) => {
    checkUser(user, `users[${String(index)}]`, report);
    const first = users.findIndex((other) => other.name === user.name);
    if (first < index) {
      report.error(
        `users[${String(index)}].name: "${user.name}" is users[${String(first)}] already; put the grants of both into one`,
      );
    }
  });
  const passwords = plainPasswords(args.userPasswords);
  if (passwords !== undefined) {
    checkUserPasswords(users, passwords, report);
  }
}

/** Checked apart, since a map that is an Output is known only later. A password is never part of a message. */
export function checkUserPasswords(
  users: readonly UserArgs[],
  passwords: Readonly<Record<string, string>>,
  report: Report,
): void {
  for (const { name } of users) {
    if (Object.hasOwn(passwords, name)) continue;
    report.error(
      `userPasswords: has none for user "${name}"; set one, for example with: ` +
        `pulumi config set --secret --path 'userPasswords["${name}"]'`,
    );
  }
  for (const [name, password] of Object.entries(passwords)) {
    const path = `userPasswords["${name}"]`;
    if (!users.some((user) => user.name === name)) {
      report.error(
        `${path}: is the password of a user that is not among users; add the user, or take the password out`,
      );
      continue;
    }
    report.take(checkPassword(path, password, `pulumi config set --secret --path '${path}'`));
  }
}

/** @returns the map when it can be checked at once: a plain one of plain strings. */
export function plainPasswords(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return undefined;
  const plain = Object.values(value).every((password) => typeof password === "string");
  return plain ? (value as Readonly<Record<string, string>>) : undefined;
}

function checkDatabases(databases: readonly string[], report: Report): void {
  databases.forEach((name, index) => {
    const path = `databases[${String(index)}]`;
    if (!NAME.test(name)) {
      report.error(`${path}: "${name}" cannot name a database; use letters, digits, "_" and "-"`);
    } else if (name === SYSTEM_DB) {
      report.error(`${path}: "${name}" is RethinkDB's own database and always there; take it out`);
    } else if (databases.indexOf(name) < index) {
      report.error(`${path}: "${name}" is databases[${String(databases.indexOf(name))}] already; take it out`);
    }
  });
}

function checkUser(user: UserArgs, path: string, report: Report): void {
  const { name } = user;
  if (name === "admin") {
    report.error(`${path}.name: "admin" is built in and may do everything; set adminPassword instead`);
  } else if (name === OPERATOR_USER) {
    report.error(`${path}.name: "${name}" is the account of the deployment itself; choose another name`);
  } else if (/[,=]/.test(name)) {
    report.error(
      `${path}.name: "${name}" has "," or "=", which rethinkdb-ts does not escape, so that it could never log in; choose another name`,
    );
  } else if (!/^[\x21-\x7e]+$/.test(name) || /["'\\]/.test(name)) {
    report.error(
      `${path}.name: ${JSON.stringify(name)} is empty, or has a space, a quote, a backslash or a character that is not printable ASCII; choose another name`,
    );
  }
  const grants = user.grants ?? [];
  grants.forEach((grant, index) => {
    checkGrant(grant, `${path}.grants[${String(index)}]`, report);
    if (grant.write === true && !mayRead(grant, grants)) {
      report.warn(
        `${path}.grants[${String(index)}].write: on ${scope(grant)} is worth nothing without read: ` +
          `RethinkDB allows no write without read; add read`,
      );
    }
    const first = grants.findIndex((other) => other.db === grant.db && other.table === grant.table);
    if (first < index) {
      report.error(
        `${path}.grants[${String(index)}]: ${scope(grant)} has ${path}.grants[${String(first)}] already; put both into one`,
      );
    }
  });
}

function checkGrant(grant: GrantArgs, path: string, report: Report): void {
  const { db, table } = grant;
  if (db !== undefined && !NAME.test(db)) {
    report.error(`${path}.db: "${db}" cannot name a database; use letters, digits, "_" and "-"`);
  }
  if (table !== undefined && !NAME.test(table)) {
    report.error(`${path}.table: "${table}" cannot name a table; use letters, digits, "_" and "-"`);
  }
  if (table !== undefined && db === undefined) {
    report.error(`${path}.table: "${table}" says no database; add db`);
  }
  if (RIGHTS.every((right) => grant[right] === undefined)) {
    report.error(`${path}: says nothing about ${scope(grant)}; add read, write, connect or config, or take it out`);
  }
  if (grant.connect !== undefined && db !== undefined) {
    report.error(
      `${path}.connect: is given for ${scope(grant)}, and RethinkDB knows it only without db; move it to a grant of its own`,
    );
  }
  if (db === SYSTEM_DB) {
    for (const right of ["write", "config"] as const) {
      if (grant[right] !== true) continue;
      report.warn(
        `${path}.${right}: on ${scope(grant)} equals admin: who has it can take every account; use read alone`,
      );
    }
  }
}

/** As RethinkDB decides it: the table's own word, then the database's, then what holds everywhere but in its own database. */
function mayRead({ db, table }: GrantArgs, grants: readonly GrantArgs[]): boolean {
  const at = (wantedDb?: string, wantedTable?: string): boolean | undefined =>
    grants.find((grant) => grant.db === wantedDb && grant.table === wantedTable)?.read;
  return at(db, table) ?? at(db) ?? (db === SYSTEM_DB ? undefined : at()) ?? false;
}

/** `every database`, `orders` or `orders.items`. */
export function scopeName({ db, table }: { readonly db: string | null; readonly table: string | null }): string {
  return db === null ? "every database" : table === null ? db : `${db}.${table}`;
}

function scope({ db, table }: GrantArgs): string {
  return scopeName({ db: db ?? null, table: table ?? null });
}
