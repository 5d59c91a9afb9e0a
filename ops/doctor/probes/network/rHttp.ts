/** `r.http` runs in the server: it reaches what the server reaches, its own loopback too. */
import { r } from "rethinkdb-ts";
import { ask } from "../../../cluster/session";
import { describe } from "../../../lib/failure";
import { NotTried } from "../../scene/scene";
import { found, held, type Probe, tryEach, UP } from "../../probe";

/** The server's own request found no one: curl's words. */
export function isUnreached(words: string): boolean {
  return /could(n't| not) connect|failed to connect|connection refused/i.test(words);
}

/** The query had no answer of the server: the driver's words. */
export function saysNothing(words: string): boolean {
  return /connection (is|was) closed|no answer in/i.test(words);
}

export const R_HTTP: Probe = {
  id: "r-http-get",
  line: "r-http",
  tried:
    "ran r.http to port 8080 of the server itself, of the other servers and of the web UI's peer, as admin, who may connect like an app with connect",
  run: async (scene) =>
    tryEach(
      [scene.declared],
      () => "the cluster",
      async ({ servers, containers, network }) =>
        scene.asAdmin(async (connection, asked) => {
          const addresses = [...servers.map(({ address }) => address)];
          for (const peer of containers.filter(({ role }) => role === "ui-peer")) {
            const { container } = scene.findRunning(peer);
            addresses.push(container.NetworkSettings.Networks[network]?.IPAddress ?? peer.name);
          }
          return tryEach(
            ["127.0.0.1", ...new Set(addresses)],
            (address) => `${asked.name} to ${address}`,
            async (address) => {
              const subject = `${asked.name} to ${address}`;
              const options = { timeout: 3, attempts: 1, resultFormat: "text" } as const;
              const refusal = await ask(connection, r.http(`http://${address}:8080/`, options)).then(
                () => null,
                (error: unknown) => describe(error),
              );
              if (refusal === null) return found(subject, "critical", "the server fetched a page of the web API", UP);
              const short = refusal.split("\n")[0]?.slice(0, 160) ?? "";
              if (saysNothing(short)) throw new NotTried(short);
              return isUnreached(short)
                ? held(subject, short)
                : found(subject, "high", `something answers on port 8080: ${short}`, UP);
            },
          );
        }),
    ),
};
