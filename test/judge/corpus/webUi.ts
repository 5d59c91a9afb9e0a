import type { RethinkdbClusterArgs } from "../../../args/args";
import type { WebUiArgs } from "../../../args/webUi";
import { PASSWORD } from "../../support/recorded";
import { args, argv, type Change, type Edit, hand, inputs, options, set, type Side, without } from "../change";
import { DRIVER_LEAVES, PUBLIC, published, restart } from "./words";

type Ui = Partial<WebUiArgs>;
type Args = Partial<RethinkdbClusterArgs>;

const ui = (given: Ui = {}, more: Args = {}): Args => ({
  webUi: { enabled: true, ...given },
  webUiPassword: PASSWORD,
  ...more,
});
const withUi = (given: Ui = {}, more: Args = {}, ...edits: readonly Edit[]): Side => args(ui(given, more), ...edits);

const line = (how: string, who: string, title: string, now: string, was: string): string =>
  `${how}: ${who}: ${title} is now ${now}; was ${was}`;
const PORT = "address on which port 8443/tcp (web UI) is published";
const LOOPBACK = "127.0.0.1 (loopback)";
const NAME = "ui driver certificate";
const FILES = restart("new files of the web UI", "ui");

export const webUi: readonly Change[] = [
  {
    name: "the web UI is enabled: one more way to be admin",
    head: withUi(),
    expect: [line("weakened", "cluster orders", "web UI", "on", "off")],
  },
  {
    name: "the web UI is taken out, which loses nothing",
    base: withUi(),
    head: args({}),
    expect: [line("strengthened", "cluster orders", "web UI", "off", "on")],
  },
  {
    name: "the web UI is enabled on a private address at once",
    head: withUi({ publish: "10.0.0.5" }),
    expect: [
      line("weakened", "cluster orders", "web UI", "on", "off"),
      `weakened: container ui: ${PORT} is 10.0.0.5 (a private address) (new; weaker than what this project promises)`,
    ],
  },
  {
    name: "the web UI is published on a private address",
    base: withUi(),
    head: withUi({ publish: "10.0.0.5" }),
    expect: [
      line("weakened", "container ui", PORT, "10.0.0.5 (a private address)", LOOPBACK),
      line("changed", NAME, "valid for 10.0.0.5", "yes", "no"),
      restart("ports", "ui"),
    ],
  },
  {
    name: "the web UI is published on every address by hand",
    base: withUi(),
    head: hand(inputs((i) => (i.ports = [{ ip: "0.0.0.0", internal: 8443, external: 8080, protocol: "tcp" }]), "ui")),
    expect: [line("weakened", "container ui", PORT, "0.0.0.0 (every address)", LOOPBACK), restart("ports", "ui")],
  },
  {
    name: "the web UI is published no more",
    base: withUi(),
    head: withUi({ publish: "none" }),
    expect: [
      line("strengthened", "container ui", PORT, "none", LOOPBACK),
      line("changed", "container ui", "host port of port 8443/tcp (web UI)", "none", "8080"),
      restart("ports", "ui"),
    ],
  },
  {
    name: "the web UI moves to another port",
    base: withUi(),
    head: withUi({ port: 8090 }),
    expect: [
      line("changed", "container ui", "host port of port 8443/tcp (web UI)", "8090", "8080"),
      restart("ports", "ui"),
    ],
  },
  {
    name: "another user logs in to the web UI",
    base: withUi(),
    head: withUi({ user: "ops" }),
    expect: [line("changed", "web UI", "user", "ops", "admin"), FILES],
  },
  {
    name: "the web UI has another password",
    base: withUi(),
    head: withUi({}, { webUiPassword: `${PASSWORD} two` }),
    expect: ["changed: web UI: password is now mark ########; was mark ########", FILES],
  },
  {
    name: "the web UI has no password any more",
    base: withUi(),
    head: hand(inputs((i) => delete i.environment["PASSWORD_MARK"], "ui-prepare")),
    expect: [line("weakened", "web UI", "asks for a password", "no", "yes")],
  },
  {
    name: "nginx runs with a configuration that was not prepared",
    base: withUi(),
    head: hand(inputs((i) => (i.command = ["-c", "/etc/nginx/nginx.conf"]), "ui")),
    expect: [line("weakened", "web UI", "listener with TLS as prepared", "no", "yes"), restart("command", "ui")],
  },
  {
    name: "the proxy serves its http port to the whole network",
    base: withUi(),
    head: hand(argv(set("--bind-http", "all"), "ui-peer")),
    expect: [
      line("weakened", "web UI", "address the proxy's http port binds", "all (every address)", LOOPBACK),
      restart("command", "ui-peer"),
    ],
  },
  {
    name: "the proxy serves its driver port, in clear, to the whole network",
    base: withUi(),
    head: hand(
      argv(without("--bind-driver"), "ui-peer"),
      argv((w) => [...w, "--bind", "all"], "ui-peer"),
    ),
    expect: [
      line("weakened", "web UI", "address the proxy's driver port binds", "all (every address)", LOOPBACK),
      restart("command", "ui-peer"),
    ],
  },
  {
    name: "the proxy publishes its http port",
    base: withUi(),
    head: hand(inputs((i) => (i.ports = [{ ip: "127.0.0.1", internal: 8080, external: 8081 }]), "ui-peer")),
    expect: [
      line("weakened", "container ui-peer", "address on which port 8080/tcp (http) is published", LOOPBACK, "none"),
      line("changed", "container ui-peer", "host port of port 8080/tcp (http)", "8081", "none"),
      restart("ports", "ui-peer"),
    ],
  },
  {
    name: "both containers keep their capabilities",
    base: withUi(),
    head: hand(inputs((i) => (i.capabilities = {}), /^ui(-peer)?$/)),
    expect: [
      line("weakened", "container ui, container ui-peer", "all capabilities dropped", "no", "yes"),
      "disrupted: ui, ui-peer restart (capabilities)",
    ],
  },
  {
    name: "the proxy leaves its cluster certificate out",
    base: withUi(),
    head: hand(argv(without("--cluster-tls-cert"), "ui-peer")),
    expect: [
      line("weakened", "container ui-peer", "mutual TLS on the cluster port", "no", "yes"),
      restart("command", "ui-peer"),
    ],
  },
  {
    name: "nginx comes by a moving tag",
    base: withUi(),
    head: withUi({ image: "nginx:latest" }),
    expect: [
      line("weakened", "container ui", "image pinned", "by a moving tag, latest", "by the tag of a version"),
      line("changed", "container ui", "image", "nginx:latest", "nginx:1.30.6"),
      restart("image", "ui"),
    ],
  },
  {
    name: "another container reaches the socket between both",
    base: withUi(),
    head: hand(
      inputs((i) => i.volumes.push({ volumeName: "orders-ui-socket", containerPath: "/socket", readOnly: true }), "n1"),
    ),
    expect: [
      line("weakened", "n1", "mounts the socket of the web UI", "yes", "no"),
      line("weakened", "n1", "what is mounted on /socket", "volume orders-ui-socket, not its own", "none"),
      restart("volumes", "n1"),
    ],
  },
  {
    name: "the certificate of the web UI lives a year",
    base: withUi(),
    head: hand(inputs((i) => (i["validityPeriodHours"] = 24 * 365), "ui-driver-certificate")),
    expect: [line("weakened", NAME, "validity", "365 days", "90 days")],
  },
  {
    name: "a name is added for drivers and the web UI alike",
    base: withUi(),
    head: withUi({}, { driverSans: ["db.example.com"] }),
    expect: [
      line("weakened", `${DRIVER_LEAVES}, ${NAME}`, "valid for db.example.com", "yes", "no"),
      restart("new certificates"),
      FILES,
    ],
  },
  {
    name: "nothing waits for the files of the web UI",
    base: withUi(),
    head: hand(options(() => ({ dependencies: [] }), "ui")),
    expect: [line("weakened", "web UI", "nginx waits for its files and the proxy", "no", "yes")],
  },
  {
    name: "a driver port is published widely beside a web UI that stays",
    base: withUi(),
    head: withUi({}, { driverPublish: "0.0.0.0", allow: ["public-driver"] }),
    expect: [published("weakened", "0.0.0.0 (every address)", LOOPBACK), PUBLIC, restart("ports")],
  },
  {
    name: "servers are added beside a web UI that stays",
    base: withUi(),
    head: withUi({}, { nodes: 5 }),
    expect: [],
  },
];
