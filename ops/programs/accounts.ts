/**
 * Makes databases, users and their grants what the stack says: missing ones are made, rights beyond are revoked, users
 * that left the stack are removed. Databases are never dropped, and users that were never the stack's left alone.
 */
import { type Connection, r, type RDatum } from "rethinkdb-ts";
import {
  type AccountChanges,
  compareAccounts,
  describeChanges,
  lessTrusted,
  type LiveAccounts,
  type LivePermission,
  missingScopes,
} from "../../core/decide/accountChanges";
import { describeUser, type GrantPlan } from "../../core/plan/accounts";
import { RIGHTS, scopeName } from "../../args/accounts";
import { SYSTEM_DB } from "../../args/constants";
import { ACCOUNTS, type AccountsRequest } from "../../core/programs/accounts";
import type { DriverAccess } from "../../core/programs/parts/shared";
import type { LiveServer } from "../docker/engine";
import { describe, Failure } from "../lib/failure";
import { serversOf } from "../cluster/hosts";
import { Progress } from "../lib/progress";
import { ask, type Attempt, hangUp, logIn } from "../cluster/session";
import { serve } from "../lib/served";

export const served = serve(ACCOUNTS, accounts);

/** Seconds a server's driver port may stay closed. */
const PATIENCE = 30;
/** Logins at once: each is a process of its own. */
const LOGINS = 8;

/** What the last run managed: who is in it and not in the request was taken out of the stack. */
export interface AccountsRecord {
  readonly databases: readonly string[];
  readonly users: readonly string[];
}

/** What is not as the stack says. */
export interface AccountsDrift {
  /** One line each. */
  readonly lines: readonly string[];
  readonly unmanaged: readonly string[];
}

export async function accounts(request: AccountsRequest): Promise<AccountsRecord> {
  return reconcile(request, previousRecord()?.users ?? []);
}

/** @param before users that the stack managed so far. */
export async function reconcile(request: AccountsRequest, before: readonly string[]): Promise<AccountsRecord> {
  const record = { databases: request.databases, users: request.users.map(({ name }) => name) };
  const nothing = request.databases.length === 0 && request.users.length === 0 && before.length === 0;
  if (nothing) return record;
  const progress = new Progress("accounts");
  await withAdmin(request, async (connection, server) => {
    const changes = await judge(request, connection, before);
    const stale = await wrongPasswords(server, request, changes.newUsers);
    await apply(request, connection, changes, stale, progress);
    if (changes.unmanaged.length > 0) {
      progress.say(`not of this stack and left alone: ${changes.unmanaged.join(", ")}`);
    }
  });
  return record;
}

/** Looks and changes nothing. */
export async function findDrift(request: AccountsRequest, before: readonly string[]): Promise<AccountsDrift> {
  return withAdmin(request, async (connection, server) => {
    const changes = compareAccounts(request, await readAccounts(connection), before);
    const stale = await wrongPasswords(server, request, changes.newUsers);
    const lines = [...describeChanges(changes), ...stale.map((name) => `user "${name}" has another password`)];
    return { lines, unmanaged: changes.unmanaged };
  });
}

function previousRecord(): AccountsRecord | undefined {
  const text = process.env["PULUMI_COMMAND_STDOUT"];
  return text ? (JSON.parse(text) as AccountsRecord) : undefined;
}

async function withAdmin<T>(
  request: AccountsRequest,
  act: (connection: Connection, server: LiveServer) => Promise<T>,
): Promise<T> {
  const running = (await serversOf(request)).filter(({ state }) => state === "running");
  const reasons: string[] = [];
  for (const server of running) {
    const attempt = await asUser(server, request, "admin", request.adminPassword);
    if (attempt.kind === "refused") {
      throw new Failure(
        "accounts: RethinkDB refuses the stack's admin password, someone changed it; nothing was touched; " +
          "set it again with pulumi up --target-replace '**-admin', then run pulumi up again",
      );
    }
    if (attempt.kind === "unreached") {
      reasons.push(`${server.name} does not answer: ${attempt.reason}`);
      continue;
    }
    try {
      return await act(attempt.connection, server);
    } finally {
      await hangUp(attempt.connection);
    }
  }
  throw new Failure(
    `accounts: no server of ${request.clusterName} answers (${reasons.join("; ") || "none runs"}); nothing was touched; ` +
      `look at docker logs ${request.clusterName}-n0, then run pulumi up again`,
  );
}

async function asUser(server: LiveServer, request: AccountsRequest, user: string, password: string): Promise<Attempt> {
  return logIn(server.engine, server.container, { ...accessOf(request), user, password }, PATIENCE);
}

function accessOf({ driverCa, client }: DriverAccess): DriverAccess {
  return { driverCa, client };
}

/** Everything that cannot be done is said before anything is. */
async function judge(
  request: AccountsRequest,
  connection: Connection,
  before: readonly string[],
): Promise<AccountChanges> {
  const live = await readAccounts(connection);
  const problems = missingScopes(request, live);
  if (problems.length > 0) throw new Failure(`${problems.join("\n")}\nno account was touched`);
  return compareAccounts(request, live, before);
}

export async function readAccounts(connection: Connection): Promise<LiveAccounts> {
  const table = <T>(name: string): Promise<T[]> => ask(connection, r.db(SYSTEM_DB).table<T>(name).coerceTo("array"));
  const [databases, tables, users, permissions] = await Promise.all([
    table<{ name: string }>("db_config"),
    table<{ db: string; name: string }>("table_config"),
    table<{ id: string }>("users"),
    table<LivePermission>("permissions"),
  ]);
  return {
    databases: databases.map(({ name }) => name),
    tables,
    users: users.map(({ id }) => id).sort(),
    permissions,
  };
}

/** Setting a password is never seen to change nothing, and knocks at no open connection; so it is tried first. */
async function wrongPasswords(
  server: LiveServer,
  request: AccountsRequest,
  fresh: readonly string[],
): Promise<readonly string[]> {
  const rest = request.users.map(({ name }) => name).filter((name) => !fresh.includes(name));
  const wrong: string[] = [];
  const worker = async (): Promise<void> => {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      const attempt = await asUser(server, request, name, request.passwords[name] ?? "");
      if (attempt.kind === "open") await hangUp(attempt.connection);
      else if (attempt.kind === "refused") wrong.push(name);
      else throw new Failure(`accounts: ${server.name} does not answer: ${attempt.reason}; run pulumi up again`);
    }
  };
  await Promise.all(Array.from({ length: LOGINS }, worker));
  return wrong.sort();
}

/** What takes rights away comes before what gives them. */
async function apply(
  request: AccountsRequest,
  connection: Connection,
  changes: AccountChanges,
  stale: readonly string[],
  progress: Progress,
): Promise<void> {
  const users = r.db(SYSTEM_DB).table("users");
  for (const name of changes.removedUsers) {
    await mustWrite(ask(connection, users.get(name).delete()), `remove user "${name}"`);
    progress.say(`removed user "${name}"`);
  }
  for (const { user, id, scope } of changes.revocations) {
    const row = r
      .db(SYSTEM_DB)
      .table("permissions")
      .get([...id]);
    await mustWrite(ask(connection, row.delete()), `revoke what user "${user}" has on ${scope}`);
    progress.say(`revoked all of user "${user}" on ${scope}`);
  }
  for (const name of changes.newDatabases) {
    await ask(connection, r.dbCreate(name)).catch(refusal(`make database "${name}"`));
    progress.say(`made database "${name}"`);
  }
  for (const name of [...changes.newUsers, ...stale]) {
    const row = { id: name, password: request.passwords[name] ?? "" };
    await mustWrite(ask(connection, users.insert(row, { conflict: "update" })), `set the password of user "${name}"`);
    if (stale.includes(name)) progress.say(`set the password of user "${name}"`);
  }
  for (const { user, grant } of changes.grants) {
    await setGrant(connection, user, grant).catch(refusal(`grant to user "${user}" on ${scopeName(grant)}`));
  }
  for (const user of lessTrusted(changes)) {
    const ended = await endQueries(connection, user);
    if (ended > 0) progress.say(`ended what user "${user}" was running`);
  }
  for (const user of request.users) {
    const fresh = changes.newUsers.includes(user.name);
    if (fresh || changes.grants.some((change) => change.user === user.name)) {
      progress.say(`${fresh ? "made" : "changed"} user "${user.name}": ${describeUser(user)}`);
    }
  }
}

async function setGrant(connection: Connection, user: string, { db, table, rights }: GrantPlan): Promise<unknown> {
  // RethinkDB knows connect only where no database is named; null takes away what is there.
  const known = RIGHTS.filter((right) => right !== "connect" || db === null);
  const options = Object.fromEntries(known.map((right) => [right, rights[right]])) as Record<string, boolean>;
  if (db === null) return ask(connection, r.grant(user, options));
  if (table === null) return ask(connection, r.db(db).grant(user, options));
  return ask(connection, r.db(db).table(table).grant(user, options));
}

/**
 * RethinkDB looks at rights when a query starts: a changefeed that is open goes on for ever, whatever is revoked, even
 * when its user is gone. So queries of who lost something are ended; a connection stays open and may do nothing more.
 */
async function endQueries(connection: Connection, user: string): Promise<number> {
  const jobs = r.db(SYSTEM_DB).table("jobs");
  const own = jobs.filter((job: RDatum) => job("type").eq("query").and(job("info")("user").eq(user)));
  const { deleted } = await mustWrite(ask(connection, own.delete()), `end the queries of user "${user}"`);
  return deleted;
}

/** A refusal's own words are not repeated for rows that hold a password. */
async function mustWrite<T extends { readonly errors: number }>(written: Promise<T>, what: string): Promise<T> {
  const result = await written.catch(refusal(what));
  if (result.errors > 0) throw new Failure(`accounts: RethinkDB did not ${what}; run pulumi up again`);
  return result;
}

function refusal(what: string): (error: unknown) => never {
  return (error) => {
    throw new Failure(`accounts: RethinkDB did not ${what}: ${describe(error)}; run pulumi up again`);
  };
}
