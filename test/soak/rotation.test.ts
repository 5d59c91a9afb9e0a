/** Rotations that are killed in each of their steps, under load, and passwords that change twenty times. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { r } from "rethinkdb-ts";
import { LABELS } from "../../core/render/labels";
import { doctor } from "../support/doctor";
import { clearAfterKill, killUpWhen } from "../support/kill";
import { Load, type TableLoad } from "../support/load";
import { handshake, ownIntermediate } from "../support/openssl";
import { mustPython, python, type Target } from "../support/python";
import { docker, finish, inspect, TestStack, tryDocker } from "../support/stack";

const NAME = "t-rotate";
const SERVERS = ["n0", "n1", "n2"];
const PORTS = [31760, 31761, 31762];
const PASSWORDS = Number(process.env["SOAK_PASSWORDS"] ?? "20");

function labelsOf(server: string): Readonly<Record<string, string>> {
  return inspect<{ Config: { Labels: Readonly<Record<string, string>> } }>("container", `${NAME}-${server}`).Config
    .Labels;
}

/** Parts of private keys and passwords that the stack knows now. */
function secretsOf(stack: TestStack): readonly string[] {
  const keys = stack
    .resources("--show-secrets")
    .filter(({ type }) => type === "tls:index/privateKey:PrivateKey")
    .map(({ outputs }) => JSON.stringify(outputs?.["privateKeyPem"] ?? ""))
    .map((pem) => /PRIVATE KEY-----[\\n]*([A-Za-z0-9+/]{40})/.exec(pem)?.[1] ?? "")
    .filter((part) => part !== "");
  assert.ok(keys.length > 5);
  return keys;
}

function assertNowhere(stack: TestStack, secrets: readonly string[], printed: readonly string[]): void {
  const containers = docker("ps", "-aq", "--filter", `label=${LABELS.clusterName}=${stack.settings.clusterName}`).split(
    "\n",
  );
  const places = [
    ...printed,
    stack.exported(),
    ...containers.flatMap((id) => [docker("inspect", id), tryDocker("logs", id).output]),
  ];
  for (const secret of secrets) for (const place of places) assert.equal(place.includes(secret), false);
}

describe("rotations that are killed in each step after the first server restarted", () => {
  let stack: TestStack;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rethinkdb-rotate-"));
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.33.0/24", driverPort: PORTS[0] ?? 0 });
    await stack.mustUp();
    mustPython(
      { port: PORTS[0] ?? 0, password: stack.settings.adminPassword, ca: stack.output<string>("driverCaPem") },
      `
r.db("test").table_create("three", replicas=3).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
return 1`,
    );
  });
  after(() => {
    stack.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The verb in a process group of its own. @returns when it ended or was killed, with what it printed. */
  async function rotate(purpose: string, until: "end" | "question" | (() => Promise<void>)): Promise<string> {
    const main = join(stack.folder, "dist", "cli", "main.js");
    const yes = until === "question" ? [] : ["--yes"];
    const argv = [main, "rotate-ca", purpose, ...yes, "--stack", stack.settings.clusterName];
    const child = spawn(process.execPath, argv, { cwd: stack.folder, env: stack.env, stdio: "pipe", detached: true });
    const finished = finish(child);
    if (typeof until === "function") {
      const ended = await Promise.race([until(), finished]);
      assert.ok(
        child.pid !== undefined && ended === undefined,
        `it ended before it was killed: ${String(ended?.output)}`,
      );
      process.kill(-child.pid, "SIGKILL");
    }
    const { code, output } = await finished;
    if (typeof until === "function") clearAfterKill(stack);
    else assert.equal(code, until === "end" ? 0 : 1, output);
    return output;
  }

  /** Resolves once a server runs that was made with these generations. */
  async function changed(server: string, purpose: "cluster" | "driver", wanted: string): Promise<void> {
    const names =
      purpose === "cluster"
        ? [LABELS.clusterCaIssue, LABELS.clusterCaTrust]
        : [LABELS.driverCaIssue, LABELS.driverCaTrust];
    for (;;) {
      await sleep(100);
      if (docker("ps", "-q", "--filter", `name=^${NAME}-${server}$`) === "") continue;
      if (names.map((name) => labelsOf(server)[name]).join("|") === wanted) return;
    }
  }

  function startLoad(): Promise<Load> {
    return Load.start({
      ports: PORTS,
      password: stack.settings.adminPassword,
      ca: stack.output<string>("driverCaPem"),
      tables: ["three"],
      rate: 50,
    });
  }

  /** Some servers still present the old generation. */
  async function refuseToRetire(): Promise<void> {
    const starts = (): string =>
      docker("inspect", "--format", "{{.State.StartedAt}}", ...SERVERS.map((name) => `${NAME}-${name}`));
    const before = starts();
    stack.configureJson("clusterCa", { issue: 2, trust: [2] });
    const { code, output } = await stack.up();
    assert.notEqual(code, 0);
    assert.match(
      output,
      /clusterCa: (n1, )?n2 still presents? a certificate of generation 1, so it cannot be retired; first run up with clusterCa: \{ issue: 2, trust: \[1, 2\] \}/,
    );
    assert.equal(starts(), before, "nothing was restarted");
    stack.configureJson("clusterCa", { issue: 2, trust: [1, 2] });
  }

  test("of leaves alone, by the verb, lose no acknowledged write", async () => {
    const serials = (): readonly string[] =>
      SERVERS.map((name) => stack.plainOutput(`rethinkdb-${name}-driver-certificate`, "certPem"));
    const before = serials();
    const load = await startLoad();
    const { code, output } = stack.cli("renew");
    const { three } = await load.stop();
    assert.equal(code, 0, output);
    assert.ok(three !== undefined);
    console.log(`leaves | ${JSON.stringify(three)}`);
    assert.equal(three.lost, 0);
    for (const serial of serials()) assert.equal(before.includes(serial), false);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  for (const purpose of ["cluster", "driver"] as const) {
    test(`of the ${purpose} CA goes on each time, and loses no acknowledged write`, async () => {
      const secrets = [...secretsOf(stack)];
      const old = {
        key: stack.plainOutput(`rethinkdb-n0-${purpose}-key`, "privateKeyPem"),
        cert: stack.plainOutput(`rethinkdb-n0-${purpose}-certificate`, "certPem"),
      };
      const printed: string[] = [];
      const counted: Readonly<Record<string, TableLoad>>[] = [];
      const started = Date.now();
      const killed = (server: string, wanted: string) => (): Promise<void> => changed(server, purpose, wanted);
      let refused = 0;
      // Clients of the driver port take the bundle of both generations when the question is asked.
      const question = purpose === "driver" ? (["question"] as const) : [];
      // Killed at the last server of the last step, it must not be taken for ended and begun anew.
      for (const until of [
        killed("n0", "1|1,2"),
        ...question,
        killed("n0", "2|1,2"),
        killed("n0", "2|2"),
        killed("n2", "2|2"),
        "end",
      ] as const) {
        const load = await startLoad();
        printed.push(await rotate(purpose, until));
        counted.push(await load.stop());
        if (labelsOf("n0")[LABELS.clusterCaIssue] === "2" && labelsOf("n2")[LABELS.clusterCaIssue] === "1") {
          await refuseToRetire();
          refused++;
        }
      }
      assert.equal(refused, purpose === "cluster" ? 1 : 0);
      secrets.push(...secretsOf(stack));
      for (const { three } of counted) {
        assert.ok(three !== undefined);
        console.log(`${purpose} | ${JSON.stringify(three)}`);
        assert.equal(three.lost, 0);
      }
      console.log(`${purpose} | ${String(Math.round((Date.now() - started) / 1000))} s with four kills`);
      assert.match(
        printed.at(-1) ?? "",
        new RegExp(`That is done, and the ${purpose} CA is of generation 2; no other generation is trusted\\.`),
      );
      if (purpose === "driver") {
        assert.match(printed[1] ?? "", /Clients have to have the bundle of both generations now/);
        assert.match(
          printed[1] ?? "",
          /rotate-ca: there is no terminal to ask here; when that is done, run the same command with --yes/,
        );
      }
      assert.match(printed.join(""), /Every server was seen to present a certificate of the new generation\./);
      assertNowhere(stack, secrets, printed);
      assert.deepEqual(doctor(stack), { code: 0, problems: [] });
      assert.deepEqual(await stack.plannedChanges("--refresh"), {});
      if (purpose === "cluster") assertCannotJoin(old);
    });
  }

  test("of the cluster CA lead from one made here to one of one's own, and on to another", async () => {
    const printed: string[] = [];
    const keys: string[] = [];
    for (const whose of ["our", "our new"]) {
      const generation = String(Number(labelsOf("n0")[LABELS.clusterCaIssue]) + 1);
      const own = ownIntermediate(whose);
      keys.push(own.keyPem.split("\n")[1] ?? assert.fail());
      for (const part of ["certPem", "keyPem"] as const) {
        stack.pulumi(["config", "set", "--secret", "--path", `clusterCaPems["${generation}"].${part}`], own[part]);
      }
      const load = await startLoad();
      printed.push(await rotate("cluster", "end"));
      const { three } = await load.stop();
      assert.ok(three !== undefined);
      console.log(`cluster, generation ${generation} | ${JSON.stringify(three)}`);
      assert.equal(three.lost, 0);
      const { issuer } = new X509Certificate(stack.plainOutput("rethinkdb-n0-cluster-certificate", "certPem"));
      assert.equal(issuer, `CN=${whose} databases`);
    }
    assertNowhere(stack, keys, printed);
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
  });

  /** A peer with a certificate of the retired CA does not get past the handshake; with one of the new CA a peer does. */
  function assertCannotJoin(old: { key: string; cert: string }): void {
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const ca = write("ca.pem", stack.plainOutput("rethinkdb-cluster-ca-g2", "certPem"));
    const attempt = (key: string, cert: string): boolean =>
      handshake("10.220.33.10:29015", "-CAfile", ca, "-key", write("key.pem", key), "-cert", write("cert.pem", cert))
        .ok;
    assert.equal(attempt(old.key, old.cert), false);
    const now = stack.plainOutput("rethinkdb-n0-cluster-key-g2", "privateKeyPem");
    assert.equal(attempt(now, stack.plainOutput("rethinkdb-n0-cluster-certificate", "certPem")), true);
  }
});

describe("an admin password that changes over and over", () => {
  let stack: TestStack;
  before(async () => {
    stack = TestStack.create({ clusterName: "t-passwords", subnet: "10.220.34.0/24", driverPort: 31780, nodes: 1 });
    await stack.mustUp();
  });
  after(() => {
    stack.dispose();
  });

  /** Ends `up` as soon as the new password is in force. @returns whether the state knew it by then. */
  async function killWhenSet(password: string, printed: string[]): Promise<boolean> {
    const ca = stack.output<string>("driverCaPem");
    const options = {
      server: { host: "127.0.0.1", port: 31780, tls: true, ca },
      user: "admin",
      password,
      silent: true,
    };
    const isSet = async (): Promise<boolean> => {
      const connection = await r.connect(options).catch(() => undefined);
      await connection?.close({ noreplyWait: false }).catch(() => undefined);
      return connection !== undefined;
    };
    printed.push(await killUpWhen(stack, isSet));
    clearAfterKill(stack);
    return stack.plainOutput("rethinkdb-admin", "stdout").includes(password);
  }

  test("is the one that was asked for last, killed in between or not, and never locks anybody out", async () => {
    const target = (password: string): Target => ({ port: 31780, password, ca: stack.output<string>("driverCaPem") });
    const password = (round: number, again: string): string => `password ${String(round)}${again} of many`;
    const all = [stack.settings.adminPassword];
    const printed: string[] = [];
    let forgotten = 0;
    for (let round = 0; round < PASSWORDS; round++) {
      if (round % 4 === 3) {
        all.push(password(round, " killed"));
        stack.setPassword(all.at(-1) ?? "");
        if (!(await killWhenSet(all.at(-1) ?? "", printed))) forgotten++;
      }
      all.push(password(round, ""));
      stack.setPassword(all.at(-1) ?? "");
      if (round === 0) printed.push((await stack.preview("--diff")).output);
      printed.push(await stack.mustUp());
      assert.equal(mustPython(target(password(round, "")), "return 1"), 1);
      for (const old of all.slice(-4, -1)) {
        const refusal = python(target(old), "return 1");
        assert.match(refusal.ok ? "" : refusal.error, /wrong password|incorrect/i, `round ${String(round)}`);
      }
    }
    console.log(
      `passwords | ${String(forgotten)} of ${String(Math.floor(PASSWORDS / 4))} kills between set and remembered`,
    );
    assert.ok(forgotten > 0);
    const operator = (JSON.parse(stack.plainOutput("rethinkdb-admin", "stdout")) as { operator: string }).operator;
    assertNowhere(stack, [...all, operator], printed);
  });
});
