/** A RethinkDB that is read or filled: one of this project, through docker exec, or any other by its address. */
import { type Connection, isRethinkDBError, r, RethinkDBErrorType } from "rethinkdb-ts";
import { Reach, type ReachTarget } from "../connect/findServer";
import { hangUp, type Login, logInThrough } from "../cluster/session";
import { describe, Failure } from "../lib/failure";

/** Seconds for a login. */
const LOGIN_SECONDS = 20;

export interface Source {
  /** Names it in a sentence. */
  readonly name: string;
  /** A connection of the caller's own. */
  readonly connect: () => Promise<Connection>;
}

/** @param cure what to do where the user is refused. */
export function clusterSource(target: ReachTarget, login: Login, cure: string): Source {
  const reach = new Reach(target, () => undefined);
  return {
    name: target.clusterName,
    connect: async () => {
      const { channel, server } = await reach.open();
      const attempt = await logInThrough(channel, login, LOGIN_SECONDS);
      if (attempt.kind === "open") return attempt.connection;
      if (attempt.kind === "refused") {
        throw new Failure(`backup: ${server} refuses user "${login.user}" with the stack's password; ${cure}`);
      }
      throw new Failure(`${server} does not answer: ${attempt.reason}`);
    },
  };
}

export interface Foreign {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** PEM; undefined is a connection without TLS. */
  readonly ca: string | undefined;
}

export function foreignSource({ host, port, user, password, ca }: Foreign): Source {
  const name = `${host}:${String(port)}`;
  return {
    name,
    connect: async () => {
      try {
        return await r.connect({
          server: { host, port, ...(ca === undefined ? {} : { tls: true, ca, servername: host }) },
          user,
          password,
          timeout: LOGIN_SECONDS,
          silent: true,
        });
      } catch (error) {
        if (isRethinkDBError(error) && error.type === RethinkDBErrorType.AUTH) {
          throw new Failure(
            `import: ${name} refuses user "${user}"; say the user with --user and the password in RETHINKDB_PASSWORD`,
          );
        }
        throw new Failure(`import: ${name} does not answer: ${describe(error)}`);
      }
    },
  };
}

/** Runs with a connection that is closed afterwards. */
export function withConnection<T>(source: Source, act: (connection: Connection) => Promise<T>): Promise<T> {
  return withConnections(source, 1, ([connection]) => act(connection));
}

/** A server works on each connection by a thread of its own. */
export async function withConnections<T>(
  source: Source,
  count: number,
  act: (connections: readonly [Connection, ...Connection[]]) => Promise<T>,
): Promise<T> {
  const open: [Connection, ...Connection[]] = [await source.connect()];
  try {
    while (open.length < count) open.push(await source.connect());
    return await act(open);
  } finally {
    await Promise.all(open.map(hangUp));
  }
}
