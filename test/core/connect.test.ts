/** The snippets a person pastes. That they work is shown on a real server by the e2e tier. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Script } from "node:vm";
import { renderConnect } from "../../core/connect";

const CA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
const TARGET = { address: "127.0.0.1", port: 28015 };

test("renders the JavaScript snippet", () => {
  assert.equal(
    renderConnect(TARGET, `${CA}\n`).javascript,
    `// npm install rethinkdb-ts; the password is read from RETHINKDB_PASSWORD
const { r } = require("rethinkdb-ts");
const ca = \`${CA}\`;
async function main() {
  const server = { host: "127.0.0.1", port: 28015, tls: true, ca };
  const connection = await r.connect({ server, user: "admin", password: process.env.RETHINKDB_PASSWORD });
  console.log(await r.expr("connected over TLS").run(connection));
  await connection.close();
}
main();
`,
  );
});

test("renders the Python snippet", () => {
  assert.equal(
    renderConnect(TARGET, `${CA}\n`).python,
    `# pip install rethinkdb; the password is read from RETHINKDB_PASSWORD
import os, tempfile
from rethinkdb import r
with tempfile.NamedTemporaryFile("w", suffix=".pem") as ca:
    ca.write("""${CA}
""")
    ca.flush()
    connection = r.connect(host="127.0.0.1", port=28015, ssl={"ca_certs": ca.name},
                           user="admin", password=os.environ["RETHINKDB_PASSWORD"])
    print(r.expr("connected over TLS").run(connection))
    connection.close()
`,
  );
});

test("renders the snippet for the tools", () => {
  assert.equal(
    renderConnect({ address: "fd00::1", port: 28017 }, `${CA}\n`).tools,
    `# pip install rethinkdb; asks for the password
cat > rethinkdb-ca.pem <<'PEM'
${CA}
PEM
rethinkdb-dump --connect [fd00::1]:28017 --tls-cert rethinkdb-ca.pem --password
`,
  );
});

test("each snippet is well-formed in its language", () => {
  const { javascript, python, tools } = renderConnect(TARGET, CA);
  assert.doesNotThrow(() => new Script(javascript));
  const parse = (command: string, args: readonly string[], input: string): number | null =>
    spawnSync(command, args, { input }).status;
  assert.equal(parse("bash", ["-n"], tools), 0);
  if (spawnSync("python3", ["--version"]).status === 0) {
    assert.equal(parse("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], python), 0);
  }
});

test("says so when nothing is published", () => {
  const none = "The driver ports are not published (driverPublish is none).";
  assert.deepEqual(renderConnect(null, CA), { javascript: none, python: none, tools: none });
});
