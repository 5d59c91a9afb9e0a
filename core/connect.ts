/** Snippets that a person pastes to connect: with the CA, without a password. */
import { endpoint } from "./addresses";
import type { PublishPlan } from "./plan";

export interface ConnectSnippets {
  /** Node.js, driver `rethinkdb-ts`. */
  readonly javascript: string;
  /** Python, driver `rethinkdb`. */
  readonly python: string;
  /** `rethinkdb-dump` and its sisters, of the Python package `rethinkdb`. */
  readonly tools: string;
}

/** @param target where the first server's driver port is published; null when it is not. */
export function renderConnect(target: PublishPlan | null, driverCaPem: string): ConnectSnippets {
  if (target === null) {
    const none = "The driver ports are not published (driverPublish is none).";
    return { javascript: none, python: none, tools: none };
  }
  const { address, port } = target;
  const host = JSON.stringify(address);
  const ca = driverCaPem.trim();
  return {
    javascript: [
      `// npm install rethinkdb-ts; the password is read from RETHINKDB_PASSWORD`,
      `const { r } = require("rethinkdb-ts");`,
      `const ca = \`${ca}\`;`,
      `async function main() {`,
      `  const server = { host: ${host}, port: ${String(port)}, tls: true, ca };`,
      `  const connection = await r.connect({ server, user: "admin", password: process.env.RETHINKDB_PASSWORD });`,
      `  console.log(await r.expr("connected over TLS").run(connection));`,
      `  await connection.close();`,
      `}`,
      `main();`,
      ``,
    ].join("\n"),
    python: [
      `# pip install rethinkdb; the password is read from RETHINKDB_PASSWORD`,
      `import os, tempfile`,
      `from rethinkdb import r`,
      `with tempfile.NamedTemporaryFile("w", suffix=".pem") as ca:`,
      `    ca.write("""${ca}\n""")`,
      `    ca.flush()`,
      `    connection = r.connect(host=${host}, port=${String(port)}, ssl={"ca_certs": ca.name},`,
      `                           user="admin", password=os.environ["RETHINKDB_PASSWORD"])`,
      `    print(r.expr("connected over TLS").run(connection))`,
      `    connection.close()`,
      ``,
    ].join("\n"),
    tools: [
      `# pip install rethinkdb; asks for the password`,
      `cat > rethinkdb-ca.pem <<'PEM'`,
      ca,
      `PEM`,
      `rethinkdb-dump --connect ${endpoint(address, port)} --tls-cert rethinkdb-ca.pem --password`,
      ``,
    ].join("\n"),
  };
}
