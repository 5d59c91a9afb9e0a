/** The programs of the live side against a docker command that records what it is told. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { RethinkdbCluster } from "../../../components/index";
import type { PrepareRequest } from "../../../core/programs/prepare";
import { TLS_FILE_NAMES } from "../../../core/render/tlsFiles";
import { Engine } from "../../../ops/docker/engine";
import { publishes } from "../../../ops/fleet/ports";
import { peers } from "../../../ops/programs/peers";
import { prepare } from "../../../ops/programs/prepare";
import { record } from "../../support/mocks";

const PATH = process.env["PATH"] ?? "";
let folder: string;

/** Puts a `docker` on the PATH that appends argv and environment to `argv`, stdin to `stdin`, then runs `body`. */
function fakeDocker(body: string): void {
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" >> "${folder}/argv"; env >> "${folder}/argv"; cat >> "${folder}/stdin"\n${body}\n`;
  writeFileSync(join(folder, "docker"), script);
  chmodSync(join(folder, "docker"), 0o755);
}

function recorded(name: "argv" | "stdin"): string {
  return existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), "rethinkdb-fake-"));
  process.env["PATH"] = `${folder}${delimiter}${PATH}`;
  process.env["DOCKER_HOST"] = "unix:///fake.sock";
});
after(() => {
  process.env["PATH"] = PATH;
  delete process.env["DOCKER_HOST"];
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  for (const name of ["argv", "stdin", "docker"]) rmSync(join(folder, name), { force: true });
});

describe("an engine", () => {
  for (const [what, stderr, message] of [
    [
      "that is down",
      "Cannot connect to the Docker daemon at unix:///fake.sock. Is the docker daemon running?",
      "Docker does not answer at unix:///fake.sock: start the engine, or say where it is with DOCKER_HOST or docker context use (Cannot connect to the Docker daemon at unix:///fake.sock. Is the docker daemon running?)",
    ],
    [
      "that we may not use",
      "Got permission denied while trying to connect to the Docker daemon socket at unix:///fake.sock",
      'you may not use the Docker engine at unix:///fake.sock: add yourself to the group "docker" and log in again',
    ],
    ["that refuses", "Error response from daemon: no", "docker version failed: Error response from daemon: no"],
  ] as const) {
    test(`${what} is one sentence`, async () => {
      fakeDocker(`echo '${stderr}' >&2; exit 1`);
      await assert.rejects(new Engine(null).run(["version"]), { name: "Failure", message });
    });
  }

  test("is told nothing of Pulumi's secrets, and obeys no context", async () => {
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "the passphrase";
    process.env["DOCKER_CONTEXT"] = "elsewhere";
    fakeDocker("exit 0");
    await new Engine(null).run(["version"]);
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    delete process.env["DOCKER_CONTEXT"];
    assert.doesNotMatch(recorded("argv"), /passphrase|DOCKER_CONTEXT/);
    assert.match(recorded("argv"), /^DOCKER_HOST=unix:\/\/\/fake\.sock$/m);
  });
});

describe("an engine of a Docker context", () => {
  test("is asked with the context's own TLS files, by the docker command and by the provider", async () => {
    const config = join(folder, "config");
    const id = createHash("sha256").update("remote").digest("hex");
    const [meta, tls] = [join(config, "contexts", "meta", id), join(config, "contexts", "tls", id, "docker")];
    for (const path of [meta, tls]) mkdirSync(path, { recursive: true });
    writeFileSync(join(config, "config.json"), JSON.stringify({ currentContext: "remote" }));
    writeFileSync(join(meta, "meta.json"), JSON.stringify({ Endpoints: { docker: { Host: "tcp://remote:2376" } } }));
    for (const name of ["ca.pem", "cert.pem", "key.pem"]) writeFileSync(join(tls, name), name);
    const host = process.env["DOCKER_HOST"];
    delete process.env["DOCKER_HOST"];
    process.env["DOCKER_CONFIG"] = config;
    try {
      fakeDocker("exit 0");
      await new Engine(null).run(["version"]);
      const told = recorded("argv");
      assert.match(told, /^DOCKER_HOST=tcp:\/\/remote:2376$/m);
      assert.match(told, new RegExp(`^DOCKER_CERT_PATH=${tls}$`, "m"));
      assert.match(told, /^DOCKER_TLS_VERIFY=1$/m);
      const { resources } = await record(
        () => new RethinkdbCluster("db", { clusterName: "orders", adminPassword: "correct horse battery" }),
        true,
        undefined,
        { DOCKER_CONFIG: config },
      );
      const provider = resources.find(({ type }) => type === "pulumi:providers:docker");
      assert.deepEqual(provider?.inputs, { host: "tcp://remote:2376", certPath: tls });
    } finally {
      delete process.env["DOCKER_CONFIG"];
      process.env["DOCKER_HOST"] = host;
    }
  });
});

describe("programs that install files", () => {
  const cluster = { clusterName: "orders", identity: "id", image: "rethinkdb:x", dockerHost: null };
  const files = Object.fromEntries(
    TLS_FILE_NAMES.map((name) => [name, `CONTENT OF ${name}\n`]),
  ) as unknown as PrepareRequest["files"];
  const request = {
    ...cluster,
    ...{ server: "n1", dataVolume: "orders-n1-data", tlsVolume: "orders-n1-tls", incarnation: 0, uid: 28015 },
    ...{ fingerprint: "0123456789abcdef", files, seeds: ["10.213.0.10:29015"], adopt: false, spec: "spec" },
  };

  test("hand them over on stdin, in a container without network and with three capabilities", async () => {
    fakeDocker("exit 0");
    const { run, ...rest } = await prepare(request);
    assert.deepEqual(rest, { fingerprint: "0123456789abcdef", spec: "spec" });
    assert.match(run, /^[0-9a-f-]{36}$/);
    const [argv, stdin] = [recorded("argv"), recorded("stdin")];
    for (const name of TLS_FILE_NAMES) {
      const text = Buffer.from(files[name]).toString("base64");
      assert.ok(stdin.includes(`${name} ${text}\n`), name);
      assert.ok(
        !argv.includes(files[name].trim()) && !argv.includes(text),
        `${name} stays out of argv and environment`,
      );
    }
    assert.match(
      argv,
      /--network\nnone\n--read-only\n--user\n0\n--cap-drop\nALL\n--cap-add\nCHOWN\n--cap-add\nFOWNER\n--cap-add\nDAC_OVERRIDE\n--security-opt\nno-new-privileges\n/,
    );
  });

  test("say whose a data volume is that is not this server's", async () => {
    fakeDocker(`echo "$(printf '${"f".repeat(24)}/n1/0' | base64 -w0) - data"; exit 65`);
    await assert.rejects(prepare(request), {
      message:
        "n1: the data volume orders-n1-data holds data of n1 of an earlier cluster; nothing was touched; " +
        'put the right volume back, or start on it with allow: ["adopt-data"]',
    });
  });

  test("write each server a list of all others", async () => {
    fakeDocker("exit 0");
    const servers = [0, 1, 2].map((i) => ({
      name: `n${String(i)}`,
      tlsVolume: `v${String(i)}`,
      peer: `10.213.0.1${String(i)}:29015`,
    }));
    await peers({ ...cluster, servers });
    const lines = recorded("stdin")
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    const joins = lines.map(([name, text = ""]) => [
      name,
      Buffer.from(text, "base64")
        .toString()
        .match(/^join=.*$/gm),
    ]);
    assert.deepEqual(joins, [
      ["n0", ["join=10.213.0.11:29015", "join=10.213.0.12:29015"]],
      ["n1", ["join=10.213.0.10:29015", "join=10.213.0.12:29015"]],
      ["n2", ["join=10.213.0.10:29015", "join=10.213.0.11:29015"]],
    ]);
  });
});

describe("what docker ps says of ports", () => {
  for (const [ports, address, port, expected] of [
    ["127.0.0.1:28015->28015/tcp", "127.0.0.1", 28015, true],
    ["127.0.0.1:28015->28015/tcp", "192.0.2.1", 28015, false],
    ["0.0.0.0:28015->28015/tcp, :::28015->28015/tcp", "192.0.2.1", 28015, true],
    ["192.0.2.1:28015->28015/tcp", "0.0.0.0", 28015, true],
    ["0.0.0.0:28000-28020->28000-28020/tcp", "127.0.0.1", 28015, true],
    ["28015/tcp, 29015/tcp", "127.0.0.1", 28015, false],
    ["", "127.0.0.1", 28015, false],
  ] as const) {
    test(`"${ports}" ${expected ? "takes" : "leaves"} ${address}:${String(port)}`, () => {
      assert.equal(publishes(ports, address, port), expected);
    });
  }
});
