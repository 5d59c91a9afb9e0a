/** Joining with another certificate than a member's. Beside each refusal stands that a member's own is accepted. */
import type { DeclaredServer } from "../../../../core/decide/audit/declared";
import { found, held, onServers, type Probe, UP } from "../../probe";
import { NotTried, type Scene } from "../../scene/scene";
import { beAPeer, type Pair } from "../../wire/tls";
import { madeUpPair } from "../../wire/madeUpPair";
import { clusterPosition, onOpen, subjectOf } from "./positions";

function asPeer(id: string, words: string, pairOf: (server: DeclaredServer, scene: Scene) => Pair | null): Probe {
  return {
    id,
    line: "cluster-port",
    tried: `tried to join each server over TLS ${words}`,
    run: async (scene) =>
      onServers(scene, async (server) => {
        const position = await clusterPosition(scene, server);
        await mustTakeMember(scene, server);
        const answer = await onOpen(position, (socket) => beAPeer(socket, pairOf(server, scene)));
        if (!answer.taken && answer.silent) throw new NotTried(answer.how);
        const subject = subjectOf(server, position);
        return answer.taken
          ? found(subject, "critical", "it takes the stranger for a peer, and a peer is admin", UP)
          : held(subject, `refused: ${answer.how}`);
      }),
  };
}

/** Without it a refusal says nothing. */
async function mustTakeMember(scene: Scene, server: DeclaredServer): Promise<void> {
  await scene.once(`member ${server.name}`, async () => {
    const position = await clusterPosition(scene, server);
    const own = pairIn(server, "cluster");
    const answer = await onOpen(position, (socket) => beAPeer(socket, own));
    if (!answer.taken)
      throw new NotTried(`it refuses a member's own certificate too (${answer.how}), so a refusal says nothing`);
  });
}

function pairIn({ files }: DeclaredServer, purpose: "cluster" | "driver"): Pair {
  return { certPem: files[`${purpose}.pem`] ?? "", keyPem: files[`${purpose}.key`] ?? "" };
}

export const NO_CERTIFICATE = asPeer("cluster-no-certificate", "without a certificate", () => null);
export const STRANGERS_CERTIFICATE = asPeer(
  "cluster-strangers-certificate",
  "with a certificate that a stranger signed",
  () => madeUpPair(),
);
export const DRIVER_CERTIFICATE = asPeer(
  "cluster-driver-certificate",
  "with a certificate of the driver CA",
  (server) => pairIn(server, "driver"),
);
