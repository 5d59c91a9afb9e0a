/** What breaks a server, or all of them, under readers and writers: each ends whole, nothing acknowledged is lost, and the doctor says the truth. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { LABELS } from "../../core/render/labels";
import { views, untilOne } from "../support/cluster";
import { doctor } from "../support/doctor";
import { Load } from "../support/load";
import { PrivateEngine, whyNoPrivateEngine } from "../support/privateEngine";
import { mustPython, type Target } from "../support/python";
import { docker, inspect, TestStack, tryDocker } from "../support/stack";

const NAME = "t-faults";
const PORTS = [31850, 31851, 31852];
const ALL = ["n0", "n1", "n2"];
/** Seconds for which a server is cut off from the network. */
const CUT = Number(process.env["SOAK_CUT"] ?? "120");
const IMAGE = "rethinkdb:2.4.4-bookworm-slim";
const skip = whyNoPrivateEngine();
if (skip !== undefined) console.log(`!! NOT RUN: faults.test.ts, because ${skip}`);

let engine: PrivateEngine;
let stack: TestStack;
let targets: readonly Target[];
let small: string;

const container = (i: number): string => `${NAME}-n${String(i)}`;
const size = "96m";

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, [...args], { encoding: "utf8" });
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stderr}`);
}

/** Ready, whole, and with every row that was ever acknowledged. */
async function assertWhole(seconds = 120): Promise<void> {
  await untilOne(targets, ALL, seconds);
  const body = `r.table("kept").wait(wait_for="all_replicas_ready", timeout=${String(seconds)}).run(c)
return r.db("rethinkdb").table("current_issues").count().run(c)`;
  assert.equal(mustPython(targets[0] as Target, body), 0);
  assert.deepEqual(doctor(stack), { code: 0, problems: [] });
}

/** Acts while clients work, and counts what they lost. */
async function underLoad(what: string, act: () => Promise<void>): Promise<void> {
  const [{ password, ca } = { password: "", ca: "" }] = targets;
  const load = await Load.start({
    ports: PORTS,
    password,
    ca: ca ?? "",
    tables: ["kept"],
    rate: 50,
    netns: engine.netns,
  });
  try {
    await act();
    await assertWhole();
  } catch (error) {
    load.kill();
    throw error;
  }
  const counted = (await load.stop())["kept"] ?? assert.fail();
  console.log(JSON.stringify({ what, ...counted }));
  assert.ok(counted.acknowledged > 50);
  assert.equal(counted.lost, 0, what);
}

/** Runs in a container that has n1's data volume, and n0's to read. */
function inVolumes(script: string): void {
  const mounts = ["--volume", `${container(1)}-data:/n1`, "--volume", `${container(0)}-data:/n0:ro`];
  docker("run", "--rm", "--network", "none", "--user", "0", ...mounts, "--tmpfs", "/data", IMAGE, "bash", "-c", script);
}

describe("three servers on an engine of their own", { skip: skip ?? false }, () => {
  before(async () => {
    engine = await PrivateEngine.start("t-faults");
    process.env["DOCKER_HOST"] = engine.host;
    // The third server's disk is small: a tmpfs of the host, which outlives the container.
    small = mkdtempSync(join(tmpdir(), "small-"));
    run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", small);
    const labels = [`${LABELS.clusterName}=${NAME}`, `${LABELS.server}=n2`].flatMap((label) => ["--label", label]);
    const options = ["type=none", "o=bind", `device=${small}`].flatMap((option) => ["--opt", option]);
    docker("volume", "create", ...labels, ...options, `${container(2)}-data`);

    stack = TestStack.create({ clusterName: NAME, subnet: "10.220.20.0/24", driverPort: PORTS[0] ?? 0 });
    await stack.mustUp();
    const ca = stack.output<string>("driverCaPem");
    targets = PORTS.map((port) => ({ port, password: stack.settings.adminPassword, ca, netns: engine.netns }));
    mustPython(targets[0] as Target, `return r.db("test").table_create("kept", replicas=3).run(c)["tables_created"]`);
  });
  after(async () => {
    stack.dispose();
    await engine.dispose();
    spawnSync("umount", [small]);
    rmSync(small, { recursive: true, force: true });
  });

  test("a server that is killed comes back by itself", async () => {
    await underLoad("SIGKILL of a server", async () => {
      const { Pid } = inspect<{ State: { Pid: number } }>("container", container(1)).State;
      process.kill(Pid, "SIGKILL");
      await sleep(1000);
    });
  });

  test("a server that the kernel cannot keep is told by the doctor, and comes back when it is started", async () => {
    await underLoad("docker stop, 10 s, docker start", async () => {
      docker("stop", container(0));
      const { code, problems } = doctor(stack);
      assert.equal(code, 1);
      assert.deepEqual(problems, [
        `n0 is exited, exit code 0; start it with docker start ${container(0)}`,
        "table test.kept misses its replica on n0; it still serves",
      ]);
      await sleep(10_000);
      docker("start", container(0));
    });
  });

  test("a container that was removed by hand is made again on its data by up --refresh", async () => {
    await underLoad("docker rm --force of a server, up --refresh", async () => {
      docker("rm", "--force", container(2));
      await stack.mustUp("--refresh");
    });
  });

  test("a server that is cut off from the network finds its way back", async () => {
    await underLoad(`docker network disconnect for ${String(CUT)} s`, async () => {
      docker("network", "disconnect", NAME, container(1));
      await sleep(Math.max(15, CUT) * 1000);
      const { code, problems } = doctor(stack);
      assert.equal(code, 1);
      assert.ok(problems.includes("table test.kept misses its replica on n1; it still serves"), problems.join("\n"));
      assert.match(problems.join("\n"), /^n1 answers and the others do not see it: it is cut off from them/m);
      docker("network", "connect", "--ip", "10.220.20.11", NAME, container(1));
    });
  });

  test("an engine that restarts, as after a host's reboot, has one cluster again", async () => {
    await underLoad("restart of the engine, all servers at once", async () => {
      await engine.restart();
    });
  });

  test("a server that waits for others is told apart from one that is broken", async () => {
    docker("stop", ...[0, 1, 2].map(container));
    docker("start", container(0));
    await sleep(3000);
    const { code, problems } = doctor(stack);
    assert.equal(code, 1);
    assert.ok(
      problems.includes(
        "n0 waits for n1 at 10.220.20.11, n2 at 10.220.20.12, which are down: it will not serve alone; start one of them",
      ),
      problems.join("\n"),
    );
    docker("start", container(1), container(2));
    await assertWhole();
  });

  for (const [what, spoil] of [
    ["a wiped volume", "mv /n1/identity /n1/rethinkdb /n1/aside/"],
    ["a wiped data directory", "mv /n1/rethinkdb /n1/aside/ && mkdir /n1/rethinkdb && chown 28015:28015 /n1/rethinkdb"],
    ["another server's volume", "mv /n1/identity /n1/rethinkdb /n1/aside/ && cp -a /n0/identity /n0/rethinkdb /n1/"],
  ] as const) {
    test(`${what} under a known address is refused, and the other servers live`, async () => {
      await underLoad(what, async () => {
        docker("stop", container(1));
        inVolumes(`mkdir /n1/aside && ${spoil}`);
        docker("start", container(1));
        await sleep(20_000);
        const said = tryDocker("logs", "--tail", "1", container(1)).output;
        assert.match(said, /^refused: the data (volume says|of this server is gone)/);
        assert.deepEqual(views([targets[0] as Target, targets[2] as Target]), [
          ["n0", "n2"],
          ["n0", "n2"],
        ]);
        for (const i of [0, 2]) {
          assert.equal(inspect<{ RestartCount: number }>("container", container(i)).RestartCount, 0, "no server fell");
        }
        assert.match(doctor(stack).problems.join("\n"), /^n1 is restarting, exit code 64: refused: the data/m);
        docker("stop", container(1));
        inVolumes(
          "rm -rf /n1/identity.now; cd /n1/aside && for f in *; do rm -rf /n1/$f; mv $f /n1/; done; rmdir /n1/aside",
        );
        docker("start", container(1));
      });
    });
  }

  test("a full disk stops one server; with room again it comes back with every row", async () => {
    await underLoad("a full disk on one server", async () => {
      spawnSync("dd", ["if=/dev/zero", `of=${join(small, "fill")}`, "bs=1M"]);
      await sleep(15_000);
      const { code, problems } = doctor(stack);
      assert.equal(code, 1);
      assert.match(problems.join("\n"), /^n2 (has 0 % of its disk left|is restarting, exit code \d+)/m);
      rmSync(join(small, "fill"));
      docker("restart", container(2));
    });
  });
});
