/** An ordinary client at the local end of a tunnel. */
import { type Connection, r } from "rethinkdb-ts";

export async function connectThrough(port: number, password: string, ca: string): Promise<Connection> {
  return r.connect({
    server: { host: "127.0.0.1", port, tls: true, ca },
    user: "admin",
    password,
    // Fifty at once are fifty docker processes, and this machine may be busy.
    timeout: 90,
    silent: true,
  });
}
