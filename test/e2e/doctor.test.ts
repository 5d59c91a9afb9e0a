/** The doctor on running clusters: nothing on healthy ones, and each fault that is planted, with its severity and subject. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { declaredIn } from "../../cli/doctor/declared";
import type { ExportedState } from "../../cli/stack/state";
import type { Declared } from "../../core/decide/audit/declared";
import type { AuditReport, ClusterAudit, Finding } from "../../core/decide/audit/report";
import type { Health } from "../../core/decide/health";
import { findSecrets, needlesOf } from "../../core/decide/audit/secretSearch";
import { audit } from "../../ops/doctor/audit";
import { auditOutside } from "../../ops/doctor/outside";
import { PROBES } from "../../ops/doctor/probes/all";
import { type Expected, type Fault, finds } from "../support/faults";
import { strangersCa } from "../support/openssl";
import { missingWebUiImage } from "../support/prerequisites";
import { mustPython, type Target } from "../support/python";
import { docker, TestStack, tryDocker } from "../support/stack";

const NAME = "t-doc";
const SUBNET = "10.221.2";
const PORT = 31620;
const ELSEWHERE = "t-doc-elsewhere";
const UI_PORT = 31630;
const IMAGE = "rethinkdb:2.4.4-bookworm-slim";
const UI_IMAGE = "nginx:1.30.6";
const [N0, N1, N2] = [0, 1, 2].map((i) => `${NAME}-n${String(i)}`) as [string, string, string];
const UI = `${NAME}-ui`;
const PASSWORD = "the password of the web UI";
const network = "n2 from the cluster's network";

let stack: TestStack;
let declared: Declared;
let ca: string;

function declaredOf(of: TestStack): Declared {
  const [found] = declaredIn(JSON.parse(of.exported("--show-secrets")) as ExportedState);
  assert.ok(found);
  return found;
}

async function look(only: readonly string[], of = declared, project = stack.folder): Promise<ClusterAudit> {
  return audit(of, { project, only, skip: [], ...(only.length > 0 && { health: () => Promise.resolve(WELL) }) });
}

/** Health has tests of its own, and takes its time. */
const WELL: Health = {
  clusterName: NAME,
  servers: [],
  tables: { total: 0, ready: 0, unready: [] },
  issues: [],
  problems: [],
};

/** Every probe tried, and no finding; what cannot be tried on this cluster is named. */
function assertHealthy(found: ClusterAudit, needless: readonly string[]): void {
  assert.deepEqual(found.findings, []);
  assert.deepEqual(
    found.notTried.filter(({ essential }) => essential),
    [],
  );
  const left = found.lines.flatMap(({ probes }) => probes).filter(({ outcome }) => outcome === "not-tried");
  assert.deepEqual(left.map(({ id }) => id).sort(), [...needless].sort());
}

function admin(): Target {
  return { port: PORT, password: stack.settings.adminPassword, ca };
}

/** Python lines as admin. */
function ask(body: string): unknown {
  return mustPython(admin(), `${body}\nreturn 1`);
}

/** As root on a volume of a server. */
function onVolume(volume: string, script: string): void {
  docker(
    "run",
    "--rm",
    "--network",
    "none",
    "-v",
    `${volume}:/v`,
    "--tmpfs",
    "/data",
    "--entrypoint",
    "bash",
    IMAGE,
    "-c",
    script,
  );
}

function stranger(...flags: readonly string[]): void {
  docker("run", "--detach", "--name", `${NAME}-stranger`, "--tmpfs", "/data", ...flags);
}

function noStranger(): void {
  tryDocker("rm", "--force", "--volumes", `${NAME}-stranger`);
}

/** Into the folder `other` of a tls volume, readable by all. */
function putFiles(volume: string, files: Readonly<Record<string, string>>): void {
  const write = Object.entries(files).map(
    ([name, text]) => `echo ${Buffer.from(text).toString("base64")} | base64 -d > /v/other/${name}`,
  );
  onVolume(volume, `mkdir /v/other && ${write.join(" && ")} && chmod -R a+rX /v/other`);
}

function strangersPair(): Readonly<Record<string, string>> {
  const { key, certPem } = strangersCa();
  return { "key.pem": readFileSync(key, "utf8"), "cert.pem": certPem };
}

/** Perl. */
function listenerOn(port: number): string {
  return `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => ${String(port)}, Listen => 5); sleep 600`;
}

function words(text: string): readonly string[] {
  return text.split(" ");
}

const sleeper = ["--entrypoint", "sleep", IMAGE, "600"];
let api: Server | undefined;
/** A folder with a local stack. */
let projectWithState: string | undefined;

const endSleep = "kill $(grep -als '^sleep.602' /proc/[0-9]*/cmdline | cut -d/ -f3)";

/** Declared otherwise: the cluster stays as it is. */
const OTHERWISE_DECLARED: readonly (Pick<Fault, "what" | "finds"> & { readonly declared: () => Declared })[] = [
  {
    what: "a certificate that ends soon",
    declared: () => ({
      ...declared,
      servers: declared.servers.map((server) => ({
        ...server,
        files: { ...server.files, "driver.pem": endsInDays(5) },
      })),
    }),
    finds: [finds("certificate-ends", "high", "n0", /^its driver certificate ends in 4 days$/)],
  },
  {
    what: "a network with another subnet",
    declared: () => ({ ...declared, networks: declared.networks.map((one) => ({ ...one, subnet: "10.9.9.0/24" })) }),
    finds: [finds("network-drift", "high", NAME, /^the subnet is 10\.221\.2\.0\/24 instead of 10\.9\.9\.0\/24$/)],
  },
  {
    what: "a volume that is gone",
    declared: () => ({ ...declared, volumes: [...declared.volumes, { name: "t-doc-gone", host: "", labels: {} }] }),
    finds: [finds("volume-drift", "high", "t-doc-gone", /^the volume is gone$/)],
  },
  {
    what: "a secret that the state keeps in clear",
    declared: () => ({
      ...declared,
      openState: `${declared.openState}${JSON.stringify(stack.settings.adminPassword)}`,
    }),
    finds: [finds("secrets-in-state", "critical", "the stack's state", /^a value in clear holds the admin password$/)],
  },
  {
    what: "a web UI of another CA",
    declared: () => ({ ...declared, operator: { ...declared.operator, driverCa: endsInDays(5) } }),
    finds: [
      finds(
        "web-ui-tls",
        "high",
        UI,
        /^a browser that dials 127\.0\.0\.1 refuses it: unable to verify leaf signature$/,
      ),
    ],
  },
  {
    what: "a driver CA that is the cluster CA",
    declared: () => ({
      ...declared,
      servers: declared.servers.map((server) => ({
        ...server,
        files: {
          ...server.files,
          "driver.pem": server.files["cluster.pem"] ?? "",
          "driver.key": server.files["cluster.key"] ?? "",
        },
      })),
    }),
    finds: [
      finds(
        "cluster-driver-certificate",
        "critical",
        network,
        /^it takes the stranger for a peer, and a peer is admin$/,
      ),
    ],
  },
];

/** A certificate of a stranger. */
function endsInDays(days: number): string {
  const args = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    "/dev/null",
  ];
  const made = spawnSync("openssl", [...args, "-subj", "/CN=stranger", "-days", String(days)], { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  return made.stdout;
}

/** Found while everything runs on as it was declared. */
const BY_HAND: readonly Fault[] = [
  {
    what: "more memory by docker update",
    plant: () => docker("update", "--memory", "2g", "--memory-swap", "2g", N2),
    undo: () => docker("update", "--memory", "1g", "--memory-swap", "1g", N2),
    finds: [finds("container-drift", "medium", N2, /^the memory limit: 2048 MiB instead of 1024 MiB$/)],
  },
  {
    what: "another restart policy by docker update",
    plant: () => docker("update", "--restart", "no", N2),
    undo: () => docker("update", "--restart", "unless-stopped", N2),
    finds: [finds("container-drift", "medium", N2, /^the restart policy: no instead of unless-stopped$/)],
  },
  {
    what: "a share of CPU time by docker update",
    plant: () => docker("update", "--cpu-shares", "512", N2),
    undo: () => docker("update", "--cpu-shares", "1024", N2),
    finds: [finds("container-drift", "low", N2, /^the share of CPU time: 512 instead of nothing$/)],
  },
  {
    what: "a limit of processes by docker update",
    plant: () => docker("update", "--pids-limit", "500", N2),
    undo: () => docker("update", "--pids-limit", "-1", N2),
    finds: [finds("container-drift", "low", N2, /^the limit of processes: 500 instead of nothing$/)],
  },
  {
    what: "a server on another network",
    plant: () => docker("network", "connect", "bridge", N2),
    undo: () => docker("network", "disconnect", "bridge", N2),
    finds: [finds("container-drift", "high", N2, /^the networks: bridge, t-doc instead of t-doc$/)],
  },
  {
    what: "a server that is paused",
    plant: () => docker("pause", N2),
    undo: async () => {
      docker("unpause", N2);
      await sleep(1500);
    },
    finds: [finds("containers-there", "high", N2, /^it is paused$/)],
  },
  {
    what: "a key that others may read",
    plant: () => {
      onVolume(`${N1}-tls`, "chmod 444 /v/*/driver.key");
    },
    undo: () => {
      onVolume(`${N1}-tls`, "chmod 400 /v/*/driver.key");
    },
    finds: [finds("key-modes", "high", N1, /driver\.key has mode 444: other users of the host may read it$/)],
  },
  {
    what: "a certificate that others may change",
    plant: () => {
      onVolume(`${N1}-tls`, "chmod 666 /v/*/cluster-ca.pem");
    },
    undo: () => {
      onVolume(`${N1}-tls`, "chmod 444 /v/*/cluster-ca.pem");
    },
    finds: [finds("key-modes", "high", N1, /cluster-ca\.pem has mode 666: others may change it$/)],
  },
  {
    what: "a key of the server's own that it may change",
    plant: () => {
      onVolume(`${N1}-tls`, "chmod 600 /v/*/cluster.key");
    },
    undo: () => {
      onVolume(`${N1}-tls`, "chmod 400 /v/*/cluster.key");
    },
    finds: [finds("key-modes", "medium", N1, /cluster\.key has mode 600 and is the server's own$/)],
  },
  {
    what: "a data folder that the server may write",
    plant: () => {
      onVolume(`${N1}-data`, "chmod 777 /v");
    },
    undo: () => {
      onVolume(`${N1}-data`, "chmod 755 /v");
    },
    finds: [finds("writable-files", "critical", N1, /^it may write \/data$/)],
  },
  {
    what: "a foreign file on a data volume",
    plant: () => {
      onVolume(`${N1}-data`, "echo x > /v/stranger");
    },
    undo: () => {
      onVolume(`${N1}-data`, "rm /v/stranger");
    },
    finds: [finds("volume-content", "medium", "n1", /^\/data\/stranger was not put there by this project$/)],
  },
  {
    what: "a foreign file on a tls volume",
    plant: () => {
      onVolume(`${N1}-tls`, "echo x > /v/stranger.pem");
    },
    undo: () => {
      onVolume(`${N1}-tls`, "rm /v/stranger.pem");
    },
    finds: [finds("volume-content", "medium", "n1", /^\/tls\/stranger\.pem was not put there by this project$/)],
  },
  {
    what: "another identity on a data volume",
    plant: () => {
      onVolume(
        `${N1}-data`,
        "cp -p /v/identity /v/started && chmod 644 /v/identity && echo stranger/n1/0 > /v/identity",
      );
    },
    undo: () => {
      onVolume(`${N1}-data`, "cat /v/started > /v/identity && chmod 444 /v/identity && : > /v/started");
    },
    finds: [
      finds("data-identity", "critical", "n1", /^its data volume says stranger\/n1\/0 instead of [0-9a-f]{24}\/n1\/0$/),
    ],
  },
  {
    what: "a user made by hand",
    plant: () => ask(`r.db("rethinkdb").table("users").insert({"id": "byhand", "password": "by hand"}).run(c)`),
    undo: () => ask(`r.db("rethinkdb").table("users").get("byhand").delete().run(c)`),
    finds: [
      finds("accounts-beyond", "medium", "user byhand", /^the stack does not declare this user, who has no rights$/),
    ],
  },
  {
    what: "a user who equals admin",
    plant: () =>
      ask(
        `r.db("rethinkdb").table("users").insert({"id": "byhand", "password": "by hand"}).run(c)\nr.db("rethinkdb").table("users").grant("byhand", {"write": True}).run(c)`,
      ),
    undo: () => ask(`r.db("rethinkdb").table("users").get("byhand").delete().run(c)`),
    finds: [finds("accounts-beyond", "critical", "user byhand", /rethinkdb\.users: write, which equals admin$/)],
  },
  {
    what: "a right that the stack does not grant",
    plant: () => ask(`r.grant("web", {"config": True}).run(c)`),
    undo: () => ask(`r.grant("web", {"config": None}).run(c)`),
    finds: [
      finds(
        "rights-beyond",
        "high",
        "user web",
        /^user "web" has config on every database, which is not granted here$/,
      ),
    ],
  },
  {
    what: "a right that was taken away",
    plant: () => ask(`r.db("app").grant("web", {"write": None}).run(c)`),
    undo: () => ask(`r.db("app").grant("web", {"write": True}).run(c)`),
    finds: [finds("rights-beyond", "high", "user web", /^user "web" has read on app instead of read, write$/)],
  },
  {
    what: "another password of a user",
    plant: () => ask(`r.db("rethinkdb").table("users").get("web").update({"password": "another one"}).run(c)`),
    undo: () => ask(`r.db("rethinkdb").table("users").get("web").update({"password": "the password of web"}).run(c)`),
    finds: [finds("rights-beyond", "medium", "the cluster", /^user "web" has another password$/)],
  },
  {
    what: "a database that is gone",
    plant: () => ask(`r.db_drop("spare").run(c)`),
    undo: () => ask(`r.db_create("spare").run(c)`),
    finds: [finds("rights-beyond", "medium", "the cluster", /^database "spare" is missing$/)],
  },
  {
    what: "an operator who may read accounts",
    plant: () => ask(`r.db("rethinkdb").table("users").grant("pulumi_operator", {"read": True}).run(c)`),
    undo: () => ask(`r.db("rethinkdb").table("users").grant("pulumi_operator", {"read": None}).run(c)`),
    finds: [
      finds("operator-rights", "high", "user pulumi_operator", /^it also has read on rethinkdb\.users$/),
      finds("operator-tries", "high", "user pulumi_operator", /^it can read accounts$/),
    ],
  },
  {
    what: "an empty password",
    plant: () => ask(`r.db("rethinkdb").table("users").get("web").update({"password": False}).run(c)`),
    undo: () => ask(`r.db("rethinkdb").table("users").get("web").update({"password": "the password of web"}).run(c)`),
    finds: [finds("empty-password", "high", "n1", /^web may log in with an empty password$/)],
  },
  {
    what: "a password that everyone tries",
    plant: () => ask(`r.db("rethinkdb").table("users").get("web").update({"password": "this is no password"}).run(c)`),
    undo: () => ask(`r.db("rethinkdb").table("users").get("web").update({"password": "the password of web"}).run(c)`),
    finds: [finds("wrong-password", "high", "n2", /^web may log in with a wrong password$/)],
  },
  {
    what: "an admin password that stands in a log",
    plant: () =>
      ask(`r.db("rethinkdb").table("users").get("admin").update({"password": ${JSON.stringify(oneTime())}}).run(c)`),
    undo: () =>
      mustPython(
        { ...admin(), password: oneTime() },
        `r.db("rethinkdb").table("users").get("admin").update({"password": ${JSON.stringify(stack.settings.adminPassword)}}).run(c)\nreturn 1`,
      ),
    finds: [finds("one-time-password", "critical", "n0", /^admin may log in with the one-time password of its log$/)],
  },
  {
    what: "a container on a server's keys",
    plant: () => {
      stranger("--volume", `${N0}-tls:/x:ro`, ...sleeper);
    },
    undo: noStranger,
    finds: [
      finds(
        "foreign-containers",
        "critical",
        `${NAME}-stranger`,
        /^it uses t-doc-n0-tls, which belongs to the cluster$/,
      ),
    ],
  },
  {
    what: "a container on a server's data",
    plant: () => {
      stranger("--volume", `${N0}-data:/x`, ...sleeper);
    },
    undo: noStranger,
    finds: [
      finds(
        "foreign-containers",
        "critical",
        `${NAME}-stranger`,
        /^it uses t-doc-n0-data, which belongs to the cluster$/,
      ),
    ],
  },
  {
    what: "a container with the cluster's identity",
    plant: () => {
      stranger("--label", `pulumi-rethinkdb.identity=${declared.identity}`, ...sleeper);
    },
    undo: noStranger,
    finds: [
      finds(
        "foreign-containers",
        "high",
        `${NAME}-stranger`,
        /^it has the cluster's identity and the stack does not declare it$/,
      ),
    ],
  },
  {
    what: "a server that a foreign hand added",
    plant: async () => {
      joinAs("rethinkdb", "--server-name", "stranger", "--directory", "/data/x", "--no-http-admin");
      await sleep(4000);
    },
    undo: async () => {
      noStranger();
      await sleep(1000);
    },
    finds: [finds("cluster-members", "critical", "stranger", /^a server that the stack does not declare is a member$/)],
  },
  {
    what: "a proxy that a foreign hand added",
    plant: async () => {
      joinAs("rethinkdb", "proxy", "--log-file", "/data/log_file");
      await sleep(4000);
    },
    undo: async () => {
      noStranger();
      await sleep(1000);
    },
    finds: [finds("cluster-members", "critical", "the cluster", /^2 proxies are connected and the stack declares 1: /)],
  },
  {
    what: "another listener in a server",
    plant: async () => {
      docker("exec", "--detach", N2, "perl", "-e", listenerOn(4444));
      await sleep(500);
    },
    undo: () =>
      docker(
        "exec",
        N2,
        "bash",
        "-c",
        `for p in /proc/[0-9]*; do grep -qs 4444 $p/cmdline && [ $$ != "\${p#/proc/}" ] && kill "\${p#/proc/}"; done; true`,
      ),
    finds: [
      finds("listening-ports", "high", N2, /^it also listens on tcp 0\.0\.0\.0:4444$/),
      finds("port-scan", "high", N2, /^port 4444 is open and not declared$/),
    ],
  },
  {
    what: "a secret in the environment of a process",
    plant: () => docker("exec", "--detach", "--env", `TOKEN=${stack.settings.adminPassword}`, N2, "sleep", "601"),
    undo: () => docker("exec", N2, "bash", "-c", "kill $(grep -als '^sleep.601' /proc/[0-9]*/cmdline | cut -d/ -f3)"),
    finds: [
      finds("secrets-in-processes", "critical", N2, /^a command line or an environment holds the admin password$/),
    ],
  },
  {
    what: "an engine whose API answers in clear",
    plant: async () => {
      const server = createServer((_, answer) => answer.writeHead(200, { "Api-Version": "1.41" }).end("OK"));
      await new Promise<void>((resolve) => server.listen(2375, "127.0.0.1", resolve));
      api = server;
    },
    undo: () => api?.close(),
    finds: [
      finds(
        "engine-tcp",
        "critical",
        "the Docker engine",
        /^the engine's API answers in clear at 127\.0\.0\.1:2375 from the host$/,
      ),
    ],
  },
  {
    what: "a passphrase that others may read",
    plant: () => {
      projectWithState = mkdtempSync(join(tmpdir(), "doctor-"));
      mkdirSync(join(projectWithState, ".state"), { mode: 0o700 });
      writeFileSync(join(projectWithState, ".state", "passphrase"), "x");
      chmodSync(join(projectWithState, ".state", "passphrase"), 0o644);
    },
    undo: () => undefined,
    finds: [finds("deployer-files", "high", ".state/passphrase", /^mode 644: other users of this machine may use it$/)],
  },
  {
    what: "processes from outside that stayed",
    plant: async () => {
      docker("exec", "--detach", N1, "sleep", "602");
      docker("exec", "--detach", "--user", "0", N0, "sleep", "602");
      await sleep(22_000);
    },
    undo: () => {
      // Root without capabilities may end only its own.
      docker("exec", "--user", "0", N0, "bash", "-c", endSleep);
      docker("exec", N1, "bash", "-c", endSleep);
    },
    finds: [
      finds("exec-leftovers", "medium", N1, /^processes from outside run in it: sleep \(process \d+, user 28015\)$/),
      finds("exec-leftovers", "high", N0, /^processes from outside run in it: sleep \(process \d+, user 0\)$/),
    ],
  },
];

function oneTime(): string {
  return /Generated random admin password: (\S+)/.exec(docker("logs", N0))?.[1] ?? "";
}

/** A peer with a member's own certificate, as who stole it would start. */
function joinAs(...command: readonly string[]): void {
  const file = (name: string): string => `/tls/${declared.servers[1]?.fingerprint ?? ""}/${name}`;
  stranger(
    ...[
      "--network",
      NAME,
      "--volume",
      `${N1}-tls:/tls:ro`,
      "--user",
      "28015:28015",
      "--tmpfs",
      "/data:uid=28015,gid=28015",
    ],
    ...[
      IMAGE,
      ...command,
      "--join",
      `${SUBNET}.10:29015`,
      "--bind",
      "all",
      "--initial-password",
      "auto",
      "--no-update-check",
    ],
    ...[
      "--cluster-tls-key",
      file("cluster.key"),
      "--cluster-tls-cert",
      file("cluster.pem"),
      "--cluster-tls-ca",
      file("cluster-ca.pem"),
    ],
  );
}

const SERVER_BY_HAND: readonly Expected[] = [
  finds("port-8080", "critical", network, /^port 8080 is open and answers HTTP 200$/),
  finds("port-8080", "critical", "n2 from the host", /^port 8080 is open and answers HTTP 200$/),
  finds("r-http-get", "critical", `n0 to ${SUBNET}.12`, /^the server fetched a page of the web API$/),
  finds("driver-clear", "critical", network, /^it answers in clear: /),
  finds("driver-tls", "high", network, /^it speaks no TLS: wrong version number$/),
  finds("driver-old-handshake", "high", network, /^it answers V0_1, V0_2, V0_3, V0_4 in clear: /),
  finds("cluster-clear", "critical", network, /^it greets peers in clear: "RethinkDB cluster/),
  finds("listening-ports", "high", N2, /8080/),
  finds("published-ports", "critical", N2, /^it also publishes 8080\/tcp 0\.0\.0\.0:31629$/),
  finds("process-uid", "critical", N2, /^it runs as 0 instead of 28015$/),
  finds("process-capabilities", "high", N2, /^it has capabilities: /),
  finds("process-capabilities", "high", N2, /^no_new_privs is off/),
  finds("process-capabilities", "medium", N2, /^no seccomp filter/),
  finds("writable-files", "critical", N2, /^it may write /),
  finds("mounts", "critical", N2, /docker\.sock is mounted at .*docker\.sock and not declared$/),
  finds("mounts", "high", N2, /^\/ is mounted writable$/),
  finds("mounts", "high", N2, /^\/tls is mounted writable$/),
  finds("secrets-in-inspect", "critical", N2, /^docker inspect holds the admin password$/),
  finds("secrets-in-logs", "critical", N2, /^its log holds the admin password$/),
  finds("identity-labels", "critical", N2, /^its identity is nothing instead of [0-9a-f]{24}/),
  finds("data-identity", "high", "n2", /^loopback is not among its canonical addresses/),
  finds("container-drift", "high", N2, /^the user: 0:0 instead of 28015:28015$/),
  finds("container-drift", "high", N2, /^added capabilities: \["(CAP_)?NET_ADMIN"\] instead of nothing$/),
  finds("container-drift", "high", N2, /^the read-only root: false instead of true$/),
  finds("container-drift", "high", N2, /^dropped capabilities: nothing instead of ALL$/),
  finds("container-drift", "high", N2, /^security options: seccomp=unconfined instead of no-new-privileges$/),
  finds("container-drift", "high", N2, /^the volumes: /),
  finds("container-drift", "high", N2, /^the first process: /),
  finds("container-drift", "medium", N2, /^the memory limit: none instead of 1024 MiB$/),
];

const OTHER_OPTIONS: readonly Expected[] = [
  finds(
    "cluster-certificate",
    "medium",
    "n2 cluster port",
    /^it presents another certificate than the declared one, of the same CA, and has the further names DNS:n1, /,
  ),
  finds("driver-identity", "high", network, /^a client that dials t-doc-n2 refuses it: /),
  finds(
    "driver-certificate",
    "critical",
    "n2 driver port",
    /^it presents another certificate than the declared one, signed by /,
  ),
  finds("driver-old-tls", "high", network, /^it accepts .*TLS 1\.1$/),
  finds("cluster-old-tls", "high", network, /^it accepts .*TLS 1\.1$/),
  finds("driver-weak-ciphers", "high", network, /^it accepts ciphers with no encryption/),
  finds("cluster-weak-ciphers", "high", network, /^it accepts ciphers with no encryption/),
  finds("security-options", "high", "n2", /^it runs with --tls-min-protocol TLSv1 instead of TLSv1\.2$/),
  finds("security-options", "critical", "n2", /^it runs with --cluster-tls-ca \/tls\/other\/all\.pem instead of /),
  finds("security-options", "critical", "n2", /^it runs with --initial-password nothing instead of auto$/),
];

const UI_BY_HAND: readonly Expected[] = [
  finds("web-ui-cookie", "medium", UI, /^its answer lacks Secure, HttpOnly, SameSite=Strict, X-Frame-Options: DENY, /),
  finds("web-ui-password", "critical", UI, /^no password: HTTP 200/),
  finds("web-ui-foreign-site", "high", UI, /^foreign Host: HTTP 200, foreign Origin: HTTP 200/),
  finds("web-ui-tls", "high", UI, /^it accepts TLS 1\.1/),
  finds("container-drift", "high", UI, /^the command line: /),
];

/** Probes for which no fault is planted here. */
const NOT_PLANTED: Readonly<Record<string, string>> = {
  "http-flag": "a server that was started by a script shows no command line of its own; test/ops/doctor/probes.test.ts",
  "cluster-no-certificate":
    "RethinkDB has no option that lets a peer in without one over TLS; test/ops/doctor/wire.test.ts",
  "cluster-strangers-certificate": "the stranger is made up anew at each look; test/ops/doctor/wire.test.ts",
  "driver-foreign-ca": "it is the client's own check; test/ops/doctor/wire.test.ts",
  "foreign-network": "Docker's separation of networks is not broken on a shared engine; test/ops/doctor/probes.test.ts",
  "engine-endpoint": "the engine is this machine's; test/ops/doctor/probes.test.ts",
  "engine-socket": "the socket of a shared engine stays as it is",
  "engine-settings": "a shared engine stays as it is; test/ops/doctor/probes.test.ts",
  clocks: "a shared host's clock stays as it is; test/ops/doctor/probes.test.ts",
  disks: "a shared disk is not filled; test/ops/doctor/probes.test.ts",
};

function assertFound({ probe, severity, subject, seen }: Expected, findings: readonly Finding[]): void {
  const own = findings.filter(({ id }) => id === probe);
  const hit = own.find((finding) => finding.subject === subject && seen.test(finding.seen));
  assert.ok(hit, `${probe} on ${subject}: ${JSON.stringify(own)}`);
  assert.equal(hit.severity, severity, `${probe} on ${subject}: ${hit.seen}`);
  assert.notEqual(hit.todo, "");
  assert.match(hit.docs, /^docs\/security\.md#/);
}

function probesOf(expected: readonly Expected[]): readonly string[] {
  return [...new Set(expected.map(({ probe }) => probe))];
}

/** One look, and a test for each finding. */
function testAll(expected: readonly Expected[], of: () => Declared): void {
  let findings: readonly Finding[] = [];
  before(async () => {
    ({ findings } = await look(probesOf(expected), of()));
  });
  for (const one of expected) {
    test(`${one.probe} finds ${one.seen.source}`, () => {
      assertFound(one, findings);
    });
  }
}

describe("the doctor", { skip: missingWebUiImage() }, () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: `${SUBNET}.0/24`, driverPort: PORT });
    stack.configureJson("webUi", { enabled: true, port: UI_PORT });
    stack.pulumi(["config", "set", "--secret", "webUiPassword"], PASSWORD);
    stack.configureJson("databases", ["app", "spare"]);
    stack.configureJson("users", [{ name: "web", grants: [{ db: "app", read: true, write: true }] }]);
    stack.setUserPasswords({ web: "the password of web" });
    await stack.mustUp();
    ca = stack.output<string>("driverCaPem");
    declared = declaredOf(stack);
  });
  after(() => {
    noStranger();
    stack.dispose();
  });

  test("finds nothing on a healthy cluster of three servers, in less than 20 seconds, and changes nothing", () => {
    const state = (): string =>
      docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}} {{.RestartCount}}", N0, N1, N2, UI);
    const containers = (): string =>
      docker("ps", "-a", "--filter", "label=pulumi-rethinkdb.helper=doctor", "--format", "{{.Names}}");
    const before = state();
    const began = Date.now();
    const { code, stdout, output } = stack.cli("doctor", "--json");
    const seconds = (Date.now() - began) / 1000;
    assert.equal(code, 0, output);
    const report = JSON.parse(stdout) as AuditReport;
    assert.equal(report.version, 1);
    const [found] = report.clusters;
    assert.ok(found);
    assertHealthy(found, ["client-certificate", "deployer-files", "driver-networks"]);
    assert.ok(seconds < 20, `it took ${String(seconds)} seconds`);
    assert.equal(state(), before);
    assert.equal(containers(), "", "no throw-away container is left");
    for (const { text } of declared.secrets) assert.ok(!output.includes(text), "no secret is printed");
  });

  for (const fault of BY_HAND) {
    test(`finds ${fault.what}`, async () => {
      await fault.plant();
      try {
        const { findings } = await look(probesOf(fault.finds), declared, projectWithState);
        for (const expected of fault.finds) assertFound(expected, findings);
      } finally {
        await fault.undo();
      }
    });
  }

  for (const { what, declared: otherwise, finds: expected } of OTHERWISE_DECLARED) {
    test(`finds ${what}`, async () => {
      const { findings } = await look(probesOf(expected), otherwise());
      for (const one of expected) assertFound(one, findings);
    });
  }

  test("finds nothing any more when they are undone", async () => {
    assertHealthy(await look([]), ["client-certificate", "deployer-files", "driver-networks"]);
  });

  describe("on a server that was started by hand", () => {
    before(async () => {
      docker("rm", "--force", N2);
      docker(
        ...words(`run --detach --name ${N2} --network ${NAME} --ip ${SUBNET}.12 --user 0:0 --cap-add NET_ADMIN`),
        ...words(`--security-opt seccomp=unconfined --publish 0.0.0.0:${String(PORT + 9)}:8080`),
        ...words(
          `--volume ${N2}-data:/data --volume ${N2}-tls:/tls --volume /var/run/docker.sock:/var/run/docker.sock:ro`,
        ),
        ...words(`--label pulumi-rethinkdb.server=n2 --label pulumi-rethinkdb.cluster=${NAME}`),
        ...["--env", `TOKEN=${stack.settings.adminPassword}`, "--entrypoint", "bash", IMAGE, "-c"],
        `echo "the admin password is $TOKEN"; exec rethinkdb --directory /data/rethinkdb --server-name n2 --bind all --no-update-check --canonical-address ${SUBNET}.12`,
      );
      await sleep(4000);
    });
    testAll(SERVER_BY_HAND, () => declared);

    test("writes an archive for a helper without any of the secrets that lie around here", () => {
      const folder = mkdtempSync(join(tmpdir(), "bundle-"));
      const archive = join(folder, "b.tar.gz");
      assert.ok(docker("logs", N2).includes(stack.settings.adminPassword), "one is planted");
      const { code, output } = stack.cli("doctor", "--bundle", archive, "--only", "disks");
      assert.match(output, /^Wrote .*b\.tar\.gz: \d+ files, no secret among them\.$/m);
      assert.equal(code, 0, output);
      assert.equal(statSync(archive).mode & 0o777, 0o600);
      const unpacked = spawnSync("tar", ["xzOf", archive], { encoding: "utf8", maxBuffer: 1 << 28 });
      assert.equal(unpacked.status, 0, unpacked.stderr);
      assert.match(unpacked.stdout, /the admin password is <the admin password>/);
      assert.match(unpacked.stdout, /"TOKEN=<the admin password>"/);
      const { needles } = needlesOf(declared.secrets);
      assert.equal(needles.length, declared.secrets.length);
      assert.deepEqual(findSecrets(unpacked.stdout, needles), []);
      assert.ok(!unpacked.stdout.includes(oneTime()));
      const names = spawnSync("tar", ["tzf", archive], { encoding: "utf8" }).stdout.split("\n");
      for (const name of [
        "audit.json",
        "updates.json",
        "resources.json",
        `${NAME}/status.json`,
        `${NAME}/logs/${N0}.log`,
        `${NAME}/engine/${N0}.json`,
      ]) {
        assert.ok(names.includes(name), name);
      }
    });
  });

  describe("on a server with other certificates and options", () => {
    before(async () => {
      docker("rm", "--force", N2);
      onVolume(`${N2}-data`, "chown -R 28015:28015 /v/rethinkdb");
      putFiles(`${N2}-tls`, {
        ...strangersPair(),
        "all.pem": ["driver-ca.pem", "cluster-ca.pem"].map((name) => declared.servers[2]?.files[name] ?? "").join(""),
        "n1.key": declared.servers[1]?.files["cluster.key"] ?? "",
        "n1.pem": declared.servers[1]?.files["cluster.pem"] ?? "",
      });
      docker(
        ...words(`run --detach --name ${N2} --network ${NAME} --ip ${SUBNET}.12 --user 28015:28015`),
        ...words(`--volume ${N2}-data:/data --volume ${N2}-tls:/tls:ro`),
        ...words(`--label pulumi-rethinkdb.server=n2 --label pulumi-rethinkdb.cluster=${NAME} ${IMAGE}`),
        ...words(`rethinkdb --directory /data/rethinkdb --server-name n2 --bind all --no-http-admin --no-update-check`),
        ...words(`--canonical-address ${SUBNET}.12 --canonical-address 127.0.0.1 --join ${SUBNET}.10:29015`),
        ...words(
          `--cluster-tls-key /tls/other/n1.key --cluster-tls-cert /tls/other/n1.pem --cluster-tls-ca /tls/other/all.pem`,
        ),
        ...words(`--driver-tls-key /tls/other/key.pem --driver-tls-cert /tls/other/cert.pem`),
        ...words(`--tls-min-protocol TLSv1 --tls-ciphers ALL:eNULL:@SECLEVEL=0`),
      );
      await sleep(5000);
    });
    testAll(OTHER_OPTIONS, () => declared);
  });

  describe("on a web UI that was started by hand", () => {
    before(async () => {
      docker("rm", "--force", UI);
      const folder = /\/tls\/[0-9a-f]+/.exec(
        declared.containers.find(({ name }) => name === UI)?.command.join(" ") ?? "",
      )?.[0];
      const conf = [
        "pid /tmp/pid; events {}",
        "http { access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;",
        `server { listen 8443 ssl; ssl_certificate ${folder ?? ""}/ui.pem; ssl_certificate_key ${folder ?? ""}/ui.key;`,
        "ssl_protocols TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;",
        `location / { add_header Set-Cookie "rethinkdb_ui=x; Path=/"; proxy_pass http://unix:/socket/http.sock; proxy_set_header Host 127.0.0.1; } } }`,
      ];
      putFiles(`${UI}-tls`, { "nginx.conf": `${conf.join("\n")}\n` });
      docker(
        ...words(
          `run --detach --name ${UI} --network ${NAME} --user 28015:28015 --publish 127.0.0.1:${String(UI_PORT)}:8443`,
        ),
        ...words(`--volume ${UI}-tls:/tls:ro --volume ${UI}-socket:/socket:ro --tmpfs /tmp:uid=28015,gid=28015`),
        ...words(
          `--label pulumi-rethinkdb.cluster=${NAME} --entrypoint nginx ${UI_IMAGE} -e stderr -c /tls/other/nginx.conf -g`,
        ),
        "daemon off;",
      );
      await sleep(2000);
    });
    testAll(UI_BY_HAND, () => declared);
  });

  test("is well again after an up, and says so with exit code 0", async () => {
    for (const volume of [`${N2}-tls`, `${UI}-tls`]) onVolume(volume, "rm -r /v/other");
    onVolume(`${N2}-data`, "chown -R 28015:28015 /v/rethinkdb");
    docker("rm", "--force", N2, UI);
    await stack.mustUp("--refresh");
    await sleep(1000);
    const { code, output } = stack.cli("doctor");
    assert.equal(code, 0, output);
    assert.match(output, /^t-doc: nothing was found$/m);
  });
});

/** With client certificates, and on a network of its own. */
const ON_ONE_SERVER: readonly Expected[] = [
  finds("driver-networks", "high", `n0 from the network ${ELSEWHERE}`, /^port 8080 is open there, too$/),
  finds("client-certificate", "high", "n0", /^without a client certificate it accepts the login$/),
];

describe("the doctor on one server with driverClients and driverNetworks", () => {
  const ONE = "t-doc-one";
  let one: TestStack;
  let single: Declared;
  const name = `${ONE}-n0`;
  before(async () => {
    tryDocker("network", "rm", ELSEWHERE);
    docker("network", "create", "--subnet", "10.221.4.0/24", ELSEWHERE);
    one = TestStack.create({ clusterName: ONE, subnet: "10.221.3.0/24", driverPort: PORT + 20, nodes: 1 });
    one.configureJson("driverClients", ["app"]);
    one.configureJson("driverNetworks", [ELSEWHERE]);
    await one.mustUp();
    single = declaredOf(one);
  });
  after(() => {
    one.dispose();
    tryDocker("network", "rm", ELSEWHERE);
  });

  test("finds nothing", async () => {
    const found = await look([], single, one.folder);
    assertHealthy(found, [
      "deployer-files",
      "rights-beyond",
      "web-ui-cookie",
      "web-ui-foreign-site",
      "web-ui-password",
      "web-ui-tls",
    ]);
  });

  for (const expected of ON_ONE_SERVER) {
    test(`${expected.probe} finds ${expected.seen.source}`, async () => {
      if (expected.probe === "driver-networks") docker("exec", "--detach", name, "perl", "-e", listenerOn(8080));
      else startWithoutClientCa(name, single);
      await sleep(4000);
      const { findings } = await look([expected.probe], single, one.folder);
      assertFound(expected, findings);
    });
  }
});

function startWithoutClientCa(name: string, { containers, network: own, servers }: Declared): void {
  const [container] = containers;
  const command = container?.command ?? [];
  const flag = command.indexOf("--driver-tls-ca");
  docker("rm", "--force", name);
  docker(
    ...words(`run --detach --name ${name} --network ${own} --ip ${servers[0]?.address ?? ""} --user 28015:28015`),
    ...words(`--volume ${name}-data:/data --volume ${name}-tls:/tls:ro --entrypoint bash ${IMAGE}`),
    ...(container?.entrypoint.slice(1) ?? []),
    ...command.filter((_, index) => index !== flag && index !== flag + 1),
  );
}

describe("the doctor from outside", () => {
  const name = "t-doc-plain";
  before(async () => {
    tryDocker("rm", "--force", "--volumes", name);
    docker("run", "--detach", "--name", name, IMAGE);
    await sleep(3000);
  });
  after(() => {
    tryDocker("rm", "--force", "--volumes", name);
  });

  test("finds each sin of a server that was started with the defaults", async () => {
    const host = docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", name);
    const { findings } = await auditOutside([{ host, port: 28015 }]);
    const driver = `${host}:28015`;
    for (const expected of [
      finds(
        "port-8080",
        "critical",
        `${host}:8080`,
        /^port 8080 is open and answers HTTP 200: who reaches it is admin$/,
      ),
      finds("driver-clear", "critical", driver, /^it answers in clear: /),
      finds("cluster-clear", "critical", `${host}:29015`, /^it greets peers in clear, and a peer is admin: /),
      finds("empty-password", "critical", driver, /^admin may log in with an empty password in clear$/),
      finds("driver-tls", "high", driver, /^it speaks no TLS: wrong version number$/),
      finds("driver-old-handshake", "high", driver, /^it answers V0_4 in clear: /),
    ]) {
      assertFound(expected, findings);
    }
    assert.equal(findings.length, 6);
  });
});

test("has a planted fault for each probe but those that are named with a reason", () => {
  const planted = [
    ...BY_HAND.flatMap((fault) => fault.finds),
    ...OTHERWISE_DECLARED.flatMap((fault) => fault.finds),
    ...SERVER_BY_HAND,
    ...OTHER_OPTIONS,
    ...UI_BY_HAND,
    ...ON_ONE_SERVER,
  ];
  const without = PROBES.map(({ id }) => id).filter((id) => !planted.some(({ probe }) => probe === id));
  assert.deepEqual(without.sort(), Object.keys(NOT_PLANTED).sort());
  assert.ok(planted.length >= 40);
});
