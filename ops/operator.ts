/** Finds a server that answers the operator's account. */
import type { Connection } from "rethinkdb-ts";
import { OPERATOR_USER } from "../core/defaults";
import type { DriverAccess, OperatorLogin } from "../core/requests";
import type { ClientFileName, TlsFileName } from "../core/tlsFiles";
import type { LiveServer } from "./engine";
import { describe, Failure } from "./failure";
import type { Progress } from "./progress";
import { hasEnded, logInAsOperator } from "./session";

/** Seconds a server's driver port may stay closed before the next one is asked. */
const PATIENCE = 5;

/**
 * Acts on the first server that answers; one that goes away meanwhile makes room for the next.
 * @param who begins the sentence of a failure; where it is a server, that one may be the fault and fail.
 * @returns what `act` returned, or undefined when no server answers.
 * @throws Failure when servers answer and none of them can say: that is not the same as nobody there.
 */
export async function askCluster<T>(
  servers: readonly LiveServer[],
  loginTo: (server: LiveServer) => Promise<OperatorLogin>,
  who: { readonly name: string; readonly progress: Progress },
  act: (connection: Connection) => Promise<T>,
): Promise<T | undefined> {
  let unsaid: string | undefined;
  for (const server of servers.filter(({ state }) => state === "running")) {
    const attempt = await logInAsOperator(server.engine, server.container, await loginTo(server), PATIENCE);
    if (attempt.kind === "refused") {
      throw new Failure(
        `${who.name}: ${server.name} refuses the account ${OPERATOR_USER}, so nobody can tell what this would cost; ` +
          `nothing was touched; set the account again with pulumi up --target-replace '**-admin'`,
      );
    }
    if (attempt.kind !== "open") {
      if (hasEnded(attempt)) who.progress.say(`${server.name} cannot be asked: its certificate has ended`);
      continue;
    }
    try {
      return await act(attempt.connection);
    } catch (error) {
      if (error instanceof Failure) throw error;
      who.progress.say(`${server.name} cannot say: ${describe(error)}`);
      if (server.name !== who.name) unsaid = `${server.name}: ${describe(error)}`;
    } finally {
      await attempt.connection.close({ noreplyWait: false }).catch(() => undefined);
    }
  }
  if (unsaid === undefined) return undefined;
  throw new Failure(`${who.name}: the cluster cannot say what this would cost (${unsaid}); run pulumi up again`);
}

/** The server itself last: it may be the fault. */
export function withLast(servers: readonly LiveServer[], last: readonly string[]): readonly LiveServer[] {
  return [...servers.filter((s) => !last.includes(s.name)), ...servers.filter((s) => last.includes(s.name))];
}

/**
 * What a connection to a server takes, read from the server's own tls volume through Docker: for programs that run before
 * the deployment's CAs are known to them. Who controls Docker controls the volume.
 */
export async function accessTo({ engine, container }: LiveServer): Promise<DriverAccess> {
  const live = await engine.inspect<{ readonly Args: readonly string[] }>("container", container);
  const certificate = live?.Args[live.Args.indexOf("--driver-tls-cert") + 1] ?? "";
  const folder = certificate.replace(/[^/]*$/, "");
  const read = async (name: TlsFileName | ClientFileName): Promise<string> =>
    (await engine.try(["exec", container, "cat", `${folder}${name}`])).stdout;
  const driverCa = await read("driver-ca.pem");
  if (live?.Args.includes("--driver-tls-ca") !== true) return { driverCa, client: null };
  return { driverCa, client: { certPem: await read("client.pem"), keyPem: await read("client.key") } };
}
