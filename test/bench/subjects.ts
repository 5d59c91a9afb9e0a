/** What is measured: a plain script, a program that makes nothing, a cluster, and the verbs of a checkout. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LABELS } from "../../core/render/labels";
import { copyProject } from "../support/checkout";
import { docker, removeCluster, TestStack, tryDocker } from "../support/stack";
import { seconds } from "./clock";

const PLAIN = "t-plain";

export function plainScript(count: number): Promise<number> {
  return seconds(async () => {
    execFileSync("bash", [join(__dirname, "plain.sh"), PLAIN, "10.220.20", "32900", String(count)]);
    return Promise.resolve();
  });
}

export function removePlain(): void {
  const names = (kind: readonly string[], format: string): readonly string[] =>
    docker(...kind, "--filter", `name=^${PLAIN}-n`, "--format", format)
      .split("\n")
      .filter(Boolean);
  const containers = names(["ps", "-a"], "{{.Names}}");
  if (containers.length > 0) docker("rm", "--force", ...containers);
  const volumes = names(["volume", "ls"], "{{.Name}}");
  if (volumes.length > 0) docker("volume", "rm", ...volumes);
  tryDocker("network", "rm", PLAIN);
}

/** Loads the same packages and plugins, and makes nothing of a cluster. */
const EMPTY_PROGRAM = `
import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as tls from "@pulumi/tls";
new docker.Provider("engine", {});
new tls.PrivateKey("key", { algorithm: "ED25519" });
new local.Command("command", { create: ":" });
`;

export function emptyStack(): TestStack {
  const empty = TestStack.create({ clusterName: "t-empty", subnet: "10.220.21.0/24", driverPort: 32000 });
  writeFileSync(join(empty.folder, "index.ts"), EMPTY_PROGRAM);
  return empty;
}

export function clusterStack(nodes: number): TestStack {
  return TestStack.create({ clusterName: "t-bench", subnet: "10.220.22.0/24", driverPort: 32100, nodes });
}

export function clear(stack: TestStack): void {
  stack.pulumi(["destroy", "--yes", "--skip-preview"]);
  const names = docker("volume", "ls", "-q", "--filter", `label=${LABELS.clusterName}=${stack.settings.clusterName}`)
    .split("\n")
    .filter(Boolean);
  if (names.length > 0) docker("volume", "rm", ...names);
}

export interface Cost {
  readonly seconds: number;
  /** CPU seconds of pulumi and all that it started, and of the Docker daemon; not of servers and helpers in containers. */
  readonly cpu: number;
}

/** An `up`, in time and in CPU. */
export async function upCost(stack: TestStack): Promise<Cost> {
  const file = join(stack.folder, "times");
  const before = daemonSeconds();
  const time = await seconds(async () => {
    const script = `pulumi up --yes --skip-preview --suppress-outputs; code=$?; times >"$1"; exit $code`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", file], {
      cwd: stack.folder,
      env: stack.env,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(`pulumi up failed:\n${stdout}${stderr}`);
    return Promise.resolve();
  });
  const [, children = ""] = readFileSync(file, "utf8").split("\n");
  const own = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  return { seconds: time, cpu: own + daemonSeconds() - before };
}

/** CPU seconds of dockerd and containerd so far, with their children that have ended. */
function daemonSeconds(): number {
  const pids = spawnSync("pidof", ["dockerd", "containerd"], { encoding: "utf8" }).stdout.trim().split(" ");
  const ticks = pids.filter(Boolean).flatMap((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 15)
      .map(Number);
  });
  return ticks.reduce((sum, value) => sum + value, 0) / 100;
}

/** A checkout with a local stack, driven by its verbs. */
export class Checkout {
  readonly name = "t-verbs";
  private readonly folder = copyProject();

  constructor() {
    removeCluster(this.name);
    this.run(
      "pulumi",
      "config",
      "set-all",
      "--plaintext",
      `clusterName=${this.name}`,
      "--plaintext",
      "driverPort=32200",
    );
    this.run("pulumi", "config", "set", "subnet", "10.220.23.0/24");
  }

  run(...words: readonly string[]): string {
    const argv = [join(this.folder, "dist", "cli", "main.js"), ...words];
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: "1" },
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${words.join(" ")} failed:\n${stdout}${stderr}`);
    return stdout;
  }

  time(...words: readonly string[]): Promise<number> {
    return seconds(() => Promise.resolve(this.run(...words)));
  }

  dispose(): void {
    removeCluster(this.name);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
