/** What the caller reads when args are wrong, in full, and that everything wrong is said at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { OVERRIDES } from "../../args/overrides";
import type { RethinkdbClusterArgs } from "../../args/args";
import { checkArgs } from "../../args/check";
import { checkPassword } from "../../args/values/password";

const GOOD: RethinkdbClusterArgs = { clusterName: "c", adminPassword: "correct horse battery" };

type Case = readonly [what: string, args: Partial<RethinkdbClusterArgs>, ...messages: string[]];

const count = (value: string): string => `nodes: ${value} is not a whole number from 1 to 64`;
const name = (value: string): string =>
  `clusterName: "${value}" cannot prefix a Docker name; use letters, digits, ".", "_" and "-", starting with a letter or digit`;
const cidr = (value: string): string =>
  `subnet: "${value}" is not an IPv4 subnet in CIDR notation, such as 10.213.0.0/24`;
const everyAddress = (value: string): string =>
  `driverPublish: "${value}" publishes the driver ports on every address of the host, past its firewall; ` +
  `name one address, or add "public-driver" to allow`;
const noAddress = (value: string): string =>
  `driverPublish: "${value}" is neither "none", "network" nor "host-address" nor an IP address of the host`;
const noSan = (index: number, value: string): string =>
  `driverSans[${String(index)}]: "${value}" is neither a host name nor an IP address`;

const ERRORS: readonly Case[] = [
  ["no servers", { nodes: 0 }, count("0")],
  [
    "a CA that issues from what it does not trust",
    { clusterCa: { issue: 2, trust: [1] } },
    "clusterCa.trust: [1] is without generation 2, which issues; write { issue: 2, trust: [1, 2] }",
  ],
  [
    "three generations",
    { driverCa: { issue: 1, trust: [1, 2, 3] } },
    "driverCa.trust: [1, 2, 3] has 3 generations; a rotation is between two",
  ],
  [
    "a generation twice",
    { clientCa: { issue: 1, trust: [1, 1] } },
    "clientCa.trust: [1, 1] names a generation twice; take one out",
  ],
  [
    "generations that are none",
    { clusterCa: { issue: 0, trust: [1.5] } },
    "clusterCa.issue: 0 is not a whole number from 1 to 10000",
    "clusterCa.trust[0]: 1.5 is not a whole number from 1 to 10000",
  ],
  [
    "a CA without a list of what is trusted",
    { clusterCa: { issue: 2 } as never },
    "clusterCa.trust: is not a list of generations; write it beside issue, such as { issue: 1, trust: [1] }",
  ],
  ["a renewal that is none", { renewal: "never" }, `renewal: "never" is neither "auto" nor "hold"`],
  [
    "an operator's password of no generation",
    { operatorGeneration: 0 },
    "operatorGeneration: 0 is not a whole number from 1 to 10000",
  ],
  [
    "a client without a name",
    { driverClients: ["a b"] },
    `driverClients[0]: "a b" cannot name a client; use up to 40 letters, digits, ".", "_" and "-", starting with a letter or digit`,
  ],
  [
    "a client twice",
    { driverClients: ["api", "api"] },
    `driverClients[1]: "api" is driverClients[0] already; take it out`,
  ],
  ["a negative count", { nodes: -1 }, count("-1")],
  ["too many servers", { nodes: 65 }, count("65")],
  ["half a server", { nodes: 2.5 }, count("2.5")],
  ["a count that is no number", { nodes: NaN }, count("NaN")],

  ["an empty cluster name", { clusterName: "" }, name("")],
  ["a cluster name with a slash", { clusterName: "a/b" }, name("a/b")],
  ["a cluster name with a space", { clusterName: "a b" }, name("a b")],
  ["a cluster name that starts with a dash", { clusterName: "-a" }, name("-a")],
  ["a cluster name with a line end", { clusterName: "a\n" }, name("a\n")],
  [
    "a cluster name too long for a host name",
    { clusterName: "a".repeat(58) },
    `clusterName: "${"a".repeat(58)}" has 58 characters; use 57 or fewer, so that <name>-n63 is a host name`,
  ],

  ["a subnet without a prefix", { subnet: "10.213.0.0" }, cidr("10.213.0.0")],
  ["a prefix that no address has", { subnet: "10.213.0.0/33" }, cidr("10.213.0.0/33")],
  ["an octet that is none", { subnet: "10.256.0.0/24" }, cidr("10.256.0.0/24")],
  ["a subnet in short", { subnet: "10.213/16" }, cidr("10.213/16")],
  ["an IPv6 subnet", { subnet: "fd00::/64" }, cidr("fd00::/64")],
  ["a subnet that is a word", { subnet: "private" }, cidr("private")],
  ["an empty subnet", { subnet: "" }, cidr("")],
  [
    "a subnet with host bits",
    { subnet: "10.213.0.1/24" },
    `subnet: "10.213.0.1/24" is not the first address of its network; write 10.213.0.0/24`,
  ],
  ["too large a subnet", { subnet: "10.0.0.0/7" }, `subnet: "10.0.0.0/7" is too large; use a prefix of /8 or longer`],
  ["a loopback subnet", { subnet: "127.1.0.0/16" }, `subnet: "127.1.0.0/16" is loopback; use a private range`],
  [
    "a subnet too small for the count",
    { subnet: "10.213.0.0/27", nodes: 7 },
    `subnet: "10.213.0.0/27" has room for 6 servers and nodes is 7; ` +
      `use a larger subnet (/24 has room for 64); it is fixed for the cluster's life`,
  ],
  [
    "a subnet too small for any server",
    { subnet: "10.213.0.0/32", nodes: 1 },
    `subnet: "10.213.0.0/32" has room for 0 servers and nodes is 1; ` +
      `use a larger subnet (/24 has room for 64); it is fixed for the cluster's life`,
  ],

  ["a name to publish on", { driverPublish: "localhost" }, noAddress("localhost")],
  ["nothing to publish on", { driverPublish: "" }, noAddress("")],
  ["an address in short", { driverPublish: "127.1" }, noAddress("127.1")],
  ["a decimal address", { driverPublish: "0" }, noAddress("0")],
  ...["0.0.0.0", "::", "0::0", "0:0:0:0:0:0:0:0", "::0.0.0.0", "::ffff:0.0.0.0", "::ffff:0:0", "::%eth0"].map(
    (value): Case => [`every address, as ${value}`, { driverPublish: value }, everyAddress(value)],
  ),
  ["port 0", { driverPort: 0 }, "driverPort: 0 is not a whole number from 1 to 65535"],
  ["a port beyond the last", { driverPort: 65536 }, "driverPort: 65536 is not a whole number from 1 to 65535"],
  [
    "a last server's port beyond the last",
    { driverPort: 65534 },
    "driverPort: 65534 + 3 servers goes beyond port 65535; use 65533 or lower",
  ],
  ["a SAN with a space", { driverSans: ["db.example", "a b"] }, noSan(1, "a b")],
  ["an empty SAN", { driverSans: [""] }, noSan(0, "")],
  ["a SAN with a port", { driverSans: ["db.example:28015"] }, noSan(0, "db.example:28015")],

  ["too little memory", { memoryMib: 63 }, "memoryMib: 63 is not a whole number from 64 to 16777216"],
  ["no cache", { cacheSizeMib: 0 }, "cacheSizeMib: 0 is not a whole number from 1 to 16777216"],
  [
    "a cache as large as the memory",
    { memoryMib: 512, cacheSizeMib: 512 },
    "cacheSizeMib: 512 leaves nothing of memoryMib 512 for the server itself; use about half of it",
  ],

  [
    "an early renewal as long as the validity",
    { certValidityDays: 30, certEarlyRenewalDays: 30 },
    "certEarlyRenewalDays: 30 is not below certValidityDays 30: every run would renew every certificate; use about a third of it",
  ],
  [
    "a certificate that outlives its CA",
    { caValidityDays: 89 },
    "certValidityDays: 90 outlives the CA, caValidityDays is 89; use a shorter one",
  ],
  ["a validity of nothing", { certValidityDays: 0 }, "certValidityDays: 0 is not a whole number from 1 to 36500"],
  [
    "a negative early renewal",
    { certEarlyRenewalDays: -1 },
    "certEarlyRenewalDays: -1 is not a whole number from 0 to 36500",
  ],
  ["a CA for ever", { caValidityDays: 36501 }, "caValidityDays: 36501 is not a whole number from 1 to 36500"],

  [
    "a network that cannot be",
    { driverNetworks: ["a b"] },
    `driverNetworks[0]: "a b" cannot name a Docker network; use letters, digits, ".", "_" and "-"`,
  ],
  [
    "Docker's own networks",
    { driverNetworks: ["bridge"] },
    `driverNetworks[0]: "bridge" is one of Docker's own, where containers have no names; make one with docker network create`,
  ],
  [
    "the cluster's own network, and one twice",
    { driverNetworks: [GOOD.clusterName, "apps", "apps"] },
    `driverNetworks[0]: "${GOOD.clusterName}" is the cluster's own network; take it out`,
    `driverNetworks[2]: "apps" is driverNetworks[1] already; take it out`,
  ],
  [
    "networks that cannot be used",
    { driverPublish: "none", driverNetworks: ["apps"] },
    `driverNetworks: driverPublish is "none", so nothing listens there; use "network", or take them out`,
  ],
  ["a uid of root", { runAsUid: 0 }, "runAsUid: 0 is not a whole number from 1000 to 2147483647"],
  [
    "a Docker host without a scheme",
    { dockerHost: "example.org" },
    `dockerHost: "example.org" is not a Docker endpoint; write unix://…, ssh://user@host or tcp://…`,
  ],
  [
    "an engine that anyone on the network may use",
    { dockerHost: "tcp://10.0.0.9:2375" },
    `dockerHost: "tcp://10.0.0.9:2375" without client TLS makes everyone who reaches it root of the host; ` +
      `name the engine in hosts, with certPath set to the folder with ca.pem, cert.pem and key.pem, or use ssh://user@host`,
  ],
  [
    "an option of ssh in the place of a host",
    { dockerHost: "ssh://-oProxyCommand=x" },
    `dockerHost: "ssh://-oProxyCommand=x" is not of the form ssh://user@host; ssh logs in with a key`,
  ],
  [
    "a driver on a public address",
    { driverPublish: "8.8.4.4" },
    `driverPublish: "8.8.4.4" is a public address; use a private one, or "none" and npx pulumi-rethinkdb tunnel, or add "public-driver" to allow`,
  ],
  [
    "a driver on a public address of the only host",
    { driverPublish: "2606:4700::1", hosts: [{ name: "a", dockerHost: "ssh://a" }] },
    `driverPublish: "2606:4700::1" is a public address; use a private one, or "none" and npx pulumi-rethinkdb tunnel, or add "public-driver" to allow`,
  ],
  [
    "a name that is too long with the web UI",
    { clusterName: "c".repeat(57), webUi: { enabled: true }, webUiPassword: "correct horse battery" },
    `clusterName: "${"c".repeat(57)}" has 57 characters; with the web UI use 56 or fewer, so that <name>-ui-peer is a host name`,
  ],
  [
    "an unknown override",
    { allow: ["adopt-data", "everything"] },
    `allow[1]: "everything" is not an override; known are ${Object.keys(OVERRIDES).join(", ")}`,
  ],
  [
    "an override named like a method of every object",
    { allow: ["toString"] },
    `allow[0]: "toString" is not an override; known are ${Object.keys(OVERRIDES).join(", ")}`,
  ],
  [
    "an image tag that never was",
    { image: "rethinkdb:2.4.4" },
    `image: RethinkDB never had an image "rethinkdb:2.4.4"; use rethinkdb:2.4.4-bookworm-slim`,
  ],
  [
    "an empty password",
    { adminPassword: "" },
    "adminPassword: is empty; set one, for example with: pulumi config set --secret adminPassword",
  ],
];

for (const [what, args, ...messages] of ERRORS) {
  test(`refuses ${what}`, () => {
    assert.deepEqual(checkArgs({ ...GOOD, ...args }), { errors: messages, warnings: [] });
  });
}

const NOTHING_WRONG: readonly Case[] = [
  ["nothing but the required args", {}],
  ["one server", { nodes: 1 }],
  ["64 servers", { nodes: 64 }],
  ["a subnet with room for exactly the count", { subnet: "10.213.0.0/27", nodes: 6 }],
  ["the last port for the last server", { driverPort: 65533 }],
  ["a public address with the override", { driverPublish: "8.8.4.4", allow: ["public-driver"] }],
  [
    "the longest name with the web UI",
    { clusterName: "c".repeat(56), webUi: { enabled: true }, webUiPassword: "correct horse battery" },
  ],
  ["private addresses", { driverPublish: "fd00::7" }],
  ["every address with the override", { driverPublish: "0.0.0.0", allow: ["public-driver"] }],
  ["every IPv6 address with the override", { driverPublish: "::", allow: ["public-driver"] }],
  ["no published port", { driverPublish: "none" }],
  ["containers alone", { driverPublish: "network", driverNetworks: ["apps", "more_apps"] }],
  ["a published port and further networks", { driverNetworks: ["apps"] }],
  ["an IPv6 address", { driverPublish: "fd00::1" }],
  ["names and addresses", { driverSans: ["db.example", "*.db.example", "192.0.2.1", "fd00::1"] }],
  ["a certificate as old as its CA", { certValidityDays: 90, caValidityDays: 90 }],
  ["each kind of endpoint", { dockerHost: "ssh://user@host" }],
  ["a password that is known later", { adminPassword: Promise.resolve("later") }],
  ["every sign of a password", { adminPassword: `"'#$\\ =;&|\`!~{}<>` }],
];

for (const [what, args] of NOTHING_WRONG) {
  test(`accepts ${what}`, () => {
    assert.deepEqual(checkArgs({ ...GOOD, ...args }), { errors: [], warnings: [] });
  });
}

const WARNINGS: readonly Case[] = [
  [
    "two servers",
    { nodes: 2 },
    "nodes: 2 servers survive no failure: either one alone is no majority; use 1, 3 or more",
  ],
  [
    "a short password",
    { adminPassword: "eleven char" },
    "adminPassword: has fewer than 12 characters; RethinkDB does not slow down guessing, use a longer one",
  ],
  [
    "a tag that moves",
    { image: "rethinkdb:latest" },
    `image: "rethinkdb:latest" moves to other versions of RethinkDB; pin rethinkdb:2.4.4-bookworm-slim, or run npx pulumi-rethinkdb pin`,
  ],
];

for (const [what, args, ...messages] of WARNINGS) {
  test(`warns of ${what}`, () => {
    assert.deepEqual(checkArgs({ ...GOOD, ...args }), { errors: [], warnings: messages });
  });
}

test("says everything that is wrong at once", () => {
  const { errors } = checkArgs({
    clusterName: "-",
    adminPassword: "",
    nodes: 0,
    image: "rethinkdb:2.3",
    subnet: "here",
    driverPublish: "everywhere",
    driverPort: 0,
    memoryMib: 1,
    certValidityDays: 0,
    runAsUid: 1,
    allow: ["all"],
  });
  assert.deepEqual(
    errors.map((error) => error.split(":")[0]),
    [
      "clusterName",
      "nodes",
      "adminPassword",
      "image",
      "subnet",
      "driverPublish",
      "driverPort",
      "memoryMib",
      "runAsUid",
      "certValidityDays",
      "allow[0]",
    ],
  );
});

const NOT_ASCII =
  "users[1].password: has a character that is not printable ASCII; " +
  "the official Python driver encodes passwords as latin-1 and could never log in; use letters, digits and ASCII signs";

const PASSWORDS: readonly (readonly [what: string, value: string, verdict: object])[] = [
  [
    "an empty one",
    "",
    { error: "users[1].password: is empty; set one, for example with: pulumi config set --secret users[1].password" },
  ],
  ["an umlaut", "pässword-long-enough", { error: NOT_ASCII }],
  ["an emoji", "password-🔑-long-enough", { error: NOT_ASCII }],
  ["a line end", "password-long-enough\n", { error: NOT_ASCII }],
  ["a NUL", "password\0long-enough", { error: NOT_ASCII }],
  ["a tab", "password\tlong-enough", { error: NOT_ASCII }],
  ["1025 characters", "x".repeat(1025), { error: "users[1].password: has 1025 characters; use 1024 or fewer" }],
  ["1024 characters", "x".repeat(1024), {}],
  ["12 characters", "x".repeat(12), {}],
  [
    "11 characters",
    "x".repeat(11),
    {
      warning:
        "users[1].password: has fewer than 12 characters; RethinkDB does not slow down guessing, use a longer one",
    },
  ],
];

for (const [what, value, verdict] of PASSWORDS) {
  test(`judges a password: ${what}`, () => {
    assert.deepEqual(checkPassword("users[1].password", value), verdict);
  });
}

test("never repeats a password in a message", () => {
  // Marked, so that a password that happens to be a word of the message counts for nothing.
  const marked = fc
    .tuple(fc.string({ unit: "grapheme", maxLength: 20 }), fc.boolean())
    .map(([text, long]) => `~${text}~${long ? "x".repeat(1100) : ""}`);
  fc.assert(
    fc.property(marked, (adminPassword) => {
      const { errors, warnings } = checkArgs({ clusterName: "-", nodes: 2, adminPassword });
      for (const message of [...errors, ...warnings]) assert.ok(!message.includes(adminPassword.slice(0, 22)), message);
    }),
  );
});
