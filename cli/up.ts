/** `npm run up [-- --nodes N]`: from nothing to a secure cluster on the local engine, or to more servers. */
import { MAX_NODES } from "../core/defaults";
import { Engine } from "../ops/engine";
import { LocalStack, PASSWORD_FILE } from "./localStack";
import { clearStale } from "./lock";
import { parseOptions, wholeNumber } from "./options";

export async function up(words: readonly string[]): Promise<number> {
  const options = parseOptions("up", words, { nodes: { type: "string" } });
  const nodes = wholeNumber("nodes", options["nodes"], 1, MAX_NODES);
  // Before anything is made: without an engine there is nothing to make it on.
  await new Engine(null).run(["version", "--format", "{{.Server.Version}}"]);
  const stack = new LocalStack();
  await stack.ensure();
  await clearStale(stack);
  if (nodes !== undefined) await stack.must(["config", "set", "nodes", String(nodes)]);
  const code = await stack.show(["up", "--yes"]);
  if (code !== 0) return code;
  const servers = await stack.output<readonly { name: string; driverEndpoint: string | null }[]>("servers");
  process.stdout.write(renderNextSteps(servers));
  return 0;
}

export function renderNextSteps(servers: readonly { name: string; driverEndpoint: string | null }[]): string {
  const endpoints = servers.map((server) => `  ${server.name}  ${server.driverEndpoint ?? "not published"}`);
  return [
    "",
    "The cluster is up: TLS on every port, a password on admin, no web UI.",
    ...endpoints,
    "",
    `Password of admin:  cat ${PASSWORD_FILE}`,
    `CA for clients:     npm run --silent pulumi -- stack output driverCaPem > rethinkdb-ca.pem`,
    `Ready to paste:     npm run --silent pulumi -- stack output connect`,
    `More servers:       npm run up -- --nodes ${String(servers.length + 2)}`,
    `Undo:               npm run destroy`,
    "",
  ].join("\n");
}
