/** TLS as an attacker and as a careful client speak it, over a connection that is there. */
import { type X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { clock, within } from "../../lib/poll";
import { isPeer } from "./clear";
import { listen } from "./vantage";

const HANDSHAKE_SECONDS = 10;
const SILENT_PEER = "it neither answered nor closed within 2 seconds";

export interface Shown {
  /** PEM of the leaf. */
  readonly certificate: X509Certificate;
  readonly protocol: string;
  readonly cipher: string;
}

/** What a server presents, before anything is trusted: nothing is sent, and nothing that it says is believed. */
export async function look(socket: Duplex, client: Pair | null): Promise<Shown | { readonly failed: string }> {
  return withTls(socket, { rejectUnauthorized: false, ...pairOf(client) }, async (tls) => {
    const raw = tls.getPeerX509Certificate();
    if (raw === undefined) return Promise.resolve({ failed: "it presented no certificate" });
    return Promise.resolve({
      certificate: raw,
      protocol: tls.getProtocol() ?? "",
      cipher: tls.getCipher().standardName,
    });
  });
}

/**
 * What a careful client does: verifies the certificate against a CA and the name that it dialled.
 * @returns null when it is accepted, else the reason.
 */
export async function verify(socket: Duplex, ca: string, name: string, client: Pair | null): Promise<string | null> {
  // A name that is an address is no SNI; it is checked all the same.
  const isAddress = /^[\d.]+$|:/.test(name);
  const options = { ca, rejectUnauthorized: true, ...(isAddress ? { host: name } : { servername: name, host: name }) };
  const answer = await withTls(socket, { ...options, ...pairOf(client) }, () => Promise.resolve({ failed: "" }));
  return "failed" in answer && answer.failed !== "" ? answer.failed : null;
}

export interface Pair {
  readonly certPem: string;
  readonly keyPem: string;
}

export type PeerAnswer =
  /** It was taken for a peer: RethinkDB's own header came back. */
  | { readonly taken: true }
  /** `silent`: it neither answered nor closed, so nothing is known. */
  | { readonly taken: false; readonly how: string; readonly silent: boolean };

/** Tries to be a peer. The server is not verified: an attacker does not care who it is. */
export async function beAPeer(socket: Duplex, pair: Pair | null): Promise<PeerAnswer> {
  const answer = await withTls(socket, { rejectUnauthorized: false, ...pairOf(pair) }, async (tls) => {
    let broken = "";
    tls.once("error", (error: NodeJS.ErrnoException) => (broken = error.code ?? error.message));
    // In TLS 1.3 a server refuses a client's certificate only after the handshake.
    const { heard, timedOut } = await listen(tls, 2000, isPeer);
    if (isPeer(heard)) return { taken: true } as const;
    if (timedOut && heard.length === 0) return { failed: SILENT_PEER };
    return { failed: broken || (heard.length > 0 ? "it said something else" : "closed without a word") };
  });
  if ("taken" in answer) return { taken: true };
  const failed = "failed" in answer ? answer.failed : "";
  return { taken: false, how: wordsOf(failed), silent: failed === SILENT_PEER || failed.startsWith("no answer in") };
}

/** One TLS session, closed at the end. */
export async function withTls<T>(
  socket: Duplex,
  options: ConnectionOptions,
  act: (tls: TLSSocket) => Promise<T>,
): Promise<T | { readonly failed: string }> {
  const tls = connect({ ...options, socket });
  // After the first error, more may come.
  tls.on("error", () => undefined);
  try {
    await within(HANDSHAKE_SECONDS, secured(tls, socket));
    return await act(tls);
  } catch (error) {
    return { failed: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  } finally {
    tls.destroy();
    // Its last words must not wait for the next turn of the event loop of a connection that is gone.
    await clock.sleep(0);
  }
}

async function secured(tls: TLSSocket, socket: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    tls.once("secureConnect", resolve);
    tls.once("error", reject);
    for (const event of ["end", "close"]) {
      socket.once(event, () => {
        // A refusal of our own closes it too, and says why a moment later.
        void clock.sleep(50).then(() => {
          reject(new Error("closed during the handshake"));
        });
      });
    }
  });
}

function pairOf(pair: Pair | null): ConnectionOptions {
  return pair === null ? {} : { cert: pair.certPem, key: pair.keyPem };
}

/** Whether a client's own check refused the certificate or its name; anything else says nothing of them. */
export function isRefusal(code: string): boolean {
  return /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/.test(code);
}

/** Whether what answered does not speak TLS; a connection that breaks says nothing of it. */
export function speaksNoTls(code: string): boolean {
  return /WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code);
}

/** OpenSSL's codes in words. */
export function wordsOf(code: string): string {
  return code
    .replace(/^ERR_SSL_/, "")
    .replace(/^(TLSV\d+|SSLV3)_ALERT_/, "alert ")
    .replace(/^TLSV13_ALERT_/, "alert ")
    .toLowerCase()
    .replaceAll("_", " ");
}
