/** Changes of what is declared that must not stop the gate. */
import type { RethinkdbClusterArgs } from "../../../components";
import { RethinkdbCluster } from "../../../components";
import { cluster, PASSWORD } from "../../support/recorded";
import { args, argv, type Edit, hand, inputs, options, set, withWords } from "../change";
import { fine, type Harmless } from "./gate";
import { HOSTS, PLACES } from "./hosts";

type Edited = Parameters<Parameters<typeof inputs>[0]>[0];
const all = (edit: (i: Edited) => unknown) => hand(inputs(edit));
const uiArgs = { webUi: { enabled: true }, webUiPassword: PASSWORD };
const users = (grants: NonNullable<RethinkdbClusterArgs["users"]>[number]["grants"] = []) => ({
  ...{ databases: ["shop"], userPasswords: { api: PASSWORD } },
  users: [{ name: "api", grants }],
});
const two = (...names: readonly string[]) => ({
  users: names.map((name) => ({ name, grants: [] })),
  userPasswords: Object.fromEntries(names.map((name) => [name, PASSWORD])),
});
const reversed: Edit = (given) => ({ ...given, resources: [...given.resources].reverse() });
const pinned = `rethinkdb:2.4.4-bookworm-slim@sha256:${"a".repeat(64)}`;

/** Options with their values, in the opposite order. */
function turned([first = "", ...rest]: string[]): string[] {
  const pairs: string[][] = [];
  for (const word of rest) {
    if (word.startsWith("--")) pairs.push([word]);
    else pairs.at(-1)?.push(word);
  }
  return [first, ...pairs.reverse().flat()];
}

export const harmless: readonly Harmless[] = [
  fine("nothing changes", args({})),
  fine("resources stand in another order", hand(reversed)),
  fine(
    "the program finds its lines elsewhere",
    hand((s) => ({ ...s, resources: s.resources.map((r) => ({ ...r, source: "a.ts:1" })) })),
  ),
  fine("the cluster is renamed with an alias", {
    declare: () =>
      new RethinkdbCluster("store", { clusterName: "orders", adminPassword: PASSWORD }, { aliases: [{ name: "db" }] }),
  }),
  fine("the cluster has a parent of another name, with an alias", {
    declare: cluster({}, { aliases: [{ name: "old" }] }),
  }),
  fine(
    "ports stand in another order",
    args(
      { hosts: HOSTS.three, placement: PLACES },
      inputs((i) => i.ports.reverse()),
    ),
    args({ hosts: HOSTS.three, placement: PLACES }),
  ),
  fine(
    "volumes stand in another order",
    all((i) => i.volumes.reverse()),
  ),
  fine(
    "labels stand in another order",
    all((i) => i.labels.reverse()),
  ),
  fine("options of the command line stand in another order", hand(argv(turned))),
  fine("uses of certificates stand in another order", hand(inputs((i) => i.allowedUses.reverse(), /certificate$/))),
  fine(
    "names of certificates stand in another order",
    hand(inputs((i) => Array.isArray(i["dnsNames"]) && i["dnsNames"].reverse(), /request$/)),
  ),
  fine(
    "dependencies stand in another order",
    hand(options((o) => ({ dependencies: [...o.dependencies].reverse() }), /./)),
  ),
  fine(
    "inputs that replace a container stand in another order",
    hand(options((o) => ({ replaceOnChanges: [...o.replaceOnChanges].reverse() }))),
  ),
  fine(
    "options of logs stand in another order",
    all((i) => (i["logOpts"] = Object.fromEntries(Object.entries(i["logOpts"] as object).reverse()))),
  ),
  fine(
    "overrides stand in another order",
    args({ allow: ["adopt-data", "lose-majority"] }),
    args({ allow: ["lose-majority", "adopt-data"] }),
  ),
  fine("users stand in another order", args(two("b", "a")), args(two("a", "b"))),
  fine("databases stand in another order", args({ databases: ["b", "a"] }), args({ databases: ["a", "b"] })),
  fine(
    "grants stand in another order",
    args(
      users([
        { db: "b", read: true },
        { db: "a", read: true },
      ]),
    ),
    args(
      users([
        { db: "a", read: true },
        { db: "b", read: true },
      ]),
    ),
  ),
  fine(
    "hosts stand in another order",
    args({ hosts: HOSTS.reordered, placement: { n0: "a", n1: "b", n2: "c" } }),
    args({ hosts: HOSTS.three, placement: { n0: "a", n1: "b", n2: "c" } }),
  ),
  fine(
    "no new privileges in its other spelling",
    all((i) => (i.securityOpts = ["no-new-privileges:true"])),
  ),
  fine(
    "no new privileges with an equals sign",
    all((i) => (i.securityOpts = ["no-new-privileges=true"])),
  ),
  fine(
    "no new privileges said twice",
    all((i) => (i.securityOpts = ["no-new-privileges", "no-new-privileges:true"])),
  ),
  fine(
    "capabilities are dropped in lower case",
    all((i) => (i.capabilities = { drops: ["all"] })),
  ),
  fine(
    "capabilities are dropped twice",
    all((i) => (i.capabilities = { drops: ["ALL", "NET_RAW"] })),
  ),
  fine(
    "the protocol of a port is left to its default",
    all((i) => {
      i.ports.forEach((port) => delete port.protocol);
    }),
  ),
  fine(
    "the stop signal's default is written out",
    all((i) => (i["stopSignal"] = "SIGTERM")),
  ),
  fine(
    "the network mode is left to its default",
    all((i) => delete i["networkMode"]),
  ),
  fine(
    "that a container is not privileged is left to its default",
    all((i) => delete i["privileged"]),
  ),
  fine(
    "that ports are not all published is written out",
    all((i) => (i["publishAllPorts"] = false)),
  ),
  fine(
    "defaults of the provider are written out",
    all((i) =>
      Object.assign(i, {
        attach: false,
        mustRun: true,
        start: true,
        rm: false,
        logs: false,
        tty: false,
        stdinOpen: false,
      }),
    ),
  ),
  fine(
    "empty lists are written out",
    all((i) => Object.assign(i, { devices: [], groupAdds: [], uploads: [], envs: [], sysctls: {} })),
  ),
  fine(
    "a private namespace is written out",
    all((i) => Object.assign(i, { ipcMode: "private", cgroupnsMode: "private" })),
  ),
  fine(
    "the oldest version of TLS is left to its default",
    hand(
      argv((given) =>
        given.filter((word, at) => word !== "--tls-min-protocol" && given[at - 1] !== "--tls-min-protocol"),
      ),
    ),
  ),
  fine("the oldest version of TLS is said twice", hand(argv(withWords("--tls-min-protocol", "TLSv1.2")))),
  fine("the ciphers' default is written out", hand(argv(withWords("--tls-ciphers", "EECDH+AESGCM")))),
  fine("an image is named by its whole name", args({ image: "docker.io/library/rethinkdb:2.4.4-bookworm-slim" })),
  fine("an image is pinned by digest", args({ image: pinned })),
  fine(
    "another digest stands behind the same name",
    args({ image: pinned.replaceAll("aaaa", "bbbb") }),
    args({ image: pinned }),
  ),
  fine("two servers are added", args({ nodes: 5 })),
  fine("servers are added to a single one", args({ nodes: 3 }), args({ nodes: 1 })),
  fine(
    "servers are added on several hosts",
    args({ hosts: HOSTS.three, nodes: 5, placement: { ...PLACES, n3: "a", n4: "b" } }),
    args({ hosts: HOSTS.three, placement: PLACES }),
  ),
  fine("servers are added beside a web UI", args({ ...uiArgs, nodes: 5 }), args(uiArgs)),
  fine(
    "servers are added beside users",
    args({ ...users([{ db: "shop", read: true }]), nodes: 5 }),
    args(users([{ db: "shop", read: true }])),
  ),
  fine(
    "servers are added where clients need certificates",
    args({ driverClients: ["app"], nodes: 5 }),
    args({ driverClients: ["app"] }),
  ),
  fine(
    "servers are added under an override that stays",
    args({ allow: ["adopt-data"], nodes: 5 }),
    args({ allow: ["adopt-data"] }),
  ),
  fine(
    "servers are added that are as public as the others",
    args({ allow: ["public-driver"], driverPublish: "0.0.0.0", nodes: 5 }),
    args({ allow: ["public-driver"], driverPublish: "0.0.0.0" }),
  ),
  fine("an override is dropped", args({}), args({ allow: ["adopt-data"] })),
  fine("the driver port is published no more", args({ driverPublish: "none" })),
  fine("the driver port is published on loopback again", args({}), args({ driverPublish: "10.1.2.3" })),
  fine("the driver port has another number", args({ driverPort: 31000 })),
  fine("certificates live shorter", args({ certValidityDays: 60 })),
  fine("certificates are renewed earlier", args({ certEarlyRenewalDays: 40 })),
  fine("a name is taken out of the certificates", args({}), args({ driverSans: ["db.example.net"] })),
  fine("a right is revoked", args(users()), args(users([{ db: "shop", read: true }]))),
  fine(
    "a right is denied on one table",
    args(
      users([
        { db: "shop", read: true },
        { db: "shop", table: "cards", read: false },
      ]),
    ),
    args(users([{ db: "shop", read: true }])),
  ),
  fine("a right is written out as denied", args(users([{ db: "shop", write: false }])), args(users())),
  fine("a user is taken out", args({ databases: ["shop"] }), args(users([{ db: "shop", read: true }]))),
  fine("a database is named that was not", args({ databases: ["shop"] })),
  fine("restarts that interrupt a table are refused", args({ strictInterruption: true })),
  fine("tables of one replica are copied before a restart", args({ protectSingleReplicaTables: true })),
  fine("clients need certificates", args({ driverClients: ["app"] })),
  fine("servers swap no more", args({}), args({ limitSwap: false })),
  fine("servers get another high uid", args({ runAsUid: 31000 })),
  fine("servers get more memory", args({ memoryMib: 2048 })),
  fine("servers get less cache", args({ cacheSizeMib: 300 })),
  fine("the web UI is taken out", args({}), args(uiArgs)),
  fine("the web UI is published no more", args({ ...uiArgs, webUi: { enabled: true, publish: "none" } }), args(uiArgs)),
  fine("the web UI has another password", args({ ...uiArgs, webUiPassword: `${PASSWORD} two` }), args(uiArgs)),
  fine("admin has another password", args({ adminPassword: `${PASSWORD} two` })),
  fine("the operator has another password", args({ operatorGeneration: 2 })),
  fine("a data volume is protected", hand(options(() => ({ protect: true }), "n0-data"))),
  fine(
    "the proxy binds its cluster port to one address",
    args(uiArgs, argv(set("--bind-cluster", "10.213.0.200"), "ui-peer")),
    args(uiArgs),
  ),
  fine(
    "servers have longer to stop",
    all((i) => Object.assign(i, { stopTimeout: 120, destroyGraceSeconds: 120 })),
  ),
  fine(
    "hardening that was missing is there",
    args({}),
    all((i) => Object.assign(i, { readOnly: false, capabilities: {}, securityOpts: [] })),
  ),
  fine(
    "a mount is read-only that could be written",
    args({}),
    all((i) => {
      i.volumes.forEach((v) => (v.readOnly = false));
    }),
  ),
  fine(
    "a strong curve is taken for a key that is not served",
    hand(inputs((i) => (i["earlyRenewalHours"] = 24 * 1000), "cluster-ca-g1")),
  ),
  fine("other strong ciphers are named", hand(argv(set("--tls-ciphers", "EECDH+CHACHA20")))),
  fine(
    "a stack shows one more secret",
    hand((s) => ({ ...s, outputs: { ...s.outputs, more: "secret" } })),
  ),
  fine(
    "a secret of the config is encrypted that was in clear",
    hand((s) => ({ ...s, config: { "rethinkdb:adminPassword": "secret" } })),
    hand((s) => ({ ...s, config: { "rethinkdb:adminPassword": "clear" } })),
  ),
];
