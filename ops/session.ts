/** Logs in to a server: TLS through docker exec, verified against the driver CA end to end. */
import type { Duplex } from "node:stream";
import { type Connection, isRethinkDBError, r, RethinkDBErrorType } from "rethinkdb-ts";
import { DRIVER_PORT, OPERATOR_USER } from "../core/defaults";
import type { OperatorLogin } from "../core/requests";
import { ExecChannel } from "./channel";
import type { Engine } from "./engine";
import { describe } from "./failure";

export interface Login {
  readonly user: string;
  readonly password: string;
  /** PEM bundle that verifies the server. */
  readonly driverCa: string;
}

export type Attempt =
  { readonly kind: "open"; readonly connection: Connection } | { readonly kind: "refused" } | Unreached;

export interface Unreached {
  readonly kind: "unreached";
  readonly reason: string;
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
      server: { tls: true, socket, ca: login.driverCa, servername: "localhost" },
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

export async function logInAsOperator(
  engine: Engine,
  container: string,
  operator: OperatorLogin,
  patienceSeconds: number,
): Promise<Attempt> {
  return logIn(engine, container, { user: OPERATOR_USER, ...operator }, patienceSeconds);
}
