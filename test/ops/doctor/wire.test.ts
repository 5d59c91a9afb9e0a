/** What attacks say over a connection, and how answers are read: against small servers of this process. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { describe, test } from "node:test";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { helloInClear, httpGet, OLD_NAMES, oldHandshake, peerInClear } from "../../../ops/doctor/wire/clear";
import { offerOldVersion, offerWeakCiphers, OLD_VERSIONS } from "../../../ops/doctor/wire/clientHello";
import { madeUpPair } from "../../../ops/doctor/wire/madeUpPair";
import { beAPeer, isRefusal, look, verify, wordsOf } from "../../../ops/doctor/wire/tls";
import { Vantage } from "../../../ops/doctor/wire/vantage";
import type { Duplex } from "node:stream";

async function withServer<T>(server: Server, act: (port: number) => Promise<T>): Promise<T> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await act((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** @param answer what the server does with a connection. */
async function against<T>(answer: (socket: Socket) => void, act: (socket: Duplex) => Promise<T>): Promise<T> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer(socket);
  });
  return withServer(server, async (port) =>
    Vantage.here().attempt("127.0.0.1", port, async (dialled) => {
      assert.ok("socket" in dialled);
      return act(dialled.socket);
    }),
  );
}

const pair = madeUpPair();

async function againstTls<T>(
  options: { readonly asksForCertificate?: boolean; readonly says?: string },
  act: (socket: Duplex) => Promise<T>,
): Promise<T> {
  const greet = (socket: TLSSocket): void => {
    socket.on("error", () => undefined);
    if (options.says !== undefined) socket.end(options.says);
  };
  const server = createTlsServer(
    {
      key: pair.keyPem,
      cert: pair.certPem,
      requestCert: options.asksForCertificate === true,
      rejectUnauthorized: true,
      ca: pair.certPem,
    },
    greet,
  );
  server.on("tlsClientError", () => undefined);
  return withServer(server, async (port) =>
    Vantage.here().attempt("127.0.0.1", port, async (dialled) => {
      assert.ok("socket" in dialled);
      return act(dialled.socket);
    }),
  );
}

test("a port that nothing listens on is closed, and says so", async () => {
  const port = await withServer(createServer(), (open) => Promise.resolve(open));
  const closed = await Vantage.here().attempt("127.0.0.1", port, (dialled) =>
    Promise.resolve("closed" in dialled && dialled.closed),
  );
  assert.equal(closed, "ECONNREFUSED");
});

describe("in clear", () => {
  test("RethinkDB's handshake of today is heard, silence and a TLS alert are not", async () => {
    const says =
      (text: string) =>
      (socket: Socket): void => {
        socket.once("data", () => socket.end(text));
      };
    const answer = `{"max_protocol_version":0,"success":true}\0`;
    assert.equal((await against(says(answer), helloInClear)).speaks, true);
    assert.equal((await against(says("ERROR: this is an old server\0"), helloInClear)).speaks, true);
    assert.equal((await against(says("\u0015\u0003\u0001\0\u0002\u0002F"), helloInClear)).speaks, false);
    assert.equal((await against((socket) => socket.end(), helloInClear)).speaks, false);
  });

  test("an old handshake sends a made-up key, and an answer to it is heard", async () => {
    let heard: Buffer = Buffer.alloc(0);
    const { speaks } = await against(
      (socket) => {
        socket.once("data", (chunk: Buffer) => {
          heard = chunk;
          socket.end("ERROR: Incorrect authorization key.\n\0");
        });
      },
      (socket) => oldHandshake(socket, "V0_4"),
    );
    assert.equal(speaks, true);
    assert.equal(heard.readUInt32LE(0), 0x400c2d20);
    assert.match(heard.toString("latin1"), /this is no password/);
    assert.equal(heard.readUInt32LE(heard.length - 4), 0x7e6970c7);
  });

  test("a peer greets without being asked", async () => {
    assert.equal((await against((socket) => socket.write("RethinkDB cluster\n\x05"), peerInClear)).speaks, true);
    assert.equal((await against((socket) => socket.end(), peerInClear)).speaks, false);
  });

  test("a page has a status and headers, and what is no HTTP has status 0", async () => {
    const page =
      (text: string) =>
      (socket: Socket): void => {
        socket.once("data", () => socket.end(text));
      };
    const found = await against(page("HTTP/1.1 401 Unauthorized\r\nX-A: b\r\n\r\nbody"), (socket) =>
      httpGet(socket, "/", ["Host: a"]),
    );
    assert.deepEqual([found.status, found.headers], [401, "HTTP/1.1 401 Unauthorized\r\nX-A: b"]);
    assert.equal((await against(page("hello"), (socket) => httpGet(socket, "/", []))).status, 0);
  });
});

describe("a hello that is written by hand", () => {
  test("a server of today refuses old versions and weak ciphers", async () => {
    for (const version of Object.values(OLD_VERSIONS)) {
      assert.equal((await againstTls({}, (socket) => offerOldVersion(socket, version))).kind, "refused");
    }
    assert.equal((await againstTls({}, (socket) => offerWeakCiphers(socket, "no encryption"))).kind, "refused");
  });

  test("a server that takes TLS 1.0 and weak ciphers is found", async () => {
    const weak = { key: pair.keyPem, cert: pair.certPem, minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" } as const;
    const answers = await withServer(createTlsServer(weak), async (port) => {
      const offer = async (act: (socket: Duplex) => Promise<{ readonly kind: string }>): Promise<string> =>
        Vantage.here().attempt("127.0.0.1", port, async (dialled) =>
          "socket" in dialled ? (await act(dialled.socket)).kind : "closed",
        );
      return [
        await offer((socket) => offerOldVersion(socket, OLD_VERSIONS["TLS 1.0"])),
        await offer((socket) => offerOldVersion(socket, OLD_VERSIONS["TLS 1.1"])),
        await offer((socket) => offerWeakCiphers(socket, "CBC with SHA-1 or without forward secrecy")),
      ];
    });
    assert.deepEqual(answers, ["accepted", "accepted", "accepted"]);
  });
});

describe("over TLS", () => {
  test("a stranger is a peer where no certificate is asked for, or its own is trusted", async () => {
    const greets = "RethinkDB cluster\n";
    assert.deepEqual(await againstTls({ says: greets }, (socket) => beAPeer(socket, null)), { taken: true });
    assert.deepEqual(await againstTls({ says: greets, asksForCertificate: true }, (socket) => beAPeer(socket, pair)), {
      taken: true,
    });
    const refused = await againstTls({ says: greets, asksForCertificate: true }, (socket) => beAPeer(socket, null));
    assert.equal(refused.taken, false);
    const stranger = await againstTls({ says: greets, asksForCertificate: true }, (socket) =>
      beAPeer(socket, madeUpPair()),
    );
    assert.equal(stranger.taken, false);
    assert.deepEqual(await againstTls({ says: "hello" }, (socket) => beAPeer(socket, null)), {
      taken: false,
      silent: false,
      how: "it said something else",
    });
  });

  test("what is presented is looked at before anything is trusted", async () => {
    const shown = await againstTls({}, (socket) => look(socket, null));
    assert.ok("certificate" in shown);
    assert.equal(shown.protocol, "TLSv1.3");
    assert.equal(shown.certificate.toString(), pair.certPem);
    assert.ok(
      "failed" in
        (await against(
          (socket) => socket.end(),
          (socket) => look(socket, null),
        )),
    );
  });

  test("a careful client refuses another CA and another name, and says which", async () => {
    const strange = await againstTls({}, (socket) => verify(socket, madeUpPair().certPem, "localhost", null));
    assert.ok(strange !== null && isRefusal(strange), String(strange));
    const named = await againstTls({}, (socket) => verify(socket, pair.certPem, "example.org", null));
    assert.equal(named, "ERR_TLS_CERT_ALTNAME_INVALID");
    const gone = await against(
      (socket) => socket.end(),
      (socket) => verify(socket, pair.certPem, "localhost", null),
    );
    assert.ok(gone !== null && !isRefusal(gone), String(gone));
  });

  test("OpenSSL's codes are said in words", () => {
    assert.equal(wordsOf("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), "alert certificate required");
    assert.equal(wordsOf("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"), "alert unknown ca");
    assert.equal(wordsOf("SELF_SIGNED_CERT_IN_CHAIN"), "self signed cert in chain");
  });
});

describe("a port that takes a connection and says nothing", () => {
  const mute = (): void => undefined;

  test("is silent, and none of the answers is a refusal", async () => {
    const [hello, old, peer, version, cipher] = await Promise.all([
      against(mute, helloInClear),
      against(mute, (socket) => oldHandshake(socket, "V0_4")),
      against(mute, peerInClear),
      against(mute, (socket) => offerOldVersion(socket, OLD_VERSIONS["TLS 1.0"])),
      against(mute, (socket) => offerWeakCiphers(socket, "no encryption")),
    ]);
    assert.deepEqual(
      [hello.silent, old.silent, peer.silent, version.kind, cipher.kind],
      [true, true, true, "silent", "silent"],
    );
    const taken = await againstTls({}, (socket) => beAPeer(socket, null));
    assert.deepEqual(taken, { taken: false, silent: true, how: "it neither answered nor closed within 2 seconds" });
  });

  test("is told from one that wants TLS, which closes", async () => {
    const offers = [helloInClear, peerInClear, ...OLD_NAMES.map((name) => (s: Duplex) => oldHandshake(s, name))];
    const answers = await Promise.all(offers.map(async (offer) => againstTls({}, offer)));
    assert.deepEqual(
      answers.map(({ silent, speaks }) => [silent, speaks]),
      offers.map(() => [false, false]),
    );
  });
});
