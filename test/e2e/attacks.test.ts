/** What each attacker of docs/security.md tries on a running cluster, and the difference that the security makes. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { OPERATOR_USER } from "../../args/constants";
import { operatorPassword } from "../../core/plan/identity";
import { handshake, strangersCa } from "../support/openssl";
import { mustPython, python, type Target } from "../support/python";
import { docker, finish, nameOf, TestStack, tryDocker } from "../support/stack";

const NAME = "t-attack";
const SUBNET = "10.220.3";
const PORT = 31100;
const IMAGE = "rethinkdb:2.4.4-bookworm-slim";
const SERVERS = [0, 1, 2];

let stack: TestStack;
let upOutput: string;
let driverCa: string;
let files: {
  readonly driverCa: string;
  readonly clusterCa: string;
  readonly clusterKey: string;
  readonly clusterCert: string;
  readonly driverKey: string;
  readonly driverCert: string;
};

function container(ordinal: number): string {
  return `${NAME}-n${String(ordinal)}`;
}

function admin(overrides: Partial<Target> = {}): Target {
  return { port: PORT, password: stack.settings.adminPassword, ca: driverCa, ...overrides };
}

/** Raw bytes to a port: what comes back within a second. */
async function say(host: string, port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(bytes));
    let heard = "";
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") resolve(heard);
      else reject(error);
    });
    socket.on("close", () => {
      resolve(heard);
    });
    setTimeout(() => socket.destroy(), 1000);
  });
}

function serverNames(): unknown {
  return mustPython(admin(), `return sorted(s["name"] for s in r.db("rethinkdb").table("server_status").run(c))`);
}

/** Starts a stranger's server on the cluster's own network and looks whether anyone took it in. */
async function strangerJoins(...flags: readonly string[]): Promise<void> {
  const before = SERVERS.map((i) =>
    docker("inspect", "--format", "{{.State.StartedAt}} {{.RestartCount}}", container(i)),
  );
  const name = `${NAME}-stranger`;
  try {
    docker(
      ...[
        "run",
        "--detach",
        "--name",
        name,
        "--network",
        NAME,
        "--label",
        `pulumi-rethinkdb.cluster=${NAME}`,
        ...flags.filter((f) => f.startsWith("--volume=")),
      ],
      ...[IMAGE, "rethinkdb", "--bind", "all", "--join", `${SUBNET}.10:29015`, "--initial-password", "auto"],
      ...["--server-name", "stranger", "--no-update-check", ...flags.filter((f) => !f.startsWith("--volume="))],
    );
    await sleep(5000);
    assert.equal(docker("inspect", "--format", "{{.State.Running}}", name), "true", docker("logs", name));
    assert.deepEqual(serverNames(), ["n0", "n1", "n2"]);
    assert.doesNotMatch(docker("logs", name), /Connected to server/);
  } finally {
    tryDocker("rm", "--force", "--volumes", name);
  }
  await sleep(1000);
  const now = SERVERS.map((i) => docker("inspect", "--format", "{{.State.StartedAt}} {{.RestartCount}}", container(i)));
  assert.deepEqual(now, before, "no server restarted");
  assert.deepEqual(serverNames(), ["n0", "n1", "n2"]);
}

describe("a hostile neighbour", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: `${SUBNET}.0/24`, driverPort: PORT });
    upOutput = await stack.mustUp();
    driverCa = stack.output<string>("driverCaPem");
    const folder = mkdtempSync(join(tmpdir(), "rethinkdb-attack-"));
    const pem = (resource: string, field: string): string => {
      const path = join(folder, `${resource}.${field}`);
      writeFileSync(path, stack.plainOutput(resource, field));
      chmodSync(path, 0o444);
      return path;
    };
    files = {
      driverCa: pem("rethinkdb-driver-ca-g1", "certPem"),
      clusterCa: pem("rethinkdb-cluster-ca-g1", "certPem"),
      clusterKey: pem("rethinkdb-n1-cluster-key", "privateKeyPem"),
      clusterCert: pem("rethinkdb-n1-cluster-certificate", "certPem"),
      driverKey: pem("rethinkdb-n1-driver-key", "privateKeyPem"),
      driverCert: pem("rethinkdb-n1-driver-certificate", "certPem"),
    };
  });
  after(() => {
    stack.dispose();
  });

  describe("on the driver port", () => {
    test("gets no word out of it in clear, while TLS answers", async () => {
      const hello = Buffer.concat([Buffer.from([0xc3, 0xbd, 0xc2, 0x34]), Buffer.from('{"protocol_version":0}\0')]);
      for (const i of SERVERS) {
        assert.doesNotMatch(await say("127.0.0.1", PORT + i, hello), /success|RethinkDB|version/i);
        assert.doesNotMatch(await say(`${SUBNET}.${String(10 + i)}`, 28015, hello), /success|RethinkDB|version/i);
      }
      const plain = python({ port: PORT, password: stack.settings.adminPassword }, `return 1`);
      assert.equal(plain.ok, false);
      assert.equal(mustPython(admin(), `return r.expr(42).run(c)`), 42);
    });

    test("cannot send the password in clear with the handshake of old: V0_4 is not answered", async () => {
      const key = Buffer.from(stack.settings.adminPassword, "latin1");
      const length = Buffer.alloc(4);
      length.writeUInt32LE(key.length);
      const hello = Buffer.concat([
        Buffer.from([0x20, 0x2d, 0x0c, 0x40]),
        length,
        key,
        Buffer.from([0xc7, 0x70, 0x69, 0x7e]),
      ]);
      assert.doesNotMatch(await say("127.0.0.1", PORT, hello), /SUCCESS/);
    });

    test("is no server that a client with the CA would take for one of ours", () => {
      const stranger = strangersCa();
      const refused = python(admin({ ca: stranger.certPem }), `return 1`);
      assert.match(refused.ok ? "accepted" : refused.error, /CERTIFICATE_VERIFY_FAILED/);
      const wrongCa = handshake(`127.0.0.1:${String(PORT)}`, "-CAfile", stranger.cert);
      assert.equal(wrongCa.ok, false);
      for (const i of SERVERS) {
        const right = handshake(`127.0.0.1:${String(PORT + i)}`, "-CAfile", files.driverCa, "-verify_ip", "127.0.0.1");
        assert.equal(right.ok, true, right.output);
      }
      const wrongName = handshake(
        `127.0.0.1:${String(PORT)}`,
        "-CAfile",
        files.driverCa,
        "-verify_hostname",
        "example.org",
      );
      assert.equal(wrongName.ok, false);
      // The cluster CA signs nothing that a client meets.
      assert.equal(handshake(`127.0.0.1:${String(PORT)}`, "-CAfile", files.clusterCa).ok, false);
    });

    for (const [name, port] of [
      ["driver", 28015],
      ["cluster", 29015],
    ] as const) {
      test(`finds TLS 1.1 switched off on the ${name} port, whatever it offers itself`, () => {
        const ca = name === "driver" ? files.driverCa : files.clusterCa;
        const own = name === "driver" ? [] : ["-cert", files.clusterCert, "-key", files.clusterKey];
        const target = `${SUBNET}.10:${String(port)}`;
        const old = handshake(target, "-CAfile", ca, ...own, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0");
        assert.equal(old.ok, false);
        assert.match(old.output, /alert protocol version/);
        const now = handshake(target, "-CAfile", ca, ...own, "-tls1_2");
        assert.equal(now.ok, true, now.output);
        assert.match(now.output, /Protocol\s*: TLSv1\.2/);
      });
    }

    for (const [what, password] of [
      ["an empty", ""],
      ["a wrong", "password"],
    ] as const) {
      test(`is refused with ${what} password`, () => {
        for (const user of ["admin", OPERATOR_USER]) {
          const answer = python(admin({ user, password }), `return 1`);
          assert.match(answer.ok ? "accepted" : answer.error, /Wrong password/);
        }
      });
    }

    test("is refused with the one-time passwords that servers printed at their start", () => {
      for (const i of SERVERS) {
        const printed = /Generated random admin password: (\S+)/.exec(docker("logs", container(i)))?.[1];
        assert.ok(printed, `n${String(i)} printed one`);
        const answer = python(admin({ port: PORT + i, password: printed }), `return 1`);
        assert.match(answer.ok ? "accepted" : answer.error, /Wrong password/);
      }
    });
  });

  describe("on the cluster port", () => {
    const target = `${SUBNET}.10:29015`;

    test("is refused without a certificate, with a stranger's and with one of the driver CA", () => {
      const own = handshake(target, "-CAfile", files.clusterCa, "-cert", files.clusterCert, "-key", files.clusterKey);
      assert.equal(own.ok, true, own.output);
      const stranger = strangersCa();
      const attempts = {
        none: handshake(target, "-CAfile", files.clusterCa),
        stranger: handshake(target, "-CAfile", files.clusterCa, "-cert", stranger.cert, "-key", stranger.key),
        driver: handshake(target, "-CAfile", files.clusterCa, "-cert", files.driverCert, "-key", files.driverKey),
      };
      for (const [who, attempt] of Object.entries(attempts)) {
        assert.equal(attempt.ok, false, who);
        assert.match(attempt.output, /alert/, who);
      }
    });

    test("cannot join in clear", async () => {
      await strangerJoins();
    });

    test("cannot join with a CA of its own", async () => {
      const stranger = strangersCa();
      chmodSync(stranger.folder, 0o755);
      chmodSync(stranger.key, 0o644);
      await strangerJoins(
        `--volume=${stranger.folder}:/stranger:ro`,
        ...[
          "--cluster-tls-key",
          "/stranger/key.pem",
          "--cluster-tls-cert",
          "/stranger/cert.pem",
          "--cluster-tls-ca",
          "/stranger/cert.pem",
        ],
      );
    });
  });

  describe("looking for the web UI", () => {
    test("finds nothing on 8080, inside or outside", async () => {
      for (const i of SERVERS) {
        const inside = tryDocker("exec", container(i), "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080");
        assert.match(inside.output, /Connection refused/);
        await assert.rejects(
          say(`${SUBNET}.${String(10 + i)}`, 8080, Buffer.from("GET / HTTP/1.0\r\n\r\n")),
          /ECONNREFUSED/,
        );
      }
    });

    test("finds nothing listening but the driver and cluster ports", () => {
      for (const i of SERVERS) {
        const table = docker("exec", container(i), "cat", "/proc/net/tcp", "/proc/net/tcp6");
        const listening = table
          .split("\n")
          .map((line) => line.trim().split(/\s+/))
          // Docker's own name server has a port of its choice on 127.0.0.11.
          .filter(([, local, , state]) => state === "0A" && local?.startsWith("0B00007F:") === false)
          .map(([, local = ""]) => parseInt(local.split(":")[1] ?? "", 16));
        assert.deepEqual([...new Set(listening)].sort(), [28015, 29015]);
      }
    });

    test("gets nowhere with r.http as a user who may connect", () => {
      mustPython(
        admin(),
        `r.db("rethinkdb").table("users").insert({"id": "app", "password": "app"}).run(c)\nr.grant("app", {"read": True, "write": True, "connect": True}).run(c)\nreturn 1`,
      );
      const app = admin({ user: "app", password: "app" });
      for (const url of ["http://127.0.0.1:8080/ajax/reql/open-new-connection", `http://${SUBNET}.11:8080/`]) {
        const answer = python(
          app,
          `return r.http("${url}", method="POST", timeout=3, attempts=1, result_format="text").run(c)`,
        );
        assert.match(
          answer.ok ? `reached ${JSON.stringify(answer.value)}` : answer.error,
          /Couldn't connect|Failed to connect|Could not connect/i,
        );
      }
    });
  });

  describe("inside a server's container", () => {
    test("has no rights: no capability, no new privileges, its own uid, nothing writable but the data", () => {
      for (const i of SERVERS) {
        const status = docker("exec", container(i), "cat", "/proc/1/status");
        assert.match(status, /^Uid:\t28015\t28015\t28015\t28015$/m);
        assert.match(status, /^CapEff:\t0{16}$/m);
        assert.match(status, /^CapBnd:\t0{16}$/m);
        assert.match(status, /^NoNewPrivs:\t1$/m);
        for (const path of ["/x", "/tls/x", "/tls/join.conf", "/data/x", "/data/identity", "/tmp/x", "/etc/passwd"]) {
          const write = tryDocker("exec", container(i), "bash", "-c", `echo x >> ${path}`);
          assert.match(write.output, /Permission denied|Read-only file system/, path);
        }
        assert.equal(
          tryDocker("exec", container(i), "bash", "-c", "echo x > /data/rethinkdb/x && rm /data/rethinkdb/x").code,
          0,
        );
      }
    });

    test("finds keys that only the server can read, and files that it cannot change", () => {
      const listed = docker("exec", container(0), "bash", "-c", "cd /tls/*/ && stat -c '%n %a %u' *");
      assert.deepEqual(listed.split("\n"), [
        "cluster-ca.pem 444 0",
        "cluster.key 400 28015",
        "cluster.pem 444 0",
        "driver-ca.pem 444 0",
        "driver.key 400 28015",
        "driver.pem 444 0",
      ]);
    });
  });

  describe("reading what lies around", () => {
    test("finds no secret in inspect, logs, argv, environment, output, previews or the state", async () => {
      const keys = stack
        .resources()
        .filter(({ type }) => type === "tls:index/privateKey:PrivateKey")
        .map(({ urn }) => stack.plainOutput(nameOf(urn), "privateKeyPem"));
      assert.equal(keys.length, 10);
      const operator = operatorPassword(stack.plainOutput("rethinkdb-operator-g1", "privateKeyPem"));
      assert.equal(mustPython(admin({ user: OPERATOR_USER, password: operator }), `return r.expr(1).run(c)`), 1);

      // The first line of a key's PEM holds the private part; the last is the public key, which stands elsewhere in clear.
      const secrets = [stack.settings.adminPassword, operator, ...keys.map((pem) => pem.split("\n")[1] ?? "")];
      const needles = secrets.flatMap((text) => [
        text,
        JSON.stringify(text).slice(1, -1),
        Buffer.from(text).toString("base64").replace(/=+$/, "").slice(0, -2),
      ]);
      const preview = await stack.preview("--diff");
      const shown = await finish(stack.start(["stack", "output", "--json"]));
      const places: Record<string, string> = {
        "output of up": upOutput,
        "preview --diff": preview.output,
        "stack output": shown.output,
        state: stack.exported(),
        volumes: docker(
          "volume",
          "inspect",
          ...SERVERS.flatMap((i) => [`${container(i)}-data`, `${container(i)}-tls`]),
        ),
        network: docker("network", "inspect", NAME),
      };
      for (const i of SERVERS) {
        places[`inspect n${String(i)}`] = docker("inspect", container(i));
        places[`logs n${String(i)}`] = tryDocker("logs", container(i)).output;
        places[`argv n${String(i)}`] = docker("top", container(i), "-eo", "pid,args");
        places[`environment n${String(i)}`] = docker(
          "exec",
          container(i),
          "bash",
          "-c",
          "cat /proc/1/environ | tr '\\0' '\\n'",
        );
        places[`files n${String(i)}`] = docker(
          "exec",
          container(i),
          "bash",
          "-c",
          "cat /data/identity /tls/join.conf /data/rethinkdb/log_file",
        );
      }
      for (const [place, text] of Object.entries(places)) {
        assert.ok(text.length > 0, `${place} was read`);
        for (const needle of needles) assert.ok(!text.includes(needle), `${place} holds a secret`);
      }
    });

    test("finds an operator account that can neither read data nor touch accounts", () => {
      const key = stack.plainOutput("rethinkdb-operator-g1", "privateKeyPem");
      const operator = admin({ user: OPERATOR_USER, password: operatorPassword(key) });
      mustPython(
        admin(),
        `r.db("test").table_create("private").run(c)\nr.table("private").insert({"id": 1}).run(c)\nreturn 1`,
      );
      for (const query of [
        `r.table("private").count()`,
        `r.db("rethinkdb").table("users").count()`,
        `r.table("private").delete()`,
      ]) {
        const answer = python(operator, `return ${query}.run(c)`);
        assert.match(answer.ok ? `did ${query}` : answer.error, /do not have|permission/i);
      }
      assert.equal(mustPython(operator, `return r.db("rethinkdb").table("server_status").count().run(c)`), 3);
    });
  });
});
