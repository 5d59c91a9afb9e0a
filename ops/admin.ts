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
import { type Attempt, logIn, logInAsOperator } from "./session";

/** Seconds a server's driver port may stay closed. */
const PATIENCE = 30;

/** Enough to judge health and to move shards; it can neither read data nor change accounts. */
const OPERATOR_RIGHTS = [
  { table: "server_status", rights: { read: true } },
  { table: "table_status", rights: { read: true } },
  { table: "current_issues", rights: { read: true } },
  { table: "table_config", rights: { read: true, write: true } },
  { table: "server_config", rights: { read: true, write: true } },
] as const;

export async function admin(request: AdminRequest): Promise<{ admin: "set" }> {
  const engine = new Engine(request.dockerHost);
  const progress = new Progress("admin");
  const server = await anyServer(engine, request);
  const asAdmin = (password: string): Promise<Attempt> =>
    logIn(engine, server.container, { user: "admin", password, driverCa: request.operator.driverCa }, PATIENCE);

  const connection = await becomeAdmin(engine, request, server, progress, asAdmin);
  try {
    await keepOperator(engine, request, server, connection);
  } finally {
    await connection.close({ noreplyWait: false });
  }
  await proveEmptyRefused(asAdmin);
  return { admin: "set" };
}

async function anyServer(engine: Engine, request: AdminRequest): Promise<LiveServer> {
  const server = (await engine.servers(request.identity)).find(({ state }) => state === "running");
  if (server === undefined) {
    throw new Failure(
      `no server of ${request.clusterName} runs, so no password can be set; look at docker logs ${request.clusterName}-n0`,
    );
  }
  return server;
}

async function becomeAdmin(
  engine: Engine,
  request: AdminRequest,
  server: LiveServer,
  progress: Progress,
  asAdmin: (password: string) => Promise<Attempt>,
): Promise<Connection> {
  const wanted = await asAdmin(request.adminPassword);
  if (wanted.kind === "open") return wanted.connection;
  if (wanted.kind === "unreached")
    throw new Failure(`${server.name} does not answer: ${wanted.reason}; run pulumi up again`);

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
    OPERATOR_RIGHTS.map(({ table, rights }) =>
      r.db("rethinkdb").table(table).grant(OPERATOR_USER, rights).run(connection),
    ),
  );
}

async function proveEmptyRefused(asAdmin: (password: string) => Promise<Attempt>): Promise<void> {
  const empty = await asAdmin("");
  if (empty.kind === "open") {
    await empty.connection.close({ noreplyWait: false });
    throw new Failure("the admin account still accepts an empty password; run pulumi up again");
  }
  if (empty.kind === "unreached") {
    throw new Failure(`nobody could see whether an empty password is refused: ${empty.reason}; run pulumi up again`);
  }
}
