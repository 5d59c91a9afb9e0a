/** What the web UI runs with. That it keeps people out is shown on a real one by the e2e tier. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RethinkdbClusterArgs } from "../../../args/args";
import { planCluster } from "../../../core/plan/cluster";
import { renderNginx, renderPeerCommand, uiSecrets } from "../../../core/render/webUi";

const ARGS: RethinkdbClusterArgs = {
  clusterName: "db",
  adminPassword: "",
  driverSans: ["db.example", "fd00::1"],
  webUi: { enabled: true },
};

test("plans two containers that share a socket and no key", () => {
  assert.deepEqual(planCluster(ARGS).webUi, {
    peerContainer: "db-ui-peer",
    container: "db-ui",
    peerVolume: "db-ui-peer-tls",
    volume: "db-ui-tls",
    socketVolume: "db-ui-socket",
    image: "nginx:1.30.6",
    user: "admin",
    publish: { address: "127.0.0.1", port: 8080 },
    sans: { dnsNames: ["db-ui", "db.example", "localhost"], ipAddresses: ["127.0.0.1", "fd00::1"] },
    peerSans: { dnsNames: ["db-ui-peer", "localhost"], ipAddresses: ["127.0.0.1"] },
  });
  assert.equal(planCluster({ ...ARGS, webUi: { enabled: true, publish: "none" } }).webUi?.publish, null);
  assert.equal(planCluster({ ...ARGS, webUi: { enabled: false } }).webUi, null);
});

test("the UI changes nothing of any server", () => {
  const { webUi, ...rest } = ARGS;
  assert.ok(webUi);
  assert.deepEqual(planCluster(ARGS).servers, planCluster(rest).servers);
});

test("the peer serves pages and drivers on its own loopback, and never without a password", () => {
  const flags = renderPeerCommand("f");
  const after = (flag: string): string | undefined => flags[flags.indexOf(flag) + 1];
  assert.equal(after("--bind-http"), "127.0.0.1");
  assert.equal(after("--bind-driver"), "127.0.0.1");
  assert.equal(after("--initial-password"), "auto");
  assert.equal(after("--cluster-tls-key"), "/tls/f/cluster.key");
  assert.equal(after("--cluster-tls-ca"), "/tls/f/cluster-ca.pem");
});

test("the same password gives the same secrets, another password or seed others, and the mark tells neither", () => {
  const one = uiSecrets("seed", "password");
  assert.deepEqual(uiSecrets("seed", "password"), one);
  for (const other of [uiSecrets("seed", "another"), uiSecrets("other seed", "password")]) {
    assert.notEqual(other.mark, one.mark);
    assert.notEqual(other.session, one.session);
    assert.ok(!other.salt.equals(one.salt));
  }
  assert.match(one.session, /^[\w-]{43}$/);
  assert.match(one.mark, /^[0-9a-f]{16}$/);
});

test("nginx knows a wildcard and an address by what a browser sends, and leaves other names as they are", () => {
  const driverSans = ["*.corp.example", "2001:DB8:0:0::01", "DB.example"];
  const { webUi } = planCluster({ ...ARGS, driverSans });
  assert.ok(webUi);
  const [, known = ""] =
    /map \$host \$known_host \{\n {4}default 0;\n([^}]*) {2}\}/.exec(renderNginx(webUi, "f", "s")) ?? [];
  assert.equal(
    known,
    [
      `    "~*^[^.]+\\.corp\\.example$" 1;`,
      `    "DB.example" 1;`,
      `    "db-ui" 1;`,
      `    "localhost" 1;`,
      `    "127.0.0.1" 1;`,
      `    "[2001:db8::1]" 1;`,
      ``,
    ].join("\n"),
  );
});

test("nginx answers to the names in the certificate alone, and hands a session only to who logged in", () => {
  const plan = planCluster(ARGS).webUi;
  assert.ok(plan);
  const text = renderNginx(plan, "f", "SESSION");
  for (const host of ["db-ui", "db.example", "localhost", "127.0.0.1", "[fd00::1]"]) {
    assert.ok(text.includes(`    "${host}" 1;\n`), host);
  }
  // Where nginx answers by itself it does so before it asks for a password: no cookie may stand there.
  const [server = "", location = ""] = text.slice(text.indexOf("  server {")).split("    location / {");
  assert.doesNotMatch(server, /Set-Cookie/);
  assert.doesNotMatch(location, /return /);
  assert.equal(text.match(/SESSION/g)?.length, 2);
  assert.match(location, /auth_basic \$realm;\n {6}auth_basic_user_file \/tls\/f\/passwords;/);
});
