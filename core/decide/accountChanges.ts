/** Compares the accounts that are wanted with those that a cluster has, and says what it takes. */
import { type AccountsPlan, describeRights, type GrantPlan, type Rights } from "../plan/accounts";
import { RIGHTS, scopeName } from "../../args/accounts";
import { OPERATOR_USER, SYSTEM_DB } from "../../args/constants";

export interface LiveTable {
  readonly db: string;
  readonly name: string;
}

/** A row of `rethinkdb.permissions`. */
export interface LivePermission {
  /** User, then perhaps the id of a database, then perhaps that of a table. */
  readonly id: readonly string[];
  readonly database?: string;
  readonly table?: string;
  readonly permissions: Partial<Record<string, boolean>>;
}

export interface LiveAccounts {
  readonly databases: readonly string[];
  readonly tables: readonly LiveTable[];
  readonly users: readonly string[];
  readonly permissions: readonly LivePermission[];
}

export interface GrantChange {
  readonly user: string;
  readonly grant: GrantPlan;
  /** What is in force now; undefined when nothing is. */
  readonly now: Rights | undefined;
}

export interface Revocation {
  readonly user: string;
  /** Primary key of the row. */
  readonly id: readonly string[];
  readonly scope: string;
  readonly now: Rights;
}

export interface AccountChanges {
  readonly newDatabases: readonly string[];
  readonly newUsers: readonly string[];
  readonly removedUsers: readonly string[];
  /** Users of the last run that are not wanted, there or not: that run may have been killed half way. */
  readonly formerUsers: readonly string[];
  readonly revocations: readonly Revocation[];
  readonly grants: readonly GrantChange[];
  /** Users that this stack does not manage, without the built-in ones. */
  readonly unmanaged: readonly string[];
}

/** @returns what grants need and neither the cluster nor the plan has, one sentence each. */
export function missingScopes(plan: AccountsPlan, live: LiveAccounts): readonly string[] {
  const problems: string[] = [];
  const known = new Set([SYSTEM_DB, ...plan.databases, ...live.databases]);
  for (const user of plan.users) {
    for (const { db, table } of user.grants) {
      if (db === null) continue;
      const where = `users "${user.name}": a grant names`;
      if (!known.has(db))
        problems.push(`${where} database "${db}", which is not there; add it to databases, or make it first`);
      // Tables of RethinkDB's own database have no row in table_config.
      else if (table !== null && db !== SYSTEM_DB && !hasTable(live, db, table)) {
        problems.push(`${where} table "${db}.${table}", which is not there; make it first, or grant on "${db}"`);
      }
    }
  }
  return problems;
}

/** @param before users that the last run managed. */
export function compareAccounts(plan: AccountsPlan, live: LiveAccounts, before: readonly string[]): AccountChanges {
  const wanted = new Set(plan.users.map(({ name }) => name));
  const existing = new Set(live.users);
  const databases = new Set(live.databases);
  const formerUsers = before.filter((name) => !wanted.has(name));
  const removedUsers = formerUsers.filter((name) => existing.has(name));
  const builtIn = ["admin", OPERATOR_USER];
  return {
    newDatabases: plan.databases.filter((name) => !databases.has(name)),
    newUsers: plan.users.map(({ name }) => name).filter((name) => !existing.has(name)),
    removedUsers,
    formerUsers,
    revocations: plan.users.flatMap(({ name, grants }) =>
      live.permissions
        .filter(({ id }) => id[0] === name)
        .map((row) => ({ user: name, id: row.id, scope: scopeOf(row), now: rightsOf(row.permissions) }))
        .filter(({ scope }) => !grants.some((grant) => scopeName(grant) === scope)),
    ),
    grants: plan.users.flatMap(({ name, grants }) =>
      grants.flatMap((grant) => {
        const row = live.permissions.find((found) => found.id[0] === name && scopeOf(found) === scopeName(grant));
        const now = row && rightsOf(row.permissions);
        return now && sameRights(now, grant.rights) ? [] : [{ user: name, grant, now }];
      }),
    ),
    unmanaged: live.users.filter(
      (name) => !wanted.has(name) && !builtIn.includes(name) && !removedUsers.includes(name),
    ),
  };
}

/** One line a difference, for a person; empty when there is none. Passwords are not among it. */
export function describeChanges(changes: AccountChanges): readonly string[] {
  return [
    ...changes.newDatabases.map((name) => `database "${name}" is missing`),
    ...changes.newUsers.map((name) => `user "${name}" is missing`),
    ...changes.removedUsers.map((name) => `user "${name}" is still there`),
    ...changes.revocations.map(
      ({ user, scope, now }) => `user "${user}" has ${describeRights(now)} on ${scope}, which is not granted here`,
    ),
    ...changes.grants.map(({ user, grant, now }) => {
      const has = now === undefined ? "nothing" : describeRights(now);
      return `user "${user}" has ${has} on ${scopeName(grant)} instead of ${describeRights(grant.rights)}`;
    }),
  ];
}

/** Users who may do less after the changes than before. */
export function lessTrusted(changes: AccountChanges): readonly string[] {
  const reduced = changes.grants.filter(({ grant, now }) =>
    RIGHTS.some((right) => loses(now?.[right] ?? null, grant.rights[right])),
  );
  const users = [
    ...changes.formerUsers,
    ...changes.revocations.map(({ user }) => user),
    ...reduced.map(({ user }) => user),
  ];
  return [...new Set(users)].filter((user) => !changes.newUsers.includes(user));
}

/** Where nothing was said a wider grant may have given it, so that a denial takes it away. */
function loses(now: boolean | null, then: boolean | null): boolean {
  return now !== then && then !== true;
}

function rightsOf(permissions: LivePermission["permissions"]): Rights {
  const right = (name: string): boolean | null => permissions[name] ?? null;
  return { read: right("read"), write: right("write"), connect: right("connect"), config: right("config") };
}

function sameRights(a: Rights, b: Rights): boolean {
  return RIGHTS.every((right) => a[right] === b[right]);
}

/** What a row is about. A database or table that was dropped has a name of RethinkDB's making, and no grant wants it. */
function scopeOf({ database, table }: LivePermission): string {
  return scopeName({ db: database ?? null, table: table ?? null });
}

function hasTable(live: LiveAccounts, db: string, table: string): boolean {
  return live.tables.some((known) => known.db === db && known.name === table);
}
