/** The server's end of a driver connection: TLS, RethinkDB's handshake with SCRAM-SHA-256, and answers to queries. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type Datum, evaluate, ReqlError, type Store } from "./reql";

export interface Listener {
  readonly key: string;
  readonly cert: string;
  /** Who signs the certificates that clients must show; none is asked for where it is undefined. */
  readonly clientCa?: string;
  /** @returns undefined for an account that is not there. */
  readonly passwordOf: (user: string) => string | undefined;
  /** What a query of an account sees. */
  readonly storeOf: (user: string) => Store;
  /** Asked before each query: whether it is answered, never answered, or the connection ends. */
  readonly meet: (query: string) => "answer" | "silence" | "end";
}

/** Speaks the protocol on a stream until it ends. */
export function serve(stream: Duplex, listener: Listener): void {
  const { key, cert, clientCa } = listener;
  const socket = new TLSSocket(stream, {
    isServer: true,
    key,
    cert,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  });
  const session = new Session(socket, listener);
  socket.on("secure", () => {
    // A server of node:tls looks at this itself; a socket alone does not.
    const { ssl } = socket as unknown as { readonly ssl: { readonly verifyError: () => Error | null } };
    if (clientCa !== undefined && ssl.verifyError() !== null) socket.destroy();
  });
  socket.on("error", () => stream.destroy());
  socket.on("data", (chunk: Buffer) => {
    session.take(chunk);
  });
  socket.on("end", () => socket.end());
  stream.on("close", () => socket.destroy());
}

const ITERATIONS = 1;
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

class Session {
  private buffer: Buffer = Buffer.alloc(0);
  private state: "version" | "first" | "final" | "open" = "version";
  private user = "";
  private bare = "";
  private serverFirst = "";
  private nonce = "";
  private readonly salt = randomBytes(16);

  constructor(
    private readonly socket: TLSSocket,
    private readonly listener: Listener,
  ) {}

  take(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    while (this.state === "open" ? this.takeQuery() : this.takeGreeting());
  }

  /** @returns whether there was a whole one. */
  private takeGreeting(): boolean {
    if (this.state === "version") {
      if (this.buffer.length < 4) return false;
      this.buffer = this.buffer.subarray(4);
      this.state = "first";
      this.say({ min_protocol_version: 0, max_protocol_version: 0, server_version: "2.4.4" });
      return true;
    }
    const end = this.buffer.indexOf(0);
    if (end < 0) return false;
    const { authentication } = JSON.parse(this.buffer.subarray(0, end).toString("utf8")) as { authentication: string };
    this.buffer = this.buffer.subarray(end + 1);
    if (this.state === "first") this.answerFirst(authentication);
    else this.answerFinal(authentication);
    return true;
  }

  private answerFirst(authentication: string): void {
    this.bare = authentication.replace(/^n,,/, "");
    const [, user = "", nonce = ""] = /^n=(.*),r=(.*)$/.exec(this.bare) ?? [];
    this.user = user;
    if (this.listener.passwordOf(user) === undefined) {
      this.refuse(17, `Unknown user \`${user}\``);
      return;
    }
    this.nonce = `${nonce}${randomBytes(9).toString("base64")}`;
    this.serverFirst = `r=${this.nonce},s=${this.salt.toString("base64")},i=${String(ITERATIONS)}`;
    this.state = "final";
    this.say({ authentication: this.serverFirst });
  }

  private answerFinal(authentication: string): void {
    const proof = Buffer.from(/,p=(.*)$/.exec(authentication)?.[1] ?? "", "base64");
    // RethinkDB's driver sends a zero byte for an empty password.
    const password = this.listener.passwordOf(this.user) || "\0";
    const salted = pbkdf2Sync(password, this.salt, ITERATIONS, 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const message = `${this.bare},${this.serverFirst},c=biws,r=${this.nonce}`;
    const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    if (!proof.equals(expected)) {
      this.refuse(12, "Wrong password");
      return;
    }
    this.state = "open";
    this.say({ authentication: `v=${hmac(hmac(salted, "Server Key"), message).toString("base64")}` });
  }

  private say(answer: object): void {
    this.socket.write(`${JSON.stringify({ success: true, ...answer })}\0`);
  }

  private refuse(code: number, error: string): void {
    this.socket.end(`${JSON.stringify({ success: false, error_code: code, error })}\0`);
  }

  private takeQuery(): boolean {
    if (this.buffer.length < 12) return false;
    const length = this.buffer.readUInt32LE(8);
    if (this.buffer.length < 12 + length) return false;
    const token = this.buffer.subarray(0, 8);
    const text = this.buffer.subarray(12, 12 + length).toString("utf8");
    this.buffer = this.buffer.subarray(12 + length);
    const [type, term] = JSON.parse(text) as [number, unknown];
    if (type !== START) return true;
    const manner = this.listener.meet(text);
    if (manner === "silence") return true;
    if (manner === "end") {
      this.socket.destroy();
      return false;
    }
    const answer = Buffer.from(JSON.stringify(this.answerTo(term)));
    const header = Buffer.alloc(12);
    token.copy(header);
    header.writeUInt32LE(answer.length, 8);
    this.socket.write(Buffer.concat([header, answer]));
    return true;
  }

  private answerTo(term: unknown): object {
    try {
      const value: Datum = evaluate(term, this.listener.storeOf(this.user));
      return { t: SUCCESS_ATOM, r: [value], n: [] };
    } catch (error) {
      if (!(error instanceof ReqlError)) throw error;
      return { t: RUNTIME_ERROR, e: error.code, r: [error.message], b: [] };
    }
  }
}

const START = 1;
const SUCCESS_ATOM = 1;
const RUNTIME_ERROR = 18;
