/** Finds what is wrong with databases, users and their grants. */
import { RIGHTS, scopeName } from "./accounts";
import type { GrantArgs, RethinkdbClusterArgs, UserArgs } from "./args";
import { OPERATOR_USER, SYSTEM_DB } from "./defaults";
import { checkPassword } from "./password";

const NAME = /^[A-Za-z0-9_-]+$/;

export function checkAccounts(args: RethinkdbClusterArgs, errors: string[], warnings: string[]): void {
  checkDatabases(args.databases ?? [], errors);
  const users = args.users ?? [];
  users.forEach((user, index) => {
    checkUser(user, `users[${String(index)}]`, errors, warnings);
    const first = users.findIndex((other) => other.name === user.name);
    if (first < index) {
      errors.push(
        `users[${String(index)}].name: "${user.name}" is users[${String(first)}] already; put the grants of both into one`,
      );
    }
  });
  const passwords = plainPasswords(args.userPasswords);
  if (passwords !== undefined) {
    const found = checkUserPasswords(users, passwords);
    errors.push(...found.errors);
    warnings.push(...found.warnings);
  }
}

/** Checked apart, since a map that is an Output is known only later. A password is never part of a message. */
export function checkUserPasswords(
  users: readonly UserArgs[],
  passwords: Readonly<Record<string, string>>,
): { readonly errors: readonly string[]; readonly warnings: readonly string[] } {
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const { name } of users) {
    if (Object.hasOwn(passwords, name)) continue;
    errors.push(
      `userPasswords: has none for user "${name}"; set one, for example with: ` +
        `pulumi config set --secret --path 'userPasswords["${name}"]'`,
    );
  }
  for (const [name, password] of Object.entries(passwords)) {
    const path = `userPasswords["${name}"]`;
    if (!users.some((user) => user.name === name)) {
      errors.push(`${path}: is the password of a user that is not among users; add the user, or take the password out`);
      continue;
    }
    const found = checkPassword(path, password, `pulumi config set --secret --path '${path}'`);
    if (found.error !== undefined) errors.push(found.error);
    if (found.warning !== undefined) warnings.push(found.warning);
  }
  return { errors, warnings };
}

/** @returns the map when it can be checked at once: a plain one of plain strings. */
export function plainPasswords(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return undefined;
  const plain = Object.values(value).every((password) => typeof password === "string");
  return plain ? (value as Readonly<Record<string, string>>) : undefined;
}

function checkDatabases(databases: readonly string[], errors: string[]): void {
  databases.forEach((name, index) => {
    const path = `databases[${String(index)}]`;
    if (!NAME.test(name)) {
      errors.push(`${path}: "${name}" cannot name a database; use letters, digits, "_" and "-"`);
    } else if (name === SYSTEM_DB) {
      errors.push(`${path}: "${name}" is RethinkDB's own database and always there; take it out`);
    } else if (databases.indexOf(name) < index) {
      errors.push(`${path}: "${name}" is databases[${String(databases.indexOf(name))}] already; take it out`);
    }
  });
}

function checkUser(user: UserArgs, path: string, errors: string[], warnings: string[]): void {
  const { name } = user;
  if (name === "admin") {
    errors.push(`${path}.name: "admin" is built in and may do everything; set adminPassword instead`);
  } else if (name === OPERATOR_USER) {
    errors.push(`${path}.name: "${name}" is the account of the deployment itself; choose another name`);
  } else if (/[,=]/.test(name)) {
    errors.push(
      `${path}.name: "${name}" has "," or "=", which rethinkdb-ts does not escape, so that it could never log in; choose another name`,
    );
  } else if (!/^[\x21-\x7e]+$/.test(name) || /["'\\]/.test(name)) {
    errors.push(
      `${path}.name: ${JSON.stringify(name)} is empty, or has a space, a quote, a backslash or a character that is not printable ASCII; choose another name`,
    );
  }
  const grants = user.grants ?? [];
  grants.forEach((grant, index) => {
    checkGrant(grant, `${path}.grants[${String(index)}]`, errors, warnings);
    if (grant.write === true && !mayRead(grant, grants)) {
      warnings.push(
        `${path}.grants[${String(index)}].write: on ${scope(grant)} is worth nothing without read: ` +
          `RethinkDB lets nobody write what they may not read; add read`,
      );
    }
    const first = grants.findIndex((other) => other.db === grant.db && other.table === grant.table);
    if (first < index) {
      errors.push(
        `${path}.grants[${String(index)}]: ${scope(grant)} has ${path}.grants[${String(first)}] already; put both into one`,
      );
    }
  });
}

function checkGrant(grant: GrantArgs, path: string, errors: string[], warnings: string[]): void {
  const { db, table } = grant;
  if (db !== undefined && !NAME.test(db)) {
    errors.push(`${path}.db: "${db}" cannot name a database; use letters, digits, "_" and "-"`);
  }
  if (table !== undefined && !NAME.test(table)) {
    errors.push(`${path}.table: "${table}" cannot name a table; use letters, digits, "_" and "-"`);
  }
  if (table !== undefined && db === undefined) {
    errors.push(`${path}.table: "${table}" says no database; add db`);
  }
  if (RIGHTS.every((right) => grant[right] === undefined)) {
    errors.push(`${path}: says nothing about ${scope(grant)}; add read, write, connect or config, or take it out`);
  }
  if (grant.connect !== undefined && db !== undefined) {
    errors.push(
      `${path}.connect: is given for ${scope(grant)}, and RethinkDB knows it only without db; move it to a grant of its own`,
    );
  }
  if (db === SYSTEM_DB) {
    for (const right of ["write", "config"] as const) {
      if (grant[right] !== true) continue;
      warnings.push(
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

function scope({ db, table }: GrantArgs): string {
  return scopeName({ db: db ?? null, table: table ?? null });
}
