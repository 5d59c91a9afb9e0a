/** Which certificates servers have, and which have expired by the clock of their own host. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LABELS } from "../../../core/render/labels";
import { proveExpired, servedCertificates, withExpiredCertificate } from "../../../ops/cluster/installedCertificates";
import { serversOf } from "../../../ops/cluster/hosts";
import { readTlsVolume } from "../../../ops/docker/tlsVolume";
import { type FakeCluster, FINGERPRINT, REF, withCluster } from "../../support/fakeCluster";
import { fakePki } from "../../support/fake/pki";

const put = (cluster: FakeCluster, server: string, file: string, text: string): void => {
  cluster.volume(`db-${server}-tls`)?.files.set(`${FINGERPRINT}/${file}`, text);
};

test("each server is listed with the certificates that it was started with, by its CA's generation", async () => {
  await withCluster(["n0", "n1"], async (cluster) => {
    for (const name of ["n0", "n1"]) {
      const found = cluster.container(name);
      assert.ok(found);
      found.labels = {
        ...found.labels,
        [LABELS.clusterCaIssue]: "2",
        [LABELS.clusterCaTrust]: "1,2",
        [LABELS.driverCaIssue]: "1",
        [LABELS.driverCaTrust]: "1",
      };
    }
    cluster.set("n1", "exited");
    cluster.host().unreadable.add("db-n0-tls");
    const served = await servedCertificates(REF);
    assert.deepEqual(
      served.map(({ server, purpose, generation }) => [server, purpose, generation]),
      [
        ["n1", "cluster", 2],
        ["n1", "driver", 1],
      ],
    );
    assert.match(served[0]?.notAfter ?? "", /^\d{4}-\d\d-\d\dT[\d:]+\.000Z$/);
  });
});

test("expired servers are those that run and that no peer can join any more", async () => {
  await withCluster(["n0", "n1", "n2", "n3", "n4"], async (cluster) => {
    const { expired, expiredCa, ca } = fakePki();
    put(cluster, "n0", "cluster.pem", expired.certPem);
    put(cluster, "n1", "cluster-ca.pem", expiredCa.certPem);
    put(cluster, "n2", "cluster-ca.pem", expiredCa.certPem + ca.certPem);
    put(cluster, "n3", "cluster.pem", expired.certPem);
    cluster.set("n3", "exited");
    // Of a volume that cannot be read nothing is known.
    put(cluster, "n4", "cluster.pem", expired.certPem);
    cluster.host().unreadable.add("db-n4-tls");
    assert.deepEqual(await withExpiredCertificate(await serversOf(REF)), ["n0", "n1"]);
  });
});

test("a driver certificate is proven expired by the clock of its host alone", async () => {
  await withCluster(["n0"], async (cluster) => {
    const [server] = await serversOf(REF);
    assert.ok(server);
    const valid = { expired: false, reason: "its certificate is valid by the clock of its host" };
    assert.deepEqual(await proveExpired(server), valid);
    cluster.host().clockAhead = 40 * 24 * 3600;
    assert.deepEqual(await proveExpired(server), { expired: true, reason: "its certificate has expired" });
    cluster.host().clockAhead = 0;
    put(cluster, "n0", "cluster.pem", fakePki().expired.certPem);
    assert.deepEqual(await proveExpired(server), valid);
    cluster.host().clockAhead = -10 * 24 * 3600;
    put(cluster, "n0", "driver.pem", fakePki().expired.certPem);
    assert.deepEqual(await proveExpired(server), valid);
  });
});

test("nothing is proven of a container that is gone, or that has no tls volume", async () => {
  await withCluster(["n0"], async (cluster) => {
    const [server] = await serversOf(REF);
    assert.ok(server);
    const found = cluster.container("n0");
    assert.ok(found);
    Object.assign(found, { mounts: [] });
    const unread = { expired: false, reason: "its certificate cannot be read" };
    assert.deepEqual(await proveExpired(server), unread);
    cluster.host().containers.pop();
    assert.deepEqual(await proveExpired(server), unread);
    assert.deepEqual(await readTlsVolume(server.engine, server.container), []);
  });
});
