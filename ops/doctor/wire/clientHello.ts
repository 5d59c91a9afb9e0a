/** The first message of a TLS client, written by hand: a library of today offers none of what an old or weak client does. */
import { randomBytes } from "node:crypto";
import { listen } from "./vantage";
import type { Duplex } from "node:stream";

export const OLD_VERSIONS = { "SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302 } as const;
const TLS_1_2 = 0x0303;

/** Of all versions before TLS 1.2; what a client of then would offer. */
const OLD_CIPHERS = [
  0xc00a, 0xc009, 0xc014, 0xc013, 0x0039, 0x0033, 0x0038, 0x0032, 0x0035, 0x002f, 0xc008, 0xc012, 0x0016, 0x000a,
  0x0005, 0x0004,
] as const;

/** By what is wrong with them. */
const WEAK_CIPHERS = {
  "no encryption": [0x0001, 0x0002, 0x003b, 0xc006, 0xc010, 0xc001, 0xc00b],
  "no authentication": [
    0x0018, 0x001b, 0x0034, 0x003a, 0x006c, 0x006d, 0x00a6, 0x00a7, 0xc015, 0xc016, 0xc017, 0xc018, 0xc019,
  ],
  "export, RC4, DES or 3DES": [
    0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0062, 0x0064, 0x0004, 0x0005, 0xc002, 0xc007, 0xc00c,
    0xc011, 0x0009, 0x000c, 0x000f, 0x0012, 0x0015, 0x000a, 0x000d, 0x0010, 0x0013, 0x0016, 0xc003, 0xc008, 0xc00d,
    0xc012,
  ],
  "CBC with SHA-1 or without forward secrecy": [
    0x002f, 0x0035, 0x003c, 0x003d, 0x009c, 0x009d, 0xc009, 0xc00a, 0xc013, 0xc014, 0xc004, 0xc005, 0xc00e, 0xc00f,
    0x0033, 0x0039, 0x0032, 0x0038,
  ],
} as const;

export const WEAKNESSES = Object.keys(WEAK_CIPHERS) as readonly (keyof typeof WEAK_CIPHERS)[];

export type HelloAnswer =
  /** It goes on with this version and cipher. */
  | { readonly kind: "accepted"; readonly version: number; readonly cipher: number }
  | { readonly kind: "refused"; readonly how: string }
  /** Nothing is known of it. */
  | { readonly kind: "silent"; readonly how: string }
  /** Something that is not TLS. */
  | { readonly kind: "other"; readonly how: string };

const ALERTS: Readonly<Record<number, string>> = {
  40: "handshake failure",
  70: "protocol version",
  71: "insufficient security",
  80: "internal error",
  86: "inappropriate fallback",
};

const LISTEN_MS = 3000;

export async function offerOldVersion(socket: Duplex, version: number): Promise<HelloAnswer> {
  return offer(socket, version, OLD_CIPHERS);
}

export async function offerWeakCiphers(socket: Duplex, weakness: keyof typeof WEAK_CIPHERS): Promise<HelloAnswer> {
  return offer(socket, TLS_1_2, WEAK_CIPHERS[weakness]);
}

async function offer(socket: Duplex, version: number, ciphers: readonly number[]): Promise<HelloAnswer> {
  socket.write(clientHello(version, ciphers));
  const { heard, timedOut } = await listen(
    socket,
    LISTEN_MS,
    (bytes) => bytes.length >= 5 + (bytes.length >= 5 ? bytes.readUInt16BE(3) : 0),
  );
  if (timedOut && heard.length === 0) {
    return { kind: "silent", how: `it neither answered nor closed within ${String(LISTEN_MS / 1000)} seconds` };
  }
  return readAnswer(heard);
}

export function clientHello(version: number, ciphers: readonly number[]): Buffer {
  const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
  const sized = (body: Buffer): Buffer => Buffer.concat([u16(body.length), body]);
  const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), sized(body)]);
  const groups = [0x001d, 0x0017, 0x0018, 0x0019];
  const signatures = [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];
  const extensions = Buffer.concat([
    extension(0x000a, sized(Buffer.concat(groups.map(u16)))),
    extension(0x000b, Buffer.from([1, 0])),
    ...(version >= TLS_1_2 ? [extension(0x000d, sized(Buffer.concat(signatures.map(u16))))] : []),
  ]);
  const body = Buffer.concat([
    u16(version),
    randomBytes(32),
    Buffer.from([0]),
    sized(Buffer.concat([...ciphers, 0x00ff].map(u16))),
    Buffer.from([1, 0]),
    sized(extensions),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), sized(body)]);
  return Buffer.concat([Buffer.from([22]), u16(Math.min(version, 0x0301)), sized(handshake)]);
}

export function readAnswer(heard: Buffer): HelloAnswer {
  if (heard.length === 0) return { kind: "refused", how: "closed without a word" };
  if (heard[0] === 21 && heard.length >= 7) {
    const code = heard[6] ?? 0;
    return { kind: "refused", how: `alert ${ALERTS[code] ?? String(code)}` };
  }
  if (heard[0] !== 22 || heard[5] !== 2 || heard.length < 44) return { kind: "other", how: printable(heard) };
  const session = heard[43] ?? 0;
  const at = 44 + session;
  return {
    kind: "accepted",
    version: heard.readUInt16BE(9),
    cipher: heard.length >= at + 2 ? heard.readUInt16BE(at) : 0,
  };
}

/** What was heard, in a sentence: the beginning, and only what can be printed. */
export function printable(heard: Buffer): string {
  const text = heard
    .subarray(0, 60)
    .toString("latin1")
    .replace(/[^\x20-\x7e]+/g, ".");
  return text === "" ? "nothing" : `"${text}"`;
}
