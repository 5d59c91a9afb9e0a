/** What a person reads when Docker does not do what it should, and what the docker command is told. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Engine } from "../../ops/docker/engine";
import { Failure } from "../../ops/lib/failure";
import { type Answer, withFakeDocker } from "../support/fakeDocker";

const HOST = "tcp://192.0.2.1:2376";

const FAILURES: readonly (readonly [what: string, answer: Omit<Answer, "when">, message: string])[] = [
  [
    "an engine that does not run",
    {
      code: 1,
      stderr: "Cannot connect to the Docker daemon at tcp://192.0.2.1:2376. Is the docker daemon running?\nmore\n",
    },
    `Docker does not answer at ${HOST}: start the engine, or say where it is with DOCKER_HOST or docker context use ` +
      "(Cannot connect to the Docker daemon at tcp://192.0.2.1:2376. Is the docker daemon running?)",
  ],
  [
    "an engine that cannot be reached",
    { code: 1, stderr: "error during connect: Get https://192.0.2.1:2376: dial tcp: no such host\n" },
    `Docker does not answer at ${HOST}: start the engine, or say where it is with DOCKER_HOST or docker context use ` +
      "(error during connect: Get https://192.0.2.1:2376: dial tcp: no such host)",
  ],
  [
    "a user who may not use the engine",
    {
      code: 1,
      stderr: "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n",
    },
    `you may not use the Docker engine at ${HOST}: add yourself to the group "docker" and log in again`,
  ],
  [
    "a command that fails",
    { code: 1, stderr: "Error response from daemon: conflict\nsecond line\n" },
    "docker ps failed: Error response from daemon: conflict",
  ],
  ["a command that fails in silence", { code: 3 }, "docker ps failed: exit code 3"],
];

for (const [what, answer, message] of FAILURES) {
  test(`says what to do about ${what}`, async () => {
    await withFakeDocker([{ when: "", ...answer }], async () => {
      await assert.rejects(new Engine(HOST).run(["ps"]), new Failure(message));
    });
  });
}

test("says what ssh said of an engine behind it", async () => {
  const stderr =
    `error during connect: Get "http://docker/": command [ssh -- db.example docker system dial-stdio] has exited with ` +
    `exit status 255, make sure the URL is valid: stderr=@@@@@@@@\r\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\n` +
    `Host key verification failed.\r\n`;
  await withFakeDocker([{ when: "", code: 1, stderr }], async () => {
    await assert.rejects(
      new Engine("ssh://me@db.example").run(["ps"]),
      new Failure(
        "the host key of me@db.example is another one than before, or another machine answers there; find out which, then correct known_hosts",
      ),
    );
  });
});

test("says what to do where there is no docker command", async () => {
  const empty = mkdtempSync(join(tmpdir(), "path-"));
  const path = process.env["PATH"];
  process.env["PATH"] = empty;
  try {
    const message = "the docker command is not installed: install Docker's CLI";
    await assert.rejects(new Engine(HOST).run(["ps"]), new Failure(message));
  } finally {
    process.env["PATH"] = path;
    rmSync(empty, { recursive: true });
  }
});

test("says which context is not there", () => {
  const before = { ...process.env };
  try {
    delete process.env["DOCKER_HOST"];
    process.env["DOCKER_CONTEXT"] = "missing";
    assert.throws(
      () => new Engine(null),
      new Failure(`Docker context "missing" is not there: choose one with docker context use, or set DOCKER_HOST`),
    );
  } finally {
    process.env = before;
  }
});

test("tells docker its endpoint, and nothing of the deployment's environment", async () => {
  const before = { ...process.env };
  try {
    process.env["DOCKER_CONTEXT"] = "other";
    process.env["PULUMI_CONFIG_PASSPHRASE"] = "a passphrase";
    await withFakeDocker([], async (docker) => {
      await new Engine(HOST).run(["ps"]);
      const env = docker.calls[0]?.env ?? {};
      assert.equal(env["DOCKER_HOST"], HOST);
      const leaked = Object.keys(env).filter((key) => key === "DOCKER_CONTEXT" || key.startsWith("PULUMI_"));
      assert.deepEqual(leaked, []);
    });
  } finally {
    process.env = before;
  }
});

test("lists servers by number, and helpers not at all", async () => {
  const stdout = "n10\tdb-n10\trunning\nn2\tdb-n2\texited\n\tdb-helper\trunning\nn0\tdb-n0\trunning\n";
  await withFakeDocker([{ when: "^ps ", stdout }], async (docker) => {
    const engine = new Engine(HOST);
    assert.deepEqual(await engine.servers("0123"), [
      { engine, name: "n0", container: "db-n0", state: "running" },
      { engine, name: "n2", container: "db-n2", state: "exited" },
      { engine, name: "n10", container: "db-n10", state: "running" },
    ]);
    assert.deepEqual(docker.calls[0]?.args.slice(0, 4), [
      "ps",
      "-a",
      "--filter",
      "label=pulumi-rethinkdb.identity=0123",
    ]);
  });
});

test("knows an object that is not there from one that cannot be looked at", async () => {
  const answers = [
    { when: "inspect gone", code: 1, stdout: "[]\n", stderr: "Error response from daemon: No such container: gone\n" },
    { when: "inspect odd", code: 1, stderr: "Error response from daemon: broken\n" },
    { when: "inspect here", stdout: `[{"Id":"1"}]` },
  ];
  await withFakeDocker(answers, async () => {
    const engine = new Engine(HOST);
    assert.equal(await engine.inspect("container", "gone"), undefined);
    assert.deepEqual(await engine.inspect("container", "here"), { Id: "1" });
    const message = "docker container inspect odd failed: Error response from daemon: broken";
    await assert.rejects(engine.inspect("container", "odd"), new Failure(message));
  });
});

for (const stderr of [
  "Error response from daemon: No such container: x",
  "Error response from daemon: get x: no such volume",
  "Error response from daemon: network x not found",
  "Error: No such network: x",
  "Error response from daemon: no such image: x: No such image: x:latest",
  "Error: No such object: x",
]) {
  test(`takes "${stderr}" for an object that is not there`, async () => {
    await withFakeDocker([{ when: "inspect", code: 1, stderr: `${stderr}\n` }], async () => {
      assert.equal(await new Engine(HOST).inspect("container", "x"), undefined);
    });
  });
}

for (const stderr of [
  "unable to resolve docker endpoint: open /certs/ca.pem: no such file or directory",
  'could not read CA certificate "/certs/ca.pem": open /certs/ca.pem: no such file or directory',
  "dial tcp: lookup engine.example: no such host",
  'unable to resolve docker endpoint: context "x": context not found: open /x/meta.json: no such file or directory',
  "docker-credential-helper: executable file not found in $PATH",
  "page not found",
]) {
  test(`does not take "${stderr}" for an object that is not there`, async () => {
    await withFakeDocker([{ when: "inspect", code: 1, stderr: `${stderr}\n` }], async () => {
      await assert.rejects(
        new Engine(HOST).inspect("container", "x"),
        new Failure(`docker container inspect x failed: ${stderr}`),
      );
    });
  });
}

test("gives a helper no network, no writable root and only the capabilities it asked for", async () => {
  await withFakeDocker([], async (docker) => {
    await new Engine(HOST).runHelper({
      image: "rethinkdb:2.4.3",
      helper: "test",
      mounts: ["volume:/tls"],
      capabilities: ["CHOWN"],
      script: "true",
      args: ["a b"],
      stdin: "input",
    });
    assert.deepEqual(docker.calls[0]?.args, [
      ...["run", "--rm", "-i", "--pull", "never", "--network", "none", "--read-only", "--user", "0"],
      ...["--cap-drop", "ALL", "--cap-add", "CHOWN", "--security-opt", "no-new-privileges"],
      ...["--label", "pulumi-rethinkdb.helper=test", "--tmpfs", "/data", "--volume", "volume:/tls"],
      ...["--entrypoint", "bash", "rethinkdb:2.4.3", "-c", "true", "bash", "a b"],
    ]);
    assert.equal(docker.calls[0].stdin, "input");
  });
});
