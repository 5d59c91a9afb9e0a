/** Logs in to a server: TLS through docker exec, verified against the driver CA end to end. */
import type { Duplex } from "node:stream";
import { type Connection, isRethinkDBError, r, RethinkDBErrorType } from "rethinkdb-ts";
import { DRIVER_PORT, OPERATOR_USER } from "../../args/constants";
import type { DriverAccess, OperatorLogin } from "../../core/programs/parts/shared";
import { PortClosed } from "../docker/channel";
import type { Engine } from "../docker/engine";
import { describe } from "../lib/failure";
import { within } from "../lib/poll";

/** Seconds for the answer to one query: a frozen server keeps its connections and never answers. */
const QUERY_SECONDS = 30;
/** Seconds for the end of a connection; it ends with the program in any case. */
const CLOSE_SECONDS = 5;
/** Seconds for docker, TLS and the login, beside the time for which the port may stay closed. */
const LOGIN_SECONDS = 10;

export interface Login extends DriverAccess {
  readonly user: string;
  readonly password: string;
}

export type Attempt =
  { readonly kind: "open"; readonly connection: Connection } | { readonly kind: "refused" } | Unreached;

export interface Unreached {
  readonly kind: "unreached";
  readonly reason: string;
  /** The driver port was tried from inside the container, and nothing listened: it serves no client. */
  readonly closed: boolean;
}

/** As OpenSSL says it by the clock of this machine, of the certificate or of one above it. */
export function saysExpired({ reason }: Unreached): boolean {
  return /certificate has expired/i.test(reason);
}

/** @param patienceSeconds how long the server's driver port may stay closed. */
export async function logIn(
  engine: Engine,
  container: string,
  login: Login,
  patienceSeconds: number,
): Promise<Attempt> {
  return logInThrough(engine.channel(container, DRIVER_PORT, patienceSeconds), login, patienceSeconds);
}

/** @param socket leads to a driver port, or will within the patience. */
export async function logInThrough(socket: Duplex, login: Login, patienceSeconds: number): Promise<Attempt> {
  let broken: unknown;
  socket.once("error", (error) => {
    broken = error;
  });
  try {
    const connection = await r.connect({
      server: { tls: true, socket, ...tlsOptions(login), servername: "localhost" },
      user: login.user,
      password: login.password,
      timeout: patienceSeconds + LOGIN_SECONDS,
      silent: true,
    });
    return { kind: "open", connection };
  } catch (error) {
    socket.destroy();
    if (isRethinkDBError(error) && error.type === RethinkDBErrorType.AUTH) return { kind: "refused" };
    return { kind: "unreached", reason: describe(broken ?? error), closed: broken instanceof PortClosed };
  }
}

/** Between the two runs of a change of its password, or within one, either may be in force. */
export async function logInAsOperator(
  engine: Engine,
  container: string,
  operator: OperatorLogin,
  patienceSeconds: number,
): Promise<Attempt> {
  const { previousPassword, ...login } = { user: OPERATOR_USER, ...operator };
  const attempt = await logIn(engine, container, login, patienceSeconds);
  if (attempt.kind !== "refused" || !previousPassword) return attempt;
  return logIn(engine, container, { ...login, password: previousPassword }, patienceSeconds);
}

/**
 * Runs one query.
 * @throws Error when no answer comes in 30 seconds.
 */
export async function ask<T>(
  connection: Connection,
  query: { readonly run: (connection: Connection) => Promise<T> },
): Promise<T> {
  return within(QUERY_SECONDS, query.run(connection));
}

export async function hangUp(connection: Connection): Promise<void> {
  await within(CLOSE_SECONDS, connection.close({ noreplyWait: false })).catch(() => undefined);
}

function tlsOptions({ driverCa, client }: DriverAccess): { ca: string; cert?: string; key?: string } {
  return { ca: driverCa, ...(client && { cert: client.certPem, key: client.keyPem }) };
}
