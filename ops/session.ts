/** Logs in to a server: TLS through docker exec, verified against the driver CA end to end. */
import type { Duplex } from "node:stream";
import { type Connection, isRethinkDBError, r, RethinkDBErrorType } from "rethinkdb-ts";
import { DRIVER_PORT, OPERATOR_USER } from "../core/defaults";
import type { DriverAccess, OperatorLogin } from "../core/requests";
import { ExecChannel } from "./channel";
import type { Engine } from "./engine";
import { describe } from "./failure";

export interface Login extends DriverAccess {
  readonly user: string;
  readonly password: string;
}

export type Attempt =
  { readonly kind: "open"; readonly connection: Connection } | { readonly kind: "refused" } | Unreached;

export interface Unreached {
  readonly kind: "unreached";
  readonly reason: string;
}

/** As OpenSSL says it, of the certificate or of one above it. */
export function hasEnded({ reason }: Unreached): boolean {
  return /certificate has expired/i.test(reason);
}

/** @param patienceSeconds how long the server's driver port may stay closed. */
export async function logIn(
  engine: Engine,
  container: string,
  login: Login,
  patienceSeconds: number,
): Promise<Attempt> {
  return logInThrough(new ExecChannel(engine, container, DRIVER_PORT, patienceSeconds), login, patienceSeconds);
}

/** @param socket leads to a driver port, or will within the patience. */
export async function logInThrough(socket: Duplex, login: Login, patienceSeconds: number): Promise<Attempt> {
  try {
    const connection = await r.connect({
      server: { tls: true, socket, ...tlsOptions(login), servername: "localhost" },
      user: login.user,
      password: login.password,
      timeout: patienceSeconds + 10,
      silent: true,
    });
    return { kind: "open", connection };
  } catch (error) {
    socket.destroy();
    if (isRethinkDBError(error) && error.type === RethinkDBErrorType.AUTH) return { kind: "refused" };
    return { kind: "unreached", reason: describe(error) };
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

function tlsOptions({ driverCa, client }: DriverAccess): { ca: string; cert?: string; key?: string } {
  return { ca: driverCa, ...(client && { cert: client.certPem, key: client.keyPem }) };
}
