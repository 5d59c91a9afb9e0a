/** Old versions and weak ciphers, on one kind of port each. */
import type { DeclaredServer } from "../../../../core/decide/audit/declared";
import { found, held, onServers, type Probe, UP } from "../../probe";
import { NotTried, type Scene } from "../../scene/scene";
import { type HelloAnswer, offerOldVersion, offerWeakCiphers, OLD_VERSIONS, WEAKNESSES } from "../../wire/clientHello";
import { clusterPosition, driverPosition, onOpen, type Position, subjectOf } from "./positions";

interface Port {
  readonly name: "driver" | "cluster";
  readonly line: "driver-port" | "cluster-port";
  readonly position: (scene: Scene, server: DeclaredServer) => Promise<Position>;
}

const PORTS = {
  driver: { name: "driver", line: "driver-port", position: driverPosition },
  cluster: { name: "cluster", line: "cluster-port", position: clusterPosition },
} as const satisfies Record<string, Port>;

type Offer = (position: Position) => Promise<HelloAnswer>;

/** What each offer got; a port that speaks something else has no TLS to be old or weak. */
async function offerAll(
  scene: Scene,
  server: DeclaredServer,
  port: Port,
  offers: Readonly<Record<string, Offer>>,
): Promise<{ readonly subject: string; readonly accepted: readonly string[]; readonly refused: readonly string[] }> {
  const position = await port.position(scene, server);
  const answers = await Promise.all(
    Object.entries(offers).map(async ([what, offer]) => ({ what, answer: await offer(position) })),
  );
  const silent = answers.flatMap(({ what, answer }) => (answer.kind === "silent" ? [`${what}: ${answer.how}`] : []));
  const isAccepted = answers.some(({ answer }) => answer.kind === "accepted");
  if (!isAccepted && silent.length > 0) throw new NotTried(silent.join("; "));
  return {
    subject: subjectOf(server, position),
    accepted: answers.filter(({ answer }) => answer.kind === "accepted").map(({ what }) => what),
    refused: answers
      .filter(({ answer }) => answer.kind !== "accepted")
      .map(({ what, answer }) => `${what}: ${"how" in answer ? answer.how : ""}`),
  };
}

function oldTls(port: Port): Probe {
  const offers = Object.fromEntries(
    Object.entries(OLD_VERSIONS).map(([name, version]): [string, Offer] => [
      name,
      (position) => onOpen(position, (socket) => offerOldVersion(socket, version)),
    ]),
  );
  return {
    id: `${port.name}-old-tls`,
    line: port.line,
    tried: `offered each ${port.name} port ${Object.keys(OLD_VERSIONS).join(", ")} and nothing newer`,
    run: async (scene) =>
      onServers(scene, async (server) => {
        const { subject, accepted, refused } = await offerAll(scene, server, port, offers);
        return accepted.length === 0
          ? held(subject, refused.join("; "))
          : found(subject, "high", `it accepts ${accepted.join(", ")}`, UP);
      }),
  };
}

function weakCiphers(port: Port): Probe {
  const offers = Object.fromEntries(
    WEAKNESSES.map((weakness): [string, Offer] => [
      weakness,
      (position) => onOpen(position, (socket) => offerWeakCiphers(socket, weakness)),
    ]),
  );
  return {
    id: `${port.name}-weak-ciphers`,
    line: port.line,
    tried: `offered each ${port.name} port TLS 1.2 with weak ciphers alone: ${WEAKNESSES.join("; ")}`,
    run: async (scene) =>
      onServers(scene, async (server) => {
        const { subject, accepted, refused } = await offerAll(scene, server, port, offers);
        if (accepted.length === 0) return held(subject, refused.join("; "));
        const onlyOld = accepted.every((name) => name === WEAKNESSES.at(-1));
        return found(subject, onlyOld ? "medium" : "high", `it accepts ciphers with ${accepted.join("; ")}`, UP);
      }),
  };
}

export const DRIVER_OLD_TLS = oldTls(PORTS.driver);
export const CLUSTER_OLD_TLS = oldTls(PORTS.cluster);
export const DRIVER_WEAK_CIPHERS = weakCiphers(PORTS.driver);
export const CLUSTER_WEAK_CIPHERS = weakCiphers(PORTS.cluster);
