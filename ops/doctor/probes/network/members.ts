/** Who is in the cluster: servers that the stack does not declare, and proxies beyond the web UI's. */
import { held, found, type Probe, tryEach } from "../../probe";

export const MEMBERS: Probe = {
  id: "cluster-members",
  line: "cluster-port",
  tried: "asked the cluster for its servers and proxies",
  run: async (scene) =>
    tryEach(
      [scene.declared],
      () => "the cluster",
      async ({ servers, webUi }) => {
        const status = await scene.status();
        const names = servers.map(({ name }) => name);
        const strangers = status.servers.map(({ name }) => name).filter((name) => !names.includes(name));
        const peers = new Set(status.servers.flatMap(({ network }) => Object.keys(network.connected_to)));
        const proxies = [...peers].filter((peer) => !names.includes(peer) && !strangers.includes(peer));
        const expected = webUi === null ? 0 : 1;
        const todo =
          "stop it, then rotate the cluster CA, whose certificate it has: npx pulumi-rethinkdb rotate-ca cluster";
        return [
          ...strangers.map((name) =>
            found(name, "critical", "a server that the stack does not declare is a member", todo),
          ),
          ...(proxies.length > expected
            ? [
                found(
                  "the cluster",
                  "critical",
                  `${String(proxies.length)} proxies are connected and the stack declares ${String(expected)}: ${proxies.join(", ")}`,
                  todo,
                ),
              ]
            : []),
          held(
            "the cluster",
            `its servers are ${status.servers
              .map(({ name }) => name)
              .sort()
              .join(", ")}`,
          ),
        ];
      },
    ),
};
