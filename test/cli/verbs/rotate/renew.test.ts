/** Which certificates and keys a renewal replaces, by the state of a stack; what cannot be is refused in words. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renew, type RenewalRequest, urnsToReplace } from "../../../../cli/verbs/rotate/renew";
import type { ExportedState } from "../../../../cli/stack/state";

const LEAF = "tls:index/locallySignedCert:LocallySignedCert";
const CA = "tls:index/selfSignedCert:SelfSignedCert";
const KEY = "tls:index/privateKey:PrivateKey";

const RESOURCES: readonly (readonly [type: string, name: string])[] = [
  [KEY, "db-identity"],
  [KEY, "db-operator-g1"],
  [KEY, "db-cluster-ca-g1-key"],
  [CA, "db-cluster-ca-g1"],
  [KEY, "db-cluster-ca-g2-key"],
  [CA, "db-cluster-ca-g2"],
  [KEY, "db-driver-ca-g1-key"],
  [CA, "db-driver-ca-g1"],
  ...["n1", "n11"].flatMap((server): readonly (readonly [string, string])[] => [
    [KEY, `db-${server}-cluster-key-g2`],
    [LEAF, `db-${server}-cluster-certificate`],
    [KEY, `db-${server}-driver-key`],
    [LEAF, `db-${server}-driver-certificate`],
  ]),
  [KEY, "db-ui-driver-key"],
  [LEAF, "db-ui-driver-certificate"],
];

const urn = (type: string, name: string): string =>
  `urn:pulumi:prod::rethinkdb::rethinkdb:index:RethinkdbCluster$rethinkdb:index:Pki$${type}::${name}`;

function stateOf(resources: readonly (readonly [type: string, name: string])[]): ExportedState {
  return {
    version: 3,
    deployment: { resources: resources.map(([type, name]) => ({ type, urn: urn(type, name) })) },
  };
}

function replaced(request: Partial<RenewalRequest>, resources = RESOURCES): readonly string[] {
  const urns = urnsToReplace(stateOf(resources), { server: undefined, keys: false, ca: undefined, ...request });
  return urns.map((found) => found.slice(found.lastIndexOf("::") + 2));
}

const refusal = (message: string): { name: string; message: string } => ({ name: "Failure", message });

describe("a renewal", () => {
  test("is of every leaf and of no key and no CA, when nothing is named", () => {
    assert.deepEqual(replaced({}), [
      "db-n1-cluster-certificate",
      "db-n1-driver-certificate",
      "db-n11-cluster-certificate",
      "db-n11-driver-certificate",
      "db-ui-driver-certificate",
    ]);
  });

  test("is of nothing that the program makes beside its clusters", () => {
    const { deployment, version } = stateOf(RESOURCES);
    const type = "tls:index/locallySignedCert:LocallySignedCert";
    const other = { type, urn: `urn:pulumi:prod::shop::${type}::web-n1-driver-certificate` };
    const state = { version, deployment: { resources: [...(deployment.resources ?? []), other] } };
    const urns = urnsToReplace(state, { server: "n1", keys: false, ca: undefined });
    assert.equal(urns.length, 2);
    assert.ok(!urns.includes(other.urn));
  });

  test("is of one server and of none whose name ends like its own", () => {
    assert.deepEqual(replaced({ server: "n1" }), ["db-n1-cluster-certificate", "db-n1-driver-certificate"]);
  });

  test("takes the keys along, of whatever generation, and never those of a CA, of the identity or of the operator", () => {
    assert.deepEqual(replaced({ server: "n11", keys: true }), [
      "db-n11-cluster-certificate",
      "db-n11-driver-certificate",
      "db-n11-cluster-key-g2",
      "db-n11-driver-key",
    ]);
    assert.deepEqual(
      replaced({ keys: true }).filter((name) => name.includes("-key")),
      ["db-n1-cluster-key-g2", "db-n1-driver-key", "db-n11-cluster-key-g2", "db-n11-driver-key", "db-ui-driver-key"],
    );
  });

  test("of a CA is of all of its generations and of no key", () => {
    assert.deepEqual(replaced({ ca: "cluster" }), ["db-cluster-ca-g1", "db-cluster-ca-g2"]);
    assert.deepEqual(replaced({ ca: "driver" }), ["db-driver-ca-g1"]);
  });

  test("names whole resources of the state", () => {
    assert.deepEqual(urnsToReplace(stateOf(RESOURCES), { server: undefined, keys: false, ca: "driver" }), [
      urn(CA, "db-driver-ca-g1"),
    ]);
  });
});

describe("what cannot be renewed", () => {
  test("is a server that is not there, and a name is no pattern", () => {
    for (const server of ["n2", "n.", "n1|n11", "n1)", ""]) {
      assert.throws(
        () => replaced({ server }),
        refusal(`renew: "${server}" is not a server of this stack; write n0, n1, …`),
      );
    }
  });

  test("is a stack that has nothing yet", () => {
    assert.throws(() => replaced({}, []), refusal("renew: this stack has no certificate yet; run up first"));
  });

  test("is something that is no CA, and a CA that this stack did not make", () => {
    assert.throws(
      () => replaced({ ca: "web" }),
      refusal(`renew: "web" is not a CA; write --ca cluster, --ca driver or --ca client`),
    );
    const own = RESOURCES.filter(([, name]) => !name.includes("driver-ca"));
    assert.throws(
      () => replaced({ ca: "driver" }, own),
      refusal(
        "renew: this stack made no driver CA; where it is your own, give the renewed certificate as driverCaPems, then run up",
      ),
    );
    assert.throws(
      () => replaced({ ca: "client" }),
      refusal("renew: no client has a certificate (driverClients is empty), so there is no client CA"),
    );
  });

  test("is a CA together with a server or with keys, refused before anything is asked", async () => {
    for (const more of [["--keys"], ["--server", "n1"]]) {
      await assert.rejects(
        renew("no such project", ["--ca", "cluster", ...more]),
        refusal(
          "renew: --ca keeps the CA's key and renews all that it signed, so it goes with neither --server nor --keys; another key is npx pulumi-rethinkdb rotate-ca",
        ),
      );
    }
    await assert.rejects(
      renew("no such project", ["--all"]),
      refusal(`renew: "--all" is no option; known are --server, --keys, --ca, --stack, --verbose`),
    );
  });
});
