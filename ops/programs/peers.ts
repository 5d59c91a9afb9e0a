/** Writes every server's list of peers, which it dials whenever it starts. A running server reads nothing of it. */
import { renderJoinConf } from "../../core/render/joinConf";
import { PEERS, type PeerServer, type PeersRequest } from "../../core/programs/peers";
import { type Engine, firstLine } from "../docker/engine";
import { Failure } from "../lib/failure";
import { enginesOf } from "../cluster/hosts";
import { serve } from "../lib/served";

export const served = serve(PEERS, peers);

const SCRIPT = `
set -eu
while read -r name text; do
  printf %s "$text" | base64 -d > "/v/$name/join.conf.new"
  chmod 444 "/v/$name/join.conf.new"
  mv "/v/$name/join.conf.new" "/v/$name/join.conf"
done
sync`;

export async function peers(request: PeersRequest): Promise<{ peers: readonly string[] }> {
  await Promise.all(
    enginesOf(request).map(async ({ name, engine }) => {
      const here = request.servers.filter(({ host = "" }) => host === name);
      if (here.length > 0) await write(engine, request, here);
    }),
  );
  return { peers: request.servers.map((server) => server.peer) };
}

async function write(engine: Engine, request: PeersRequest, here: readonly PeerServer[]): Promise<void> {
  const lines = here.map(({ name, peer }) => {
    const others = request.servers.map((server) => server.peer).filter((other) => other !== peer);
    return `${name} ${Buffer.from(renderJoinConf(others)).toString("base64")}\n`;
  });
  const outcome = await engine.runHelper({
    image: request.image,
    helper: "peers",
    mounts: here.map(({ name, tlsVolume }) => `${tlsVolume}:/v/${name}`),
    capabilities: ["FOWNER", "DAC_OVERRIDE"],
    script: SCRIPT,
    args: [],
    stdin: lines.join(""),
  });
  if (outcome.code !== 0) throw new Failure(`cannot write the servers' lists of peers: ${firstLine(outcome.stderr)}`);
}
