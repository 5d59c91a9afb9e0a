/** RethinkDB's command line: exact, since every security option stands in it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planCluster, type ServerPlan } from "../../core/plan";
import { renderServerFlags } from "../../core/serverFlags";

function first(driverPublish: string): ServerPlan {
  const server = planCluster({ clusterName: "db", adminPassword: "", driverPublish }).servers[0];
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
  const changed = hidden.flatMap((flag, index) => (flag === published[index] ? [] : [hidden[index - 1], flag]));
  assert.deepEqual(changed, ["--bind-driver", "127.0.0.1"]);
});
