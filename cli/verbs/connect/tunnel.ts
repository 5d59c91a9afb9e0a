/** `npx pulumi-rethinkdb tunnel`: a local port to the driver, over docker exec, until Ctrl-C. */
import { clientHost } from "../../../core/render/connect";
import { DEFAULTS } from "../../../args/shape/schema";
import { Failure } from "../../../ops/lib/failure";
import { toDriver, Tunnel, TUNNEL_ADDRESS } from "../../../ops/connect/tunnel";
import { type LiveCluster, readLiveCluster } from "../../stack/liveCluster";
import { parseOptions, wholeNumber } from "../../options";
import { untilStopped } from "./untilStopped";
import { writeFileDurably } from "../../stack/files";
import { CLUSTER_OPTIONS, type Verb } from "../../verb";

export const verb: Verb = {
  name: "tunnel",
  does: "Opens a local port to the cluster's drivers, until Ctrl-C.",
  options: {
    "--port": ["N", "the local port; 28015 by default, or a free one when that is taken"],
    "--ca": ["FILE", "write the CA there"],
    ...CLUSTER_OPTIONS,
  },
  examples: ["npx pulumi-rethinkdb tunnel", "npx pulumi-rethinkdb tunnel --port 28100 --stack dev --ca ca.pem"],
  run: tunnel,
};

export async function tunnel(project: string, argv: readonly string[]): Promise<number> {
  const options = parseOptions(verb, argv);
  const text = options.get("--port");
  const port = text === undefined ? undefined : wholeNumber("--port", text, 1, 65535);
  const cluster = await readLiveCluster(project, options);
  const file = options.get("--ca");
  if (file !== undefined) writeFileDurably(file, cluster.request.driverCa, 0o644);
  const open = await startTunnel(cluster, port);
  console.log(describeTunnel(open.port, file ?? (options.has("--stack") ? undefined : ".state/driver-ca.pem")));
  await untilStopped();
  await open.close();
  console.log("The tunnel is closed.");
  return 0;
}

/** @param port RethinkDB's own, or any free one where that is taken, when undefined. */
async function startTunnel({ request }: LiveCluster, port: number | undefined): Promise<Tunnel> {
  const say = (line: string): void => {
    console.log(line);
  };
  const start = (at: number): Promise<Tunnel> => Tunnel.start({ port: at, say, open: toDriver(request, say) });
  if (port !== undefined) return start(port);
  return start(DEFAULTS.driverPort).catch((error: unknown) => {
    if (error instanceof Failure && error.message.startsWith("--port")) return start(0);
    throw error;
  });
}

/** @param caFile where the CA lies; undefined when it was not written anywhere. */
export function describeTunnel(port: number, caFile: string | undefined): string {
  const where = `${TUNNEL_ADDRESS}:${String(port)}`;
  const host = clientHost(TUNNEL_ADDRESS);
  const ca = caFile ?? "ca.pem";
  return [
    ``,
    `${where} leads to the driver port of the cluster, over TLS; Ctrl-C ends it.`,
    ...(caFile === undefined
      ? [`Its CA: pulumi stack output driverCaPem > ${ca}  (or: --ca ${ca})`]
      : [`Its CA: ${ca}`]),
    ``,
    `  // Node.js: npm install rethinkdb-ts`,
    `  r.connect({ server: { host: "${host}", port: ${String(port)}, tls: true, ca: fs.readFileSync("${ca}") }, user, password })`,
    `  # Python: python3 -m venv .venv && .venv/bin/pip install rethinkdb`,
    `  r.connect(host="${host}", port=${String(port)}, ssl={"ca_certs": "${ca}"}, user=user, password=password)`,
    `  .venv/bin/rethinkdb-dump --connect ${host}:${String(port)} --tls-cert ${ca} --password`,
    ``,
  ].join("\n");
}
