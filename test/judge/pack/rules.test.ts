/** Every rule of the pack has a stack that breaks it, and says so in exactly these words. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, test } from "node:test";
import { POLICIES } from "../../../judge/pack/pack";
import { judge, readSettings, RULES } from "../../../judge/pack/judge";
import type { ResourceSet } from "../../../judge/model/resources";
import { OVERRIDES } from "../../../args/overrides";
import { cluster, PASSWORD, recordHere } from "../../support/recorded";
import { argv, type Edit, inputs, options, remove, set, without, withWords } from "../change";

interface Broken {
  /** The standard cluster when absent; else the one with a web UI. */
  readonly on?: "ui";
  readonly rule: string;
  readonly edits: readonly Edit[];
  readonly says: readonly string[];
}

const n1 = (edit: Parameters<typeof inputs>[0]): Edit => inputs(edit, "n1");
const words = (edit: Parameters<typeof argv>[0]): Edit => argv(edit, "n1");

const BROKEN: readonly Broken[] = [
  {
    rule: "binds-its-own-address",
    edits: [words(set("--bind-driver", "all"))],
    says: ["db-n1: the driver port is bound to every address of the container. Name its address with --bind-driver."],
  },
  {
    rule: "bounded-logs",
    edits: [n1((i) => delete i["logOpts"])],
    says: ["db-n1: its log grows without limit until the disk is full. Set logOpts max-size."],
  },
  {
    rule: "ca-outlives-leaves",
    edits: [inputs((i) => (i["validityPeriodHours"] = 24), "driver-ca-g1")],
    says: ["n0", "n1", "n2"].map(
      (n) =>
        `db-${n}-driver-certificate: it outlives the CA that signs it, and ends with it unseen. Lower certValidityDays or raise caValidityDays.`,
    ),
  },
  {
    rule: "certificate-uses",
    edits: [
      inputs((i) => i.allowedUses.pop(), "n0-cluster-certificate"),
      inputs((i) => i.allowedUses.push("client_auth", "cert_signing"), "n1-driver-certificate"),
    ],
    says: [
      "db-n0-cluster-certificate: a server is both ends of a connection on the cluster port, and this certificate is not good for both. Allow server_auth and client_auth.",
      "db-n1-driver-certificate: a server's certificate may sign others. Take isCaCertificate and cert_signing out.",
      "db-n1-driver-certificate: a driver certificate poses as a client. Take client_auth out.",
    ],
  },
  {
    rule: "cluster-port-private",
    edits: [n1((i) => i.ports.push({ internal: 29015, external: 29015, ip: "203.0.113.9" }))],
    says: [
      "db-n1: the cluster port is published on 203.0.113.9 (a public address), and anyone who joins is admin. Publish it on the host's private address, or not at all.",
    ],
  },
  {
    rule: "cluster-tls",
    edits: [words(without("--cluster-tls-ca", "--cluster-tls-key"))],
    says: [
      "db-n1: the cluster port is open to anyone, since --cluster-tls-key, --cluster-tls-cert and --cluster-tls-ca are not all there; a peer is admin. Turning cluster TLS on or off cannot be rolled: stop all servers first.",
    ],
  },
  {
    rule: "comes-back",
    edits: [n1((i) => (i["restart"] = "no"))],
    says: ["db-n1: it stays down after a crash or a restart of the engine. Set restart to unless-stopped."],
  },
  {
    rule: "data-outlives-the-stack",
    edits: [options(() => ({ retainOnDelete: false }), "n1-data")],
    says: ["db-n1-data: the volume is deleted with its data when its resource goes. Set retainOnDelete."],
  },
  {
    rule: "driver-port-not-on-every-address",
    edits: [n1((i) => (i.ports = [{ internal: 28015, external: 28016 }]))],
    says: [
      'db-n1: the driver port is published on every address of the host, past its firewall. Name one address in driverPublish, or add "public-driver" to allow.',
    ],
  },
  {
    rule: "driver-tls",
    edits: [words(without("--driver-tls-key"))],
    says: [
      "db-n1: the driver port speaks in clear, queries and answers too. Name --driver-tls-key and --driver-tls-cert.",
    ],
  },
  {
    rule: "engine-over-a-safe-way",
    edits: [inputs((i) => (i["host"] = "tcp://10.0.0.9:2375"), "engine-0")],
    says: [
      "db-engine-0: the engine is reached over tcp without TLS, and who controls the engine is root of the cluster. Use ssh:// or TLS.",
    ],
  },
  {
    rule: "guards-declared",
    edits: [remove("n1-member"), remove("n1-permit")],
    says: [
      "db-n1: it has no permit, so nothing guards its start, its stops or its leaving. Declare it through RethinkdbCluster.",
      "db-n1: it has no member, so nothing guards its start, its stops or its leaving. Declare it through RethinkdbCluster.",
    ],
  },
  {
    rule: "health-check-verifies",
    edits: [n1((i) => (i.healthcheck = { tests: ["CMD", "true"] }))],
    says: [
      "db-n1: its health check verifies no certificate, and is green for an expired or a foreign one. Use the project's own check.",
    ],
  },
  {
    rule: "high-uid",
    edits: [n1((i) => (i["user"] = "1000:1000"))],
    says: [
      "db-n1: it does not run with a numeric uid of 2000 or higher; root is one mistake from root on the host, and a login with its uid reads its keys. Set runAsUid.",
    ],
  },
  {
    rule: "image-by-digest",
    edits: [],
    says: ["n0", "n1", "n2"].map(
      (n) => `db-${n}: its image is named by a tag, which its owner can move. Run npx pulumi-rethinkdb pin.`,
    ),
  },
  {
    rule: "initial-password-auto",
    edits: [argv(without("--initial-password"), "n0"), words(set("--initial-password", "hunter2-hunter2"))],
    says: [
      "db-n0: it starts without a password and lets in anyone who comes first. Add --initial-password auto.",
      "db-n1: a password is written on the command line, where docker inspect and ps show it. Write --initial-password auto.",
    ],
  },
  {
    rule: "loopback-is-canonical",
    edits: [
      argv(withWords("--no-default-bind"), "n0"),
      words((all) =>
        all.filter((w, at) => w !== "127.0.0.1" && !(w === "--canonical-address" && all[at + 1] === "127.0.0.1")),
      ),
    ],
    says: [
      "db-n0: loopback is not bound, and the deployment and the health check need it. Take --no-default-bind out.",
      "db-n1: loopback is not among the canonical addresses, so a stranger on the address of a lost peer ends every other server (rethinkdb#6880). Add --canonical-address 127.0.0.1.",
    ],
  },
  {
    rule: "majority",
    edits: [remove(/^n2/)],
    says: ["db: it has 2 servers. Use an odd number, 3 or more, so that a majority is left when one fails."],
  },
  {
    rule: "memory-limit",
    edits: [inputs((i) => delete i["memory"], "n0"), words(set("--cache-size", "1024"))],
    says: [
      "db-n0: it has no memory limit and takes the host down with it. Set memoryMib.",
      "db-n1: its cache is as large as its memory, or sized by the host's. Set --cache-size below memory (cacheSizeMib).",
    ],
  },
  {
    rule: "modern-tls",
    edits: [argv(set("--tls-min-protocol", "TLSv1"), "n0"), words(withWords("--tls-ciphers", "ALL"))],
    says: [
      "db-n0: versions of TLS before 1.2 are accepted, and they are broken. Write --tls-min-protocol TLSv1.2.",
      "db-n1: weak ciphers are accepted. Leave --tls-ciphers out.",
    ],
  },
  {
    rule: "no-admin-by-grant",
    edits: [
      inputs(
        (i) =>
          (i.environment = {
            USER_api: "every database: read; shop: write, config",
            USER_ops: "rethinkdb.users: read, write, config",
            USER_look: "rethinkdb: read, no write",
          }),
        "accounts",
      ),
    ],
    says: [
      "db-accounts: user ops has write on RethinkDB's own database, and so is admin. Grant read there at most, and make admins log in as admin.",
      "db-accounts: user ops has config on RethinkDB's own database, and so is admin. Grant read there at most, and make admins log in as admin.",
    ],
  },
  {
    rule: "no-capabilities",
    edits: [n1((i) => Object.assign(i, { capabilities: { adds: ["SYS_ADMIN"] }, privileged: true }))],
    says: [
      "db-n1: it keeps capabilities. Drop ALL of them.",
      "db-n1: capabilities are added. Take them out: RethinkDB needs none.",
      "db-n1: it is privileged, which is root on the host. Take privileged out.",
    ],
  },
  {
    rule: "no-host-namespaces",
    edits: [n1((i) => Object.assign(i, { pidMode: "host", groupAdds: ["docker"] }))],
    says: [
      "db-n1: pidMode reaches out of the container. Take it out.",
      "db-n1: groupAdds reaches out of the container. Take it out.",
    ],
  },
  {
    rule: "no-host-paths",
    edits: [
      n1(
        (i) =>
          (i.volumes = [
            { hostPath: "/", containerPath: "/host" },
            { volumeName: "t", containerPath: "/tls" },
          ]),
      ),
    ],
    says: [
      "db-n1: a path of the host is mounted, which is a way out of the container. Use a volume.",
      "db-n1: it mounts a volume that is not its own, and sees or changes what another has there. Take the volume out.",
      "db-n1: it can write its own keys, certificates and list of peers. Mount /tls with readOnly.",
    ],
  },
  {
    rule: "no-http-admin",
    edits: [words(without("--no-http-admin"))],
    says: ["db-n1: the web UI of the server is on, and it is admin without a password. Run it with --no-http-admin."],
  },
  {
    rule: "no-join-in-argv",
    edits: [words(withWords("--join", "10.213.0.10:29015"))],
    says: [
      "db-n1: peers to join stand on the command line, so every new server restarts this one. Leave them to join.conf.",
    ],
  },
  {
    rule: "no-new-privileges",
    edits: [n1((i) => (i.securityOpts = ["apparmor:unconfined"]))],
    says: [
      "db-n1: its processes may gain privileges. Add no-new-privileges to securityOpts.",
      "db-n1: a confinement is switched off in securityOpts. Take that out.",
    ],
  },
  {
    rule: "no-new-privileges",
    edits: [n1((i) => i.securityOpts.push("no-new-privileges:false"))],
    says: ["db-n1: its processes may gain privileges. Add no-new-privileges to securityOpts."],
  },
  {
    rule: "no-override",
    edits: [inputs((i) => (i.environment.ALLOW = Object.keys(OVERRIDES).join(" ")), "fleet")],
    says: [
      'db-fleet: allow has "public-driver", which publishes the driver port on a public address, or on every address of the host, at every run. Take it out as soon as it is done.',
      'db-fleet: allow has "public-web-ui", which publishes the web UI, which is admin, on a public address, at every run. Take it out as soon as it is done.',
      'db-fleet: allow has "public-cluster-port", which publishes cluster ports on a public address, where every certificate of the cluster CA is admin, at every run. Take it out as soon as it is done.',
      'db-fleet: allow has "adopt-data", which starts servers on data volumes that an earlier cluster of the same name left behind, at every run. Take it out as soon as it is done.',
      'db-fleet: allow has "lower-replicas", which lets servers leave although tables keep fewer replicas than they have, at every run. Take it out as soon as it is done.',
      'db-fleet: allow has "abandon-data", which lets servers leave although tables cannot be moved off them, which are then gone with them, at every run. Take it out as soon as it is done.',
      'db-fleet: allow has "lose-host", which gives up hosts with all that only their servers have, at every run. Take it out as soon as it is done.',
      'db-fleet: allow has "lose-majority", which stops a server although tables have no majority without it, until it is back, at every run. Take it out as soon as it is done.',
    ],
  },
  {
    rule: "no-secret-in-commands",
    edits: [inputs((i) => (i.environment = { ADMIN_PASSWORD: "hunter2" }), "admin")],
    says: ["db-admin: a secret stands in environment. Hand it over on stdin."],
  },
  {
    rule: "no-secret-in-containers",
    edits: [n1((i) => Object.assign(i, { envs: ["DB_PASSWORD=hunter2"], hostname: "-----BEGIN EC PRIVATE KEY-----" }))],
    says: [
      "db-n1: a secret stands in hostname, which docker inspect shows. Hand it over on stdin or in a file of a volume.",
      "db-n1: a secret stands in envs, which docker inspect shows. Hand it over on stdin or in a file of a volume.",
    ],
  },
  {
    rule: "one-at-a-time",
    edits: [options(() => ({ dependencies: [] }), "n1")],
    says: [
      "db-n1: it does not wait for its permit, so it stops while a table may need it. Name the permit in dependsOn.",
      "db-n1: it does not wait until the server below it is a member, so both change side by side. Name that member in dependsOn.",
    ],
  },
  {
    rule: "own-data-volume",
    edits: [
      inputs((i) => (i.volumes = []), "n0"),
      n1((i) => (i.volumes = [{ volumeName: "orders-n2-data", containerPath: "/data" }])),
    ],
    says: [
      "db-n0: its data lies in the container and dies with it. Mount a named volume on /data.",
      "db-n1: its data volume is used by db-n2, too, and two servers on one volume destroy it. Give each its own.",
      "db-n2: its data volume is used by db-n1, too, and two servers on one volume destroy it. Give each its own.",
    ],
  },
  {
    rule: "own-network",
    edits: [
      inputs((i) => (i["networkMode"] = "host"), "n0"),
      n1((i) => (i.networksAdvanced = [])),
      inputs((i) => (i.networksAdvanced = [{ name: "orders" }]), "n2"),
    ],
    says: [
      "db-n0: it shares a network with what is not its cluster. Put it on the cluster's own network.",
      "db-n1: it stands on no network of its cluster. Name that one.",
      "db-n2: it has no fixed address, so its peers lose it when it comes back with another. Give it ipv4Address.",
    ],
  },
  {
    rule: "read-only-root",
    edits: [n1((i) => (i["readOnly"] = false))],
    says: ["db-n1: its root file system can be written. Set readOnly."],
  },
  {
    rule: "renewed-in-time",
    edits: [
      inputs((i) => (i["earlyRenewalHours"] = 24), "n0-driver-certificate"),
      inputs((i) => (i["earlyRenewalHours"] = 24 * 90), "n1-driver-certificate"),
    ],
    says: [
      "db-n0-driver-certificate: only in its last 1 days does up renew it; a run that comes later finds a stopped cluster. Use 7 days or more (certEarlyRenewalDays).",
      "db-n1-driver-certificate: its time for renewal is its whole life, so every run restarts every server. Use about a third of it (certEarlyRenewalDays).",
    ],
  },
  {
    rule: "separate-cas",
    edits: [
      (given) => {
        const ca = given.resources.find(({ name }) => name === "db-cluster-ca-g1")?.urn ?? "";
        return options(() => ({ propertyDependencies: { caCertPem: [ca] } }), "n1-driver-certificate")(given);
      },
    ],
    says: [
      "db-cluster-ca-g1: this CA signs certificates for cluster and driver. Peers check no host name, so each of them could join the cluster as a member. Sign each purpose with a CA of its own.",
    ],
  },
  {
    rule: "short-lived-certificates",
    edits: [inputs((i) => (i["validityPeriodHours"] = 24 * 365), "n1-driver-certificate")],
    says: [
      "db-n1-driver-certificate: it is valid for 365 days, and RethinkDB knows no revocation. Use 90 days or less (certValidityDays).",
    ],
  },
  {
    rule: "strong-keys",
    edits: [inputs((i) => (i["ecdsaCurve"] = "P224"), "cluster-ca-g1-key")],
    says: [
      "db-cluster-ca-g1-key: the key is neither ECDSA P256 nor RSA of 2048 bits or more. Use algorithm ECDSA with ecdsaCurve P256.",
    ],
  },
  {
    rule: "supported-image",
    edits: [n1((i) => (i["image"] = "rethinkdb:latest"))],
    says: [
      "db-n1: its image is no fixed version of RethinkDB from 2.4.3 on. Use rethinkdb:2.4.4-bookworm-slim, if possible by digest.",
    ],
  },
  {
    rule: "time-to-stop",
    edits: [n1((i) => Object.assign(i, { stopTimeout: 10, destroyGraceSeconds: 0 }))],
    says: [
      "db-n1: stopTimeout is below 60 seconds, and a server that is killed may not have flushed. Set 60.",
      "db-n1: destroyGraceSeconds is below 60 seconds, and a server that is killed may not have flushed. Set 60.",
    ],
  },
  {
    rule: "ui-behind-tls-and-password",
    on: "ui",
    edits: [
      inputs((i) => (i.command = ["-c", "/etc/nginx/nginx.conf"]), "ui"),
      inputs((i) => delete i.environment["PASSWORD_MARK"], "ui-prepare"),
      remove("ui-driver-certificate"),
    ],
    says: [
      "db-ui: nginx runs another configuration than the prepared one, which asks for TLS and a password. Leave its entrypoints and command to RethinkdbCluster.",
      "db-ui-prepare: the web UI has no password, and anyone who gets in is admin. Set webUiPassword.",
      "db-ui: no certificate of the driver CA is made for it, so browsers cannot verify it. Declare the web UI through RethinkdbCluster.",
    ],
  },
  {
    rule: "ui-not-on-every-address",
    on: "ui",
    edits: [inputs((i) => (i.ports = [{ internal: 8443, external: 8080, ip: "::" }]), "ui")],
    says: [
      "db-ui: the web UI, which is admin, is published on every address of the host, past its firewall. Name one address in webUi.publish.",
    ],
  },
  {
    rule: "ui-proxy-http-on-loopback",
    on: "ui",
    edits: [argv(set("--bind-http", "all"), "ui-peer")],
    says: [
      "db-ui-peer: the http port of the proxy is bound to more than loopback, and it is admin without a password. Write --bind-http 127.0.0.1.",
    ],
  },
  {
    rule: "ui-proxy-not-published",
    on: "ui",
    edits: [inputs((i) => (i.ports = [{ internal: 28015, external: 28020, ip: "127.0.0.1" }]), "ui-peer")],
    says: [
      "db-ui-peer: the proxy of the web UI publishes a port, past nginx and its password. Take ports and publishAllPorts out.",
    ],
  },
  {
    rule: "ui-socket-of-two",
    on: "ui",
    edits: [n1((i) => i.volumes.push({ volumeName: "orders-ui-socket", containerPath: "/mnt", readOnly: true }))],
    says: [
      "db-n1: it mounts the socket of the web UI, and anyone who reaches that is admin without a password. Take the volume out.",
    ],
  },
  {
    rule: "web-port-not-published",
    edits: [n1((i) => i.ports.push({ internal: 8080, external: 8080, ip: "127.0.0.1" }))],
    says: [
      "db-n1: port 8080 of RethinkDB is published, and it is admin without a password. Take it out; people use a tunnel or a proxy that asks for one.",
    ],
  },
];

/** Rules for servers that hold for the containers of the web UI, too. */
const UI_BROKEN: readonly Broken[] = [
  {
    rule: "driver-tls",
    edits: [argv(set("--bind-driver", "all"), "ui-peer")],
    says: [
      "db-ui-peer: the driver port speaks in clear, queries and answers too. Name --driver-tls-key and --driver-tls-cert.",
    ],
  },
  {
    rule: "cluster-tls",
    edits: [argv(without("--cluster-tls-cert"), "ui-peer")],
    says: [
      "db-ui-peer: the cluster port is open to anyone, since --cluster-tls-key, --cluster-tls-cert and --cluster-tls-ca are not all there; a peer is admin. Turning cluster TLS on or off cannot be rolled: stop all servers first.",
    ],
  },
  {
    rule: "initial-password-auto",
    edits: [argv(without("--initial-password"), "ui-peer")],
    says: ["db-ui-peer: it starts without a password and lets in anyone who comes first. Add --initial-password auto."],
  },
  {
    rule: "read-only-root",
    edits: [inputs((i) => (i["readOnly"] = false), /^ui(-peer)?$/)],
    says: [
      "db-ui: its root file system can be written. Set readOnly.",
      "db-ui-peer: its root file system can be written. Set readOnly.",
    ],
  },
  {
    rule: "no-secret-in-commands",
    edits: [inputs((i) => (i.environment["PASSWORD_MARK"] = "a password, not a mark"), "ui-prepare")],
    says: ["db-ui-prepare: a secret stands in environment. Hand it over on stdin."],
  },
];

let standard: ResourceSet;
let withUi: ResourceSet;

const found = (given: ResourceSet, rule?: string): readonly string[] =>
  judge(given)
    .filter((finding) => rule === undefined || finding.rule === rule)
    .map(({ message }) => message);

describe("the policy pack", () => {
  before(async () => {
    standard = (await recordHere(cluster())).set;
    withUi = (await recordHere(cluster({ webUi: { enabled: true }, webUiPassword: PASSWORD }))).set;
  });

  for (const { rule, on, edits, says } of BROKEN) {
    test(`${rule} is broken, and says how to mend it`, () => {
      const broken = edits.reduce((given, edit) => edit(given), on === "ui" ? withUi : standard);
      assert.deepEqual([...found(broken, rule)].sort(), [...says].sort());
    });
  }

  for (const { rule, edits, says } of UI_BROKEN) {
    test(`${rule} is broken by the web UI, and says how to mend it`, () => {
      const broken = edits.reduce((given, edit) => edit(given), withUi);
      assert.deepEqual([...found(broken, rule)].sort(), [...says].sort());
    });
  }

  test("finds nothing in a cluster with the web UI but the tags of its images", () => {
    const findings = judge(withUi);
    assert.deepEqual([...new Set(findings.map(({ rule }) => rule))], ["image-by-digest"]);
    assert.equal(findings.length, 5);
  });

  test("has a broken stack for every rule, and twenty rules or more", () => {
    assert.deepEqual(
      [...new Set(BROKEN.map(({ rule }) => rule))],
      RULES.map(({ name }) => name),
    );
    assert.ok(RULES.length >= 20);
    assert.deepEqual(
      POLICIES.map(({ name }) => name),
      RULES.map(({ name }) => name),
    );
  });

  test("finds nothing in the standard cluster but the tag of its image", () => {
    const rules = new Set(judge(standard).map(({ rule }) => rule));
    assert.deepEqual([...rules], ["image-by-digest"]);
  });

  test("lets a driver port be public where the override says so", async () => {
    const { set: open } = await recordHere(cluster({ driverPublish: "0.0.0.0", allow: ["public-driver"] }));
    assert.deepEqual(found(open, "driver-port-not-on-every-address"), []);
  });

  test("never says what stands in a resource", () => {
    const planted: string[] = [];
    const plant = (value: unknown): unknown => {
      if (typeof value === "string") {
        planted.push(randomBytes(9).toString("hex"));
        return planted.at(-1);
      }
      if (Array.isArray(value)) return value.map(plant);
      if (typeof value === "object" && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plant(inner)]));
      }
      return value;
    };
    const full = {
      ...standard,
      resources: standard.resources.map((r) => ({ ...r, inputs: plant(r.inputs) as object })),
    };
    const said = found(full as ResourceSet).join("\n");
    assert.ok(said.length > 0 && planted.length > 300);
    assert.deepEqual(
      planted.filter((secret) => said.includes(secret)),
      [],
    );
  });
});

describe("a config of the pack", () => {
  test("changes levels and numbers", () => {
    const { settings, errors } = readSettings({
      "short-lived-certificates": { enforcementLevel: "advisory", days: 30 },
      "image-by-digest": "disabled",
    });
    assert.deepEqual(errors, []);
    const findings = judge(standard, settings);
    assert.deepEqual(
      [...new Set(findings.map(({ rule, level }) => `${rule} ${level}`))],
      ["short-lived-certificates advisory"],
    );
  });

  test("is refused with every reason", () => {
    assert.deepEqual(
      readSettings({ "high-uid": "remediate", "comes-back": { days: 1 }, "high-uids": "advisory" }).errors,
      [
        'high-uid: "remediate" is not one of mandatory, advisory, disabled',
        "comes-back.days: is not known; this rule has nothing to set",
        `high-uids: is no rule; known are ${RULES.map(({ name }) => name).join(", ")}`,
      ],
    );
    assert.deepEqual(readSettings({ "high-uid": { lowest: "x" } }).errors, ['high-uid.lowest: "x" is no number']);
    assert.deepEqual(readSettings([]).errors, ["it is no object of rules by name"]);
  });
});

test("in an up, servers may wait for any other one's membership, but no two for none", () => {
  /** Which server's member each permit waits for, besides its own files. */
  const waiting = (...members: readonly (string | undefined)[]): ResourceSet =>
    members.reduce((set, member, i) => {
      const own = `db-n${String(i)}-prepare`;
      const wanted = set.resources.filter(({ name }) => name === own || name === `db-${member ?? "none"}-member`);
      return options(() => ({ dependencies: wanted.map(({ urn }) => urn) }), `n${String(i)}-permit`)(set);
    }, standard);
  const check = (set: ResourceSet, applied: boolean): readonly string[] =>
    judge(applied ? { ...set, isApplied: true } : set)
      .filter(({ rule }) => rule === "one-at-a-time")
      .map(({ message }) => message.split(",")[0] ?? "");
  assert.deepEqual(check(waiting(undefined, "n0", "n0"), true), []);
  assert.deepEqual(check(waiting("n2", "n0", undefined), true), []);
  const n = (server: string): string => `db-${server}: it does not wait until the server below it is a member`;
  assert.deepEqual(check(waiting(undefined, "n0", "n0"), false), [n("n2")]);
  assert.deepEqual(check(waiting(undefined, undefined, "n0"), true), [n("n1")]);
});
