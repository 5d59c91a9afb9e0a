/** Where a container is not what is declared. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { containerDrift, type LiveContainer } from "../../../../core/decide/audit/containerDrift";
import type { DeclaredContainer } from "../../../../core/decide/audit/declared";
import { portDrift, publishedPorts } from "../../../../core/decide/audit/portDrift";
import { beyondOperator, likeAdmin } from "../../../../core/decide/audit/rights";
import { securityWords } from "../../../../core/decide/audit/securityFlags";

const DECLARED: DeclaredContainer = {
  ...{ name: "db-n0", host: "", role: "server", image: "rethinkdb:2.4.4", user: "28015:28015" },
  ...{ entrypoint: ["bash"], command: ["--no-http-admin"], networks: [{ name: "db", address: "10.0.0.10" }] },
  ...{ ports: [], mounts: ["db-n0-data:/data:rw"], tmpfs: [], memoryBytes: 1 << 30, memorySwapBytes: 1 << 30 },
  ...{ restart: "unless-stopped", logDriver: "json-file", logOptions: { "max-size": "10m" } },
  ...{ labels: { "pulumi-rethinkdb.server": "n0" }, healthTest: [], stopSeconds: 60 },
};

const HOST_CONFIG = {
  ...{ Privileged: false, CapAdd: null, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"], ReadonlyRootfs: true },
  ...{
    Memory: 1 << 30,
    MemorySwap: 1 << 30,
    RestartPolicy: { Name: "unless-stopped" },
    IpcMode: "private",
    PidMode: "",
  },
  LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
};

function live(
  host: object = {},
  config: object = {},
  networks: LiveContainer["NetworkSettings"]["Networks"] = {},
): LiveContainer {
  return {
    Config: {
      ...{ User: "28015:28015", Image: "rethinkdb:2.4.4", Cmd: ["--no-http-admin"], Entrypoint: ["bash"] },
      ...{ Labels: { "pulumi-rethinkdb.server": "n0", "of.the.image": "x" }, StopTimeout: 60, Env: null },
      ...config,
    },
    HostConfig: { ...HOST_CONFIG, ...host },
    Mounts: [{ Type: "volume", Name: "db-n0-data", Source: "/x", Destination: "/data", RW: true }],
    NetworkSettings: { Networks: { db: { IPAddress: "10.0.0.10" }, ...networks } },
  };
}

describe("a container", () => {
  test("that is as declared has no drift, whatever labels its image has", () => {
    assert.deepEqual(containerDrift(DECLARED, live()), []);
    // As Docker of today writes it.
    assert.deepEqual(containerDrift(DECLARED, live({ SecurityOpt: ["no-new-privileges:true"] })), []);
  });

  for (const [what, severity, have, changed] of [
    ["privileged mode", "critical", "true", live({ Privileged: true })],
    ["added capabilities", "high", `["NET_ADMIN"]`, live({ CapAdd: ["NET_ADMIN"] })],
    ["the process namespace", "high", "host", live({ PidMode: "host" })],
    ["the memory namespace", "medium", "host", live({ IpcMode: "host" })],
    ["devices", "high", `[{"PathOnHost":"/dev/sda"}]`, live({ Devices: [{ PathOnHost: "/dev/sda" }] })],
    ["the read-only root", "high", "false", live({ ReadonlyRootfs: false })],
    ["dropped capabilities", "high", "nothing", live({ CapDrop: null })],
    ["security options", "high", "nothing", live({ SecurityOpt: null })],
    ["the memory limit", "medium", "none", live({ Memory: 0 })],
    ["the restart policy", "medium", "no", live({ RestartPolicy: { Name: "no" } })],
    ["the log driver", "medium", "none", live({ LogConfig: { Type: "none", Config: { "max-size": "10m" } } })],
    ["the user", "high", "0:0", live({}, { User: "0:0" })],
    ["the image", "high", "other:1", live({}, { Image: "other:1" })],
    ["the labels", "medium", "nothing", live({}, { Labels: null })],
    ["the networks", "high", "bridge, db", live({}, {}, { bridge: { IPAddress: "172.17.0.2" } })],
    ["the address", "medium", "db 10.0.0.99", live({}, {}, { db: { IPAddress: "10.0.0.99" } })],
  ] as const) {
    test(`with another value of ${what} has exactly this drift`, () => {
      assert.deepEqual(
        containerDrift(DECLARED, changed).map((drift) => [drift.what, drift.severity, drift.have]),
        [[what, severity, have]],
      );
    });
  }
});

test("ports beyond the declared ones, and those that are missing", () => {
  const bindings = {
    "28015/tcp": [{ HostIp: "127.0.0.1", HostPort: "1" }],
    "8080/tcp": [{ HostIp: "", HostPort: "2" }],
    "9/tcp": null,
  };
  const published = publishedPorts(bindings);
  assert.deepEqual(published, ["28015/tcp 127.0.0.1:1", "8080/tcp 0.0.0.0:2"]);
  assert.deepEqual(portDrift(["28015/tcp 127.0.0.1:1", "29015/tcp 10.0.0.1:3"], published), {
    beyond: ["8080/tcp 0.0.0.0:2"],
    missing: ["29015/tcp 10.0.0.1:3"],
  });
});

test("rights that equal admin, and rights that the operator does not need", () => {
  const row = (database: string | undefined, table: string | undefined, permissions: Record<string, boolean>) => ({
    id: ["u"],
    ...(database === undefined ? {} : { database }),
    ...(table === undefined ? {} : { table }),
    permissions,
  });
  assert.equal(likeAdmin([row("rethinkdb", undefined, { write: true })]), true);
  assert.equal(likeAdmin([row("rethinkdb", "permissions", { write: true })]), true);
  assert.equal(likeAdmin([row("rethinkdb", "users", { read: true }), row("app", undefined, { write: true })]), false);
  const needed = [{ table: "stats", rights: { read: true } }];
  assert.deepEqual(
    beyondOperator([row(undefined, undefined, { config: true }), row("rethinkdb", "stats", { read: true })], needed),
    [],
  );
  assert.deepEqual(
    beyondOperator(
      [row("rethinkdb", "stats", { read: true, write: true }), row("app", undefined, { read: true })],
      needed,
    ),
    ["write on rethinkdb.stats", "read on app"],
  );
});

test("security options are read with a space or an equals sign, and each of several values", () => {
  const words = [
    "--no-http-admin",
    "--bind=all",
    "--canonical-address",
    "a",
    "--canonical-address",
    "b",
    "--cache-size",
    "1",
  ];
  assert.deepEqual(securityWords(words), { "--no-http-admin": "on", "--bind": "all", "--canonical-address": "a b" });
});
