/** What clients would refuse of a CA of the user's own, tried with a certificate made for it; CAs of the real openssl. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import { tryCa } from "../../../components/pki/caTrial";
import { CaFolder, IS_CA, type MadeCa, P256 } from "../../support/caFolder";

const folder = new CaFolder();
after(() => {
  folder.dispose();
});
const make = folder.make.bind(folder);

const SANS = { dnsNames: ["orders-n0", "n0", "localhost"], ipAddresses: ["10.213.0.10", "127.0.0.1", "fd00::1"] };

async function trial(pems: MadeCa): Promise<string | undefined> {
  return tryCa({ ...pems, commonName: "orders-n0", sans: SANS });
}

const root = make("root");

test("a root and an intermediate, of P-256 and of RSA, sign what clients accept", async () => {
  const middle = make("middle", "root");
  const rsa = make("rsa", "rsa", ["rsa:2048"]);
  assert.equal(await trial(root), undefined);
  assert.equal(await trial(rsa), undefined);
  assert.equal(await trial({ ...middle, certPem: middle.certPem + root.certPem }), undefined);
  const servers = make("servers", "servers", P256, `${IS_CA}\nextendedKeyUsage=serverAuth`);
  assert.equal(await trial(servers), undefined);
});

test("name constraints are told with the names that they do not allow", async () => {
  const only = make("only", "only", P256, `${IS_CA}\nnameConstraints=critical,permitted;DNS:corp.example`);
  assert.equal(
    await trial(only),
    "its name constraints do not allow orders-n0, n0, localhost; give a CA without that restriction",
  );
  const loopback = make("loop", "loop", P256, `${IS_CA}\nnameConstraints=excluded;IP:127.0.0.0/255.0.0.0`);
  assert.equal(
    await trial(loopback),
    "its name constraints do not allow 127.0.0.1; give a CA without that restriction",
  );
  const six = make("six", "root", P256, `${IS_CA}\nnameConstraints=excluded;IP:0.0.0.0/0.0.0.0`);
  assert.equal(
    await trial({ ...six, certPem: six.certPem + root.certPem }),
    "its name constraints do not allow 10.213.0.10, 127.0.0.1; give a CA without that restriction",
  );
});

test("an intermediate that was signed with SHA-1 is refused, as clients refuse it", async () => {
  const old = make("old", "root");
  folder.openssl(
    ...["x509", "-req", "-in", "old.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-sha1"],
    ...["-extfile", "old.ext", "-days", "400", "-out", "old.pem"],
  );
  const chain = { certPem: folder.read("old.pem") + root.certPem, keyPem: old.keyPem };
  assert.equal(
    await trial(chain),
    "a certificate of its chain is signed with a digest that clients refuse, such as SHA-1; give a chain signed with SHA-256",
  );
});

test("one that may sign no certificates is refused in OpenSSL's words", async () => {
  const barred = make("barred", "barred", P256, `${IS_CA}\nkeyUsage=critical,digitalSignature`);
  assert.match((await trial(barred)) ?? "", /^OpenSSL says ".+"; give another CA$/);
});

test("a component refuses it before anything hangs on it", () => {
  const program = `
    const { RethinkdbCluster } = require("./components");
    const { record } = require("./test/support/mocks");
    const driverCaPems = { "1": JSON.parse(process.env["CA"]) };
    const args = { clusterName: "orders", adminPassword: "correct horse battery staple", driverCaPems };
    void record(() => new RethinkdbCluster("db", args)).then(({ resources }) => {
      console.log(resources.map(({ type }) => type).filter((type) => /Container|Network|Volume|Cert/.test(type)));
    });`;
  const only = make("again", "again", P256, `${IS_CA}\nnameConstraints=critical,permitted;DNS:corp.example`);
  const env = { ...process.env, CA: JSON.stringify(only) };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--eval", program], {
    env,
    encoding: "utf8",
  });
  assert.notEqual(status, 0);
  assert.equal(stdout, "");
  assert.ok(
    stderr.includes(
      `driverCaPems["1"].certPem: clients would refuse what it signs: its name constraints do not allow ` +
        `localhost, n0, orders-n0 and more; give a CA without that restriction`,
    ),
    stderr,
  );
});
