/** The snippets a person pastes. That they work is shown on a real server by the e2e tier. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Script } from "node:vm";
import { planCluster } from "../../../core/plan/cluster";
import { type ConnectTarget, planConnect, renderConnect } from "../../../core/render/connect";

const CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
const TARGET: ConnectTarget = {
  published: { address: "127.0.0.1", port: 28015 },
  network: { address: "db-n0", port: 28015 },
  all: [
    { address: "127.0.0.1", port: 28015 },
    { address: "127.0.0.1", port: 28016 },
  ],
  address: "10.213.0.10",
  sshHost: null,
  demandsClientCertificate: false,
};

test("renders the JavaScript snippet", () => {
  assert.equal(
    renderConnect(TARGET, `${CA}\n`).javascript,
    `// npm install rethinkdb-ts; the password is read from RETHINKDB_PASSWORD
const { r } = require("rethinkdb-ts");
const ca = \`${CA}\`;
async function main() {
  const server = { host: "localhost", port: 28015, tls: true, ca };
  const connection = await r.connect({ server, user: "admin", password: process.env.RETHINKDB_PASSWORD });
  console.log(await r.expr("connected over TLS").run(connection));
  await connection.close();
}
main();
`,
  );
});

test("shows a certificate where one is demanded, and says who cannot", () => {
  const { javascript, pool, python, tools } = renderConnect({ ...TARGET, demandsClientCertificate: true }, `${CA}\n`);
  assert.equal(
    javascript,
    `// npm install rethinkdb-ts; the password is read from RETHINKDB_PASSWORD
// client.pem and client.key: output driverClientCertificates, certPem and keyPem of one name
const { readFileSync } = require("node:fs");
const [cert, key] = ["client.pem", "client.key"].map((name) => readFileSync(name));
const { r } = require("rethinkdb-ts");
const ca = \`${CA}\`;
async function main() {
  const server = { host: "localhost", port: 28015, tls: true, ca, cert, key };
  const connection = await r.connect({ server, user: "admin", password: process.env.RETHINKDB_PASSWORD });
  console.log(await r.expr("connected over TLS").run(connection));
  await connection.close();
}
main();
`,
  );
  new Script(javascript);
  new Script(pool);
  assert.match(pool, /port: 28016, tls: true, ca, cert, key \},/);
  const cannot =
    "The driver ports demand a client certificate (driverClients), which the official Python driver and its tools cannot show.";
  assert.deepEqual([python, tools], [cannot, cannot]);
});

test("renders a pool that names every server and discovers none", () => {
  assert.equal(
    renderConnect(TARGET, `${CA}\n`).pool,
    `// npm install rethinkdb-ts; the password is read from RETHINKDB_PASSWORD
const { r } = require("rethinkdb-ts");
const ca = \`${CA}\`;
const servers = [
  { host: "localhost", port: 28015, tls: true, ca },
  { host: "localhost", port: 28016, tls: true, ca },
];
async function main() {
  // Leave discovery off: with it, drivers replace this list by addresses that lead nowhere from here.
  const options = { servers, discovery: false, user: "admin", password: process.env.RETHINKDB_PASSWORD };
  const pool = await r.connectPool(options);
  console.log(await r.expr("connected over TLS").run());
  await pool.drain();
}
main();
`,
  );
});

test("says localhost for loopback, which every Python driver accepts, and warns of any other address", () => {
  const python = (address: string): string =>
    renderConnect({ ...TARGET, published: { address, port: 28015 } }, CA).python;
  const caution = /^# Python 3\.12 and newer refuse an IP address here/m;
  for (const address of ["127.0.0.1", "::1"]) {
    assert.match(python(address), /host="localhost"/);
    assert.doesNotMatch(python(address), caution);
  }
  for (const address of ["127.0.0.5", "10.0.0.5", "fd00::1"]) {
    assert.ok(python(address).includes(`host="${address}"`));
    assert.match(python(address), caution);
  }
  const inside = renderConnect({ ...TARGET, published: null }, CA).python;
  assert.match(inside, /host="db-n0"/);
  assert.doesNotMatch(inside, caution);
});

test("renders the Python snippet", () => {
  assert.equal(
    renderConnect(TARGET, `${CA}\n`).python,
    `# python3 -m venv .venv && .venv/bin/pip install rethinkdb; run it with .venv/bin/python
# The password is read from RETHINKDB_PASSWORD.
import os, tempfile
from rethinkdb import r
with tempfile.NamedTemporaryFile("w", suffix=".pem") as ca:
    ca.write("""${CA}
""")
    ca.flush()
    connection = r.connect(host="localhost", port=28015, ssl={"ca_certs": ca.name},
                           user="admin", password=os.environ["RETHINKDB_PASSWORD"])
    print(r.expr("connected over TLS").run(connection))
    connection.close()
`,
  );
});

test("renders the snippet for the tools", () => {
  assert.equal(
    renderConnect({ ...TARGET, published: { address: "fd00::1", port: 28017 } }, `${CA}\n`).tools,
    `# python3 -m venv .venv && .venv/bin/pip install rethinkdb
# Asks for the password.
# Python 3.12 and newer refuse an IP address here ("hostname ... doesn't match"):
# add a host name of the server to driverSans and connect by that name.
cat > rethinkdb-ca.pem <<'PEM'
${CA}
PEM
.venv/bin/rethinkdb-dump --connect [fd00::1]:28017 --tls-cert rethinkdb-ca.pem --password
`,
  );
});

test("each snippet is well-formed in its language", () => {
  const { javascript, pool, python, tools } = renderConnect(TARGET, CA);
  assert.doesNotThrow(() => new Script(javascript));
  assert.doesNotThrow(() => new Script(pool));
  const parse = (command: string, args: readonly string[], input: string): number | null =>
    spawnSync(command, args, { input }).status;
  assert.equal(parse("bash", ["-n"], tools), 0);
  if (spawnSync("python3", ["--version"]).status === 0) {
    assert.equal(parse("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], python), 0);
  }
});

test("renders the way through ssh, to where the port is published or to the container itself", () => {
  assert.equal(renderConnect(TARGET, CA).ssh, "ssh -N -L 28015:127.0.0.1:28015 user@host");
  const elsewhere = { ...TARGET, published: { address: "192.0.2.7", port: 30000 }, sshHost: "me@db.example" };
  assert.equal(renderConnect(elsewhere, CA).ssh, "ssh -N -L 30000:192.0.2.7:30000 me@db.example");
  assert.equal(renderConnect({ ...TARGET, published: null }, CA).ssh, "ssh -N -L 28015:10.213.0.10:28015 user@host");
});

test("says where a snippet runs when nothing is published but containers get there", () => {
  const { javascript, pool, python, tools } = renderConnect({ ...TARGET, published: null }, CA);
  const where = "in a container on the cluster's network, or on one of driverNetworks";
  assert.ok(javascript.startsWith(`// ${where}\n// npm install`));
  assert.ok(pool.startsWith(`// ${where}\n// npm install`));
  assert.ok(python.startsWith(`# ${where}\n# python3 -m venv`));
  assert.ok(tools.startsWith(`# ${where}\n# python3 -m venv`));
  assert.match(javascript, /host: "db-n0", port: 28015/);
});

test("says so when the ports cannot be reached", () => {
  const none =
    "The driver ports are not published (driverPublish is none): npx pulumi-rethinkdb tunnel opens a local one.";
  const ssh = "The driver ports listen on loopback inside the containers: npx pulumi-rethinkdb tunnel leads there.";
  assert.deepEqual(renderConnect({ ...TARGET, published: null, network: null, all: [] }, CA), {
    javascript: none,
    pool: none,
    python: none,
    tools: none,
    ssh,
  });
});

for (const [driverPublish, expected] of [
  [
    "127.0.0.1",
    {
      published: { address: "127.0.0.1", port: 28015 },
      network: { address: "db-n0", port: 28015 },
      all: [
        { address: "127.0.0.1", port: 28015 },
        { address: "127.0.0.1", port: 28016 },
      ],
    },
  ],
  [
    "network",
    {
      published: null,
      network: { address: "db-n0", port: 28015 },
      all: [
        { address: "db-n0", port: 28015 },
        { address: "db-n1", port: 28015 },
      ],
    },
  ],
  ["none", { published: null, network: null, all: [] }],
] as const) {
  test(`knows how the servers are reached with driverPublish ${driverPublish}`, () => {
    const { servers } = planCluster({ clusterName: "db", adminPassword: "", nodes: 2, driverPublish });
    assert.deepEqual(planConnect(servers, "ssh://me@db.example:2222"), {
      ...expected,
      address: "10.213.0.10",
      sshHost: "-p 2222 me@db.example",
      demandsClientCertificate: false,
    });
  });
}

for (const [dockerHost, sshHost] of [
  [null, null],
  ["unix:///var/run/docker.sock", null],
  ["ssh://db.example", "db.example"],
  ["ssh://me@db.example:2222", "-p 2222 me@db.example"],
  ["ssh://me@[2001:db8::7]:2222", "-p 2222 me@2001:db8::7"],
  ["ssh://[2001:db8::7]", "2001:db8::7"],
] as const) {
  test(`names the host of ${String(dockerHost)} as the ssh command takes it`, () => {
    const { servers } = planCluster({ clusterName: "db", adminPassword: "" });
    assert.equal(planConnect(servers, dockerHost).sshHost, sshHost);
  });
}
