/** Driver and cluster port without TLS. */
import { found, held, onServers, type Probe, UP } from "../../probe";
import { helloInClear, OLD_NAMES, oldHandshake, peerInClear, SILENT } from "../../wire/clear";
import { printable } from "../../wire/clientHello";
import { NotTried } from "../../scene/scene";
import { look, speaksNoTls, wordsOf } from "../../wire/tls";
import { atDriverPositions, clusterPosition, driverPosition, onOpen, subjectOf } from "./positions";

export const DRIVER_CLEAR: Probe = {
  id: "driver-clear",
  line: "driver-port",
  tried: "spoke to each driver port in clear, with the handshake of today, where clients reach it",
  run: async (scene) =>
    atDriverPositions(scene, async (position, _, subject) => {
      const { heard, speaks, silent } = await onOpen(position, helloInClear);
      if (silent) throw new NotTried(SILENT);
      return speaks
        ? found(subject, "critical", `it answers in clear: ${printable(heard)}`, UP)
        : held(subject, `it answers in clear with ${printable(heard)}`);
    }),
};

export const DRIVER_TLS: Probe = {
  id: "driver-tls",
  line: "driver-port",
  tried: "opened a TLS session with each driver port, where clients reach it",
  run: async (scene) =>
    atDriverPositions(scene, async (position, _, subject) => {
      const shown = await onOpen(position, (socket) => look(socket, scene.declared.operator.client));
      if ("failed" in shown) {
        if (!speaksNoTls(shown.failed)) throw new NotTried(`there was no handshake: ${wordsOf(shown.failed)}`);
        return found(subject, "high", `it speaks no TLS: ${wordsOf(shown.failed)}`, UP);
      }
      return /^TLSv1\.[23]$/.test(shown.protocol)
        ? held(subject, `${shown.protocol}, ${shown.cipher}`)
        : found(subject, "high", `the session is ${shown.protocol}`, UP);
    }),
};

export const OLD_HANDSHAKE: Probe = {
  id: "driver-old-handshake",
  line: "driver-port",
  tried: `offered each driver port the handshakes ${OLD_NAMES.join(", ")} in clear, with a made-up key`,
  run: async (scene) =>
    onServers(scene, async (server) => {
      const position = await driverPosition(scene, server);
      const answers = await Promise.all(
        OLD_NAMES.map(async (name) => ({ name, ...(await onOpen(position, (socket) => oldHandshake(socket, name))) })),
      );
      const spoken = answers.filter(({ speaks }) => speaks);
      const subject = subjectOf(server, position);
      if (spoken.length === 0 && answers.some(({ silent }) => silent)) throw new NotTried(SILENT);
      if (spoken.length === 0) return held(subject, "none of them is answered");
      const [first] = spoken;
      const names = spoken.map(({ name }) => name).join(", ");
      const seen = `it answers ${names} in clear: ${printable(first?.heard ?? Buffer.alloc(0))}`;
      return found(subject, "high", seen, UP);
    }),
};

export const CLUSTER_CLEAR: Probe = {
  id: "cluster-clear",
  line: "cluster-port",
  tried: "connected to each cluster port in clear and listened for a peer's greeting, as a joiner without TLS does",
  run: async (scene) =>
    onServers(scene, async (server) => {
      const position = await clusterPosition(scene, server);
      const { heard, speaks, silent } = await onOpen(position, peerInClear);
      if (silent) throw new NotTried(SILENT);
      const subject = subjectOf(server, position);
      return speaks
        ? found(subject, "critical", `it greets peers in clear: ${printable(heard)}`, UP)
        : held(subject, `it says ${printable(heard)} in clear`);
    }),
};
