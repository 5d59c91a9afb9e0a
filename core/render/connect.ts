/** Snippets that a person pastes to connect: with the CA, without a password. */
import { endpoint, isAddress } from "../../args/values/addresses";
import { DRIVER_PORT } from "../../args/constants";
import type { PublishPlan } from "../plan/publish";
import type { ServerPlan } from "../plan/server";

/** Ways to connect, ready to paste, without a password. */
export interface ConnectSnippets {
  /** Node.js, driver `rethinkdb-ts`. */
  readonly javascript: string;
  /** Node.js, a pool of connections to every server. */
  readonly pool: string;
  /** Python, driver `rethinkdb`. */
  readonly python: string;
  /** `rethinkdb-dump` and its sisters, of the Python package `rethinkdb`. */
  readonly tools: string;
  /** A local port that leads to the driver port through ssh. */
  readonly ssh: string;
}

/** How the servers are reached; where nothing else is said, the first one. */
export interface ConnectTarget {
  /** Where its driver port is published; null when it is not. */
  readonly published: PublishPlan | null;
  /** Where containers on its networks reach it; null when they do not. */
  readonly network: PublishPlan | null;
  /** Every server, in the same way; empty when there is none. */
  readonly all: readonly PublishPlan[];
  /** Its address on the cluster's network. */
  readonly address: string;
  /** The host, as it stands on ssh's command line; null when it is not known. */
  readonly sshHost: string | null;
  /** Whether a client has to show a certificate of `driverClients`. */
  readonly demandsClientCertificate: boolean;
}

export function renderConnect(at: ConnectTarget, driverCaPem: string): ConnectSnippets {
  const ssh = renderSsh(at);
  const target = at.published ?? at.network;
  if (target === null) {
    const none =
      "The driver ports are not published (driverPublish is none): npx pulumi-rethinkdb tunnel opens a local one.";
    return { javascript: none, pool: none, python: none, tools: none, ssh };
  }
  const { javascript, pool, python, tools } = at.demandsClientCertificate
    ? renderCertifiedClients(target, at.all, driverCaPem)
    : renderClients(target, at.all, driverCaPem);
  if (at.published !== null) return { javascript, pool, python, tools, ssh };
  const where = "in a container on the cluster's network, or on one of driverNetworks";
  return {
    javascript: `// ${where}\n${javascript}`,
    pool: `// ${where}\n${pool}`,
    python: `# ${where}\n${python}`,
    tools: `# ${where}\n${tools}`,
    ssh,
  };
}

/** A local port through ssh, for a host that is not this one; the address of a container is reached on its host alone. */
function renderSsh({ published, network, address, sshHost }: ConnectTarget): string {
  if (published === null && network === null)
    return "The driver ports listen on loopback inside the containers: npx pulumi-rethinkdb tunnel leads there.";
  const local = published?.port ?? DRIVER_PORT;
  const remote = published ?? { address, port: DRIVER_PORT };
  return `ssh -N -L ${String(local)}:${endpoint(remote.address, remote.port)} ${sshHost ?? "user@host"}`;
}

/** Of the drivers for JavaScript and Python only the first can show a certificate, and the tools are written in Python. */
function renderCertifiedClients(
  target: PublishPlan,
  all: readonly PublishPlan[],
  driverCaPem: string,
): Omit<ConnectSnippets, "ssh"> {
  const cannot =
    "The driver ports demand a client certificate (driverClients), which the official Python driver and its tools cannot show.";
  const certificate = [
    `// client.pem and client.key: output driverClientCertificates, certPem and keyPem of one name`,
    `const { readFileSync } = require("node:fs");`,
    `const [cert, key] = ["client.pem", "client.key"].map((name) => readFileSync(name));`,
  ];
  return {
    javascript: renderJavascript(target, driverCaPem, certificate),
    pool: renderPool(all, driverCaPem, certificate),
    python: cannot,
    tools: cannot,
  };
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
    `  const server = { host: ${JSON.stringify(clientHost(address))}, port: ${String(port)}, tls: true, ca${shown} };`,
    `  const connection = await r.connect({ server, user: "admin", password: process.env.RETHINKDB_PASSWORD });`,
    `  console.log(await r.expr("connected over TLS").run(connection));`,
    `  await connection.close();`,
    `}`,
    `main();`,
    ``,
  ].join("\n");
}

/**
 * Every server is named and none is discovered: each tells its peers' addresses, loopback among them, and drivers that ask
 * for those take one address for all of them.
 */
function renderPool(all: readonly PublishPlan[], driverCaPem: string, certificate: readonly string[]): string {
  const shown = certificate.length > 0 ? ", cert, key" : "";
  return [
    `// npm install rethinkdb-ts; the password is read from RETHINKDB_PASSWORD`,
    ...certificate,
    `const { r } = require("rethinkdb-ts");`,
    `const ca = \`${driverCaPem.trim()}\`;`,
    `const servers = [`,
    ...all.map(
      ({ address, port }) =>
        `  { host: ${JSON.stringify(clientHost(address))}, port: ${String(port)}, tls: true, ca${shown} },`,
    ),
    `];`,
    `async function main() {`,
    `  // Leave discovery off: with it, drivers replace this list by addresses that lead nowhere from here.`,
    `  const options = { servers, discovery: false, user: "admin", password: process.env.RETHINKDB_PASSWORD };`,
    `  const pool = await r.connectPool(options);`,
    `  console.log(await r.expr("connected over TLS").run());`,
    `  await pool.drain();`,
    `}`,
    `main();`,
    ``,
  ].join("\n");
}

function renderClients(
  target: PublishPlan,
  all: readonly PublishPlan[],
  driverCaPem: string,
): Omit<ConnectSnippets, "ssh"> {
  const address = clientHost(target.address);
  const { port } = target;
  const host = JSON.stringify(address);
  const ca = driverCaPem.trim();
  const install = `# python3 -m venv .venv && .venv/bin/pip install rethinkdb`;
  const caution = isAddress(address)
    ? [
        `# Python 3.12 and newer refuse an IP address here ("hostname ... doesn't match"):`,
        `# add a host name of the server to driverSans and connect by that name.`,
      ]
    : [];
  return {
    javascript: renderJavascript(target, driverCaPem, []),
    pool: renderPool(all, driverCaPem, []),
    python: [
      `${install}; run it with .venv/bin/python`,
      `# The password is read from RETHINKDB_PASSWORD.`,
      ...caution,
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
      install,
      `# Asks for the password.`,
      ...caution,
      `cat > rethinkdb-ca.pem <<'PEM'`,
      ca,
      `PEM`,
      `.venv/bin/rethinkdb-dump --connect ${endpoint(address, port)} --tls-cert rethinkdb-ca.pem --password`,
      ``,
    ].join("\n"),
  };
}

/**
 * What a client is told to connect to. From Python 3.12 on, the official driver compares only names with a certificate, no
 * addresses. `localhost` stands in every certificate.
 */
export function clientHost(address: string): string {
  return ["127.0.0.1", "::1"].includes(address) ? "localhost" : address;
}

/** As the ssh command takes it, which knows no port in a host's name: `-p 2222 me@db.example`. */
function readSshHost(dockerHost: string): string | null {
  const [, user = "", host, port] = /^ssh:\/\/([^@/]+@)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?/.exec(dockerHost) ?? [];
  if (host === undefined) return null;
  return `${port === undefined ? "" : `-p ${port} `}${user}${host.replace(/^\[|\]$/g, "")}`;
}

export function planConnect(servers: readonly ServerPlan[], dockerHost: string | null): ConnectTarget {
  const [first] = servers;
  if (first === undefined) throw new Error("a cluster has a server");
  const onNetwork = ({ container, driverPort, driverBound }: ServerPlan): PublishPlan | null =>
    driverBound ? { address: container, port: driverPort } : null;
  return {
    demandsClientCertificate: first.demandsClientCertificate,
    published: first.client,
    network: onNetwork(first),
    all: servers.map((server) => server.client ?? onNetwork(server)).filter((at) => at !== null),
    address: first.address,
    sshHost: readSshHost(dockerHost ?? ""),
  };
}
