/** What a person needs to know after an `up` and after a `destroy`. */
import type { ConnectSnippets } from "../../core/render/connect";
import { SERVES, type WholeReport } from "../../core/decide/serverStates";

export interface UpFacts {
  readonly servers: readonly { readonly name: string; readonly driverEndpoint: string | null }[];
  readonly allow: readonly string[];
  readonly found: WholeReport;
}

/** Ready to run or paste, in `.state/`. */
export const CONNECT_FILES = ["connect.js", "pool.js", "connect.py", "connect.sh", "driver-ca.pem"] as const;

export function connectFiles(connect: ConnectSnippets, driverCaPem: string): Readonly<Record<string, string>> {
  return {
    "connect.js": connect.javascript,
    "pool.js": connect.pool,
    "connect.py": connect.python,
    "connect.sh": connect.tools,
    "driver-ca.pem": driverCaPem,
  };
}

export function summarizeUp({ servers, allow, found }: UpFacts): string {
  const count = servers.length;
  const serving = servers.filter(({ name }) => found.states[name] === SERVES).length;
  const isWhole = found.problems.length === 0;
  const adopted = allow.indexOf("adopt-data");
  return [
    ``,
    !isWhole
      ? `${String(serving)} of ${String(count)} servers serve.`
      : count === 1
        ? `One server is up.`
        : `${String(count)} servers are up.`,
    ...servers.map(
      ({ name, driverEndpoint }) =>
        `  ${name}  ${driverEndpoint ?? "not published"}  ${found.states[name] ?? "has no container"}`,
    ),
    ``,
    ...(isWhole ? [] : ["The cluster is not whole:", ...found.problems.map((problem) => `  ! ${problem}`), ``]),
    ...rows([
      ["Password of admin", "cat .state/admin-password"],
      ["A query over TLS", "RETHINKDB_PASSWORD=$(cat .state/admin-password) node .state/connect.js"],
      ["All ways to connect", "npm run pulumi -- stack output connect  (as files: .state/connect.*)"],
      ["More servers", `npm run up -- --nodes ${String(nextOdd(count))}`],
      ["Remove, data stays", "npm run destroy"],
      ...(adopted < 0
        ? []
        : ([["Guard data again", `npm run pulumi -- config rm --path 'allow[${String(adopted)}]'`]] as const)),
    ]),
  ].join("\n");
}

/** Majorities want odd numbers. */
function nextOdd(count: number): number {
  return Math.min(63, count % 2 === 0 ? count + 1 : count + 2);
}

export interface DestroyFacts {
  readonly clusterName: string;
  readonly volumes: readonly string[];
  readonly allow: readonly string[];
}

export function summarizeDestroy({ clusterName, volumes, allow }: DestroyFacts): string {
  if (volumes.length === 0) return `\nThe cluster "${clusterName}" is gone, and no data volume is left.`;
  const adopt = allow.includes("adopt-data")
    ? "npm run up"
    : `npm run pulumi -- config set --path 'allow[${String(allow.length)}]' adopt-data && npm run up`;
  return [
    ``,
    `The cluster "${clusterName}" is gone. Its data is not: these volumes stay.`,
    ...volumes.map((volume) => `  ${volume}`),
    ``,
    ...rows([
      ["Start on them again", adopt],
      ["Delete them for ever", "npm run destroy -- --volumes"],
    ]),
  ].join("\n");
}

function rows(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([what]) => what.length));
  return pairs.map(([what, how]) => `${`${what}:`.padEnd(width + 3)}${how}`);
}
