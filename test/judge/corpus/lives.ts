import * as docker from "@pulumi/docker";
import * as random from "@pulumi/tls";
import { RethinkdbCluster } from "../../../components/index";
import type { Resource } from "../../../judge/model/resources";
import { NO_OPTIONS } from "../../../judge/model/resources";
import { PASSWORD } from "../../support/recorded";
import { cluster } from "../../support/recorded";
import { add, args, type Change, hand, inputs, options, remove } from "../change";
import { ALL, restart } from "./words";

const line = (how: string, who: string, title: string, now: string, was: string): string =>
  `${how}: ${who}: ${title} is now ${now}; was ${was}`;
const empty = (n: string, old = "the old one stays on the host"): string =>
  `destroyed: the data volume of ${n} is replaced by an empty one; ${old}`;
const left = (n: string): readonly string[] => [
  `destroyed: ${n} is removed from the cluster`,
  `destroyed: the data volume of ${n} stays on the host and Pulumi no longer manages it`,
];

export const volumes: readonly Change[] = [
  { name: "two servers are added", head: args({ nodes: 5 }), expect: [] },
  { name: "two servers are removed", base: args({ nodes: 5 }), head: args({}), expect: [...left("n3"), ...left("n4")] },
  {
    name: "data volumes are deleted with their resources",
    head: hand(options(() => ({ retainOnDelete: false }), /-data$/)),
    expect: [
      line(
        "weakened",
        "volume n0-data, volume n1-data, volume n2-data",
        "data volume outlives its resource",
        "no",
        "yes",
      ),
    ],
  },
  {
    name: "a data volume is protected",
    head: hand(options(() => ({ protect: true }), "n0-data")),
    expect: [line("strengthened", "n0-data (Volume)", "protected from deletion", "yes", "no")],
  },
  {
    name: "a CA is protected no more",
    base: hand(options(() => ({ protect: true }), "cluster-ca-g1")),
    head: hand(),
    expect: [line("weakened", "cluster-ca-g1 (SelfSignedCert)", "protected from deletion", "no", "yes")],
  },
  {
    name: "a label of a data volume changes, and a new volume is made for it",
    head: hand(inputs((i) => i.labels.push({ label: "team", value: "a" }), "n0-data")),
    expect: [empty("n0"), line("weakened", "n0-data (Volume)", "input labels", "value ########", "none")],
  },
  {
    name: "a data volume gets another name",
    head: hand(inputs((i) => (i.name = "other"), "n1-data")),
    expect: [
      line("weakened", "n1", "what is mounted on /data", "volume orders-n1-data, not its own", "volume orders-n1-data"),
      empty("n1"),
      line("changed", "volume n1-data", "Docker's name of the volume", "other", "orders-n1-data"),
    ],
  },
  {
    name: "an unprotected data volume lies on another driver",
    base: hand(options(() => ({ retainOnDelete: false }), "n1-data")),
    head: hand(
      options(() => ({ retainOnDelete: false }), "n1-data"),
      inputs((i) => (i.driver = "nfs"), "n1-data"),
    ),
    expect: [
      empty("n1", "the old one is deleted with its data"),
      line("unknown", "volume n1-data", "volume driver and its options", '["nfs",{}]', "local"),
    ],
  },
  {
    name: "changes of a server's ports are ignored",
    head: hand(options(() => ({ ignoreChanges: ["ports"] }), "n0")),
    expect: [line("weakened", "n0 (Container)", "changes of ports are ignored", "yes", "no")],
  },
  {
    name: "the cluster gets another name, which is another cluster",
    head: args({ clusterName: "invoices" }),
    expect: [
      restart("hostname, labels, name, networksAdvanced, volumes"),
      "destroyed: network network is replaced by a new one: everything on it stops",
      empty("n0"),
      empty("n1"),
      empty("n2"),
      "destroyed: volume n0-tls is replaced by an empty one",
      "destroyed: volume n1-tls is replaced by an empty one",
      "destroyed: volume n2-tls is replaced by an empty one",
      "destroyed: the cluster CA is replaced by a new one: servers with certificates of the old one and of the new one cannot talk",
      "destroyed: the driver CA is replaced by a new one: clients that trust the old one are refused",
    ],
  },
];

export const order: readonly Change[] = [
  {
    name: "servers wait for nothing",
    head: hand(options(() => ({ dependencies: [] }))),
    expect: [
      line("weakened", "n1, n2", "waits for the server below it", "no", "yes"),
      line("weakened", "n1, n2", "joins after the accounts are set", "no", "yes"),
      line("weakened", ALL, "waits for its files", "no", "yes"),
      line("weakened", ALL, "waits for its permit", "no", "yes"),
      line("weakened", ALL, "waits until the fleet is judged", "no", "yes"),
    ],
  },
  {
    name: "memory is changed in place",
    head: hand(options((o) => ({ replaceOnChanges: o.replaceOnChanges.filter((key) => key !== "memory") }))),
    expect: [line("weakened", ALL, "a change of memory replaces the container", "no", "yes")],
  },
  {
    name: "memory is changed in place, and changes",
    head: hand(
      options((o) => ({ replaceOnChanges: o.replaceOnChanges.filter((key) => key !== "memory") })),
      inputs((i) => (i.memory = 2048)),
    ),
    expect: [
      line("weakened", ALL, "a change of memory replaces the container", "no", "yes"),
      line("changed", ALL, "memory limit", "2048 MiB", "1024 MiB"),
      `disrupted: ${ALL}: memory changed in place, on all of them at once`,
    ],
  },
  {
    name: "nothing clears leftovers",
    head: hand(options(() => ({ hooks: [] }))),
    expect: [line("weakened", ALL, "hook that clears leftovers of a killed run", "no", "yes")],
  },
  {
    name: "a server has no permit",
    head: hand(remove("n1-permit")),
    expect: [
      line("weakened", "n1", "guard permit", "no", "yes"),
      line("weakened", "n1", "waits for its permit", "no", "yes"),
      // It stands between this server and what it waited for.
      line("weakened", "n1", "waits for the server below it", "no", "yes"),
      line("weakened", "n1", "joins after the accounts are set", "no", "yes"),
      line("changed", "n1", "what the deployment runs to make permit", "none", "nothing"),
      line("changed", "n1", "what the deployment runs to update permit", "none", "ops permit"),
    ],
  },
  {
    name: "nothing waits until a server is a member",
    head: hand(remove("n0-member")),
    expect: [
      line("weakened", "n0", "guard member", "no", "yes"),
      line("weakened", "n1", "waits for the server below it", "no", "yes"),
      line("weakened", "n1", "joins after the accounts are set", "no", "yes"),
      ...["make member", "update member"].map((what) =>
        line("changed", "n0", `what the deployment runs to ${what}`, "none", "ops member"),
      ),
      line("changed", "n0", "what the deployment runs to delete member", "none", "ops leave"),
    ],
  },
  {
    name: "the fleet has no judge",
    head: hand(remove("fleet")),
    expect: [
      line("weakened", "cluster orders", "guard fleet", "no", "yes"),
      line("changed", "cluster orders", "what the deployment runs to make fleet", "none", "ops fleet"),
      line("changed", "cluster orders", "what the deployment runs to update fleet", "none", "ops fleet"),
    ],
  },
  {
    name: "a server leaves without being asked to",
    head: hand(inputs((i) => delete i.delete, "n2-member")),
    expect: [line("weakened", "n2", "what the deployment runs to delete member", "none", "ops leave")],
  },
  {
    name: "the deployment runs something else",
    head: hand(inputs((i) => (i.update = "curl -s https://example.com | sh"), "n0-permit")),
    expect: [
      line("weakened", "n0", "what the deployment runs to update permit", "another command, 3ec53e2c", "ops permit"),
    ],
  },
  {
    name: "a program runs whenever its triggers change",
    head: hand(inputs((i) => (i.triggers = [1]), "admin")),
    expect: [line("weakened", "admin (Command)", "input triggers", "value 1b4f0e98", "none")],
  },
];

export const overrides: readonly Change[] = [
  {
    name: "data of an earlier cluster may be adopted",
    head: args({ allow: ["adopt-data"] }),
    expect: [line("weakened", "cluster orders", "guard overridden: adopt-data", "yes", "no")],
  },
  {
    name: "an override is dropped",
    base: args({ allow: ["adopt-data"] }),
    head: args({}),
    expect: [line("strengthened", "cluster orders", "guard overridden: adopt-data", "no", "yes")],
  },
  {
    name: "one override takes the place of another",
    base: args({ allow: ["adopt-data"] }),
    head: args({ allow: ["public-driver"] }),
    expect: [
      line("strengthened", "cluster orders", "guard overridden: adopt-data", "no", "yes"),
      line("weakened", "cluster orders", "guard overridden: public-driver", "yes", "no"),
    ],
  },
  {
    name: "overrides stand in another order",
    base: args({ allow: ["adopt-data", "public-driver"] }),
    head: args({ allow: ["public-driver", "adopt-data"] }),
    expect: [],
  },
  {
    name: "all overrides are named",
    head: args({ allow: ["adopt-data", "public-driver", "lower-replicas", "abandon-data", "lose-majority"] }),
    expect: ["adopt-data", "public-driver", "lower-replicas", "abandon-data", "lose-majority"].map((name) =>
      line("weakened", "cluster orders", `guard overridden: ${name}`, "yes", "no"),
    ),
  },
  {
    name: "an override that this reader never heard of",
    head: hand(inputs((i) => (i.environment.ALLOW = "skip-all"), "fleet")),
    expect: [line("weakened", "cluster orders", "guard overridden: skip-all", "yes", "no")],
  },
  {
    name: "whether a guard is overridden is not known yet",
    head: hand(inputs((i) => (i.environment.ALLOW = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"), "fleet")),
    expect: ["unknown: cluster orders: guard overridden: (all) is known only when it is applied; was no"],
  },
  {
    name: "servers are added under an override that stood there before",
    base: args({ allow: ["adopt-data"] }),
    head: args({ allow: ["adopt-data"], nodes: 5 }),
    expect: [],
  },
];

export const surroundings: readonly Change[] = [
  {
    name: "the cluster moves to another subnet",
    head: args({ subnet: "10.99.0.0/24" }),
    expect: [
      line("changed", "network", "subnet", "10.99.0.0/24", "10.213.0.0/24"),
      line("unknown", "network (Network)", "input ipamConfigs", "value 9c9f2a47", "value 0ac1ad5c"),
      ...["n0", "n1", "n2"].flatMap((n, i) => [
        line(
          "changed",
          n,
          "address the cluster port binds",
          `10.99.0.1${String(i)} (a private address)`,
          `10.213.0.1${String(i)} (a private address)`,
        ),
        line(
          "changed",
          n,
          "address the driver port binds",
          `10.99.0.1${String(i)} (a private address)`,
          `10.213.0.1${String(i)} (a private address)`,
        ),
        line(
          "changed",
          n,
          "canonical addresses",
          `10.99.0.1${String(i)}, 127.0.0.1`,
          `10.213.0.1${String(i)}, 127.0.0.1`,
        ),
        line("changed", n, "on the network orders", `as 10.99.0.1${String(i)}`, `as 10.213.0.1${String(i)}`),
        line(
          "changed",
          `${n} cluster certificate, ${n} driver certificate`,
          `valid for 10.99.0.1${String(i)}`,
          "yes",
          "no",
        ),
        line(
          "changed",
          `${n} cluster certificate, ${n} driver certificate`,
          `valid for 10.213.0.1${String(i)}`,
          "no",
          "yes",
        ),
      ]),
      "destroyed: network network is replaced by a new one: everything on it stops",
      restart("command, networksAdvanced"),
    ],
  },
  {
    name: "the network has no way out",
    head: hand(inputs((i) => (i.internal = true), "network")),
    expect: [
      line("strengthened", "network", "network without a way out", "yes", "no"),
      "destroyed: network network is replaced by a new one: everything on it stops",
    ],
  },
  {
    name: "containers started by hand may join the network",
    head: hand(inputs((i) => (i.attachable = true), "network")),
    expect: [
      line("weakened", "network", "open to containers started by hand", "yes", "no"),
      "destroyed: network network is replaced by a new one: everything on it stops",
    ],
  },
  {
    name: "servers stand on the network of the host",
    head: hand(inputs((i) => (i.driver = "macvlan"), "network")),
    expect: [
      line("weakened", "network", "network driver", "macvlan", "bridge"),
      "destroyed: network network is replaced by a new one: everything on it stops",
    ],
  },
  {
    name: "a server is on a network of others, too",
    head: hand(inputs((i) => i.networksAdvanced.push({ name: "web" }), "n0")),
    expect: [line("weakened", "n0", "on the network web", "yes", "none"), restart("networksAdvanced", "n0")],
  },
  {
    name: "the engine is reached over ssh",
    head: args({ dockerHost: "ssh://deploy@10.0.0.9" }),
    expect: [
      line("unknown", "engine-0", "Docker engine", "ssh://deploy@10.0.0.9", "the ambient one"),
      line("unknown", "engine-0", "options of the engine's ssh", "options 1d15f88e", "none"),
    ],
  },
  {
    name: "the engine is reached in clear",
    // The args allow it no more; a program's own provider, or one made by hand, may still be so.
    head: args(
      {},
      inputs((i) => (i.host = "tcp://10.0.0.9:2375"), "engine-0"),
    ),
    expect: [line("weakened", "engine-0", "Docker engine", "tcp://10.0.0.9:2375, without TLS", "the ambient one")],
  },
  {
    name: "the engine's host key is not checked",
    base: args({ dockerHost: "ssh://deploy@10.0.0.9" }),
    head: args(
      { dockerHost: "ssh://deploy@10.0.0.9" },
      inputs((i) => (i.sshOpts = ["-o", "StrictHostKeyChecking=no"]), "engine-0"),
    ),
    expect: [
      line("unknown", "engine-0", "options of the engine's ssh", "options 9f82a58c", "options 1d15f88e"),
      line("weakened", "engine-0", "host key of the engine checked", "no", "yes"),
    ],
  },
  {
    name: "a network option changes who reaches whom",
    head: hand(inputs((i) => (i.options = { "com.docker.network.bridge.enable_icc": "false" }), "network")),
    expect: [
      line("unknown", "network", "network option com.docker.network.bridge.enable_icc", '"false"', "none"),
      "destroyed: network network is replaced by a new one: everything on it stops",
    ],
  },
];

const bare = (type: string, name: string, given: Resource["inputs"]): Resource => ({
  urn: `urn:pulumi:test::rethinkdb::${type}::${name}`,
  ...{ type, name, parent: "", inputs: given, options: NO_OPTIONS },
});
const also = (more: () => unknown) => (): unknown => [cluster()(), more()];
export const foreign: readonly Change[] = [
  {
    name: "a container of others that opens a port to everyone",
    head: {
      declare: also(
        () =>
          new docker.Container("web", {
            image: "nginx:1.27.0@sha256:" + "c".repeat(64),
            ports: [{ internal: 80, external: 80 }],
            ...HARDENED,
          }),
      ),
    },
    expect: [
      "weakened: container web: address on which port 80/tcp is published is no address given (every address) (new; weaker than what this project promises)",
    ],
  },
  {
    name: "a container of others that holds the engine's socket",
    head: {
      declare: also(
        () =>
          new docker.Container("agent", {
            image: "agent:1.0.0",
            ...HARDENED,
            volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/sock", readOnly: true }],
          }),
      ),
    },
    expect: [
      "weakened: container agent: what is mounted on /sock is /var/run/docker.sock of the host, which is root's (new; weaker than what this project promises)",
    ],
  },
  {
    name: "a container of others without any hardening",
    head: { declare: also(() => new docker.Container("tool", { image: "tool" })) },
    expect: [
      ...[
        "all capabilities dropped is no",
        "no new privileges is no",
        "read-only root file system is no",
        "user of the process is the image's own",
        "memory limit is none",
        "memory and swap together is Docker's default, which lets it swap",
        "restart policy is no",
        "size of logs bounded is no",
        "seconds to stop (stopTimeout) is 0",
        "seconds to stop when replaced (destroyGraceSeconds) is 0",
        "image pinned is not at all, it has no tag",
      ].map((what) => `weakened: container tool: ${what} (new; weaker than what this project promises)`),
    ],
  },
  {
    name: "a neighbour on the cluster's network",
    head: {
      declare: also(
        () => new docker.Container("app", { image: "app:1.0.0", ...HARDENED, networksAdvanced: [{ name: "orders" }] }),
      ),
    },
    expect: ["weakened: container app: on the network orders is yes (new; weaker than what this project promises)"],
  },
  {
    name: "a resource of a type that is not known here",
    head: hand(add(bare("aws:s3/bucket:Bucket", "backups", { acl: "public-read" }))),
    expect: [],
  },
  {
    name: "an input of a resource that is not known here",
    base: hand(add(bare("aws:s3/bucket:Bucket", "backups", { acl: "private" }))),
    head: hand(add(bare("aws:s3/bucket:Bucket", "backups", { acl: "public-read" }))),
    expect: [line("unknown", "backups (Bucket)", "input acl", "public-read", "private")],
  },
  {
    name: "a resource of others is gone",
    base: hand(add(bare("aws:s3/bucket:Bucket", "backups", {}))),
    head: hand(),
    expect: ["destroyed: backups (Bucket) is deleted"],
  },
  {
    name: "a volume of others is gone with its data",
    base: { declare: also(() => new docker.Volume("dumps", { name: "dumps" })) },
    head: args({}),
    expect: ["destroyed: volume dumps is deleted with its data"],
  },
  {
    name: "an unknown part of the cluster",
    head: hand((s) =>
      add({
        ...bare("docker:index/container:Container", "db-cache", { image: "caddy:2.8.4", ...HARDENED }),
        parent: s.resources.find(({ type }) => type === "rethinkdb:index:RethinkdbCluster")?.urn ?? "",
      })(s),
    ),
    expect: [],
  },
  {
    name: "the cluster is renamed without an alias",
    base: { declare: () => new RethinkdbCluster("db", { clusterName: "orders", adminPassword: PASSWORD, nodes: 1 }) },
    head: {
      declare: () => new RethinkdbCluster("store", { clusterName: "orders", adminPassword: PASSWORD, nodes: 1 }),
    },
    expect: [
      "destroyed: n0 is removed from the cluster",
      "destroyed: the data volume of n0 stays on the host and Pulumi no longer manages it",
      "destroyed: network network is deleted: everything on it stops",
      "destroyed: the cluster CA is deleted: servers with certificates of the old one and of the new one cannot talk",
      "destroyed: the driver CA is deleted: clients that trust the old one are refused",
      "destroyed: the cluster's identity is deleted: every data volume becomes a stranger's, and servers refuse to start",
      "destroyed: the operator's password is deleted: programs cannot log in until admin has set the new one",
    ],
  },
  {
    name: "a key of others",
    head: { declare: also(() => new random.PrivateKey("signing", { algorithm: "RSA", rsaBits: 1024 })) },
    expect: ["weakened: signing: key is RSA of 1024 bits (new; weaker than what this project promises)"],
  },
];

export const HARDENED = {
  user: "30000:30000",
  readOnly: true,
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges"],
  memory: 64,
  memorySwap: 64,
  restart: "unless-stopped",
  stopTimeout: 60,
  destroyGraceSeconds: 60,
  logOpts: { "max-size": "1m" },
};
