/**
 * Makes the wanted admin password the one in force and keeps the operator's account. It can never lock itself out: when
 * neither the wanted nor the first server's one-time password is right, it becomes admin the way a peer is (recovery).
 */
import { type Connection, r } from "rethinkdb-ts";
import { OPERATOR_USER } from "../core/defaults";
import type { AdminRequest } from "../core/requests";
import { Engine, type LiveServer } from "./engine";
import { Failure } from "./failure";
import { Progress } from "./progress";
import { recoverAdmin } from "./recovery";
import { type Attempt, logIn, logInAsOperator, type Unreached } from "./session";

/** Seconds a server's driver port may stay closed. */
const PATIENCE = 30;
/** The same where another server can be asked instead. */
const PATIENCE_WITH_OTHERS = 5;

type LogIn = (password: string) => Promise<Attempt>;

export async function admin(request: AdminRequest): Promise<{ admin: "set" }> {
  const engine = new Engine(request.dockerHost);
  const progress = new Progress("admin");
  const { server, asAdmin, wanted } = await reachAny(engine, request);
  const connection = await becomeAdmin(engine, request, server, progress, asAdmin, wanted);
  try {
    await keepOperator(engine, request, server, connection);
  } finally {
    await connection.close({ noreplyWait: false });
  }
  await proveEmptyRefused(asAdmin);
  return { admin: "set" };
}

interface Reached {
  readonly server: LiveServer;
  readonly asAdmin: LogIn;
  /** What the wanted password got. */
  readonly wanted: Exclude<Attempt, Unreached>;
}

/** Any server will do; one that is down or starts over and over leaves it to the next. */
async function reachAny(engine: Engine, request: AdminRequest): Promise<Reached> {
  const running = (await engine.servers(request.identity)).filter(({ state }) => state === "running");
  let reason = `none runs`;
  for (const server of running) {
    const patience = running.length === 1 ? PATIENCE : PATIENCE_WITH_OTHERS;
    const asAdmin: LogIn = (password) =>
      logIn(engine, server.container, { user: "admin", password, driverCa: request.operator.driverCa }, patience);
    const wanted = await asAdmin(request.adminPassword);
    if (wanted.kind !== "unreached") return { server, asAdmin, wanted };
    reason = `${server.name} does not answer: ${wanted.reason}`;
  }
  throw new Failure(
    `no server of ${request.clusterName} can be asked to set a password, ${reason}; ` +
      `look at docker logs ${request.clusterName}-n0, then run pulumi up again`,
  );
}

async function becomeAdmin(
  engine: Engine,
  request: AdminRequest,
  server: LiveServer,
  progress: Progress,
  asAdmin: LogIn,
  wanted: Reached["wanted"],
): Promise<Connection> {
  if (wanted.kind === "open") return wanted.connection;
  const oneTime = await oneTimePassword(engine, server);
  const first = oneTime === undefined ? undefined : await asAdmin(oneTime);
  if (first?.kind === "open") {
    progress.say("replacing the one-time password");
    await setPassword(first.connection, request.adminPassword);
    await first.connection.close({ noreplyWait: false });
  } else {
    progress.say("another password is in force; setting it through a peer of our own");
    await recoverAdmin(engine, request, server);
  }
  const now = await asAdmin(request.adminPassword);
  if (now.kind === "open") return now.connection;
  throw new Failure(
    `the admin password was set, but ${server.name} does not accept it yet (${now.kind === "refused" ? "refused" : now.reason}); run pulumi up again`,
  );
}

/** RethinkDB prints it on its log at the first start; it is dead as soon as the real one is set. */
async function oneTimePassword(engine: Engine, server: LiveServer): Promise<string | undefined> {
  const { stdout } = await engine.try(["logs", server.container]);
  return /Generated random admin password: (\S+)/.exec(stdout)?.[1];
}

async function setPassword(connection: Connection, password: string): Promise<void> {
  // Without returnChanges, which would echo the password.
  const result = (await r.db("rethinkdb").table("users").get("admin").update({ password }).run(connection)) as {
    readonly errors: number;
  };
  if (result.errors > 0) throw new Failure("RethinkDB refused the admin password; run pulumi up again");
}

async function keepOperator(
  engine: Engine,
  request: AdminRequest,
  server: LiveServer,
  connection: Connection,
): Promise<void> {
  const known = await logInAsOperator(engine, server.container, request.operator, PATIENCE);
  if (known.kind === "open") await known.connection.close({ noreplyWait: false });
  else {
    const row = { id: OPERATOR_USER, password: request.operator.password };
    const result = await r.db("rethinkdb").table("users").insert(row, { conflict: "update" }).run(connection);
    if (result.errors > 0) throw new Failure(`RethinkDB refused the account ${OPERATOR_USER}; run pulumi up again`);
  }
  await r.grant(OPERATOR_USER, { config: true }).run(connection);
  await Promise.all(
    request.operatorRights.map(({ table, rights }) =>
      r.db("rethinkdb").table(table).grant(OPERATOR_USER, rights).run(connection),
    ),
  );
}

async function proveEmptyRefused(asAdmin: LogIn): Promise<void> {
  const empty = await asAdmin("");
  if (empty.kind === "open") {
    await empty.connection.close({ noreplyWait: false });
    throw new Failure("the admin account still accepts an empty password; run pulumi up again");
  }
  if (empty.kind === "unreached") {
    throw new Failure(`nobody could see whether an empty password is refused: ${empty.reason}; run pulumi up again`);
  }
}
