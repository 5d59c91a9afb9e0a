/** Databases and users as they are wanted: every right spelled out, nothing optional any more. */
import { type AccountArgs, RIGHTS, scopeName } from "../../args/accounts";

export type Right = (typeof RIGHTS)[number];

/** True grants, false denies what a wider grant gives, null says nothing. */
export type Rights = Readonly<Record<Right, boolean | null>>;

export interface GrantPlan {
  /** Null is every database but RethinkDB's own. */
  readonly db: string | null;
  /** Null is every table of the database. */
  readonly table: string | null;
  readonly rights: Rights;
}

export interface UserPlan {
  readonly name: string;
  readonly grants: readonly GrantPlan[];
}

export interface AccountsPlan {
  readonly databases: readonly string[];
  readonly users: readonly UserPlan[];
}

/** Sorted: the order in which someone wrote accounts down changes nothing. */
export function planAccounts(args: Pick<AccountArgs, "databases" | "users">): AccountsPlan {
  const users = (args.users ?? []).map((user): UserPlan => ({
    name: user.name,
    grants: sorted(
      (user.grants ?? []).map(({ db, table, read, write, connect, config }): GrantPlan => ({
        db: db ?? null,
        table: table ?? null,
        rights: { read: read ?? null, write: write ?? null, connect: connect ?? null, config: config ?? null },
      })),
      scopeName,
    ),
  }));
  return { databases: [...(args.databases ?? [])].sort(), users: sorted(users, (user) => user.name) };
}

/** All rights of a user in one line, for a preview: `every database: read; orders.items: write, no config`. */
export function describeUser(user: UserPlan): string {
  if (user.grants.length === 0) return "no rights";
  return user.grants.map((grant) => `${scopeName(grant)}: ${describeRights(grant.rights)}`).join("; ");
}

export function describeRights(rights: Rights): string {
  return RIGHTS.filter((right) => rights[right] !== null)
    .map((right) => (rights[right] === true ? right : `no ${right}`))
    .join(", ");
}

function sorted<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  return [...values].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
