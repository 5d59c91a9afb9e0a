/**
 * Both CAs through their three steps under load, one run of `up` each, and every jump refused with nothing restarted. The
 * second generation of the driver CA is one of the user's own, an intermediate.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { CaArgs } from "../../args/certificates";
import { doctor } from "../support/doctor";
import { Load, type TableLoad } from "../support/load";
import { ownIntermediate } from "../support/openssl";
import { mustPython, python, type Target } from "../support/python";
import { TsLoad, type TsLoadCount } from "../support/tsLoad";
import { docker, inspect, TestStack } from "../support/stack";

const NAME = "t-ca";
const PORTS = [31700, 31701, 31702];
const SERVERS = ["n0", "n1", "n2"];

let stack: TestStack;
/** As a client had it before the rotation. */
let oldCa: string;

const target = (ca: string): Target => ({ port: PORTS[0] ?? 0, password: stack.settings.adminPassword, ca });
const steady = (generation: number): CaArgs => ({ issue: generation, trust: [generation] });

function startedAt(): readonly string[] {
  return SERVERS.map(
    (name) => inspect<{ State: { StartedAt: string } }>("container", `${NAME}-${name}`).State.StartedAt,
  );
}

/** Common name of the issuer of what a server presents on a port right now. */
function issuerOn(server: string, port: number): string {
  const script =
    `openssl s_client -connect "$(hostname -i | cut -d' ' -f1)":${String(port)} -showcerts </dev/null 2>/dev/null | ` +
    `sed -n '/BEGIN/,/END/p'`;
  const pem = docker("exec", `${NAME}-${server}`, "bash", "-c", script);
  return /CN=(.*)/.exec(new X509Certificate(pem).issuer)?.[1] ?? "";
}

/** Writers and readers on the official Python driver, and a writer on rethinkdb-ts. */
async function clients(ca: string): Promise<{ stop: () => Promise<readonly (TsLoadCount | TableLoad)[]> }> {
  const { adminPassword: password } = stack.settings;
  const python = await Load.start({ ports: PORTS, password, ca, tables: ["three"], rate: 50 });
  const typescript = await TsLoad.start({ ports: PORTS, password, ca, table: "three", rate: 50 });
  return { stop: async () => [...Object.values(await python.stop()), await typescript.stop()] };
}

async function refused(arg: string, ca: CaArgs, message: RegExp): Promise<void> {
  const before = startedAt();
  stack.configureJson(arg, ca);
  const { code, output } = await stack.up();
  assert.notEqual(code, 0);
  assert.match(output, message);
  assert.deepEqual(startedAt(), before, "nothing was restarted");
}

async function step(arg: string, ca: CaArgs): Promise<void> {
  const before = startedAt();
  stack.configureJson(arg, ca);
  await stack.mustUp();
  for (const [index, at] of startedAt().entries())
    assert.notEqual(at, before[index], `n${String(index)} was restarted`);
  assert.deepEqual(await stack.plannedChanges("--refresh"), {});
}

describe("the rotation of a CA", () => {
  before(async () => {
    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.30.0/24", driverPort: PORTS[0] ?? 0 });
    await stack.mustUp();
    oldCa = stack.output<string>("driverCaPem");
    mustPython(
      target(oldCa),
      `
r.db("test").table_create("three", replicas=3).run(c)
r.db("test").wait(wait_for="all_replicas_ready").run(c)
return 1`,
    );
  });
  after(() => {
    stack.dispose();
  });

  for (const [arg, purpose, port] of [
    ["clusterCa", "cluster", 29015],
    ["driverCa", "driver", 28015],
  ] as const) {
    test(`of the ${purpose} ports loses no acknowledged write, and each jump is refused before a server is touched`, async () => {
      const issuers = (): readonly string[] => SERVERS.map((name) => issuerOn(name, port));
      const generation = (number: number): readonly string[] =>
        SERVERS.map(() =>
          purpose === "driver" && number === 2 ? "our databases" : `${NAME} ${purpose} CA g${String(number)}`,
        );
      if (purpose === "driver") {
        const own = ownIntermediate();
        for (const part of ["certPem", "keyPem"] as const) {
          stack.pulumi(["config", "set", "--secret", "--path", `driverCaPems["2"].${part}`], own[part]);
        }
      }
      await refused(
        arg,
        { issue: 2, trust: [1, 2] },
        new RegExp(
          `${arg}: n0, n1, n2 do not trust generation 2 yet, so certificates cannot be issued from it; first run up with ${arg}: \\{ issue: 1, trust: \\[1, 2\\] \\}`,
        ),
      );
      if (purpose === "cluster") await refused(arg, steady(2), /do not trust generation 2 yet/);
      assert.deepEqual(issuers(), generation(1));

      const before = await clients(oldCa);
      await step(arg, { issue: 1, trust: [1, 2] });
      assert.deepEqual(issuers(), generation(1));
      await refused(
        arg,
        steady(2),
        new RegExp(
          `${arg}: n0, n1, n2 still present a certificate of generation 1, so it cannot be retired; first run up with ${arg}: \\{ issue: 2, trust: \\[1, 2\\] \\}`,
        ),
      );
      stack.configureJson(arg, { issue: 1, trust: [1, 2] });
      const bundle = stack.output<string>("driverCaPem");
      const counted = [...(await before.stop())];

      const after = await clients(bundle);
      await step(arg, { issue: 2, trust: [1, 2] });
      assert.deepEqual(issuers(), generation(2));
      if (purpose === "cluster") await refused(arg, steady(1), /still present a certificate of generation 2/);
      stack.configureJson(arg, { issue: 2, trust: [1, 2] });
      await step(arg, steady(2));
      counted.push(...(await after.stop()));
      console.log(JSON.stringify(counted));
      assert.equal(counted.length, 4);
      for (const { acknowledged, lost, writeGap } of counted) {
        assert.ok(acknowledged > 100);
        assert.equal(lost, 0);
        assert.ok(writeGap < 2, `${String(writeGap)} seconds without a write`);
      }
      if (purpose === "cluster") {
        await refused(arg, { issue: 2, trust: [1, 2] }, /generation 1 was retired and cannot come back/);
      }
      stack.configureJson(arg, steady(2));
      assert.equal(mustPython(target(bundle), "return 1"), 1);
    });
  }

  test("ends with one CA each: who has only the old one is refused, and who has the new one is not", () => {
    const now = stack.output<string>("driverCaPem");
    assert.equal(now.match(/BEGIN CERTIFICATE/g)?.length, 1);
    assert.notEqual(now, oldCa);
    assert.equal(mustPython(target(now), "return 1"), 1);
    const refusal = python(target(oldCa), "return 1");
    assert.match(refusal.ok ? "" : refusal.error, /certificate verify failed/i);
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
  });
});
