/** `npm run up` on the local stack over two hosts: what it says and does while one of them is dead, and when it is given up. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { copyProject } from "../support/checkout";
import { timed } from "../support/hostCluster";
import { TestHosts, whyNoHosts } from "../support/hosts";
import { PULUMI_HOME } from "../support/prerequisites";
import type { Finished } from "../support/stack";

const NAME = "h-local";
const NETWORK = "10.88.210";
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsLocal.test.ts, because ${skip}`);

describe("npm run up over two hosts", { skip: skip ?? false }, () => {
  let hosts: TestHosts;
  let folder: string;

  function run(verb: string, ...args: readonly string[]): Finished {
    const argv = [join("dist", "cli", "main.js"), verb, ...args];
    const env = { ...process.env, PULUMI_HOME, NO_COLOR: "1" };
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, env, encoding: "utf8" });
    return { code: status, output: stdout + stderr, stdout };
  }

  function configure(...argv: readonly string[]): void {
    const { code, output } = run("pulumi", "config", ...argv);
    assert.equal(code, 0, output);
  }

  before(async () => {
    hosts = await TestHosts.start(NAME, NETWORK, ["a", "b"]);
    folder = copyProject();
    // In the file that `npm run up` makes its config in.
    const lines = Object.entries({
      ...{ clusterName: NAME, subnet: "10.88.11.0/24", driverPort: "38700", nodes: "3", hosts: hosts.args() },
      placement: { n0: "a", n1: "b", n2: "a" },
    }).map(([key, value]) => `  rethinkdb:${key}: ${JSON.stringify(value)}\n`);
    writeFileSync(join(folder, "Pulumi.local.yaml"), `config:\n${lines.join("")}`);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await hosts.dispose();
  });

  test("makes the cluster", () => {
    const { code, output } = run("up");
    assert.equal(code, 0, output);
  });

  for (const [what, away, back, reason] of [
    [
      "a host is cut off",
      (): void => {
        hosts.link("b", "down");
      },
      (): void => {
        hosts.link("b", "up");
      },
      // What ssh says first hangs on whether it still shares a connection with the run before.
      new RegExp(`^hosts\\.b: (no answer in 30 seconds|root@${NETWORK}.12 cannot be reached: .*)\\. It is`),
    ],
    [
      "a host's engine is dead",
      (): Promise<void> => hosts.crash("b"),
      (): Promise<void> => hosts.revive("b"),
      /^hosts\.b: root@[\d.]+ answers and its Docker engine does not: start it there \(systemctl start docker\)\. It is/,
    ],
  ] as const) {
    test(`says in time and in one line that ${what}, and goes on when it is back`, async () => {
      await away();
      const [seconds, { code, output }] = await timed(() => Promise.resolve(run("up")));
      await back();
      console.log(JSON.stringify({ what, seconds, output }));
      assert.equal(code, 1);
      assert.match(output, reason);
      assert.ok(
        output.endsWith(
          `It is the place of n1; there are no tables that could miss it. Nothing was touched. ` +
            `Put that right and run pulumi up again; or, where the host is gone for good, give it up with all that only its ` +
            `servers have: set lost: true for it in hosts and add "lose-host" to allow\n`,
        ),
        output,
      );
      assert.equal(output.trim().split("\n").length, 1);
      assert.ok(seconds < 60, `${String(seconds)} s`);
      const again = run("up");
      assert.equal(again.code, 0, again.output);
    });
  }

  test("goes on without a host that is given up, and takes it out", () => {
    hosts.link("b", "down");
    configure("set", "--path", "hosts[1].lost", "true");
    configure("set", "--path", "allow[0]", "lose-host");
    const given = run("up");
    assert.equal(given.code, 0, given.output);
    assert.match(given.output, /A host is given up: this run goes by the state and does not look at what is there\./);
    configure("rm", "--path", "hosts[1]");
    configure("rm", "--path", "placement.n1");
    configure("rm", "allow");
    configure("set", "nodes", "2");
    const taken = run("up");
    assert.equal(taken.code, 0, taken.output);
    const last = run("up");
    assert.equal(last.code, 0, last.output);
    assert.match(last.output, /\d+ unchanged/);
  });
});
