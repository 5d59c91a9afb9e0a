import { args, type Change, hand, inputs, first } from "../change";
import { ALL, DRIVER_LEAVES, EVERY, LOOPBACK, NOT_PUBLIC, PUBLIC, published, restart } from "./words";

const open = { driverPublish: "0.0.0.0", allow: ["public-driver"] };
const san = (name: string, now = "yes", was = "no"): string =>
  `changed: ${DRIVER_LEAVES}: valid for ${name} is now ${now}; was ${was}`;
const unpublished = (port: string, grade: string): string =>
  `weakened: ${ALL}: address on which port ${port} is published is now ${grade}; was none`;
const hostPort = (port: string, now: string): string =>
  `changed: ${ALL}: host port of port ${port} is now ${now}; was none`;

export const ports: readonly Change[] = [
  {
    name: "the driver port is published on every address of the host",
    head: args(open),
    expect: [published("weakened", EVERY, LOOPBACK), PUBLIC, restart("ports")],
  },
  {
    name: "the driver port is published on every IPv6 address of the host",
    head: args({ driverPublish: "::", allow: ["public-driver"] }),
    expect: [published("weakened", ":: (every address)", LOOPBACK), PUBLIC, restart("ports"), san("::1")],
  },
  {
    name: "the driver port is published on a private address",
    head: args({ driverPublish: "192.168.4.5" }),
    expect: [published("weakened", "192.168.4.5 (a private address)", LOOPBACK), restart("ports"), san("192.168.4.5")],
  },
  {
    name: "the driver port moves from a private to a public address",
    base: args({ driverPublish: "192.168.4.5" }),
    head: args({ driverPublish: "203.0.113.9", allow: ["public-driver"] }),
    expect: [
      published("weakened", "203.0.113.9 (a public address)", "192.168.4.5 (a private address)"),
      PUBLIC,
      restart("ports"),
      san("203.0.113.9"),
      san("192.168.4.5", "no", "yes"),
    ],
  },
  {
    name: "the driver port moves to another address of loopback",
    head: args({ driverPublish: "127.0.0.2" }),
    expect: [published("changed", "127.0.0.2 (loopback)", LOOPBACK), restart("ports"), san("127.0.0.2")],
  },
  {
    name: "the driver port is published on loopback only again",
    base: args(open),
    head: args({}),
    expect: [published("strengthened", LOOPBACK, EVERY), NOT_PUBLIC, restart("ports")],
  },
  {
    name: "the driver port is published no more",
    head: args({ driverPublish: "none" }),
    expect: [
      published("strengthened", "none", LOOPBACK),
      ...["n0: address the driver port binds is now 127.0.0.1 (loopback); was 10.213.0.10 (a private address)"].map(
        (sentence) => `strengthened: ${sentence}`,
      ),
      "strengthened: n1: address the driver port binds is now 127.0.0.1 (loopback); was 10.213.0.11 (a private address)",
      "strengthened: n2: address the driver port binds is now 127.0.0.1 (loopback); was 10.213.0.12 (a private address)",
      "changed: n0: host port of port 28015/tcp (driver) is now none; was 28015",
      "changed: n1: host port of port 28015/tcp (driver) is now none; was 28016",
      "changed: n2: host port of port 28015/tcp (driver) is now none; was 28017",
      restart("command, ports"),
    ],
  },
  {
    name: "the driver ports move to other ports of the host",
    head: args({ driverPort: 31000 }),
    expect: [
      "changed: n0: host port of port 28015/tcp (driver) is now 31000; was 28015",
      "changed: n1: host port of port 28015/tcp (driver) is now 31001; was 28016",
      "changed: n2: host port of port 28015/tcp (driver) is now 31002; was 28017",
      restart("ports"),
    ],
  },
  {
    name: "one server loses the address of its published port, which then is every address",
    head: hand(inputs((i) => delete first(i.ports).ip, "n1")),
    expect: [published("weakened", "no address given (every address)", LOOPBACK, "n1"), restart("ports", "n1")],
  },
  {
    name: "the web port is published on loopback by hand",
    head: hand(inputs((i) => i.ports.push({ ip: "127.0.0.1", internal: 8080, external: 8080 }))),
    expect: [unpublished("8080/tcp (http)", LOOPBACK), hostPort("8080/tcp (http)", "8080"), restart("ports")],
  },
  {
    name: "the cluster port is published on a private address by hand",
    head: hand(inputs((i) => i.ports.push({ ip: "10.0.0.5", internal: 29015, external: 29015, protocol: "tcp" }))),
    expect: [
      unpublished("29015/tcp (cluster)", "10.0.0.5 (a private address)"),
      hostPort("29015/tcp (cluster)", "29015"),
      restart("ports"),
    ],
  },
  {
    name: "a second, public address is added to the driver port of one server",
    head: hand(inputs((i) => i.ports.push({ ip: "203.0.113.9", internal: 28015, external: 28015 }), "n0")),
    expect: [
      published("weakened", "127.0.0.1 (loopback), 203.0.113.9 (a public address)", LOOPBACK, "n0"),
      restart("ports", "n0"),
    ],
  },
  {
    name: "every exposed port is published",
    head: hand(inputs((i) => (i.publishAllPorts = true), "n2")),
    expect: ["weakened: n2: publishing of every exposed port is now yes; was no", restart("publishAllPorts", "n2")],
  },
  {
    name: "a new server is published wider than its siblings",
    base: args({ nodes: 2 }),
    head: args(
      { nodes: 3 },
      inputs((i) => (first(i.ports).ip = ""), "n2"),
    ),
    expect: [
      "weakened: n2: address on which port 28015/tcp (driver) is published is no address given (every address) (new; its siblings: 127.0.0.1 (loopback))",
    ],
  },
  {
    name: "new servers are published as widely as their siblings already are",
    base: args({ nodes: 3, ...open }),
    head: args({ nodes: 5, ...open }),
    expect: [],
  },
];
