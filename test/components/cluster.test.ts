/** What the component declares: names, inputs, options and order. That it works is for the real engine to show. */
import assert from "node:assert/strict";
import { homedir } from "node:os";
import { describe, test } from "node:test";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { RethinkdbCluster, type RethinkdbClusterArgs } from "../../components";
import { INTERPRETER } from "../../core/programs/parts/locator";
import { ENTRY_SCRIPT, volumeIdentity } from "../../core/render/entryScript";
import { renderHealthcheck } from "../../core/render/healthcheck";
import { identityOf, operatorPassword } from "../../core/plan/identity";
import { OPERATOR_RIGHTS } from "../../core/plan/operatorRights";
import { planCluster } from "../../core/plan/cluster";
import { renderServerFlags } from "../../core/render/serverFlags";
import { fingerprintTls } from "../../core/render/tlsFiles";
import { listing } from "../support/noEngine";
import {
  clearText,
  type Declared,
  isSecret,
  privateKeyOf,
  record,
  type Recording,
  requestOf,
  unwrap,
} from "../support/mocks";

const PASSWORD = "correct horse battery staple";
const ARGS: RethinkdbClusterArgs = { clusterName: "orders", adminPassword: PASSWORD };

/** @param present servers that have a container. */
async function declared(
  args: Partial<RethinkdbClusterArgs> = {},
  preview = false,
  present: readonly string[] = [],
): Promise<Recording> {
  return record(
    (recorder) => new RethinkdbCluster("db", { ...ARGS, ...args }, { transformations: [recorder] }),
    preview,
    undefined,
    listing("orders", present),
  );
}

function find(recording: Recording, name: string, type?: string): Declared {
  const found = recording.resources.filter((r) => r.name === name && (type === undefined || r.type === type));
  assert.equal(found.length, 1, `${name} is declared once`);
  return found[0] as Declared;
}

async function namesOf(
  value: pulumi.Input<pulumi.Input<pulumi.Resource>[]> | pulumi.Input<pulumi.Resource> | undefined,
): Promise<string[]> {
  const list =
    (await new Promise<unknown>((done) => (pulumi.output(value as unknown) as pulumi.Output<unknown>).apply(done))) ??
    [];
  const resources = (Array.isArray(list) ? list : [list]) as { readonly urn: pulumi.Output<string> }[];
  const urns = await Promise.all(resources.map((r) => new Promise<string>((done) => r.urn.apply(done))));
  return urns.map((urn) => urn.slice(urn.lastIndexOf("::") + 2)).sort();
}

const FINGERPRINT = fingerprintTls([
  "certificate db-n1-cluster-certificate",
  "certificate db-cluster-ca-g1",
  "certificate db-n1-driver-certificate",
  "certificate db-driver-ca-g1",
  "28015",
]);
const IDENTITY = identityOf("public key of db-identity");

describe("a cluster of three", () => {
  test("is exactly these resources", async () => {
    const { resources } = await declared();
    const perServer = (n: string): [string, string][] => [
      ["command:local:Command", `db-${n}-member`],
      ["command:local:Command", `db-${n}-permit`],
      ["command:local:Command", `db-${n}-prepare`],
      ["docker:index/container:Container", `db-${n}`],
      ["docker:index/volume:Volume", `db-${n}-data`],
      ["docker:index/volume:Volume", `db-${n}-tls`],
      ...["cluster", "driver"].flatMap((purpose): [string, string][] => [
        ["tls:index/certRequest:CertRequest", `db-${n}-${purpose}-request`],
        ["tls:index/locallySignedCert:LocallySignedCert", `db-${n}-${purpose}-certificate`],
        ["tls:index/privateKey:PrivateKey", `db-${n}-${purpose}-key`],
      ]),
    ];
    const expected: [string, string][] = [
      ["command:local:Command", "db-accounts"],
      ["command:local:Command", "db-admin"],
      ["command:local:Command", "db-departure"],
      ["command:local:Command", "db-fleet"],
      ["command:local:Command", "db-peers"],
      ["docker:index/network:Network", "db-network"],
      ["pulumi:providers:docker", "db-engine-0"],
      ["rethinkdb:index:Pki", "db"],
      ["rethinkdb:index:RethinkdbCluster", "db"],
      ["tls:index/privateKey:PrivateKey", "db-cluster-ca-g1-key"],
      ["tls:index/privateKey:PrivateKey", "db-driver-ca-g1-key"],
      ["tls:index/privateKey:PrivateKey", "db-identity"],
      ["tls:index/privateKey:PrivateKey", "db-operator-g1"],
      ["tls:index/selfSignedCert:SelfSignedCert", "db-cluster-ca-g1"],
      ["tls:index/selfSignedCert:SelfSignedCert", "db-driver-ca-g1"],
      ...["n0", "n1", "n2"].flatMap(perServer),
    ];
    const sorted = (list: [string, string][]): string[] => list.map((entry) => entry.join(" ")).sort();
    assert.deepEqual(sorted(resources.map(({ type, name }) => [type, name])), sorted(expected));
  });

  test("gives a container exactly these inputs", async () => {
    const recording = await declared();
    const server = planCluster(ARGS).servers[1];
    assert.ok(server);
    const { labels, ...inputs } = find(recording, "db-n1").inputs;
    assert.deepEqual(inputs, {
      name: "orders-n1",
      hostname: "orders-n1",
      image: "rethinkdb:2.4.4-bookworm-slim",
      user: "28015:28015",
      entrypoints: ["bash", "-c", ENTRY_SCRIPT, "rethinkdb"],
      command: [volumeIdentity(IDENTITY, "n1", 0), ...renderServerFlags(server, FINGERPRINT)],
      networkMode: "bridge",
      networksAdvanced: [{ name: "orders", ipv4Address: "10.213.0.11" }],
      ports: [{ ip: "127.0.0.1", internal: 28015, external: 28016, protocol: "tcp" }],
      volumes: [
        { volumeName: "orders-n1-data", containerPath: "/data" },
        { volumeName: "orders-n1-tls", containerPath: "/tls", readOnly: true },
      ],
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      privileged: false,
      init: false,
      memory: 1024,
      memorySwap: 1024,
      restart: "unless-stopped",
      stopTimeout: 60,
      destroyGraceSeconds: 60,
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      healthcheck: {
        tests: renderHealthcheck(server, FINGERPRINT),
        interval: "10s",
        timeout: "10s",
        startPeriod: "30s",
        retries: 3,
      },
    });
    const known = Object.fromEntries(
      (labels as { label: string; value: string }[]).map(({ label, value }) => [label, value]),
    );
    const { "pulumi-rethinkdb.spec": spec, ...others } = known;
    assert.match(spec ?? "", /^[0-9a-f]{16}$/);
    assert.deepEqual(others, {
      "pulumi-rethinkdb.identity": IDENTITY,
      "pulumi-rethinkdb.cluster": "orders",
      "pulumi-rethinkdb.server": "n1",
      "pulumi-rethinkdb.cluster-ca.issue": "1",
      "pulumi-rethinkdb.cluster-ca.trust": "1",
      "pulumi-rethinkdb.driver-ca.issue": "1",
      "pulumi-rethinkdb.driver-ca.trust": "1",
    });
  });

  test("limits no swap when asked to, and tells the judge of the fleet only then", async () => {
    const [limited, unlimited] = [await declared({ limitSwap: true }), await declared({ limitSwap: false })];
    const { memory, memorySwap } = find(unlimited, "db-n1").inputs;
    assert.deepEqual([memory, memorySwap], [1024, -1]);
    assert.equal(requestOf(limited, "db-fleet")["limitSwap"], undefined);
    assert.equal(requestOf(unlimited, "db-fleet")["limitSwap"], false);
  });

  test("publishes nothing when asked to, and binds the driver to loopback", async () => {
    const recording = await declared({ driverPublish: "none" });
    const inputs = find(recording, "db-n0").inputs;
    assert.deepEqual(inputs["ports"], []);
    const command = inputs["command"] as string[];
    assert.equal(command[command.indexOf("--bind-driver") + 1], "127.0.0.1");
  });

  test("joins further networks for the driver alone", async () => {
    const recording = await declared({ driverPublish: "network", driverNetworks: ["apps"] });
    const { networksAdvanced, ports } = find(recording, "db-n0").inputs;
    assert.deepEqual(networksAdvanced, [{ name: "orders", ipv4Address: "10.213.0.10" }, { name: "apps" }]);
    assert.deepEqual(ports, []);
  });

  test("keeps the dynamic half of its subnet away from the servers' addresses", async () => {
    const { inputs } = find(await declared(), "db-network");
    assert.deepEqual(inputs["ipamConfigs"], [
      { subnet: "10.213.0.0/24", gateway: "10.213.0.1", ipRange: "10.213.0.128/25" },
    ]);
  });

  test("signs leaves for their use: both ends on the cluster port, a server on the driver port", async () => {
    const recording = await declared({ driverPublish: "10.1.2.7", driverSans: ["db.example.org", "192.0.2.8"] });
    assert.deepEqual(find(recording, "db-n0-cluster-certificate").inputs["allowedUses"], [
      "digital_signature",
      "server_auth",
      "client_auth",
    ]);
    assert.deepEqual(find(recording, "db-n0-driver-certificate").inputs["allowedUses"], [
      "digital_signature",
      "server_auth",
    ]);
    const cluster = find(recording, "db-n0-cluster-request").inputs;
    assert.deepEqual(
      [cluster["dnsNames"], cluster["ipAddresses"]],
      [
        ["localhost", "n0", "orders-n0"],
        ["10.213.0.10", "127.0.0.1"],
      ],
    );
    const driver = find(recording, "db-n0-driver-request").inputs;
    assert.deepEqual(
      [driver["dnsNames"], driver["ipAddresses"]],
      [
        ["db.example.org", "localhost", "n0", "orders-n0"],
        ["10.1.2.7", "10.213.0.10", "127.0.0.1", "192.0.2.8"],
      ],
    );
    assert.deepEqual(
      recording.resources
        .filter(({ type }) => type.endsWith(":LocallySignedCert"))
        .map(({ inputs }) => [inputs["validityPeriodHours"], inputs["earlyRenewalHours"]]),
      Array.from({ length: 6 }, () => [2160, 720]),
    );
  });

  test("asks its programs on stdin, as a secret, and shows a preview only what it may", async () => {
    const recording = await declared();
    const commands = recording.resources.filter(({ type }) => type === "command:local:Command");
    for (const { name, inputs } of commands) {
      assert.ok(isSecret(inputs["stdin"]), `${name} has a secret stdin`);
      assert.deepEqual(inputs["interpreter"], INTERPRETER, name);
      assert.equal(inputs["logging"], "stderr", name);
      const compares = ["db-accounts", "db-admin", "db-fleet"].includes(name) || name.endsWith("-prepare");
      assert.equal(inputs["addPreviousOutputInEnv"], compares, name);
      assert.equal(inputs["triggers"], undefined, name);
    }
    const verbs = (name: string): unknown[] =>
      ["create", "update", "delete"].map((key) => find(recording, name, "command:local:Command").inputs[key]);
    assert.deepEqual(verbs("db-fleet"), ["fleet", "fleet", undefined]);
    assert.deepEqual(verbs("db-n0-permit"), [":", "permit", undefined]);
    assert.deepEqual(verbs("db-n0-member"), ["member", "member", "leave"]);
    assert.deepEqual(find(recording, "db-fleet").inputs["environment"], {
      CLUSTER: "orders",
      SUBNET: "10.213.0.0/24",
      SERVERS: "n0 n1 n2",
      ALLOW: "",
      REPLACEMENTS: "",
      CLUSTER_CA: "issue 1, trust 1",
      DRIVER_CA: "issue 1, trust 1",
      CLIENT_CA: "",
      DRIVER_CLIENTS: "",
    });
    assert.deepEqual(find(recording, "db-departure").inputs["environment"], { SERVERS: "n0 n1 n2" });
    const admin = JSON.parse(unwrap(find(recording, "db-admin").inputs["stdin"]) as string) as unknown;
    assert.deepEqual(admin, {
      clusterName: "orders",
      identity: IDENTITY,
      image: "rethinkdb:2.4.4-bookworm-slim",
      dockerHost: null,
      network: "orders",
      uid: 28015,
      adminPassword: PASSWORD,
      operator: {
        password: operatorPassword(privateKeyOf("db-operator-g1")),
        previousPassword: null,
        driverCa: "certificate db-driver-ca-g1\n",
        client: null,
      },
      operatorRights: OPERATOR_RIGHTS,
      operatorGeneration: 1,
      incarnation: 0,
    });
  });

  test("lets no secret stand in clear, its own inputs included", async () => {
    for (const preview of [false, true]) {
      const { resources } = await declared({}, preview);
      for (const { name, type, inputs } of resources) {
        const text = clearText(inputs);
        for (const secret of [PASSWORD, "PRIVATE-", operatorPassword(privateKeyOf("db-operator-g1"))]) {
          assert.ok(!text.includes(secret), `${type} ${name} holds a secret in clear`);
        }
      }
    }
  });

  test("names no path of this machine", async () => {
    const { resources } = await declared();
    for (const { name, inputs } of resources) {
      const text = JSON.stringify(unwrap(inputs));
      for (const path of [process.cwd(), homedir()]) assert.ok(!text.includes(`${path}/`), `${name} names ${path}`);
    }
  });
});

describe("options that keep data and order", () => {
  test("retain data volumes, replace what the provider would change in place, skip members on destroy", async () => {
    const { options } = await declared();
    for (const n of ["n0", "n1", "n2"]) {
      assert.equal(options.get(`db-${n}-data`)?.retainOnDelete, true);
      assert.notEqual(options.get(`db-${n}-tls`)?.retainOnDelete, true);
      assert.deepEqual(options.get(`db-${n}`)?.replaceOnChanges, [
        "healthcheck",
        "init",
        "memory",
        "memorySwap",
        "restart",
        "tmpfs",
      ]);
      assert.deepEqual(await namesOf(options.get(`db-${n}-member`)?.deletedWith), ["db-network"]);
    }
  });

  test("make every docker resource use the declared engine", async () => {
    const { resources, options } = await declared();
    for (const { name } of resources.filter(({ type }) => type.startsWith("docker:"))) {
      assert.deepEqual(await namesOf(options.get(name)?.provider), ["db-engine-0"], name);
    }
  });

  test("chain the servers: accounts before the first member, each server after the one below it", async () => {
    const { options } = await declared({}, false, ["n0", "n1", "n2"]);
    const after = (name: string): Promise<string[]> => namesOf(options.get(name)?.dependsOn);
    assert.deepEqual(await after("db-admin"), ["db-n0"]);
    assert.deepEqual(await after("db-n0-permit"), ["db-n0-prepare"]);
    assert.deepEqual(await after("db-n0-member"), ["db-admin", "db-n0"]);
    assert.deepEqual(await after("db-n1-permit"), ["db-n0-member", "db-n1-prepare"]);
    assert.deepEqual(await after("db-n1"), ["db-n1-data", "db-n1-permit", "db-n1-prepare", "db-n1-tls", "db-network"]);
    assert.deepEqual(await after("db-n2-permit"), ["db-n1-member", "db-n2-prepare"]);
    assert.deepEqual(await after("db-peers"), ["db-n0-member", "db-n1-member", "db-n2-member"]);
    assert.deepEqual(await after("db-accounts"), ["db-n0-member", "db-n1-member", "db-n2-member"]);
  });

  for (const [what, present, preview, expected] of [
    ["all servers of a new cluster but the first side by side", [], false, ["", "n0", "n0", "n0", "n0"]],
    ["new servers side by side behind those that exist", ["n0", "n1", "n2"], false, ["", "n0", "n1", "n2", "n2"]],
    ["one after the other in a preview, which asks no engine", [], true, ["", "n0", "n1", "n2", "n3"]],
  ] as const) {
    test(`start ${what}`, async () => {
      const { options } = await declared({ nodes: 5 }, preview, present);
      for (const [i, other] of expected.entries()) {
        const name = `db-n${String(i)}`;
        const waits = other === "" ? [`${name}-prepare`] : [`db-${other}-member`, `${name}-prepare`].sort();
        assert.deepEqual(await namesOf(options.get(`${name}-permit`)?.dependsOn), waits);
        assert.deepEqual(await namesOf(options.get(`${name}-member`)?.dependsOn), ["db-admin", name]);
      }
      assert.deepEqual(await namesOf(options.get("db-admin")?.dependsOn), ["db-n0"]);
    });
  }

  test("let the fleet be judged, and data be moved, before anything but the two seeds exists", async () => {
    const after = (name: string): Promise<string[]> => namesOf(options.get(name)?.dependsOn);
    const { resources, options } = await declared();
    for (const { name, type } of resources) {
      if (
        !/^(tls|docker):/.test(type) ||
        ["db-identity", "db-operator-g1"].includes(name) ||
        type.includes(":Container")
      )
        continue;
      assert.ok((await namesOf(options.get(name)?.dependsOn)).includes("db-departure"), `${name} waits`);
    }
    assert.deepEqual(await after("db-departure"), ["db-fleet"]);
  });
});

describe("growing from three to five", () => {
  test("changes no input of an existing resource but of the three records of the whole fleet", async () => {
    const three = await declared();
    const five = await declared({ nodes: 5 });
    const changed = three.resources.filter(({ name, type, inputs }) => {
      try {
        assert.deepEqual(find(five, name, type).inputs, inputs);
        return false;
      } catch {
        return true;
      }
    });
    assert.deepEqual(changed.map(({ name, type }) => `${type} ${name}`).sort(), [
      "command:local:Command db-departure",
      "command:local:Command db-fleet",
      "command:local:Command db-peers",
      "rethinkdb:index:RethinkdbCluster db",
    ]);
  });
});

describe("args that cannot be", () => {
  test("are not looked at on native Windows, which is one sentence", async () => {
    const platform = Object.getOwnPropertyDescriptor(process, "platform");
    assert.ok(platform);
    let said = "";
    await record(() => {
      Object.defineProperty(process, "platform", { ...platform, value: "win32" });
      try {
        return new RethinkdbCluster("db", ARGS);
      } catch (error) {
        said = (error as Error).message;
        return new pulumi.ComponentResource("test:index:Nothing", "nothing");
      } finally {
        Object.defineProperty(process, "platform", platform);
      }
    });
    assert.equal(
      said,
      "this does not run on native Windows; use WSL 2 (wsl --install), and Docker and Node.js inside it",
    );
  });

  test("are refused with a docker provider, given to the cluster or to what is above it", async () => {
    const sentence =
      "providers: a docker provider is given, for the cluster or for its parent, and the cluster does not use it; " +
      "take it out and say dockerHost or hosts instead";
    const refusals: string[] = [];
    const { resources } = await record(() => {
      const remote = new docker.Provider("remote", { host: "ssh://far" });
      const above = new pulumi.ComponentResource("x:index:Above", "above", {}, { providers: [remote] });
      for (const opts of [{ providers: { docker: remote } }, { providers: [remote] }, { parent: above }]) {
        try {
          new RethinkdbCluster(`db${String(refusals.length)}`, ARGS, opts);
        } catch (error) {
          refusals.push((error as Error).message);
        }
      }
      return above;
    });
    assert.deepEqual(refusals, [sentence, sentence, sentence]);
    assert.deepEqual(
      resources
        .filter(({ type }) => !type.includes("Cluster"))
        .map(({ name }) => name)
        .sort(),
      ["above", "remote"],
    );
    // Those of other packages are used for what they are for.
    const commands = await record(
      () => new RethinkdbCluster("db", ARGS, { providers: [new tls.Provider("keys", {})] }),
    );
    assert.ok(commands.resources.length > 10);
  });

  test("are refused all at once, before any child exists", async () => {
    const names: string[] = [];
    let refusal: unknown;
    await record((recorder) => {
      try {
        return new RethinkdbCluster(
          "db",
          { ...ARGS, nodes: 0, adminPassword: "", runAsUid: 5 },
          { transformations: [recorder, ({ name }) => void names.push(name)] },
        );
      } catch (error) {
        refusal = error;
        return new pulumi.ComponentResource("test:index:Nothing", "nothing");
      }
    });
    assert.ok(refusal instanceof pulumi.ResourceError);
    assert.equal(
      refusal.message,
      [
        "nodes: 0 is not a whole number from 1 to 64",
        "adminPassword: is empty; set one, for example with: pulumi config set --secret adminPassword",
        "runAsUid: 5 is not a whole number from 1000 to 2147483647",
      ].join("\n"),
    );
    assert.deepEqual(names, ["db"]);
  });
});
