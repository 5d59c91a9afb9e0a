/** Measures what the project promises, side by side in one run, and prints ratios. `BENCH_RUNS` runs each, medians. With `hosts`: several hosts. */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { missingPrerequisites } from "../support/prerequisites";
import { docker, TestStack, tryDocker } from "../support/stack";
import { median, RUNS } from "./clock";
import { measureHosts } from "./hosts";

const SIZES = (process.env["BENCH_SIZES"] ?? "1,3,10,20").split(",").map(Number);

/** Loads the same packages and plugins, and makes nothing of a cluster. */
const EMPTY_PROGRAM = `
import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as tls from "@pulumi/tls";
new docker.Provider("engine", {});
new tls.PrivateKey("key", { algorithm: "ED25519" });
new local.Command("command", { create: ":" });
`;

interface Row {
  readonly what: string;
  readonly seconds: number;
  readonly against: string;
  readonly reference: number;
  readonly goal: string;
}

function removeVolumes(clusterName: string): void {
  const names = docker("volume", "ls", "-q", "--filter", `label=pulumi-rethinkdb.cluster=${clusterName}`)
    .split("\n")
    .filter(Boolean);
  if (names.length > 0) docker("volume", "rm", ...names);
}

async function plain(count: number): Promise<void> {
  await Promise.resolve();
  execFileSync("bash", [join(__dirname, "plain.sh"), "t-plain", "10.220.20", "32900", String(count)]);
}

function removePlain(): void {
  for (const kind of ["data", "tls"]) {
    for (let i = 0; i < 3; i++) {
      tryDocker("rm", "--force", `t-plain-n${String(i)}`);
      tryDocker("volume", "rm", `t-plain-n${String(i)}-${kind}`);
    }
  }
  tryDocker("network", "rm", "t-plain");
}

/** One more container of the image, from `docker run` to its open driver port. */
async function dockerRun(): Promise<void> {
  await Promise.resolve();
  docker(
    "run",
    "--detach",
    "--name",
    "t-run",
    "rethinkdb:2.4.4-bookworm-slim",
    "rethinkdb",
    "--bind",
    "all",
    "--no-http-admin",
  );
  docker("exec", "t-run", "bash", "-c", "until exec 3<>/dev/tcp/127.0.0.1/28015; do sleep 0.05; done 2>/dev/null");
}

async function main(): Promise<void> {
  const missing = missingPrerequisites();
  if (missing.length > 0) throw new Error(`cannot measure: ${missing.join("; ")}`);
  removePlain();
  const script = await median(() => plain(3), removePlain);
  const run = await median(dockerRun, () => docker("rm", "--force", "--volumes", "t-run"));

  const empty = TestStack.create({ clusterName: "t-empty", subnet: "10.220.21.0/24", driverPort: 32000 });
  writeFileSync(join(empty.folder, "index.ts"), EMPTY_PROGRAM);
  const noOp = await median(
    () => empty.mustUp(),
    () => empty.pulumi(["destroy", "--yes", "--skip-preview"]),
  );
  await empty.mustUp();
  const emptyPreview = await median(() => empty.plannedChanges());
  empty.dispose();

  const sizes: { nodes: number; up: number; preview: number }[] = [];
  for (const nodes of SIZES) {
    const stack = TestStack.create({ clusterName: "t-bench", subnet: "10.220.22.0/24", driverPort: 32100, nodes });
    try {
      const up = await median(
        () => stack.mustUp(),
        () => {
          stack.pulumi(["destroy", "--yes", "--skip-preview"]);
          removeVolumes("t-bench");
        },
      );
      await stack.mustUp();
      sizes.push({ nodes, up, preview: await median(() => stack.plannedChanges()) });
    } finally {
      stack.dispose();
    }
  }

  const three = sizes.find(({ nodes }) => nodes === 3);
  const [small, large] = [sizes[0], sizes.at(-1)];
  const rows: Row[] = [];
  if (three) {
    rows.push({
      what: "(a) up of 3 servers from nothing",
      seconds: three.up,
      against: "script + no-op",
      reference: script + noOp,
      goal: "1.1",
    });
  }
  if (small && large && large.nodes > small.nodes) {
    const further = (large.up - small.up) / (large.nodes - small.nodes);
    rows.push({
      what: "(b) each further server",
      seconds: further,
      against: "docker run to open port",
      reference: run,
      goal: "2",
    });
  }
  if (three) {
    rows.push({
      what: "(c) unchanged preview of 3 servers",
      seconds: three.preview,
      against: "empty program",
      reference: emptyPreview,
      goal: "1.1",
    });
  }
  console.log(`| what | seconds | against | seconds | ratio | goal |\n| --- | --- | --- | --- | --- | --- |`);
  for (const { what, seconds: time, against, reference, goal } of rows) {
    console.log(
      `| ${what} | ${time.toFixed(2)} | ${against} | ${reference.toFixed(2)} | ${(time / reference).toFixed(2)} | ≤ ${goal} |`,
    );
  }
  console.log(`\n| (d) servers | up, seconds | per server | preview, seconds |\n| --- | --- | --- | --- |`);
  for (const { nodes, up, preview } of sizes) {
    console.log(`| ${String(nodes)} | ${up.toFixed(2)} | ${(up / nodes).toFixed(2)} | ${preview.toFixed(2)} |`);
  }
  console.log(`\nscript ${script.toFixed(2)} s, no-op ${noOp.toFixed(2)} s, medians of ${String(RUNS)} runs`);
  const commit = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).stdout.trim();
  writeFileSync(
    "bench-results.json",
    `${JSON.stringify({ commit, runs: RUNS, script, dockerRun: run, noOp, emptyPreview, sizes, rows }, null, 2)}\n`,
  );
}

void (process.argv[2] === "hosts" ? measureHosts() : main());
