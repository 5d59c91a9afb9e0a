/** Certificates and passwords that change under a living cluster: what restarts, who is let in, and what is said. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { r } from "rethinkdb-ts";
import type { CertificateRow } from "../../core/pki/expiry";
import { OPERATOR_USER } from "../../args/constants";
import { doctor } from "../support/doctor";
import { mustPython, python, type Target } from "../support/python";
import { docker, inspect, TestStack } from "../support/stack";

const NAME = "t-renew";
const PORT = 31720;
const SERVERS = ["n0", "n1", "n2"];

let stack: TestStack;

const admin = (password: string = stack.settings.adminPassword): Target => ({
  port: PORT,
  password,
  ca: stack.output<string>("driverCaPem"),
});

function startedAt(): readonly string[] {
  return SERVERS.map(
    (name) => inspect<{ State: { StartedAt: string } }>("container", `${NAME}-${name}`).State.StartedAt,
  );
}

function restarted(before: readonly string[]): readonly string[] {
  return startedAt().flatMap((at, index) => (at === before[index] ? [] : [SERVERS[index] ?? ""]));
}

function certs(): readonly CertificateRow[] {
  const { output, stdout, code } = stack.cli("certs", "--json");
  assert.equal(code, 0, output);
  return (JSON.parse(stdout) as readonly { certificates: readonly CertificateRow[] }[])[0]?.certificates ?? [];
}

function refusal(target: Target): string {
  const answer = python(target, "return 1");
  return answer.ok ? "" : answer.error;
}

/** The official Python driver takes no client certificate. */
async function withCertificate(to: Target, client: { certPem: string; keyPem: string }): Promise<string> {
  const { port, password, ca } = to;
  const server = { host: "127.0.0.1", port, tls: true, ca, cert: client.certPem, key: client.keyPem };
  try {
    const connection = await r.connect({ server, user: "admin", password, timeout: 10, silent: true });
    const answer = await r.expr("let in").run(connection);
    await connection.close();
    return answer;
  } catch (error) {
    return String(error);
  }
}

const REFUSED = /wrong password|unknown user|incorrect/i;

/** In the state's mind, where the provider looks whether a renewal is due. */
function endLeavesIn(days: number): void {
  const state = JSON.parse(stack.exported("--show-secrets")) as {
    deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
  };
  const leaves = state.deployment.resources.filter(
    ({ type }) => type === "tls:index/locallySignedCert:LocallySignedCert",
  );
  assert.equal(leaves.length, 2 * SERVERS.length);
  const end = new Date(Date.now() + days * 24 * 3600 * 1000).toISOString().replace(/\.\d+/, "");
  for (const { outputs } of leaves) Object.assign(outputs ?? assert.fail(), { validityEndTime: end });
  stack.pulumi(["stack", "import"], JSON.stringify(state));
}

describe("what renews and rotates", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.31.0/24", driverPort: PORT });
    await stack.mustUp();
  });
  after(() => {
    stack.dispose();
  });

  test("is listed: every certificate, whose it is, by which generation, and when it ends", () => {
    const rows = certs();
    assert.deepEqual(
      rows.map(({ owner, purpose, generation, daysLeft, note }) => [owner, purpose, generation, daysLeft, note]),
      [
        ["CA", "cluster", 1, 3649, ""],
        ["CA", "driver", 1, 3649, ""],
        ...SERVERS.flatMap((name) => [
          [name, "cluster", 1, 89, ""],
          [name, "driver", 1, 89, ""],
        ]),
      ],
    );
    const text = stack.cli("certs").output;
    assert.match(text, /^whose +CA +generation +not after +days left$/m);
    assert.match(text, /^n1 +driver +1 +\d{4}-\d\d-\d\dT[\d:]+Z +89$/m);
  });

  test("waits for its time and where renewals are held, falls due once, and settles", async () => {
    const before = startedAt();
    endLeavesIn(50);
    await stack.mustUp();
    assert.deepEqual(restarted(before), [], "30 days before the end they are renewed, and not earlier");

    stack.configure({ certEarlyRenewalDays: 60, renewal: "hold" });
    const held = await stack.mustUp();
    assert.match(
      held,
      /renewal: "hold" renews no certificate that falls due, and certificates that end stop the cluster/,
    );
    assert.deepEqual(restarted(before), []);

    stack.configure({ renewal: "auto" });
    await stack.mustUp();
    assert.deepEqual(restarted(before), SERVERS);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    assert.ok(certs().every(({ owner, daysLeft }) => owner === "CA" || daysLeft === 89));
  });

  test("is renewed now, for one server and under a new key, when someone says so", () => {
    const before = startedAt();
    const ends = new Map(certs().map(({ owner, purpose, notAfter }) => [owner + purpose, notAfter]));
    const { code, output } = stack.cli("renew", "--server", "n1", "--keys");
    assert.equal(code, 0, output);
    assert.deepEqual(restarted(before), ["n1"]);
    const changed = certs().filter(({ owner, purpose, notAfter }) => ends.get(owner + purpose) !== notAfter);
    assert.deepEqual(
      changed.map(({ owner, purpose }) => [owner, purpose]),
      [
        ["n1", "cluster"],
        ["n1", "driver"],
      ],
    );
  });

  test("a CA is renewed under its own key in one roll, and clients with the old one notice nothing", () => {
    const before = startedAt();
    const old = admin();
    const { code, output } = stack.cli("renew", "--ca", "driver");
    assert.equal(code, 0, output);
    assert.deepEqual(restarted(before), SERVERS);
    assert.notEqual(stack.output<string>("driverCaPem"), old.ca);
    assert.equal(mustPython(old, "return 1"), 1);
    assert.equal(mustPython(admin(), "return 1"), 1);
  });

  test("another admin password is in force after one up, the old one is refused, and nothing restarts", async () => {
    const before = startedAt();
    const old = stack.settings.adminPassword;
    stack.setPassword("another correct horse battery");
    docker("stop", `${NAME}-n1`);
    await stack.mustUp();
    assert.equal(mustPython(admin("another correct horse battery"), "return 1"), 1);
    assert.match(refusal(admin(old)), REFUSED);
    assert.deepEqual(restarted(before), []);
    docker("start", `${NAME}-n1`);
  });

  test("a password that was set by hand and forgotten is replaced by the next one of the stack", async () => {
    mustPython(
      admin("another correct horse battery"),
      `return r.db("rethinkdb").table("users").get("admin").update({"password": "nobody knows it"}).run(c)["replaced"]`,
    );
    stack.setPassword("a third correct horse battery");
    const before = startedAt();
    const output = await stack.mustUp();
    assert.match(output, /admin: another password is in force; setting it through a peer of our own/);
    assert.equal(mustPython(admin("a third correct horse battery"), "return 1"), 1);
    assert.match(refusal(admin("nobody knows it")), REFUSED);
    assert.deepEqual(restarted(before), []);
  });

  test("the operator's password rotates by a verb and restarts nothing, also together with a restart that falls due", () => {
    const before = startedAt();
    const operatorOf = (): Target => {
      const asked = stack.resources("--show-secrets").find(({ urn }) => urn.endsWith(`-n0-member`));
      const stdin = asked?.inputs?.["stdin"] as { plaintext: string };
      const { operator } = JSON.parse(JSON.parse(stdin.plaintext) as string) as { operator: { password: string } };
      return { ...admin(operator.password), user: OPERATOR_USER };
    };
    const health = `return r.db("rethinkdb").table("server_status").count().run(c)`;
    const first = operatorOf();
    const rotated = stack.cli("rotate-operator");
    assert.equal(rotated.code, 0, rotated.output);
    assert.match(rotated.output, /The operator's password is of generation 2; the one before is refused\./);
    assert.deepEqual(restarted(before), []);
    assert.equal(mustPython(operatorOf(), health), 3);
    assert.match(refusal(first), REFUSED);
    // All servers restart before the account can have its new password, the first one apart.
    stack.configure({ memoryMib: 900 });
    const both = stack.cli("rotate-operator");
    assert.equal(both.code, 0, both.output);
    assert.deepEqual(restarted(before), SERVERS);
    assert.equal(mustPython(operatorOf(), health), 3);
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
  });

  test("driver ports that demand certificates accept only clients that have one and a password", async () => {
    stack.configureJson("driverClients", ["api", "worker"]);
    await stack.mustUp();
    const all = stack.pulumi(["stack", "output", "driverClientCertificates", "--json", "--show-secrets"]);
    const { api, worker } = JSON.parse(all) as Record<string, { certPem: string; keyPem: string }>;
    const me = admin("a third correct horse battery");
    assert.match(refusal(me), /certificate required|handshake failure|EOF occurred|reset by peer|closed/i);
    for (const client of [api, worker]) {
      assert.ok(client);
      assert.equal(await withCertificate(me, client), "let in");
      assert.match(await withCertificate({ ...me, password: "wrong" }, client), REFUSED);
    }
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});

    // One that another CA signed, with the same names.
    const { code, output } = stack.cli("rotate-ca", "client", "--yes");
    assert.equal(code, 0, output);
    assert.ok(api);
    assert.match(await withCertificate(me, api), /unknown ca|certificate|alert|reset by peer|closed|EOF/i);
    const now = JSON.parse(
      stack.pulumi(["stack", "output", "driverClientCertificates", "--json", "--show-secrets"]),
    ) as Record<string, { certPem: string; keyPem: string }>;
    assert.ok(now["api"]);
    assert.equal(await withCertificate(me, now["api"]), "let in");
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });

    const before = startedAt();
    stack.configureJson("driverClients", []);
    const without = await stack.mustUp();
    assert.deepEqual(restarted(before), SERVERS);
    assert.doesNotMatch(
      without,
      /no server answers/,
      "each stop was judged, though servers still demanded a certificate",
    );
    assert.equal(mustPython(me, "return 1"), 1);
  });
});
