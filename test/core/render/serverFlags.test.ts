/** RethinkDB's command line: exact, since every security option stands in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planCluster } from "../../../core/plan/cluster";
import type { ServerPlan } from "../../../core/plan/server";
import { renderServerFlags } from "../../../core/render/serverFlags";

function first(driverPublish: string, driverNetworks: readonly string[] = []): ServerPlan {
  const server = planCluster({ clusterName: "db", adminPassword: "", driverPublish, driverNetworks }).servers[0];
  assert.ok(server);
  return server;
}

test("renders the first server's command line", () => {
  assert.deepEqual(renderServerFlags(first("127.0.0.1"), "0123456789abcdef"), [
    ...["--directory", "/data/rethinkdb"],
    ...["--server-name", "n0"],
    ...["--config-file", "/tls/join.conf"],
    ...["--cluster-port", "29015"],
    ...["--driver-port", "28015"],
    ...["--bind-cluster", "10.213.0.10"],
    ...["--bind-driver", "10.213.0.10"],
    ...["--canonical-address", "10.213.0.10"],
    ...["--canonical-address", "127.0.0.1"],
    "--no-http-admin",
    ...["--cluster-tls-key", "/tls/0123456789abcdef/cluster.key"],
    ...["--cluster-tls-cert", "/tls/0123456789abcdef/cluster.pem"],
    ...["--cluster-tls-ca", "/tls/0123456789abcdef/cluster-ca.pem"],
    ...["--driver-tls-key", "/tls/0123456789abcdef/driver.key"],
    ...["--driver-tls-cert", "/tls/0123456789abcdef/driver.pem"],
    ...["--tls-min-protocol", "TLSv1.2"],
    ...["--initial-password", "auto"],
    ...["--cache-size", "512"],
    "--no-update-check",
  ]);
});

test("binds the driver port to loopback where nothing is published, and changes nothing else", () => {
  const published = renderServerFlags(first("127.0.0.1"), "0123456789abcdef");
  const hidden = renderServerFlags(first("none"), "0123456789abcdef");
  assert.deepEqual(changes(published, hidden), ["--bind-driver", "127.0.0.1"]);
});

test("listens for containers of the cluster's network as where the port is published", () => {
  assert.deepEqual(renderServerFlags(first("network"), "f"), renderServerFlags(first("127.0.0.1"), "f"));
});

test("binds the driver port alone beyond the cluster's network where further ones are named", () => {
  const own = renderServerFlags(first("network"), "f");
  assert.deepEqual(changes(own, renderServerFlags(first("network", ["apps"]), "f")), ["--bind-driver", "all"]);
  assert.deepEqual(changes(own, renderServerFlags(first("127.0.0.1", ["apps"]), "f")), ["--bind-driver", "all"]);
});

function changes(before: readonly string[], after: readonly string[]): readonly (string | undefined)[] {
  assert.equal(before.length, after.length);
  return after.flatMap((flag, index) => (flag === before[index] ? [] : [after[index - 1], flag]));
}
