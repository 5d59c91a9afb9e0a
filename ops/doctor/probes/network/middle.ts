/** What a careful client sees: each certificate verifies against the driver CA and the name dialled, and against nothing else. */
import { X509Certificate } from "node:crypto";
import type { DeclaredServer } from "../../../../core/decide/audit/declared";
import { splitPems } from "../../../../core/pki/readCa";
import { found, held, onServers, type Probe, UP } from "../../probe";
import { NotTried, type Scene } from "../../scene/scene";
import { isRefusal, look, type Shown, verify, wordsOf } from "../../wire/tls";
import { madeUpPair } from "../../wire/madeUpPair";
import { atDriverPositions, clusterPosition, driverPosition, onOpen, type Position, subjectOf } from "./positions";

export const DRIVER_IDENTITY: Probe = {
  id: "driver-identity",
  line: "middle",
  tried: "verified each driver port against the driver CA and the name or address that a client dials",
  run: async (scene) =>
    atDriverPositions(scene, async (position, server, subject) => {
      const { driverCa, client } = scene.declared.operator;
      const name = position.port === server.publish?.port ? position.host : server.container;
      const refusal = await onOpen(position, (socket) => verify(socket, driverCa, name, client));
      if (refusal !== null && !isRefusal(refusal)) throw new NotTried(`there was no handshake: ${wordsOf(refusal)}`);
      return refusal === null
        ? held(subject, `the driver CA verifies it as ${name}`)
        : found(subject, "high", `a client that dials ${name} refuses it: ${wordsOf(refusal)}`, UP);
    }),
};

export const FOREIGN_CA: Probe = {
  id: "driver-foreign-ca",
  line: "middle",
  tried: "verified each driver port as a client that trusts a stranger's CA, the cluster CA, or dials another name",
  run: async (scene) =>
    onServers(scene, async (server) => {
      const position = await driverPosition(scene, server);
      const { driverCa, client } = scene.declared.operator;
      const attempts = {
        "a stranger's CA": await onOpen(position, (s) => verify(s, madeUpPair().certPem, server.container, client)),
        "the cluster CA": await onOpen(position, (s) =>
          verify(s, server.files["cluster-ca.pem"] ?? "", server.container, client),
        ),
        "the name example.org": await onOpen(position, (s) => verify(s, driverCa, "example.org", client)),
      };
      const unclear = Object.entries(attempts).find(([, refusal]) => refusal !== null && !isRefusal(refusal));
      if (unclear !== undefined)
        throw new NotTried(`with ${unclear[0]} there was no handshake: ${wordsOf(unclear[1] ?? "")}`);
      const accepted = Object.entries(attempts).filter(([, refusal]) => refusal === null);
      const subject = subjectOf(server, position);
      return accepted.length === 0
        ? held(
            subject,
            Object.entries(attempts)
              .map(([what, refusal]) => `${what}: ${wordsOf(refusal ?? "")}`)
              .join("; "),
          )
        : found(subject, "high", `a client accepts it with ${accepted.map(([what]) => what).join(" and ")}`, UP);
    }),
};

interface Kind {
  readonly port: "driver" | "cluster";
  readonly position: (scene: Scene, server: DeclaredServer) => Promise<Position>;
}

async function shownAt(scene: Scene, server: DeclaredServer, { port, position }: Kind): Promise<Shown> {
  return scene.once(`shown ${server.name} ${port}`, async () => {
    const client = port === "driver" ? scene.declared.operator.client : null;
    const shown = await onOpen(await position(scene, server), (socket) => look(socket, client));
    if ("failed" in shown) throw new NotTried(`its ${port} port opens no TLS session: ${shown.failed}`);
    return shown;
  });
}

function presented(port: "driver" | "cluster", position: Kind["position"], line: "middle" | "cluster-port"): Probe {
  return {
    id: `${port}-certificate`,
    line,
    tried: `compared the certificate that each ${port} port presents with the declared one, and its names`,
    run: async (scene) =>
      onServers(scene, async (server) => {
        const { certificate } = await shownAt(scene, server, { port, position });
        const [own = ""] = splitPems(server.files[`${port}.pem`] ?? "");
        const declared = new X509Certificate(own);
        const subject = `${server.name} ${port} port`;
        if (certificate.fingerprint256 === declared.fingerprint256) {
          return held(subject, `it is the declared one, for ${certificate.subjectAltName ?? "no name"}`);
        }
        const signer = splitPems(server.files[`${port}-ca.pem`] ?? "").some((pem) => {
          const ca = new X509Certificate(pem);
          return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
        });
        const more = namesOf(certificate).filter((name) => !namesOf(declared).includes(name));
        const names = more.length === 0 ? "" : `, and has the further names ${more.join(", ")}`;
        return found(
          subject,
          signer ? "medium" : "critical",
          `it presents another certificate than the declared one, ${signer ? "of the same CA" : `signed by ${oneLine(certificate.issuer)}`}${names}`,
          UP,
        );
      }),
  };
}

function namesOf({ subjectAltName }: X509Certificate): readonly string[] {
  return (subjectAltName ?? "").split(", ").filter(Boolean);
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}

export const DRIVER_PRESENTED = presented("driver", driverPosition, "middle");
export const CLUSTER_PRESENTED = presented("cluster", clusterPosition, "cluster-port");
