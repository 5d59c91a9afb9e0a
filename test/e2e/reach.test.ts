/**
 * Who reaches what, from where, in each mode of the driver port: probed, and held against the table in
 * docs/security.md. `UPDATE_DOCS=1` writes it there.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { PROJECT } from "../support/checkout";
import { docker, TestStack, tryDocker } from "../support/stack";

const NAME = "t-ways-reach";
const ELSEWHERE = "t-ways-elsewhere";
const PORT = 33020;
const ADDRESS = "10.230.12.10";
const IMAGE = "rethinkdb:2.4.4-bookworm-slim";
const HELLO = `\\xc3\\xbd\\xc2\\x34{"protocol_version":0}\\0`;

let stack: TestStack;
let other: string;

/** Bash: says `answers` when RethinkDB's own handshake comes back over TLS, `open` when something else listens. */
function probe(host: string, port: number): string {
  return (
    `if ! timeout 2 bash -c 'exec 3<>/dev/tcp/${host}/${String(port)}' 2>/dev/null; then echo closed; ` +
    `elif (printf '${HELLO}'; sleep 0.5) | timeout 3 openssl s_client -quiet -connect ${host}:${String(port)} 2>/dev/null | ` +
    `grep -qa '"success":true'; then echo answers; else echo open; fi`
  );
}

/** One container, or none, for all that is looked at from one place. */
function probeAll(
  network: string | null,
  targets: readonly (readonly [host: string, port: number])[],
): readonly string[] {
  const script = targets.map(([host, port]) => probe(host, port)).join("\n");
  const run = [
    "run",
    "--rm",
    "--network",
    network ?? "",
    "--tmpfs",
    "/data",
    "--entrypoint",
    "bash",
    IMAGE,
    "-c",
    script,
  ];
  const text = network === null ? spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout : docker(...run);
  return text.trim().split("\n");
}

interface Place {
  readonly from: string;
  /** Null is the host itself. */
  readonly network: string | null;
  readonly to: string;
  readonly host: () => string;
  readonly port: number;
}

const PLACES: readonly Place[] = [
  ["the host", null, "driver port, published on 127.0.0.1", (): string => "127.0.0.1", PORT],
  ["the host", null, "driver port, of the container", (): string => ADDRESS, 28015],
  ["another address of the host", null, "driver port, published", (): string => other, PORT],
  ["the cluster's network", NAME, "driver port, by name", (): string => `${NAME}-n0`, 28015],
  ["a network of `driverNetworks`", ELSEWHERE, "driver port, by name", (): string => `${NAME}-n0`, 28015],
  ["another Docker network", "bridge", "driver port, of the container", (): string => ADDRESS, 28015],
  ["another Docker network", "bridge", "cluster port, of the container", (): string => ADDRESS, 29015],
  ["the host", null, "cluster port, of the container", (): string => ADDRESS, 29015],
  ["the cluster's network", NAME, "cluster port, by name", (): string => `${NAME}-n0`, 29015],
  ["a network of `driverNetworks`", ELSEWHERE, "cluster port, by name", (): string => `${NAME}-n0`, 29015],
  ["the host", null, "http port, of the container", (): string => ADDRESS, 8080],
  ["the cluster's network", NAME, "http port, by name", (): string => `${NAME}-n0`, 8080],
].map(([from, network, to, host, port]) => ({ from, network, to, host, port }) as Place);

const MODES = ["`127.0.0.1`", "`network`", "`network` and `driverNetworks`", "`none`"] as const;
const results = new Map<string, readonly string[]>();

function table(): string {
  const rows = PLACES.map(({ from, to }, index) => [
    from,
    to,
    ...MODES.map((mode) => results.get(mode)?.[index] ?? ""),
  ]);
  const head = ["from", "to", ...MODES];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

async function look(mode: (typeof MODES)[number]): Promise<void> {
  await stack.mustUp();
  const found = new Map<Place, string>();
  for (const network of new Set(PLACES.map((place) => place.network))) {
    const places = PLACES.filter((place) => place.network === network);
    const answers = probeAll(
      network,
      places.map((place) => [place.host(), place.port]),
    );
    assert.equal(answers.length, places.length, answers.join("\n"));
    places.forEach((place, index) => found.set(place, answers[index] ?? ""));
  }
  results.set(
    mode,
    PLACES.map((place) => found.get(place) ?? ""),
  );
}

describe("the driver port is reached", () => {
  before(() => {
    const found = Object.entries(networkInterfaces())
      .filter(([name]) => !/^(lo|docker|br-|veth)/.test(name))
      .flatMap(([, addresses]) => addresses ?? [])
      .find(({ family }) => family === "IPv4");
    assert.ok(found, "this host has an address beside loopback");
    other = found.address;
    tryDocker("network", "rm", ELSEWHERE);
    docker("network", "create", "--subnet", "10.230.13.0/24", ELSEWHERE);
    stack = TestStack.create({ clusterName: NAME, subnet: "10.230.12.0/24", driverPort: PORT, nodes: 1 });
  });
  after(() => {
    stack.dispose();
    tryDocker("network", "rm", ELSEWHERE);
  });

  test("on the host and on the cluster's network by default", async () => {
    await look(MODES[0]);
    assert.deepEqual(results.get(MODES[0])?.slice(0, 5), ["answers", "answers", "closed", "answers", "closed"]);
  });

  test("by containers of the cluster's network, with nothing published", async () => {
    stack.configure({ driverPublish: "network" });
    await look(MODES[1]);
    assert.equal(docker("port", `${NAME}-n0`), "");
    assert.deepEqual(results.get(MODES[1])?.slice(0, 5), ["closed", "answers", "closed", "answers", "closed"]);
  });

  test("by containers of an existing network that is named, where nothing else listens", async () => {
    stack.configureJson("driverNetworks", ["t-ways-nowhere"]);
    const refused = await stack.up();
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.output,
      /driverNetworks\[0\]: this engine has no network "t-ways-nowhere"; make it with docker network create t-ways-nowhere, or take it out/,
    );
    stack.configureJson("driverNetworks", [ELSEWHERE]);
    await look(MODES[2]);
    assert.deepEqual(results.get(MODES[2])?.slice(0, 5), ["closed", "answers", "closed", "answers", "answers"]);
    assert.deepEqual(await stack.plannedChanges("--refresh"), {}, "a preview with a refresh is empty");
    const listening = docker("exec", `${NAME}-n0`, "cat", "/proc/net/tcp", "/proc/net/tcp6")
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
      .filter(([, local, , state]) => state === "0A" && local?.startsWith("0B00007F:") === false)
      .map(([, local]) => local);
    // The driver everywhere; the cluster port on the cluster's own address and on loopback.
    const everywhere = `${"0".repeat(32)}:6D6F`;
    assert.deepEqual([...listening].sort(), [everywhere, "0100007F:7157", "0A0CE60A:7157"].sort());
  });

  test("by a tunnel only", async () => {
    stack.unset("driverNetworks");
    stack.configure({ driverPublish: "none" });
    await look(MODES[3]);
    assert.deepEqual(results.get(MODES[3])?.slice(0, 6), ["closed", "closed", "closed", "closed", "closed", "closed"]);
  });

  test("as docs/security.md says, and no web API in any mode", () => {
    for (const [mode, found] of results) assert.deepEqual(found.slice(-2), ["closed", "closed"], mode);
    const path = join(PROJECT, "docs", "security.md");
    const text = readFileSync(path, "utf8");
    const block = /(<!-- written by test\/e2e\/reach\.test\.ts -->\n\n)([^]*?)(\n\n<!-- end -->)/;
    const [, , written] = block.exec(text) ?? [];
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, text.replace(block, `$1${table()}$3`));
    else assert.equal(written, table());
  });
});
