/** What an attacker says in clear, and how RethinkDB would answer. No real password is ever among it. */
import type { Duplex } from "node:stream";
import { type Listened, listen } from "./vantage";

/** Milliseconds in which a server that speaks in clear answers; one that wants TLS closes at once. */
const ANSWER_MS = 3000;

export interface ClearAnswer {
  readonly heard: Buffer;
  /** It is RethinkDB's own answer. */
  readonly speaks: boolean;
  /** It said nothing and did not close: nothing is known of it. */
  readonly silent: boolean;
}

export const SILENT = `it neither answered nor closed within ${String(ANSWER_MS / 1000)} seconds`;

/** The magic number of the V1_0 handshake: https://rethinkdb.com/docs/writing-drivers/ */
const V1_0 = Buffer.from([0xc3, 0xbd, 0xc2, 0x34]);
/** The older ones, which send the key of authorization as it is: V0_1 to V0_4. */
const OLD_HANDSHAKES: Readonly<Record<string, number>> = {
  V0_1: 0x3f61ba36,
  V0_2: 0x723081e1,
  V0_3: 0x5f75e83e,
  V0_4: 0x400c2d20,
};
const JSON_PROTOCOL = 0x7e6970c7;

export const OLD_NAMES = Object.keys(OLD_HANDSHAKES);

/** @returns what a driver port said to a hello in clear, and whether it is RethinkDB's handshake. */
export async function helloInClear(socket: Duplex): Promise<ClearAnswer> {
  socket.write(Buffer.concat([V1_0, Buffer.from('{"protocol_version":0}\0')]));
  const answer = await listen(socket, ANSWER_MS, (bytes) => bytes.includes(0));
  return read(answer, /"success"|server_version|RethinkDB|ERROR:/i);
}

/** @param name of OLD_NAMES */
export async function oldHandshake(socket: Duplex, name: string): Promise<ClearAnswer> {
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const key = Buffer.from("this is no password");
  const hello = [u32(OLD_HANDSHAKES[name] ?? 0)];
  // Four bytes alone are too few for a TLS server to see that they are no TLS.
  if (name === "V0_1") hello.push(u32(0), u32(0));
  else hello.push(u32(key.length), key);
  if (name === "V0_3" || name === "V0_4") hello.push(u32(JSON_PROTOCOL));
  socket.write(Buffer.concat(hello));
  const answer = await listen(socket, ANSWER_MS, (bytes) => bytes.includes(0));
  return read(answer, /SUCCESS|ERROR:|authoriz/i);
}

/** A peer says who it is without being asked. One that wants TLS waits for it, and closes when it hears the greeting of a peer. */
export async function peerInClear(socket: Duplex): Promise<ClearAnswer> {
  socket.write(`${HEADER}\n`);
  return read(await listen(socket, ANSWER_MS, isPeer), new RegExp(HEADER));
}

function read({ heard, timedOut }: Listened, own: RegExp): ClearAnswer {
  return { heard, speaks: own.test(heard.toString("latin1")), silent: timedOut && heard.length === 0 };
}

const HEADER = "RethinkDB cluster";

export function isPeer(heard: Buffer): boolean {
  return heard.includes(HEADER);
}

export interface HttpAnswer {
  /** 0 where the answer is not HTTP. */
  readonly status: number;
  readonly headers: string;
  readonly heard: Buffer;
}

/** One request over a connection that is there, in clear or not. @param lines of the request's head, the first one apart. */
export async function httpGet(socket: Duplex, path: string, lines: readonly string[]): Promise<HttpAnswer> {
  socket.write([`GET ${path} HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n"));
  const { heard } = await listen(socket, ANSWER_MS, (bytes) => bytes.includes("\r\n\r\n"));
  const [head = ""] = heard.toString("latin1").split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0), headers: head, heard };
}
