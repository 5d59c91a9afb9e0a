/** What is declared of certificates: generations, client certificates, and warnings of ends. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { type DriverClientCertificate, RethinkdbCluster, type RethinkdbClusterArgs } from "../../../components/index";
import { tlsFiles } from "../../../core/render/tlsFiles";
import { clearText, inputsOf, privateKeyOf, record, type Recording, requestOf, unwrap } from "../../support/mocks";

const ARGS: RethinkdbClusterArgs = { clusterName: "orders", adminPassword: "correct horse battery staple" };

interface Declaration extends Recording {
  readonly cluster: RethinkdbCluster;
}

async function declared(
  args: Partial<RethinkdbClusterArgs> = {},
  preview = false,
  outputsOf?: (name: string) => Readonly<Record<string, unknown>>,
): Promise<Declaration> {
  let cluster: RethinkdbCluster | undefined;
  const recording = await record(
    (recorder) => (cluster = new RethinkdbCluster("db", { ...ARGS, ...args }, { transformations: [recorder] })),
    preview,
    outputsOf,
  );
  assert.ok(cluster);
  return { ...recording, cluster };
}

function filesOf(recording: Recording, server: string): Readonly<Record<string, string>> {
  return requestOf(recording, `db-${server}-prepare`)["files"] as Record<string, string>;
}

function namesOf({ resources }: Recording, pattern: RegExp): readonly string[] {
  return resources.flatMap(({ type, name }) => (type.startsWith("tls:") && pattern.test(name) ? [name] : [])).sort();
}

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((done) => {
    output.apply((value) => {
      done(value);
    });
  });
}

function labelsOf(recording: Recording, server: string): Readonly<Record<string, string>> {
  const labels = inputsOf(recording, `db-${server}`)["labels"] as readonly { label: string; value: string }[];
  return Object.fromEntries(labels.map(({ label, value }) => [label, value]));
}

describe("generations of a CA", () => {
  test("each have a key and a common name of their own, and every leaf of the second one a new key", async () => {
    const recording = await declared({ clusterCa: { issue: 2, trust: [2, 1] } });
    assert.deepEqual(namesOf(recording, /cluster/), [
      "db-cluster-ca-g1",
      "db-cluster-ca-g1-key",
      "db-cluster-ca-g2",
      "db-cluster-ca-g2-key",
      ...["n0", "n1", "n2"].flatMap((server) => [
        `db-${server}-cluster-certificate`,
        `db-${server}-cluster-key-g2`,
        `db-${server}-cluster-request`,
      ]),
    ]);
    assert.deepEqual(
      ["g1", "g2"].map((generation) => inputsOf(recording, `db-cluster-ca-${generation}`)["subject"]),
      [{ commonName: "orders cluster CA g1" }, { commonName: "orders cluster CA g2" }],
    );
    const { caCertPem, caPrivateKeyPem } = inputsOf(recording, "db-n0-cluster-certificate");
    assert.deepEqual(
      [caCertPem, unwrap(caPrivateKeyPem)],
      ["certificate db-cluster-ca-g2", privateKeyOf("db-cluster-ca-g2-key")],
    );
    assert.equal(filesOf(recording, "n0")["cluster.key"], privateKeyOf("db-n0-cluster-key-g2"));
    assert.deepEqual(namesOf(recording, /^db-n0-driver-key/), ["db-n0-driver-key"]);
  });

  test("stand in the bundle in their order, the newest last, whatever the order in the args", async () => {
    const recording = await declared({ driverCa: { issue: 1, trust: [2, 1] } });
    const bundle = "certificate db-driver-ca-g1\ncertificate db-driver-ca-g2\n";
    assert.equal(filesOf(recording, "n1")["driver-ca.pem"], bundle);
    assert.equal(await valueOf(recording.cluster.driverCaPem), bundle);
    assert.equal(filesOf(recording, "n1")["cluster-ca.pem"], "certificate db-cluster-ca-g1\n");
  });

  test("are written on each container, for the next run to judge by", async () => {
    const labels = labelsOf(await declared({ clusterCa: { issue: 2, trust: [2, 1] } }), "n1");
    assert.deepEqual(
      ["cluster-ca.issue", "cluster-ca.trust", "driver-ca.issue", "driver-ca.trust", "client-ca.issue"].map(
        (name) => labels[`pulumi-rethinkdb.${name}`],
      ),
      ["2", "1,2", "1", "1", undefined],
    );
  });

  test("that are retired are declared no more", async () => {
    const recording = await declared({ driverCa: { issue: 2, trust: [2] } });
    assert.deepEqual(namesOf(recording, /driver-ca/), ["db-driver-ca-g2", "db-driver-ca-g2-key"]);
    assert.equal(filesOf(recording, "n0")["driver-ca.pem"], "certificate db-driver-ca-g2\n");
  });
});

describe("driverClients", () => {
  const CLIENTS = { driverClients: ["api", "worker"] };

  test("turn the demand for a certificate on, with a CA of its own and the server's own for its health check", async () => {
    const recording = await declared(CLIENTS);
    const command = unwrap(inputsOf(recording, "db-n0")["command"]) as readonly string[];
    const path = command[command.indexOf("--driver-tls-ca") + 1] ?? "";
    const fingerprint = path.split("/").at(-2) ?? "";
    const files = tlsFiles(fingerprint);
    assert.equal(path, files.clientCa);
    const { tests } = inputsOf(recording, "db-n0")["healthcheck"] as { tests: readonly string[] };
    assert.ok(tests.join(" ").includes(`-cert ${files.clientCert} -key ${files.clientKey}`));
    const { "client-ca.pem": ca, "client.key": key, "client.pem": certificate } = filesOf(recording, "n0");
    assert.deepEqual(
      [ca, key, certificate],
      ["certificate db-client-ca-g1\n", privateKeyOf("db-n0-client-key"), "certificate db-n0-client-certificate"],
    );
    const { client } = requestOf(recording, "db-n0-member")["operator"] as { client: DriverClientCertificate };
    assert.deepEqual(client, {
      keyPem: privateKeyOf("db-ops-client-key"),
      certPem: "certificate db-ops-client-certificate",
    });
    assert.equal(labelsOf(recording, "n0")["pulumi-rethinkdb.client-ca.issue"], "1");
    assert.deepEqual(inputsOf(recording, "db-driver-api-client-certificate")["allowedUses"], [
      "digital_signature",
      "client_auth",
    ]);
  });

  test("without a name there is no client CA, no file and no flag", async () => {
    const recording = await declared();
    assert.deepEqual(namesOf(recording, /client/), []);
    assert.deepEqual(Object.keys(filesOf(recording, "n0")), [
      ...["cluster.key", "cluster.pem", "cluster-ca.pem", "driver.key", "driver.pem", "driver-ca.pem"],
    ]);
    assert.ok(!(unwrap(inputsOf(recording, "db-n0")["command"]) as readonly string[]).includes("--driver-tls-ca"));
    assert.deepEqual(await valueOf(recording.cluster.driverClientCertificates), {});
  });

  test("each get a certificate and a key, as a secret output, and no key stands anywhere in clear", async () => {
    const { cluster, resources } = await declared(CLIENTS);
    assert.equal(await pulumi.isSecret(cluster.driverClientCertificates), true);
    assert.deepEqual(
      await valueOf(cluster.driverClientCertificates),
      Object.fromEntries(
        ["api", "worker"].map((name) => [
          name,
          {
            certPem: `certificate db-driver-${name}-client-certificate`,
            keyPem: privateKeyOf(`db-driver-${name}-client-key`),
          },
        ]),
      ),
    );
    for (const { name, inputs } of resources) assert.ok(!clearText(inputs).includes("PRIVATE-"), name);
  });

  test("a further name changes nothing of a server", async () => {
    const [one, two] = [await declared({ driverClients: ["api"] }), await declared(CLIENTS)];
    for (const name of ["db-n0", "db-n1", "db-n0-prepare", "db-n0-permit", "db-n0-member"])
      assert.deepEqual(inputsOf(two, name), inputsOf(one, name), name);
  });
});

describe("ends of certificates", () => {
  const DAY_MS = 24 * 3600 * 1000;
  const at = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

  /** @param ends in days, by resource; whatever is not among them is not known yet. */
  async function warnings(
    ends: Readonly<Record<string, number>>,
    preview: boolean,
    args: Partial<RethinkdbClusterArgs> = {},
  ): Promise<readonly string[]> {
    const said: string[] = [];
    const before = console.warn;
    console.warn = (text: string): void => void said.push(text);
    try {
      await declared(args, preview, (name) => {
        const days = ends[name];
        return days === undefined ? {} : { validityEndTime: at(days) };
      });
    } finally {
      console.warn = before;
    }
    return said.map((text) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "TIME")).sort();
  }

  const SOON = { "db-n1-driver-certificate": 12.5, "db-cluster-ca-g1": -1, "db-n0-driver-certificate": 31 };
  const SAID = [
    "warning: [runtime] n1's driver certificate ends on TIME, in 12 days, and this run does not renew it; look at npx pulumi-rethinkdb certs",
    "warning: [runtime] the cluster CA (generation 1) ended on TIME, and this run does not renew it; look at npx pulumi-rethinkdb certs",
  ];

  for (const preview of [false, true]) {
    test(`are warned of by ${preview ? "a preview" : "up"} within 30 days, also while others are not known`, async () => {
      assert.deepEqual(await warnings(SOON, preview), SAID);
    });
  }

  test("of short lives are warned of in their last half", async () => {
    const short = { certValidityDays: 8, certEarlyRenewalDays: 2 };
    assert.deepEqual(await warnings({ "db-n0-driver-certificate": 4.5 }, false, short), []);
    assert.deepEqual(await warnings({ "db-n0-driver-certificate": 3.5 }, false, short), [
      "warning: [runtime] n0's driver certificate ends on TIME, in 3 days, and this run does not renew it; look at npx pulumi-rethinkdb certs",
    ]);
  });
});
