/** Logging in to a server over TLS, and each reason for which that fails. */
import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { r } from "rethinkdb-ts";
import { engines } from "../../../ops/cluster/hosts";
import {
  ask,
  hangUp,
  logIn,
  logInAsOperator,
  logInThrough,
  type Login,
  saysExpired,
} from "../../../ops/cluster/session";
import { captured } from "../../support/captured";
import { DOCKER_HOST, operatorLogin, OPERATOR_PASSWORD, withCluster } from "../../support/fakeCluster";
import { fakePki, type Signed } from "../../support/fake/pki";
import type { Store } from "../../support/fake/reql";
import { type Listener, serve } from "../../support/fake/wire";

const PKI = fakePki();
const LOGIN: Login = { user: "web", password: "the password of web", driverCa: PKI.ca.certPem, client: null };

/** Runs `act` with a connection to a server on this machine. */
async function withServer(
  door: Partial<Listener> & { readonly certificate?: Signed },
  act: (socket: Socket) => Promise<void>,
): Promise<void> {
  const { certificate = PKI.server, ...rest } = door;
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    serve(socket, {
      key: certificate.keyPem,
      cert: certificate.certPem,
      passwordOf: (user) => (user === "web" ? LOGIN.password : undefined),
      storeOf: () => ({}) as Store,
      meet: () => "answer",
      ...rest,
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    await act(connect((server.address() as AddressInfo).port, "127.0.0.1"));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test("opens a session where the server's certificate leads to the CA, and runs a query in it", async () => {
  await withServer({}, async (socket) => {
    const attempt = await logInThrough(socket, LOGIN, 5);
    assert.ok(attempt.kind === "open");
    assert.equal(await ask(attempt.connection, r.expr(1).eq(1)), true);
    await hangUp(attempt.connection);
    assert.equal(attempt.connection.open, false);
  });
});

for (const [what, certificate, driverCa, reason] of [
  ["a stranger's certificate", PKI.strangers, PKI.ca.certPem, "unable to verify the first certificate"],
  [
    "a certificate of a CA that is not trusted",
    PKI.server,
    PKI.stranger.certPem,
    "unable to verify the first certificate",
  ],
  ["an expired certificate", PKI.expired, PKI.ca.certPem, "certificate has expired"],
  ["a certificate of an expired CA", PKI.underExpiredCa, PKI.expiredCa.certPem, "certificate has expired"],
  [
    "a certificate for another name",
    PKI.misnamed,
    PKI.ca.certPem,
    "Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:elsewhere.example",
  ],
] as const) {
  test(`does not log in to a server that presents ${what}`, async () => {
    await withServer({ certificate }, async (socket) => {
      const attempt = await logInThrough(socket, { ...LOGIN, driverCa }, 5);
      assert.deepEqual(attempt, { kind: "unreached", reason, closed: false });
      assert.equal(saysExpired({ kind: "unreached", reason, closed: false }), reason === "certificate has expired");
      assert.equal(socket.destroyed, true);
    });
  });
}

for (const [what, login] of [
  ["a wrong password", { password: "wrong" }],
  ["an empty password", { password: "" }],
  ["an account that is not there", { user: "nobody" }],
] as const) {
  test(`is refused with ${what}`, async () => {
    await withServer({}, async (socket) => {
      assert.deepEqual(await logInThrough(socket, { ...LOGIN, ...login }, 5), { kind: "refused" });
      assert.equal(socket.destroyed, true);
    });
  });
}

test("a failed login prints nothing: the caller says what it means", async () => {
  await withServer({}, async (socket) => {
    const { result, stderr } = await captured(() => logInThrough(socket, { ...LOGIN, password: "wrong" }, 5));
    assert.deepEqual(result, { kind: "refused" });
    assert.equal(stderr, "");
  });
});

test("shows its client certificate to a server that demands one", async () => {
  await withServer({ clientCa: PKI.ca.certPem }, async (socket) => {
    const attempt = await logInThrough(socket, { ...LOGIN, client: PKI.client }, 5);
    assert.ok(attempt.kind === "open");
    await hangUp(attempt.connection);
  });
});

for (const [what, client] of [
  ["no certificate", null],
  ["a stranger's certificate", PKI.strangers],
] as const) {
  test(`does not reach a server that demands a client certificate with ${what}`, async () => {
    await withServer({ clientCa: PKI.ca.certPem }, async (socket) => {
      const attempt = await logInThrough(socket, { ...LOGIN, client }, 5);
      assert.ok(attempt.kind === "unreached");
      assert.equal(attempt.closed, false);
    });
  });
}

test("does not take a machine that refuses the connection for a server whose port was seen closed", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  const attempt = await logInThrough(connect(port, "127.0.0.1"), LOGIN, 1);
  const reason = `connect ECONNREFUSED 127.0.0.1:${String(port)}`;
  assert.deepEqual(attempt, { kind: "unreached", reason, closed: false });
});

const inTheCluster = { ...operatorLogin(), user: "pulumi_operator" };

test("knows a driver port that was seen closed from inside the container", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.door("n0").port = "closed";
    const attempt = await logIn(engines.connect(DOCKER_HOST), "db-n0", inTheCluster, 5);
    assert.deepEqual(attempt, { kind: "unreached", reason: "port 28015 stayed closed", closed: true });
  });
});

test("does not take a container that cannot be entered for one whose port is closed", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.host().failOn(/ channel$/, "OCI runtime exec failed: no space left on device");
    const attempt = await logIn(engines.connect(DOCKER_HOST), "db-n0", inTheCluster, 5);
    const reason = "OCI runtime exec failed: no space left on device";
    assert.deepEqual(attempt, { kind: "unreached", reason, closed: false });
  });
});

test("ends a login that never answers, at its patience and ten seconds more", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.door("n0").port = "frozen";
    const attempt = await logIn(engines.connect(DOCKER_HOST), "db-n0", inTheCluster, 7);
    const reason = "Failed to connect to localhost:28015 in less than 17s.";
    assert.deepEqual(attempt, { kind: "unreached", reason, closed: false });
    assert.equal(cluster.clock.time, 17_000);
  });
});

test("ends a query that never answers after 30 seconds, and a connection that does not close after 5", async () => {
  await withCluster(["n0"], async (cluster) => {
    const attempt = await logIn(engines.connect(DOCKER_HOST), "db-n0", inTheCluster, 5);
    assert.ok(attempt.kind === "open");
    cluster.door("n0").meet = () => "silence";
    const started = cluster.clock.time;
    await assert.rejects(ask(attempt.connection, r.expr(1).eq(1)), new Error("no answer in 30 seconds"));
    assert.equal(cluster.clock.time, started + 30_000);
    await hangUp({ close: () => new Promise<void>(() => undefined) } as never);
    assert.equal(cluster.clock.time, started + 35_000);
  });
});

test("the operator logs in with the password before where the new one is not in force yet", async () => {
  await withCluster(["n0"], async () => {
    const login = operatorLogin({ password: "the next", previousPassword: OPERATOR_PASSWORD });
    const attempt = await logInAsOperator(engines.connect(DOCKER_HOST), "db-n0", login, 5);
    assert.ok(attempt.kind === "open");
    await hangUp(attempt.connection);
  });
});

for (const [what, password, previousPassword] of [
  ["neither password", "the next", "the one before"],
  ["its password in the first generation", "the next", null],
] as const) {
  test(`the operator is refused with ${what}`, async () => {
    await withCluster(["n0"], async () => {
      const login = operatorLogin({ password, previousPassword });
      assert.deepEqual(await logInAsOperator(engines.connect(DOCKER_HOST), "db-n0", login, 5), { kind: "refused" });
    });
  });
}

test("the password before is not tried where the server cannot be reached", async () => {
  await withCluster(["n0"], async (cluster) => {
    cluster.door("n0").port = "closed";
    const login = operatorLogin({ previousPassword: "the one before" });
    await logInAsOperator(engines.connect(DOCKER_HOST), "db-n0", login, 5);
    assert.equal(cluster.host().commands.length, 1);
  });
});
