/** Every rule of the pack lets pass what only looks like a breach of it. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { judge, RULES } from "../../../judge/pack/judge";
import type { ResourceSet } from "../../../judge/model/resources";
import { cluster, PASSWORD, recordHere } from "../../support/recorded";
import { add, argv, type Edit, inputs, options, set, withWords } from "../change";
import { urnIn } from "../gate/gate";

interface NearMiss {
  readonly rule: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** Of the cluster with a web UI. */
  readonly ui?: true;
}

const n1 = (edit: Parameters<typeof inputs>[0]): Edit => inputs(edit, "n1");
const told = (edit: Parameters<typeof argv>[0]): Edit => argv(edit, "n1");
const near = (rule: string, what: string, ...edits: readonly Edit[]): NearMiss => ({ rule, what, edits });
const nearUi = (rule: string, what: string, ...edits: readonly Edit[]): NearMiss => ({ rule, what, edits, ui: true });

const DIGEST = `@sha256:${"a".repeat(64)}`;

const NEAR: readonly NearMiss[] = [
  near(
    "binds-its-own-address",
    "a driver port on every address, as other networks need it",
    n1((i) => i.networksAdvanced.push({ name: "web" })),
    told(set("--bind-driver", "all")),
  ),
  near(
    "bounded-logs",
    "a large limit",
    n1((i) => (i["logOpts"] = { "max-size": "10g" })),
  ),
  near(
    "ca-outlives-leaves",
    "a CA that ends with what it signs",
    inputs((i) => (i["validityPeriodHours"] = 24 * 90), "driver-ca-g1"),
  ),
  near(
    "certificate-uses",
    "fewer uses than are allowed",
    inputs((i) => (i.allowedUses = ["server_auth"]), "n1-driver-certificate"),
  ),
  near(
    "cluster-port-private",
    "a cluster port on a private address",
    n1((i) => i.ports.push({ internal: 29015, external: 29015, ip: "192.168.7.8" })),
  ),
  near("cluster-tls", "files of another name", told(set("--cluster-tls-key", "/tls/0123456789abcdef/k.pem"))),
  near(
    "comes-back",
    "a policy that is as good",
    n1((i) => (i["restart"] = "always")),
  ),
  near(
    "data-outlives-the-stack",
    "a volume that is protected instead of kept",
    options(() => ({ retainOnDelete: false, protect: true }), "n1-data"),
  ),
  near(
    "driver-port-not-on-every-address",
    "a driver port on a public address",
    n1((i) => (i.ports = [{ internal: 28015, external: 28016, ip: "203.0.113.9" }])),
  ),
  near("driver-tls", "files of another name", told(set("--driver-tls-key", "/tls/0123456789abcdef/k.pem"))),
  near(
    "engine-over-a-safe-way",
    "tcp with certificates",
    inputs((i) => Object.assign(i, { host: "tcp://10.0.0.9:2376", certPath: "certs" }), "engine-0"),
  ),
  near(
    "guards-declared",
    "a guard that runs something else",
    inputs((i) => (i["update"] = "true"), "n1-permit"),
  ),
  near(
    "health-check-verifies",
    "another check that verifies",
    n1((i) => (i.healthcheck = { tests: ["CMD", "openssl", "s_client", "-verify_return_error"] })),
  ),
  near(
    "high-uid",
    "the lowest uid that no login has",
    n1((i) => (i["user"] = "2000:2000")),
  ),
  near(
    "image-by-digest",
    "a digest without a tag",
    inputs((i) => (i["image"] = `rethinkdb${DIGEST}`)),
  ),
  near("initial-password-auto", "auto, said twice", told(withWords("--initial-password", "auto"))),
  near(
    "loopback-is-canonical",
    "another address of loopback",
    told((all) =>
      all.map((word, at) => (all[at - 1] === "--canonical-address" && word === "127.0.0.1" ? "127.0.0.2" : word)),
    ),
  ),
  near("majority", "exactly three servers"),
  near("memory-limit", "a cache one MiB below the memory", told(set("--cache-size", "1023"))),
  near("modern-tls", "other strong ciphers", told(withWords("--tls-ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"))),
  near(
    "no-admin-by-grant",
    "reading the system database, and writing to one with a similar name",
    inputs((i) => (i.environment = { USER_api: "rethinkdb: read; rethinkdb2: write, config" }), "accounts"),
  ),
  near(
    "no-capabilities",
    "all dropped in lower case",
    n1((i) => (i.capabilities = { drops: ["all"], adds: [] })),
  ),
  near(
    "no-host-namespaces",
    "a namespace of its own",
    n1((i) => Object.assign(i, { ipcMode: "private", devices: [] })),
  ),
  near(
    "no-host-paths",
    "a volume of its own at another place",
    n1((i) => i.volumes.push({ volumeName: "orders-n1-tls", containerPath: "/etc/x", readOnly: true })),
  ),
  near("no-http-admin", "another port of the http port that is off", told(withWords("--http-port", "8081"))),
  near("no-join-in-argv", "a delay before joining", told(withWords("--join-delay", "5"))),
  near(
    "no-new-privileges",
    "a denial that is taken back and said again",
    n1((i) => (i.securityOpts = ["no-new-privileges:false", "no-new-privileges:true"])),
  ),
  near(
    "no-override",
    "a word that overrides nothing",
    inputs((i) => (i.environment.ALLOW = "public-drivers"), "fleet"),
  ),
  near(
    "no-secret-in-commands",
    "a variable that only counts",
    inputs((i) => (i.environment = { OPERATOR_GENERATION: "2" }), "admin"),
  ),
  near(
    "no-secret-in-containers",
    "a public certificate, and a variable that names no secret",
    n1((i) => (i["envs"] = ["PUBLIC_CHAIN=-----BEGIN CERTIFICATE-----"])),
  ),
  near("one-at-a-time", "a server that waits by way of its permit", (given) =>
    options(() => ({ dependencies: [urnIn(given.resources, "db-n1-permit")] }), "n1")(given),
  ),
  near(
    "own-data-volume",
    "a volume of another name",
    n1((i) => {
      i.volumes.forEach((v) => (v.volumeName = v.containerPath === "/data" ? "mine" : (v.volumeName ?? "")));
    }),
  ),
  near(
    "own-network",
    "a second network",
    n1((i) => i.networksAdvanced.push({ name: "web" })),
  ),
  near(
    "read-only-root",
    "a memory file system to write to",
    n1((i) => (i["tmpfs"] = { "/tmp": "", "/run": "" })),
  ),
  near(
    "renewed-in-time",
    "exactly a week",
    inputs((i) => (i["earlyRenewalHours"] = 24 * 7), "n1-driver-certificate"),
  ),
  near("separate-cas", "two generations of one CA", (given) =>
    add(
      ...given.resources
        .filter(({ name }) => name === "db-driver-ca-g1")
        .map((ca) => ({ ...ca, name: "db-driver-ca-g2", urn: `${ca.urn}2` })),
    )(given),
  ),
  near(
    "short-lived-certificates",
    "exactly ninety days, and a CA of ten years",
    inputs((i) => (i["validityPeriodHours"] = 24 * 90), "n1-driver-certificate"),
  ),
  near(
    "strong-keys",
    "RSA of exactly 2048 bits",
    inputs((i) => Object.assign(i, { algorithm: "RSA", rsaBits: 2048 }), "cluster-ca-g1-key"),
  ),
  near(
    "supported-image",
    "the oldest version that can be secured",
    n1((i) => (i["image"] = `rethinkdb:2.4.3${DIGEST}`)),
  ),
  near(
    "time-to-stop",
    "exactly a minute, and longer",
    n1((i) => Object.assign(i, { stopTimeout: 60, destroyGraceSeconds: 600 })),
  ),
  nearUi(
    "ui-behind-tls-and-password",
    "another user",
    inputs((i) => (i.environment["USER"] = "ops"), "ui-prepare"),
  ),
  nearUi(
    "ui-not-on-every-address",
    "a public address",
    inputs((i) => (i.ports = [{ internal: 8443, external: 8080, ip: "203.0.113.9" }]), "ui"),
  ),
  nearUi("ui-proxy-http-on-loopback", "another address of loopback", argv(set("--bind-http", "127.0.0.2"), "ui-peer")),
  nearUi(
    "ui-proxy-not-published",
    "an empty list of ports",
    inputs((i) => (i.ports = []), "ui-peer"),
  ),
  nearUi(
    "ui-socket-of-two",
    "a volume with a similar name",
    n1((i) => i.volumes.push({ volumeName: "orders-ui-socket2", containerPath: "/socket", readOnly: true })),
  ),
  near(
    "web-port-not-published",
    "another port of the host that has the number",
    n1((i) => (i.ports = [{ internal: 28015, external: 8080, ip: "127.0.0.1" }])),
  ),
];

let standard: ResourceSet;
let withUi: ResourceSet;

describe("a near miss of the rule", () => {
  before(async () => {
    standard = (await recordHere(cluster())).set;
    withUi = (await recordHere(cluster({ webUi: { enabled: true }, webUiPassword: PASSWORD }))).set;
  });

  for (const { rule, what, edits, ui } of NEAR) {
    test(`${rule} passes: ${what}`, () => {
      const edited = edits.reduce((given, edit) => edit(given), ui === true ? withUi : standard);
      assert.deepEqual(
        judge(edited)
          .filter((finding) => finding.rule === rule)
          .map(({ message }) => message),
        [],
      );
    });
  }

  test("is there for every rule", () => {
    assert.deepEqual(
      [...new Set(NEAR.map(({ rule }) => rule))].sort(),
      RULES.map(({ name }) => name),
    );
  });
});
