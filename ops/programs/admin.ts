/**
 * Makes the wanted admin password the one in force and keeps the operator's account. It can never lock itself out: when
 * neither the wanted password, nor the one it set last, nor the first server's one-time password is right, it becomes
 * admin the way a peer is (recovery).
 */
import { type Connection, r } from "rethinkdb-ts";
import { OPERATOR_USER } from "../../args/constants";
import { ADMIN, type AdminRequest } from "../../core/programs/admin";
import type { LiveServer } from "../docker/engine";
import { Failure, parseSecret } from "../lib/failure";
import { serversOf } from "../cluster/hosts";
import { Progress } from "../lib/progress";
import { recoverAdmin } from "../cluster/adminRecovery";
import { ask, type Attempt, hangUp, logIn, type Unreached } from "../cluster/session";
import { serve } from "../lib/served";

export const served = serve(ADMIN, admin);

/** Seconds a server's driver port may stay closed. */
const PATIENCE = 30;
/** The same where another server can be asked instead. */
const PATIENCE_WITH_OTHERS = 5;

type LogIn = (password: string) => Promise<Attempt>;

/** What it prints: a secret of the stack, so that the next run knows the password that it is to end. */
interface AdminRecord {
  readonly password: string;
  readonly operator: string;
  readonly incarnation: number;
}

export async function admin(request: AdminRequest): Promise<AdminRecord> {
  const progress = new Progress("admin");
  const last = lastRecord();
  const record = {
    password: request.adminPassword,
    operator: request.operator.password,
    incarnation: request.incarnation,
  };
  const reached = await reachAny(request);
  if (typeof reached === "string") {
    // Asked for another reason, such as new certificates, and what is wanted is what was set.
    if (JSON.stringify(last) !== JSON.stringify(record)) throw new Failure(reached);
    progress.say("no server answers yet; the passwords in force are those that were set last, and stay");
    return record;
  }
  const { server, asAdmin, wanted } = reached;
  const oneTime = await oneTimePassword(server);
  const olds = [last?.password, oneTime].filter(
    (old) => old !== undefined && old !== request.adminPassword,
  ) as string[];
  const connection = await becomeAdmin(request, server, progress, asAdmin, { wanted, olds });
  try {
    await keepOperator(request, server, connection);
  } finally {
    await hangUp(connection);
  }
  await proveRefused(asAdmin, "", "an empty password");
  for (const old of olds) await proveRefused(asAdmin, old, "the password before");
  await proveOperatorRefused(request, server);
  return record;
}

/** One of an earlier release says less. */
function lastRecord(): Partial<AdminRecord> | undefined {
  const text = process.env["PULUMI_COMMAND_STDOUT"];
  return text ? parseSecret<Partial<AdminRecord>>(text, "what the last run of admin printed") : undefined;
}

interface Reached {
  readonly server: LiveServer;
  readonly asAdmin: LogIn;
  /** What the wanted password got. */
  readonly wanted: Exclude<Attempt, Unreached>;
}

/**
 * Any server will do; one that is down or starts over and over leaves it to the next.
 * @returns why none can be asked, when none can.
 */
async function reachAny(request: AdminRequest): Promise<Reached | string> {
  const running = (await serversOf(request)).filter(({ state }) => state === "running");
  const { driverCa, client } = request.operator;
  let reason = `none runs`;
  for (const server of running) {
    const patience = running.length === 1 ? PATIENCE : PATIENCE_WITH_OTHERS;
    const asAdmin: LogIn = (password) =>
      logIn(server.engine, server.container, { driverCa, client, user: "admin", password }, patience);
    const wanted = await asAdmin(request.adminPassword);
    if (wanted.kind !== "unreached") return { server, asAdmin, wanted };
    reason = `${server.name} does not answer: ${wanted.reason}`;
  }
  return (
    `no server of ${request.clusterName} can be asked to set a password, ${reason}; ` +
    `look at docker logs ${request.clusterName}-n0, then run pulumi up again`
  );
}

async function becomeAdmin(
  request: AdminRequest,
  server: LiveServer,
  progress: Progress,
  asAdmin: LogIn,
  { wanted, olds }: { readonly wanted: Reached["wanted"]; readonly olds: readonly string[] },
): Promise<Connection> {
  if (wanted.kind === "open") return wanted.connection;
  const before = await firstAccepted(asAdmin, olds);
  if (before !== undefined) {
    progress.say("setting another password");
    await setPassword(before, request.adminPassword);
    await hangUp(before);
  } else {
    progress.say("another password is in force; setting it through a peer of our own");
    await recoverAdmin(request, server);
  }
  const now = await asAdmin(request.adminPassword);
  if (now.kind === "open") return now.connection;
  throw new Failure(
    `the admin password was set, but ${server.name} does not accept it yet (${now.kind === "refused" ? "refused" : now.reason}); run pulumi up again`,
  );
}

async function firstAccepted(asAdmin: LogIn, passwords: readonly string[]): Promise<Connection | undefined> {
  for (const password of passwords) {
    const attempt = await asAdmin(password);
    if (attempt.kind === "open") return attempt.connection;
  }
  return undefined;
}

/** RethinkDB prints it on its log at the first start; it is dead as soon as the real one is set. */
async function oneTimePassword({ engine, container }: LiveServer): Promise<string | undefined> {
  const { stdout } = await engine.try(["logs", container]);
  return /Generated random admin password: (\S+)/.exec(stdout)?.[1];
}

async function setPassword(connection: Connection, password: string): Promise<void> {
  // Without returnChanges, which would echo the password.
  const result = (await ask(connection, r.db("rethinkdb").table("users").get("admin").update({ password }))) as {
    readonly errors: number;
  };
  if (result.errors > 0) throw new Failure("RethinkDB refused the admin password; run pulumi up again");
}

async function keepOperator(request: AdminRequest, server: LiveServer, connection: Connection): Promise<void> {
  const { password, driverCa, client } = request.operator;
  const login = { user: OPERATOR_USER, password, driverCa, client };
  const known = await logIn(server.engine, server.container, login, PATIENCE);
  if (known.kind === "open") await hangUp(known.connection);
  else {
    const row = { id: OPERATOR_USER, password };
    const result = await ask(connection, r.db("rethinkdb").table("users").insert(row, { conflict: "update" }));
    if (result.errors > 0) throw new Failure(`RethinkDB refused the account ${OPERATOR_USER}; run pulumi up again`);
  }
  await ask(connection, r.grant(OPERATOR_USER, { config: true }));
  await Promise.all(
    request.operatorRights.map(({ table, rights }) =>
      ask(connection, r.db("rethinkdb").table(table).grant(OPERATOR_USER, rights)),
    ),
  );
}

/** @param which in words: a password is never part of a message. */
async function proveRefused(logInWith: LogIn, password: string, which: string, account = "admin"): Promise<void> {
  const attempt = await logInWith(password);
  if (attempt.kind === "open") {
    await hangUp(attempt.connection);
    throw new Failure(`the account ${account} still accepts ${which}; run pulumi up again`);
  }
  if (attempt.kind === "unreached") {
    throw new Failure(`it was not seen whether ${which} is refused: ${attempt.reason}; run pulumi up again`);
  }
}

async function proveOperatorRefused(request: AdminRequest, server: LiveServer): Promise<void> {
  const { previousPassword, driverCa, client } = request.operator;
  if (!previousPassword) return;
  const asOperator: LogIn = (password) =>
    logIn(server.engine, server.container, { user: OPERATOR_USER, password, driverCa, client }, PATIENCE);
  await proveRefused(asOperator, previousPassword, "the password before", OPERATOR_USER);
}
