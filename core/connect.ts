/** Snippets that a person pastes to connect: with the CA, without a password. */
import { endpoint } from "./addresses";
import { DRIVER_PORT } from "./defaults";
import type { PublishPlan, ServerPlan } from "./plan";

export interface ConnectSnippets {
  /** Node.js, driver `rethinkdb-ts`. */
  readonly javascript: string;
  /** Python, driver `rethinkdb`. */
  readonly python: string;
  /** `rethinkdb-dump` and its sisters, of the Python package `rethinkdb`. */
  readonly tools: string;
  /** A local port that leads to the driver port through ssh. */
  readonly ssh: string;
}

/** How the first server is reached. */
export interface ConnectTarget {
  /** Where its driver port is published; null when it is not. */
  readonly published: PublishPlan | null;
  /** Where containers on its networks reach it; null when they do not. */
  readonly network: PublishPlan | null;
  /** Its address on the cluster's network. */
  readonly address: string;
  /** The host, as it stands on ssh's command line; null when nobody said so. */
  readonly sshHost: string | null;
  /** Whether a client has to show a certificate of `driverClients`. */
  readonly demandsClientCertificate: boolean;
}

export function renderConnect(at: ConnectTarget, driverCaPem: string): ConnectSnippets {
  const ssh = renderSsh(at);
  const target = at.published ?? at.network;
  if (target === null) {
    const none = "The driver ports are not published (driverPublish is none): npm run tunnel opens a local one.";
    return { javascript: none, python: none, tools: none, ssh };
  }
  const { javascript, python, tools } = at.demandsClientCertificate
    ? renderCertifiedClients(target, driverCaPem)
    : renderClients(target, driverCaPem);
  if (at.published !== null) return { javascript, python, tools, ssh };
  const where = "in a container on the cluster's network, or on one of driverNetworks";
  return {
    javascript: `// ${where}\n${javascript}`,
    python: `# ${where}\n${python}`,
    tools: `# ${where}\n${tools}`,
    ssh,
  };
}

/** A local port through ssh, for a host that is not this one; the address of a container is reached on its host alone. */
function renderSsh({ published, network, address, sshHost }: ConnectTarget): string {
  if (published === null && network === null)
    return "The driver ports listen on loopback inside the containers: npm run tunnel leads there.";
  const local = published?.port ?? DRIVER_PORT;
  const remote = published ?? { address, port: DRIVER_PORT };
  return `ssh -N -L ${String(local)}:${endpoint(remote.address, remote.port)} ${sshHost ?? "user@host"}`;
}

/** Of the drivers for JavaScript and Python only the first can show a certificate, and the tools are written in Python. */
function renderCertifiedClients(target: PublishPlan, driverCaPem: string): Omit<ConnectSnippets, "ssh"> {
  const cannot =
    "The driver ports demand a client certificate (driverClients), which the official Python driver and its tools cannot show.";
  const certificate = [
    `// client.pem and client.key: output driverClientCertificates, certPem and keyPem of one name`,
    `const { readFileSync } = require("node:fs");`,
    `const [cert, key] = ["client.pem", "client.key"].map((name) => readFileSync(name));`,
  ];
  return { javascript: renderJavascript(target, driverCaPem, certificate), python: cannot, tools: cannot };
}

/** @param certificate lines that define `cert` and `key`; none where no certificate is shown. */
function renderJavascript({ address, port }: PublishPlan, driverCaPem: string, certificate: readonly string[]): string {
  const shown = certificate.length > 0 ? ", cert, key" : "";
  return [
    `// npm install rethinkdb-ts; the password is read from RETHINKDB_PASSWORD`,
    ...certificate,
    `const { r } = require("rethinkdb-ts");`,
    `const ca = \`${driverCaPem.trim()}\`;`,
    `async function main() {`,
    `  const server = { host: ${JSON.stringify(address)}, port: ${String(port)}, tls: true, ca${shown} };`,
    `  const connection = await r.connect({ server, user: "admin", password: process.env.RETHINKDB_PASSWORD });`,
    `  console.log(await r.expr("connected over TLS").run(connection));`,
    `  await connection.close();`,
    `}`,
    `main();`,
    ``,
  ].join("\n");
}

function renderClients(target: PublishPlan, driverCaPem: string): Omit<ConnectSnippets, "ssh"> {
  const { address, port } = target;
  const host = JSON.stringify(address);
  const ca = driverCaPem.trim();
  return {
    javascript: renderJavascript(target, driverCaPem, []),
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

/** As the ssh command takes it, which knows no port in a host's name: `-p 2222 me@db.example`. */
function readSshHost(dockerHost: string): string | null {
  const [, user = "", host, port] = /^ssh:\/\/([^@/]+@)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?/.exec(dockerHost) ?? [];
  if (host === undefined) return null;
  return `${port === undefined ? "" : `-p ${port} `}${user}${host.replace(/^\[|\]$/g, "")}`;
}

export function planConnect(server: ServerPlan, dockerHost: string | null): ConnectTarget {
  const { client, container, driverPort, driverBound, address, demandsClientCertificate } = server;
  return {
    demandsClientCertificate,
    published: client,
    network: driverBound ? { address: container, port: driverPort } : null,
    address,
    sshHost: readSshHost(dockerHost ?? ""),
  };
}
