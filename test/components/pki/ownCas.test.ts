/** CAs of the user's own, from args to what servers present and trust; the certificates are of the real openssl. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { type CaPems, RethinkdbCluster, type RethinkdbClusterArgs } from "../../../components/index";
import { readOwnCa } from "../../../core/pki/readCa";
import { CaFolder, IS_CA, type MadeCa, P256 } from "../../support/caFolder";
import {
  clearText,
  inputsOf,
  isSecret,
  privateKeyOf,
  record,
  type Recording,
  requestOf,
  unwrap,
} from "../../support/mocks";

const ARGS: RethinkdbClusterArgs = { clusterName: "orders", adminPassword: "correct horse battery staple" };

const folder = new CaFolder();
after(() => {
  folder.dispose();
});

const root = folder.make("root");
const signing = folder.make("signing", "root");
const chain: MadeCa = { certPem: signing.certPem + root.certPem, keyPem: signing.keyPem };
const ended = folder.make("ended", "ended", P256, IS_CA, 1);
const bodyOf = (keyPem: string): string => keyPem.split("\n")[1] ?? "";

async function declared(args: Partial<RethinkdbClusterArgs>): Promise<Recording> {
  return record((recorder) => new RethinkdbCluster("db", { ...ARGS, ...args }, { transformations: [recorder] }));
}

function filesOf(recording: Recording): Readonly<Record<string, string>> {
  return requestOf(recording, "db-n0-prepare")["files"] as Record<string, string>;
}

/** @returns what the args are refused with. */
async function refusal(args: Partial<RethinkdbClusterArgs>): Promise<string> {
  let message = "";
  await record(() => {
    try {
      return new RethinkdbCluster("db", { ...ARGS, ...args });
    } catch (error) {
      assert.ok(error instanceof pulumi.ResourceError);
      message = error.message;
      return new pulumi.ComponentResource("test:index:Nothing", "nothing");
    }
  });
  return message;
}

for (const [kind, wrap] of [
  ["plain", (pems: MadeCa): CaPems => pems],
  ["an Output", ({ certPem, keyPem }: MadeCa): CaPems => ({ certPem, keyPem: pulumi.secret(keyPem) })],
] as const) {
  test(`one that is ${kind} signs in place of one that is made, and its key is nowhere in clear`, async () => {
    const recording = await declared({ driverCaPems: { "1": wrap(root) } });
    const made = recording.resources.filter(({ type }) => type.endsWith(":SelfSignedCert")).map(({ name }) => name);
    assert.deepEqual(made, ["db-cluster-ca-g1"]);
    const { caCertPem, caPrivateKeyPem } = inputsOf(recording, "db-n0-driver-certificate");
    assert.equal(caCertPem, root.certPem);
    assert.ok(isSecret(caPrivateKeyPem));
    assert.equal(unwrap(caPrivateKeyPem), root.keyPem);
    assert.equal(filesOf(recording)["driver-ca.pem"], root.certPem);
    assert.equal(filesOf(recording)["driver.pem"], "certificate db-n0-driver-certificate");
    for (const { name, inputs } of recording.resources)
      assert.ok(!clearText(inputs).includes(bodyOf(root.keyPem)), name);
  });
}

test("an intermediate stands behind each certificate that it signs, and its root is what is trusted", async () => {
  const recording = await declared({ clusterCaPems: { "1": chain } });
  assert.equal(inputsOf(recording, "db-n0-cluster-certificate")["caCertPem"], signing.certPem);
  const files = filesOf(recording);
  assert.equal(files["cluster.pem"], `certificate db-n0-cluster-certificate${signing.certPem}`);
  assert.equal(files["cluster-ca.pem"], root.certPem);
});

test("one follows one that was made, and the bundle holds both, the newest last", async () => {
  const recording = await declared({ driverCa: { issue: 2, trust: [1, 2] }, driverCaPems: { "2": chain } });
  const files = filesOf(recording);
  assert.equal(files["driver-ca.pem"], `certificate db-driver-ca-g1\n${root.certPem}`);
  assert.equal(files["driver.key"], privateKeyOf("db-n0-driver-key-g2"));
});

test("clients get the generation that issues first, since some read no more, and servers the same order as ever", async () => {
  for (const [issue, expected] of [
    [1, `certificate db-driver-ca-g1\n${root.certPem}`],
    [2, `${root.certPem}certificate db-driver-ca-g1\n`],
  ] as const) {
    let bundle = "";
    const args = { ...ARGS, driverCa: { issue, trust: [1, 2] }, driverCaPems: { "2": chain } };
    const recording = await record(() => {
      const cluster = new RethinkdbCluster("db", args);
      cluster.driverCaPem.apply((pem) => (bundle = pem));
      return cluster;
    });
    assert.equal(bundle, expected);
    assert.equal(filesOf(recording)["driver-ca.pem"], `certificate db-driver-ca-g1\n${root.certPem}`);
  }
});

test("the judge of the fleet is told the name of its key, to see another one under the same generation", async () => {
  const recording = await declared({ clusterCaPems: { "1": chain } });
  assert.deepEqual(requestOf(recording, "db-fleet")["ownCas"], {
    clusterCa: { "1": readOwnCa(chain.certPem).keyId },
    driverCa: {},
  });
});

test("what cannot be one is refused with everything else that is wrong", async () => {
  assert.equal(
    await refusal({
      nodes: 0,
      clusterCaPems: { "1": { certPem: root.certPem, keyPem: signing.keyPem }, first: root },
      driverCaPems: { "1": { certPem: root.certPem } as CaPems },
    }),
    [
      "nodes: 0 is not a whole number from 1 to 64",
      `clusterCaPems["1"].keyPem: is not the key of "CN=root"; give the one that is`,
      `clusterCaPems["first"]: "first" is no generation; they are whole numbers from 1`,
      `driverCaPems["1"]: needs both certPem and keyPem`,
    ].join("\n"),
  );
});

test("generations, and the two CAs, share neither key nor name nor root", async () => {
  const shared = (path: string, what: string, other: string): string =>
    `${path}: shares ${what} with ${other}, itself or its root, so that what one signs passes for the other; ` +
    `give a CA with a key, a name and a root of its own`;
  assert.equal(
    await refusal({ driverCa: { issue: 1, trust: [1, 2] }, driverCaPems: { "1": chain, "2": root } }),
    shared(`driverCaPems["2"]`, `the key and the name "CN=root"`, `driverCaPems["1"]`),
  );
  assert.equal(
    await refusal({ clusterCaPems: { "1": root }, driverCaPems: { "1": root } }),
    shared(`driverCaPems["1"]`, `the key and the name "CN=root"`, `clusterCaPems["1"]`),
  );
  // A run of its own, which the error ends as it ends a program's.
  const program = `
    const pulumi = require("@pulumi/pulumi");
    const { RethinkdbCluster } = require("./components");
    const { record } = require("./test/support/mocks");
    const root = JSON.parse(process.env["ROOT"]);
    const late = { certPem: pulumi.secret(root.certPem), keyPem: pulumi.secret(root.keyPem) };
    const args = { ...JSON.parse(process.env["ARGS"]), clusterCaPems: { "1": root }, driverCaPems: { "1": late } };
    void record(() => new RethinkdbCluster("db", args));`;
  const env = { ...process.env, ROOT: JSON.stringify(root), ARGS: JSON.stringify(ARGS) };
  const late = spawnSync(process.execPath, ["--import", "tsx", "--eval", program], { env, encoding: "utf8" });
  assert.notEqual(late.status, 0);
  assert.ok(
    late.stderr.includes(shared(`driverCaPems["1"]`, `the key and the name "CN=root"`, `clusterCaPems["1"]`)),
    late.stderr,
  );
});

test("one that ends too soon is refused where it is or comes into use, not while it is rotated away, nor once it is retired", async () => {
  assert.equal(await refusal({ driverCa: { issue: 1, trust: [1, 2] }, driverCaPems: { "1": ended, "2": root } }), "");
  assert.equal(await refusal({ driverCa: { issue: 2, trust: [1, 2] }, driverCaPems: { "1": ended, "2": root } }), "");
  assert.match(
    await refusal({ driverCaPems: { "1": ended } }),
    /^driverCaPems\["1"\]\.certPem: "CN=ended" ends on .* GMT, in 0 days, before certificates of 90 days that it signs; give a renewed one, of the same key, or lower certValidityDays$/,
  );
  for (const issue of [1, 2]) {
    const towards = { driverCa: { issue, trust: [1, 2] }, driverCaPems: { "1": root, "2": ended } };
    assert.match(await refusal(towards), /^driverCaPems\["2"\]\.certPem: "CN=ended" ends on .* GMT, in 0 days/);
  }
  const after = { driverCa: { issue: 2, trust: [2] }, driverCaPems: { "1": ended, "2": root } };
  assert.equal(await refusal(after), "");
  const recording = await declared(after);
  assert.equal(filesOf(recording)["driver-ca.pem"], root.certPem);
  assert.deepEqual(requestOf(recording, "db-fleet")["ownCas"], {
    clusterCa: {},
    driverCa: { "2": readOwnCa(root.certPem).keyId },
  });
});
