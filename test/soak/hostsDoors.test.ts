/** What stands between a deployer and a host's engine, said in one sentence each; and an engine behind TLS of its own. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { CaFolder } from "../support/caFolder";
import { untilOne } from "../support/cluster";
import { doctor } from "../support/doctor";
import { TestHosts, whyNoHosts } from "../support/hosts";
import { TestStack } from "../support/stack";

const NETWORK = "10.88.207";
const TLS_PORT = 2376;
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsDoors.test.ts, because ${skip}`);

/** Lines of a refused `up` that are about host `name`. */
async function refusals(stack: TestStack, name: string): Promise<readonly string[]> {
  const { code, output } = await stack.up();
  assert.notEqual(code, 0, output);
  const lines = output.split("\n").filter((line) => line.includes(`hosts.${name}: `));
  const said = lines.map((line) => line.slice(line.indexOf(`hosts.${name}: `)).trim());
  assert.ok(said.length > 0, output);
  return [...new Set(said)];
}

const UNKNOWN = "no server on the other hosts answers, so it is not known what works without it";
const waysOn = (name: string, server: string, reason: string): string =>
  `hosts.${name}: ${reason}. It is the place of ${server}; ${UNKNOWN}. Nothing was touched. ` +
  `Put that right and run pulumi up again; or, where the host is gone for good, give it up with all that only its servers ` +
  `have: set lost: true for it in hosts and add "lose-host" to allow`;

describe("a host behind ssh that refuses every login", { skip: skip ?? false }, () => {
  let hosts: TestHosts;
  let stack: TestStack;
  const at = `${NETWORK}.11`;

  function enterAs(user: string, address = at): void {
    stack.configureJson("hosts", [{ name: "a", address, dockerHost: `ssh://${user}@${address}` }]);
  }

  before(async () => {
    hosts = await TestHosts.start("h-ssh", NETWORK, ["a"]);
    stack = TestStack.create({ clusterName: "h-ssh", subnet: "10.88.7.0/24", driverPort: 38400, nodes: 1 });
    stack.configureJson("placement", { n0: "a" });
  });
  afterEach(() => {
    hosts.logins.useKey("key");
    hosts.logins.knowOnly({ [at]: hosts.logins.hostKey("a") });
    hosts.disconnect();
  });
  after(async () => {
    stack.dispose();
    await hosts.dispose();
  });

  test("says that its key is not known", async () => {
    enterAs("root");
    hosts.logins.knowOnly({});
    assert.deepEqual(await refusals(stack, "a"), [
      waysOn(
        "a",
        "n0",
        `the host key of root@${at} is not known here; log in once with ssh ssh://root@${at}, compare its fingerprint, and say yes`,
      ),
    ]);
  });

  test("says that its key is another one than before", async () => {
    enterAs("root");
    hosts.logins.knowOnly({ [at]: hosts.logins.deployerKey });
    assert.deepEqual(await refusals(stack, "a"), [
      waysOn(
        "a",
        "n0",
        `the host key of root@${at} is another one than before, or another machine answers there; find out which, then correct known_hosts`,
      ),
    ]);
  });

  test("says that it refuses our key", async () => {
    enterAs("root");
    hosts.logins.useKey("other");
    assert.deepEqual(await refusals(stack, "a"), [
      waysOn(
        "a",
        "n0",
        `root@${at} refuses our key; put the public key into authorized_keys there, or load its private key with ssh-add`,
      ),
    ]);
  });

  test("says that the user may not use its engine", async () => {
    enterAs("guest");
    assert.deepEqual(await refusals(stack, "a"), [
      waysOn(
        "a",
        "n0",
        `the ssh user may not use the Docker engine of guest@${at}: add it to the group "docker" there`,
      ),
    ]);
  });

  test("says that its engine is off", async () => {
    enterAs("root");
    await hosts.crash("a");
    const said = await refusals(stack, "a");
    await hosts.revive("a");
    assert.deepEqual(said, [
      waysOn("a", "n0", `root@${at} answers and its Docker engine does not: start it there (systemctl start docker)`),
    ]);
  });

  test("says that it cannot be reached, where nothing listens and where no host is", async () => {
    enterAs("root", `${NETWORK}.1`);
    const refused = await refusals(stack, "a");
    enterAs("root");
    hosts.link("a", "down");
    const silent = await refusals(stack, "a");
    hosts.link("a", "up");
    assert.deepEqual(
      [refused, silent],
      [
        [waysOn("a", "n0", `root@${NETWORK}.1 cannot be reached: ${NETWORK}.1 port 22: Connection refused`)],
        [waysOn("a", "n0", `root@${at} cannot be reached: ${at} port 22: Connection timed out`)],
      ],
    );
  });

  test("lets a user of the group docker in, who is not root", async () => {
    enterAs("deploy");
    await stack.mustUp();
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    stack.pulumi(["destroy", "--yes", "--skip-preview"]);
  });
});

describe("two hosts with engines on tcp:// that ask for a client certificate", { skip: skip ?? false }, () => {
  const ca = new CaFolder();
  let hosts: TestHosts;
  let stack: TestStack;

  /** A folder as DOCKER_CERT_PATH wants it. */
  function certPath(name: string, issuer: string, client: string, engines = "engines"): string {
    const folder = join(ca.folder, `path-${name}`);
    mkdirSync(folder, { recursive: true });
    const { certPem, keyPem } = ca.make(client, issuer, undefined, "extendedKeyUsage=clientAuth");
    writeFileSync(join(folder, "ca.pem"), ca.read(`${engines}.pem`));
    writeFileSync(join(folder, "cert.pem"), certPem);
    writeFileSync(join(folder, "key.pem"), keyPem, { mode: 0o600 });
    return folder;
  }

  function enterWith(folder: string): void {
    const args = hosts.hosts.map(({ name, address }) => ({
      ...{ name, address, certPath: folder },
      dockerHost: `tcp://${address}:${String(TLS_PORT)}`,
    }));
    stack.configureJson("hosts", args);
  }

  before(async () => {
    ca.make("engines");
    ca.make("strangers");
    const names = `subjectAltName=IP:${NETWORK}.11,IP:${NETWORK}.12\nextendedKeyUsage=serverAuth`;
    ca.make("server", "engines", undefined, names);
    const files = ["engines.pem", "server.pem", "server.key"].map((file) => join(ca.folder, file));
    const flags = ["--tlscacert", "--tlscert", "--tlskey"].flatMap((flag, i) => [flag, files[i] ?? ""]);
    const listen = ["--host", `tcp://0.0.0.0:${String(TLS_PORT)}`, "--tlsverify", ...flags];
    hosts = await TestHosts.start("h-tls", NETWORK, ["a", "b"], { flags: listen });
    stack = TestStack.create({ clusterName: "h-tls", subnet: "10.88.8.0/24", driverPort: 38450, nodes: 2 });
    stack.configure({ driverPublish: "host-address" });
    stack.configureJson("placement", { n0: "a", n1: "b" });
  });
  after(async () => {
    stack.dispose();
    await hosts.dispose();
    ca.dispose();
  });

  for (const [what, folder, reason] of [
    [
      "refuse a certificate of another CA",
      (): string => certPath("wrong", "strangers", "stranger"),
      (at: string, folder: string): string =>
        `the engine at ${at} refuses the client certificate in ${folder} (tls: bad certificate); ` +
        `put a cert.pem and key.pem there that the CA of its dockerd has signed`,
    ],
    [
      "are not believed with a certificate of another CA",
      (): string => certPath("doubt", "engines", "deployer", "strangers"),
      (at: string, folder: string): string =>
        `ca.pem in ${folder} does not vouch for the engine at ${at} (certificate signed by unknown authority); ` +
        `find out who answers there, or put the CA there that signed its certificate`,
    ],
    [
      "are not asked without a certificate",
      (): string => ca.folder,
      (_: string, folder: string): string => `certPath ${folder} has no ca.pem; put ca.pem, cert.pem and key.pem there`,
    ],
  ] as const) {
    test(`${what}, and it is said what to do`, async () => {
      const named = folder();
      enterWith(named);
      const said = await refusals(stack, "a");
      const at = `tcp://${NETWORK}.11:${String(TLS_PORT)}`;
      assert.deepEqual(said, [waysOn("a", "n0", reason(at, named))]);
    });
  }

  test("carry a cluster for a client with a certificate of theirs, from create to destroy", async () => {
    enterWith(certPath("right", "engines", "deployer"));
    await stack.mustUp();
    const targets = hosts.hosts.map(({ address }, i) => ({
      ...{ host: address, port: 38450 + i, password: stack.settings.adminPassword },
      ca: stack.output<string>("driverCaPem"),
    }));
    await untilOne(targets, ["n0", "n1"], 30);
    assert.deepEqual(doctor(stack), { code: 0, problems: [] });
    assert.deepEqual(await stack.plannedChanges(), {});
    assert.deepEqual(await stack.plannedChanges("--refresh"), {});
    stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    for (const { name } of hosts.hosts) assert.equal(hosts.docker(name, "ps", "-aq"), "");
  });
});
