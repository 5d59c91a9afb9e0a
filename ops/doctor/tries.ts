/** What is tried on a cluster that this project did not make. */
import { DAY_MS } from "../../core/pki/expiry";
import { isRethinkDBError, r, RethinkDBErrorType } from "rethinkdb-ts";
import type { Duplex } from "node:stream";
import { CLUSTER_PORT } from "../../args/constants";
import type { Attempt } from "../../core/decide/audit/report";
import { hangUp } from "../cluster/session";
import { describe } from "../lib/failure";
import { found, held, needless } from "./probe";
import { helloInClear, httpGet, OLD_NAMES, oldHandshake, peerInClear, SILENT } from "./wire/clear";
import { offerOldVersion, offerWeakCiphers, OLD_VERSIONS, printable, WEAKNESSES } from "./wire/clientHello";
import { madeUpPair } from "./wire/madeUpPair";
import { beAPeer, look, speaksNoTls, wordsOf } from "./wire/tls";

export interface Target {
  readonly host: string;
  /** Of the driver. */
  readonly port: number;
}

const HTTP_PORT = 8080;
const LOGIN_SECONDS = 10;
const SECURE = "docs/security.md says how a cluster of this project does it";

export interface Try {
  readonly id: string;
  readonly port: (target: Target) => number;
  /** @param subject the address and port that was reached. */
  readonly act: (socket: Duplex, subject: string, target: Target) => Promise<Attempt>;
  /** What a closed port says: that nothing is to be had there, or that nothing is known. */
  readonly closed: "held" | "not-tried";
}

/** It was reached, and said nothing that tells. */
function unknown(subject: string, reason: string): Attempt {
  return { outcome: "not-tried", subject, reason, essential: true };
}

const driver = ({ port }: Target): number => port;
const cluster = (): number => CLUSTER_PORT;

const ALL: readonly Try[] = [
  {
    id: "port-8080",
    port: () => HTTP_PORT,
    closed: "held",
    act: async (socket, subject) => {
      const { status, heard } = await httpGet(socket, "/", ["Host: localhost"]);
      const says = status === 0 ? printable(heard) : `HTTP ${String(status)}`;
      return found(
        subject,
        "critical",
        `port 8080 is open and answers ${says}: who reaches it is admin`,
        `start the server with --no-http-admin; ${SECURE}`,
      );
    },
  },
  {
    id: "driver-clear",
    port: driver,
    closed: "not-tried",
    act: async (socket, subject) => {
      const { heard, speaks, silent } = await helloInClear(socket);
      if (silent) return unknown(subject, SILENT);
      if (!speaks) return held(subject, `it answers in clear with ${printable(heard)}`);
      return found(
        subject,
        "critical",
        `it answers in clear: ${printable(heard)}`,
        `give it --driver-tls-key and --driver-tls-cert; ${SECURE}`,
      );
    },
  },
  {
    id: "driver-old-handshake",
    port: driver,
    closed: "not-tried",
    act: async (socket, subject) => {
      const [newest = ""] = OLD_NAMES.slice(-1);
      const { heard, speaks, silent } = await oldHandshake(socket, newest);
      if (silent) return unknown(subject, SILENT);
      return speaks
        ? found(subject, "high", `it answers ${newest} in clear: ${printable(heard)}`, `give it TLS; ${SECURE}`)
        : held(subject, `${newest} is not answered in clear`);
    },
  },
  {
    id: "driver-tls",
    port: driver,
    closed: "not-tried",
    act: async (socket, subject) => {
      const shown = await look(socket, null);
      if ("failed" in shown) {
        return speaksNoTls(shown.failed)
          ? found(subject, "high", `it speaks no TLS: ${wordsOf(shown.failed)}`, `give it TLS; ${SECURE}`)
          : needless(subject, `there was no handshake: ${wordsOf(shown.failed)}`);
      }
      const days = Math.floor((Date.parse(shown.certificate.validTo) - Date.now()) / DAY_MS);
      const words = `${shown.protocol}, ${shown.cipher}, a certificate for ${shown.certificate.subjectAltName ?? "no name"}, ${String(days)} days left`;
      return days < 15 ? found(subject, "high", words, "renew the certificate") : held(subject, words);
    },
  },
  ...(["driver", "cluster"] as const).flatMap((name): readonly Try[] => {
    const port = name === "driver" ? driver : cluster;
    return [
      ...Object.entries(OLD_VERSIONS).map(([version, number]): Try => ({
        id: `${name}-old-tls`,
        port,
        closed: "not-tried",
        act: async (socket, subject) => {
          const answer = await offerOldVersion(socket, number);
          if (answer.kind === "silent") return unknown(subject, `${version}: ${answer.how}`);
          return answer.kind === "accepted"
            ? found(subject, "high", `it accepts ${version}`, "start it with --tls-min-protocol TLSv1.2")
            : held(subject, `${version}: ${answer.how}`);
        },
      })),
      ...WEAKNESSES.map((weakness): Try => ({
        id: `${name}-weak-ciphers`,
        port,
        closed: "not-tried",
        act: async (socket, subject) => {
          const answer = await offerWeakCiphers(socket, weakness);
          if (answer.kind === "silent") return unknown(subject, `${weakness}: ${answer.how}`);
          return answer.kind === "accepted"
            ? found(
                subject,
                "medium",
                `it accepts ciphers with ${weakness}`,
                "take --tls-ciphers from its command line",
              )
            : held(subject, `${weakness}: ${answer.how}`);
        },
      })),
    ];
  }),
  {
    id: "cluster-clear",
    port: cluster,
    closed: "held",
    act: async (socket, subject) => {
      const { heard, speaks, silent } = await peerInClear(socket);
      if (silent) return unknown(subject, SILENT);
      return speaks
        ? found(
            subject,
            "critical",
            `it greets peers in clear, and a peer is admin: ${printable(heard)}`,
            `give it --cluster-tls-key, --cluster-tls-cert and --cluster-tls-ca; ${SECURE}`,
          )
        : held(subject, `it says ${printable(heard)} in clear`);
    },
  },
  ...[
    { id: "cluster-no-certificate", pair: () => null },
    { id: "cluster-strangers-certificate", pair: madeUpPair },
  ].map(({ id, pair }): Try => ({
    id,
    port: cluster,
    closed: "held",
    act: async (socket, subject) => {
      const answer = await beAPeer(socket, pair());
      if (!answer.taken && answer.silent) return unknown(subject, answer.how);
      return answer.taken
        ? found(subject, "critical", "it takes the stranger for a peer, and a peer is admin", SECURE)
        : held(subject, `refused: ${answer.how}`);
    },
  })),
  ...[
    { id: "empty-password", password: "", what: "an empty password" },
    { id: "wrong-password", password: "this is no password", what: "a wrong password" },
  ].flatMap(({ id, password, what }) =>
    ["in clear", "over TLS"].map((way): Try => ({
      id,
      port: driver,
      closed: "not-tried",
      act: async (socket, _, target) => tryLogin(socket, target, password, `${what} ${way}`, way === "over TLS"),
    })),
  ),
];

export function tries(): readonly Try[] {
  return ALL;
}

/** The server is not verified: no secret is sent, and what it says is believed of itself alone. */
async function tryLogin(
  socket: Duplex,
  target: Target,
  password: string,
  what: string,
  tls: boolean,
): Promise<Attempt> {
  const subject = `${target.host}:${String(target.port)}`;
  // In clear the driver dials by itself.
  const server = tls ? { tls, socket, rejectUnauthorized: false } : { ...target };
  try {
    const connection = await r.connect({
      server,
      user: "admin",
      password,
      timeout: LOGIN_SECONDS,
      silent: true,
    });
    await hangUp(connection);
    const todo = "set one: r.db('rethinkdb').table('users').get('admin').update({password: …})";
    return found(subject, "critical", `admin may log in with ${what}`, todo);
  } catch (error) {
    socket.destroy();
    if (isRethinkDBError(error) && error.type === RethinkDBErrorType.AUTH) return held(subject, `${what} is refused`);
    return needless(subject, `there is no login with ${what}: ${describe(error).split("\n")[0] ?? ""}`);
  }
}
