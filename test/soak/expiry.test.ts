/**
 * Certificates that really end under a running cluster: they are made by openssl under a clock of the past (faketime), put
 * where the servers' own lie, and written into the stack's state as if the provider had made them.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_IMAGE } from "../../args/constants";
import { untilOne } from "../support/cluster";
import { doctor } from "../support/doctor";
import { mustPython, python, type Target } from "../support/python";
import { docker, inspect, nameOf, TestStack } from "../support/stack";

const NAME = "t-expiry";
const PORTS = [31740, 31741, 31742];
const SERVERS = ["n0", "n1", "n2"];
const PURPOSES = ["cluster", "driver"] as const;

let stack: TestStack;
let folder: string;
/** New PEM by resource name. */
let made: Map<string, string>;
let end: number;

const target = (index: number): Target => ({
  port: PORTS[index] ?? 0,
  password: stack.settings.adminPassword,
  ca: stack.output<string>("driverCaPem"),
});

/** `openssl` at a time from which one day leads to the end. */
function opensslThen(...args: readonly string[]): void {
  const then = new Date(end - 24 * 3600 * 1000).toISOString().slice(0, 19).replace("T", " ");
  const env = { ...process.env, TZ: "UTC" };
  const { status, stderr } = spawnSync("faketime", [then, "openssl", ...args], { cwd: folder, env, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** @param cas whether the CAs end as well. */
function makeEnding(cas: boolean, seconds: number): void {
  end = Date.now() + seconds * 1000;
  made = new Map();
  for (const purpose of PURPOSES) {
    const ca = `rethinkdb-${purpose}-ca-g1`;
    put("ca.key", stack.plainOutput(`${ca}-key`, "privateKeyPem"));
    put("ca.pem", stack.plainOutput(ca, "certPem"));
    if (cas) {
      opensslThen("x509", "-in", "ca.pem", "-signkey", "ca.key", "-days", "1", "-out", "ca2.pem");
      made.set(ca, readFileSync(join(folder, "ca2.pem"), "utf8"));
      put("ca.pem", made.get(ca) ?? "");
    }
    const uses = purpose === "cluster" ? "serverAuth,clientAuth" : "serverAuth";
    put("ext", `keyUsage=critical,digitalSignature\nextendedKeyUsage=${uses}\n`);
    for (const name of SERVERS) {
      put("csr", stack.plainOutput(`rethinkdb-${name}-${purpose}-request`, "certRequestPem"));
      opensslThen(
        ...["x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1"],
        ...["-copy_extensions", "copyall", "-extfile", "ext", "-out", "leaf.pem"],
      );
      made.set(`rethinkdb-${name}-${purpose}-certificate`, readFileSync(join(folder, "leaf.pem"), "utf8"));
    }
  }
}

/** Onto the volumes and into the state. */
function install(): void {
  for (const name of SERVERS) {
    const args = inspect<{ Args: readonly string[] }>("container", `${NAME}-${name}`).Args;
    const where = (args[args.indexOf("--cluster-tls-cert") + 1] ?? "").replace(/\/[^/]*$/, "");
    const files: Readonly<Record<string, string | undefined>> = Object.fromEntries(
      PURPOSES.flatMap((purpose) => [
        [`${purpose}.pem`, made.get(`rethinkdb-${name}-${purpose}-certificate`)],
        [`${purpose}-ca.pem`, made.get(`rethinkdb-${purpose}-ca-g1`)],
      ]),
    );
    for (const [file, pem] of Object.entries(files)) {
      if (pem === undefined) continue;
      const mount = ["--volume", `${NAME}-${name}-tls:/tls`, "--entrypoint", "bash", DEFAULT_IMAGE];
      docker("run", "--rm", ...mount, "-c", `printf %s "$1" > "$2"`, "bash", pem, `${where}/${file}`);
    }
  }
  const state = JSON.parse(stack.exported("--show-secrets")) as {
    deployment: { resources: { urn: string; outputs?: Record<string, unknown> }[] };
  };
  for (const resource of state.deployment.resources) {
    const pem = made.get(nameOf(resource.urn));
    const listed = resource.outputs?.["certificates"] as
      { owner: string; purpose: string; notAfter: string }[] | undefined;
    for (const entry of listed ?? []) {
      const name = entry.owner === "CA" ? `${entry.purpose}-ca-g1` : `${entry.owner}-${entry.purpose}-certificate`;
      if (made.has(`rethinkdb-${name}`)) entry.notAfter = new Date(end).toISOString();
    }
    if (pem === undefined || resource.outputs === undefined) continue;
    Object.assign(resource.outputs, {
      certPem: pem,
      validityEndTime: new Date(end).toISOString().replace(/\.\d+/, ""),
    });
  }
  stack.pulumi(["stack", "import"], JSON.stringify(state));
}

async function untilEnded(): Promise<void> {
  await sleep(Math.max(0, end - Date.now()) + 1500);
}

function restartAll(): void {
  docker("restart", "--time", "30", ...SERVERS.map((name) => `${NAME}-${name}`));
}

function rowsFound(): unknown {
  return mustPython(target(0), `return r.table("kept").count().run(c)`);
}

describe("certificates that have ended", () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rethinkdb-expiry-"));
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.32.0/24", driverPort: PORTS[0] ?? 0 });
    await stack.mustUp();
    mustPython(
      target(0),
      `
r.db("test").table_create("kept", replicas=3).run(c)
r.table("kept").wait(wait_for="all_replicas_ready").run(c)
return r.table("kept").insert(r.range(500).map(lambda i: {"n": i}), durability="hard").run(c)["inserted"]`,
    );
  });
  after(() => {
    stack.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function mended(output: string): Promise<void> {
    assert.match(output, /n0: waits for another server, and the certificates of all others have expired/);
    assert.match(output, /n1: not waited for, since their certificates have expired: n2/);
    await untilOne([0, 1, 2].map(target), SERVERS, 60);
    assert.equal(rowsFound(), 500);
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    assert.equal(stack.cli("certs").code, 0);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  }

  test("of servers that still hold together are reported, and up mends them one by one", async () => {
    // Long enough to restart three servers with.
    makeEnding(false, 120);
    install();
    restartAll();
    await untilOne([0, 1, 2].map(target), SERVERS, 60);
    const connected = mustPython(target(0), `return r.db("rethinkdb").table("server_status").count().run(c)`);
    assert.equal(connected, 3);
    await untilEnded();

    const refused = python(target(0), "return 1");
    assert.match(refused.ok ? "" : refused.error, /certificate has expired/);
    const listed = stack.cli("certs");
    assert.equal(listed.code, 1);
    assert.match(listed.output, /^n1 +cluster +1 +\S+ +-1 +ended: run up$/m);
    const { code, problems } = doctor(stack);
    assert.equal(code, 1);
    assert.match(problems.join("\n"), /n2: its driver certificate expired on \S+; new connections to it fail/);

    const started = Date.now();
    const output = await stack.mustUp();
    assert.match(output, /n0: n1 cannot be asked: its certificate has expired/);
    await mended(output);
    console.log(`leaves ended, servers connected: mended in ${String(Math.round((Date.now() - started) / 1000))} s`);
  });

  test("of CAs and leaves, after every server restarted and found no peer, are repaired by up all the same", async () => {
    makeEnding(true, 20);
    install();
    await untilEnded();
    restartAll();
    assert.equal(stack.cli("certs").code, 1);
    const started = Date.now();
    await mended(await stack.mustUp());
    console.log(`CAs ended, servers alone: mended in ${String(Math.round((Date.now() - started) / 1000))} s`);
  });
});
