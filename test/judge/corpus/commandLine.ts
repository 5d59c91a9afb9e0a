import { args, argv, type Change, hand, inputs, set, without, withWords } from "../change";
import { PASSWORD } from "../../support/recorded";
import { ALL, LOOPBACK, restart } from "./words";

const by = hand;
const cmd = restart("command");
const line = (how: string, title: string, now: string, was: string, who = ALL): string =>
  `${how}: ${who}: ${title} is now ${now}; was ${was}`;
/** Binds and canonical addresses differ from server to server. */
const each = (say: (server: string, address: string) => string): readonly string[] =>
  ["n0", "n1", "n2"].map((server, i) => say(server, `10.213.0.1${String(i)}`));

export const binds: readonly Change[] = [
  {
    name: "every listener binds every address",
    head: by(argv(without("--bind-cluster", "--bind-driver")), argv(withWords("--bind", "all"))),
    expect: [
      ...each((n, a) =>
        line("weakened", "address the cluster port binds", "all (every address)", `${a} (a private address)`, n),
      ),
      ...each((n, a) =>
        line("weakened", "address the driver port binds", "all (every address)", `${a} (a private address)`, n),
      ),
      cmd,
    ],
  },
  {
    name: "the driver port of one server binds every address",
    head: by(argv(set("--bind-driver", "0.0.0.0"), "n1")),
    expect: [
      line(
        "weakened",
        "address the driver port binds",
        "0.0.0.0 (every address)",
        "10.213.0.11 (a private address)",
        "n1",
      ),
      restart("command", "n1"),
    ],
  },
  {
    name: "the cluster port binds every address",
    head: by(argv(set("--bind-cluster", "all"), "n0")),
    expect: [
      line(
        "weakened",
        "address the cluster port binds",
        "all (every address)",
        "10.213.0.10 (a private address)",
        "n0",
      ),
      restart("command", "n0"),
    ],
  },
  {
    name: "the driver port binds a second, public address",
    head: by(argv(withWords("--bind-driver", "198.51.100.4"), "n0")),
    expect: [
      line(
        "weakened",
        "address the driver port binds",
        "10.213.0.10 (a private address), 198.51.100.4 (a public address)",
        "10.213.0.10 (a private address)",
        "n0",
      ),
      restart("command", "n0"),
    ],
  },
  {
    name: "the driver port is bound to loopback only",
    head: by(argv(set("--bind-driver", "127.0.0.1"), "n0")),
    expect: [
      line("strengthened", "address the driver port binds", LOOPBACK, "10.213.0.10 (a private address)", "n0"),
      restart("command", "n0"),
    ],
  },
  {
    name: "loopback is no longer bound",
    head: by(argv(withWords("--no-default-bind"))),
    expect: [line("weakened", "loopback stays bound", "no", "yes"), cmd],
  },
  {
    name: "loopback is no longer a canonical address",
    head: by(
      argv((words) =>
        words.filter(
          (word, i) => !(word === "127.0.0.1" || (word === "--canonical-address" && words[i + 1] === "127.0.0.1")),
        ),
      ),
    ),
    expect: [
      line("weakened", "loopback among the canonical addresses", "no", "yes"),
      ...each((n, a) => line("changed", "canonical addresses", a, `${a}, 127.0.0.1`, n)),
      cmd,
    ],
  },
  {
    name: "peers stand in argv",
    head: by(argv(withWords("--join", "10.213.0.10:29015"), "n1")),
    expect: [
      line("weakened", "peers to join on the command line", "10.213.0.10:29015", "none", "n1"),
      restart("command", "n1"),
    ],
  },
  {
    name: "the cluster port moves",
    head: by(argv(set("--cluster-port", "29115"))),
    expect: [line("changed", "port of the cluster-port listener", "29115", "29015"), cmd],
  },
  {
    name: "the canonical address of one server is another",
    head: by(argv((words) => words.map((w) => (w === "10.213.0.11" ? "10.213.0.77" : w)), "n1")),
    expect: [
      line(
        "changed",
        "address the cluster port binds",
        "10.213.0.77 (a private address)",
        "10.213.0.11 (a private address)",
        "n1",
      ),
      line(
        "changed",
        "address the driver port binds",
        "10.213.0.77 (a private address)",
        "10.213.0.11 (a private address)",
        "n1",
      ),
      line("weakened", "canonical addresses", "10.213.0.77, 127.0.0.1", "10.213.0.11, 127.0.0.1", "n1"),
      restart("command", "n1"),
    ],
  },
];

const HTTP = "http port (web UI)";

export const http: readonly Change[] = [
  {
    name: "the web UI is on, on loopback",
    head: by(argv(without("--no-http-admin"))),
    expect: [line("weakened", HTTP, `on, in clear, on ${LOOPBACK}`, "off"), cmd],
  },
  {
    name: "the web UI is on, on every address",
    head: by(argv(without("--no-http-admin")), argv(withWords("--bind-http", "all"))),
    expect: [line("weakened", HTTP, "on, in clear, on all (every address)", "off"), cmd],
  },
  {
    name: "the web UI of one server is on",
    head: by(argv(without("--no-http-admin"), "n2")),
    expect: [line("weakened", HTTP, `on, in clear, on ${LOOPBACK}`, "off", "n2"), restart("command", "n2")],
  },
  {
    name: "the web UI goes from loopback to every address",
    base: by(argv(without("--no-http-admin"))),
    head: by(argv(without("--no-http-admin")), argv(withWords("--bind-http", "0.0.0.0"))),
    expect: [line("weakened", HTTP, "on, in clear, on 0.0.0.0 (every address)", `on, in clear, on ${LOOPBACK}`), cmd],
  },
  {
    name: "the web UI gets TLS, and is open all the same",
    base: by(argv(without("--no-http-admin"))),
    head: by(
      argv(without("--no-http-admin")),
      argv(withWords("--http-tls-key", "/tls/k", "--http-tls-cert", "/tls/c")),
    ),
    expect: [line("changed", HTTP, `on, over TLS, on ${LOOPBACK}`, `on, in clear, on ${LOOPBACK}`), cmd],
  },
  {
    name: "the web UI is off again",
    base: by(argv(without("--no-http-admin"))),
    head: by(),
    expect: [line("strengthened", HTTP, "off", `on, in clear, on ${LOOPBACK}`), cmd],
  },
  {
    name: "r.http goes out through a proxy",
    head: by(argv(withWords("--reql-http-proxy", "socks5://10.0.0.1:1080"))),
    expect: [line("unknown", "way out of r.http", "proxy 25687458", "direct"), cmd],
  },
  {
    name: "a server takes the image's own command line, which opens everything",
    head: by(
      inputs((i) => {
        delete i.entrypoints;
        delete i.command;
      }, "n1"),
    ),
    expect: [
      line("weakened", HTTP, "on, in clear, on all (every address)", "off", "n1"),
      line("weakened", "first password of a server", "none", "random", "n1"),
      line("weakened", "cache size", "by the host's memory", "512 MiB", "n1"),
      line("weakened", "entry refuses a wrong data volume", "no", "yes", "n1"),
      line("unknown", "first process of the container", "the image's own", "this project's own", "n1"),
      line("weakened", "TLS on the driver port", "no", "yes", "n1"),
      line("weakened", "mutual TLS on the cluster port", "no", "yes", "n1"),
      line(
        "weakened",
        "address the cluster port binds",
        "all (every address)",
        "10.213.0.11 (a private address)",
        "n1",
      ),
      line("weakened", "address the driver port binds", "all (every address)", "10.213.0.11 (a private address)", "n1"),
      line("changed", "canonical addresses", "all local addresses", "10.213.0.11, 127.0.0.1", "n1"),
      line("changed", "port of the cluster-port listener", "none", "29015", "n1"),
      line("changed", "port of the driver-port listener", "none", "28015", "n1"),
      line("changed", "option --config-file", "not set", "/tls/join.conf", "n1"),
      line("weakened", "option --directory", "not set", "/data/rethinkdb", "n1"),
      line("weakened", "servers do not call home", "no", "yes", "n1"),
      line("changed", "option --server-name", "not set", "n1", "n1"),
      restart("command, entrypoints", "n1"),
    ],
  },
];

/** In the folder of the others. */
const DEMANDS = (words: string[]): string[] => {
  const other = words[words.indexOf("--driver-tls-cert") + 1] ?? "";
  return [...words, "--driver-tls-ca", other.replace("driver.pem", "client-ca.pem")];
};

export const tls: readonly Change[] = [
  {
    name: "TLS 1.1 is accepted",
    head: by(argv(set("--tls-min-protocol", "TLSv1.1"))),
    expect: [line("weakened", "oldest TLS version", "TLSv1.1", "TLSv1.2"), cmd],
  },
  {
    name: "TLS 1.0 is accepted by a server that accepted 1.1",
    base: by(argv(set("--tls-min-protocol", "TLSv1.1"), "n0")),
    head: by(argv(set("--tls-min-protocol", "TLSv1"), "n0")),
    expect: [line("weakened", "oldest TLS version", "TLSv1", "TLSv1.1", "n0"), restart("command", "n0")],
  },
  {
    name: "the oldest TLS version is left to RethinkDB, whose own default is the same",
    head: by(argv(without("--tls-min-protocol"))),
    expect: [cmd],
  },
  {
    name: "weak ciphers are accepted",
    head: by(argv(withWords("--tls-ciphers", "ALL:!aNULL"))),
    expect: [line("weakened", "ciphers", "ALL:!aNULL", "RethinkDB's own"), cmd],
  },
  {
    name: "other strong ciphers are named",
    head: by(argv(withWords("--tls-ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"))),
    expect: [line("changed", "ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384", "RethinkDB's own"), cmd],
  },
  {
    name: "the driver port speaks in clear",
    head: by(argv(without("--driver-tls-key", "--driver-tls-cert"))),
    expect: [line("weakened", "TLS on the driver port", "no", "yes"), cmd],
  },
  {
    name: "peers need no certificate",
    head: by(argv(without("--cluster-tls-ca"))),
    expect: [line("weakened", "mutual TLS on the cluster port", "no", "yes"), cmd],
  },
  {
    name: "peers are verified against the driver CA",
    head: by(
      argv((words) =>
        words.map((w, i) => (words[i - 1] === "--cluster-tls-ca" ? w.replace("cluster-ca", "driver-ca") : w)),
      ),
    ),
    expect: [
      line("weakened", "file of the CA that verifies peers", "/tls/…/driver-ca.pem", "/tls/…/cluster-ca.pem"),
      cmd,
    ],
  },
  {
    name: "clients need a certificate",
    head: by(argv(DEMANDS)),
    expect: [line("strengthened", "clients need a certificate", "yes", "no"), cmd],
  },
  {
    name: "clients need no certificate any more",
    base: by(argv(DEMANDS)),
    head: by(),
    expect: [line("weakened", "clients need a certificate", "no", "yes"), cmd],
  },
  {
    name: "another curve is used for the key exchange",
    head: by(argv(withWords("--tls-ecdh-curve", "secp384r1"))),
    expect: [line("unknown", "curve of the key exchange", "secp384r1", "prime256v1"), cmd],
  },
];

export const passwords: readonly Change[] = [
  {
    name: "a first password is written on the command line",
    head: by(argv(set("--initial-password", "hunter2-hunter2"))),
    expect: [line("weakened", "first password of a server", "written in argv", "random"), cmd],
  },
  {
    name: "servers start without any password",
    head: by(argv(without("--initial-password"))),
    expect: [line("weakened", "first password of a server", "none", "random"), cmd],
  },
  {
    name: "one server starts without any password",
    head: by(argv(without("--initial-password"), "n0")),
    expect: [line("weakened", "first password of a server", "none", "random", "n0"), restart("command", "n0")],
  },
  {
    name: "the first password is random again",
    base: by(argv(set("--initial-password", "hunter2-hunter2"))),
    head: by(),
    expect: [line("strengthened", "first password of a server", "random", "written in argv"), cmd],
  },
  {
    name: "nothing sets admin's password",
    head: by((set_) => ({ ...set_, resources: set_.resources.filter(({ name }) => name !== "db-admin") })),
    expect: [
      ...[
        "read on current_issues",
        "read on server_config",
        "read on server_status",
        "read on stats",
        "read on table_config",
        "read on table_status",
        "write on server_config",
        "write on table_config",
      ].map((right) => line("strengthened", `${right} granted to the operator`, "no", "yes", "cluster orders")),
      "weakened: cluster orders: guard admin is now no; was yes",
      "weakened: n1, n2: joins after the accounts are set is now no; was yes",
      "changed: cluster orders: what the deployment runs to make admin is now none; was ops admin",
      "changed: cluster orders: what the deployment runs to update admin is now none; was ops admin",
    ],
  },
  {
    name: "a request with passwords is no secret",
    head: by(inputs((i) => (i.stdin = "{}"), "admin")),
    expect: ["weakened: cluster orders: request of admin is a secret is now no; was yes"],
  },
  {
    name: "a program's result is shown",
    head: by(inputs((i) => (i.logging = "stdoutAndStderr"), "admin")),
    expect: ["weakened: cluster orders: output of admin shown is now stdoutAndStderr; was stderr"],
  },
  {
    name: "a password stands in the environment of a container",
    head: by(inputs((i) => (i.envs = ["ADMIN_PASSWORD=hunter2-hunter2"]), "n0")),
    expect: [
      "weakened: n0: secret in the environment variable ADMIN_PASSWORD is now yes; was no",
      "weakened: n0: environment variable ADMIN_PASSWORD is now set; was none",
      restart("envs", "n0"),
    ],
  },
  {
    name: "a secret of the stack stands in the environment of a container",
    head: by(inputs((i) => (i.envs = ["[secret]"]), "n0")),
    expect: ["weakened: n0: secret in the container's environment is now yes; was no", restart("envs", "n0")],
  },
  {
    name: "a harmless variable stands in the environment of a container",
    head: by(inputs((i) => (i.envs = ["TZ=UTC"]), "n0")),
    expect: ["weakened: n0: environment variable TZ is now set (25af4436); was none", restart("envs", "n0")],
  },
  {
    name: "an output of the stack is in clear that was a secret",
    base: by((s) => ({ ...s, outputs: { key: "secret" } })),
    head: by((s) => ({ ...s, outputs: { key: "clear" } })),
    expect: ["weakened: stack: output key is now in clear; was a secret"],
  },
  {
    name: "the stack has one more output",
    head: by((s) => ({ ...s, outputs: { greeting: "clear" } })),
    expect: ["changed: stack: output greeting is now in clear; was none"],
  },
  {
    name: "the password stands in clear in the stack's config",
    base: by((s) => ({ ...s, config: { "rethinkdb:adminPassword": "secret" } })),
    head: by((s) => ({ ...s, config: { "rethinkdb:adminPassword": "clear" } })),
    expect: ["weakened: stack: config value adminPassword is now in clear; was a secret"],
  },
  {
    name: "the operator's password rotates",
    head: by(inputs((i) => (i.algorithm = "RSA"), "operator-g1")),
    expect: [
      "changed: operator-g1: key is now RSA of 2048 bits; was ED25519",
      "destroyed: the operator's password is replaced by a new one: programs cannot log in until admin has set the new one",
    ],
  },
  { name: "admin's password is another", head: args({ adminPassword: `${PASSWORD} two` }), expect: [] },
  {
    name: "admin's password is written into the program",
    head: args({ adminPassword: "another horse, another staple" }),
    expect: ["weakened: cluster orders: secret adminPassword stands in the program itself is now yes; was no"],
  },
  {
    name: "an output shows a secret of the config in clear",
    head: hand((s) => ({ ...s, outputs: { ...s.outputs, shown: "leak" } })),
    expect: [
      "changed: stack: output shown is now in clear; was none",
      "weakened: stack: output shown holds a secret in clear is now yes; was no",
    ],
  },
];
