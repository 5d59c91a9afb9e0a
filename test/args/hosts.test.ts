/** Every bad host and place gets one clear sentence, and a cluster over hosts is planned by their addresses. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HostArgs } from "../../args/hosts";
import type { RethinkdbClusterArgs } from "../../args/args";
import { checkArgs } from "../../args/check";
import { planCluster } from "../../core/plan/cluster";

const A: HostArgs = { name: "a", dockerHost: "ssh://deploy@10.0.0.1", address: "10.0.0.1", zone: "east" };
const B: HostArgs = { name: "b", dockerHost: "ssh://deploy@10.0.0.2", address: "10.0.0.2" };
const GOOD: RethinkdbClusterArgs = {
  clusterName: "db",
  adminPassword: "correct horse battery",
  hosts: [A, B],
  placement: { n0: "a", n1: "b", n2: "a" },
};

const only = (host: HostArgs): Partial<RethinkdbClusterArgs> => ({ hosts: [A, host] });

const ERRORS: readonly (readonly [what: string, args: Partial<RethinkdbClusterArgs>, ...messages: string[]])[] = [
  [
    "a host name with a dot",
    { hosts: [A, { ...B, name: "b.x" }], placement: { n0: "a", n1: "b.x", n2: "a" } },
    `hosts[1].name: "b.x" is no name of a host; use up to 40 letters, digits and "-", starting with a letter or digit`,
  ],
  [
    "two hosts of one name",
    { hosts: [A, { ...B, name: "a" }], placement: { n0: "a", n1: "a", n2: "a" } },
    `hosts[1].name: "a" is hosts[0] already; choose another name`,
  ],
  [
    "a zone that every server has",
    only({ ...B, zone: "default" }),
    `hosts[1].zone: "default" cannot be a server tag; use letters, digits, "_" and "-", and not "default", which every server has`,
  ],
  [
    "an endpoint that is none",
    only({ ...B, dockerHost: "10.0.0.2" }),
    `hosts[1].dockerHost: "10.0.0.2" is not a Docker endpoint; write unix://…, ssh://user@host or tcp://…`,
  ],
  [
    "an option of ssh where a host should be",
    only({ ...B, dockerHost: "ssh://-oProxyCommand=x" }),
    `hosts[1].dockerHost: "ssh://-oProxyCommand=x" is not of the form ssh://user@host; ssh logs in with a key`,
  ],
  [
    "a password in an endpoint, which is not repeated",
    only({ ...B, dockerHost: "ssh://deploy:hunter2@10.0.0.2" }),
    `hosts[1].dockerHost: "ssh://deploy:…@10.0.0.2" is not of the form ssh://user@host; ssh logs in with a key`,
  ],
  [
    "an engine on TCP that anyone may use",
    only({ ...B, dockerHost: "tcp://10.0.0.2:2375" }),
    `hosts[1].dockerHost: "tcp://10.0.0.2:2375" without client TLS makes everyone who reaches it root of the host; ` +
      `set certPath to the folder with ca.pem, cert.pem and key.pem, or use ssh://user@host`,
  ],
  [
    "certificates for an engine that takes none",
    only({ ...B, certPath: "certs" }),
    `hosts[1].certPath: "certs" is for an engine on tcp://…; take it out`,
  ],
  [
    "two hosts with one engine",
    only({ ...B, dockerHost: A.dockerHost }),
    `hosts[1].dockerHost: "ssh://deploy@10.0.0.1" is hosts[0] already; each host has an engine of its own`,
  ],
  [
    "several hosts and one without an address",
    only({ name: "b", dockerHost: B.dockerHost }),
    `hosts[1].address: is missing, and there are 2 hosts; say under which private address the others reach "b"`,
  ],
  ["an address that is a name", only({ ...B, address: "b.lan" }), `hosts[1].address: "b.lan" is not an IPv4 address`],
  ["an IPv6 address", only({ ...B, address: "fd00::2" }), `hosts[1].address: "fd00::2" is not an IPv4 address`],
  ...["127.0.0.1", "0.0.0.0"].map(
    (address) =>
      [
        `${address} as the address of a host`,
        only({ ...B, address }),
        `hosts[1].address: "${address}" is not an address under which other hosts reach it; name its private one`,
      ] as const,
  ),
  [
    "a public address",
    only({ ...B, address: "8.8.4.4" }),
    `hosts[1].address: "8.8.4.4" is a public address, and anyone who joins the cluster port is admin; ` +
      `name the host's private address, or add "public-cluster-port" to allow`,
  ],
  [
    "an address of the containers",
    only({ ...B, address: "10.213.0.7" }),
    `hosts[1].address: "10.213.0.7" is in subnet 10.213.0.0/24, which is the containers'; choose another subnet`,
  ],
  [
    "two hosts with one address",
    only({ ...B, address: "10.0.0.1" }),
    `hosts[1].address: "10.0.0.1" is hosts[0] already; each host has an address of its own`,
  ],
  [
    "two places for the engine",
    { dockerHost: "unix:///x" },
    `dockerHost: "unix:///x" and hosts both say where the engine is; take dockerHost out`,
  ],
  [
    "a host that is given up without the override",
    only({ ...B, lost: true }),
    `hosts[1].lost: gives up "b" with all that only its servers have; add "lose-host" to allow if you mean it`,
  ],
  [
    "nothing but lost hosts",
    {
      hosts: [
        { ...A, lost: true },
        { ...B, lost: true },
      ],
      allow: ["lose-host"],
    },
    `hosts: every host is marked as lost, so that nothing is left to deploy to; take one mark out`,
  ],
  [
    "one host's address for the drivers of all",
    { driverPublish: "10.0.0.1" },
    `driverPublish: "10.0.0.1" is an address of one host; write "host-address" to publish on the address of each host`,
  ],
  [
    "drivers on public addresses",
    { ...only({ ...B, address: "8.8.4.4" }), driverPublish: "host-address", allow: ["public-cluster-port"] },
    `driverPublish: "host-address" publishes the driver ports on public addresses (b); ` +
      `use "none" and npx pulumi-rethinkdb tunnel, or add "public-driver" to allow`,
  ],
  [
    "driver ports that meet the cluster ports",
    { driverPublish: "host-address", driverPort: 29000 },
    `driverPort: 29000 and the following meet the published cluster ports 29015 to 29078; use one below 28952`,
  ],
  [
    "host addresses without hosts",
    { hosts: [], placement: {}, driverPublish: "host-address" },
    `driverPublish: "host-address" needs hosts with an address each; name an address of this host`,
  ],
  ["places without hosts", { hosts: [] }, `placement: there are no hosts; add them to hosts, or take placement out`],
  [
    "a place for no server",
    { placement: { n0: "a", n1: "b", n2: "a", x: "a" } },
    `placement.x: "x" is no server; they are n0 to n63`,
  ],
  [
    "a place on no host",
    { placement: { n0: "a", n1: "b", n2: "c" } },
    `placement.n2: there is no host "c"; they are a, b; to remove a host, take its servers out of placement too`,
  ],
  [
    "a server without a place",
    { nodes: 5 },
    `placement: nodes is 5 and 3 servers have a place; add n3: b, n4: a (npx pulumi-rethinkdb place writes it)`,
  ],
  [
    "more places than servers",
    { nodes: 1 },
    `placement: nodes is 1 and 3 servers have a place (n0, n1, n2); raise nodes, or take out the servers that should go`,
  ],
];

describe("hosts and places", () => {
  test("are accepted when nothing is wrong with them", () => {
    assert.deepEqual(checkArgs(GOOD).errors, []);
    const withGaps = { n0: "a", n2: "b", n7: "a" };
    assert.deepEqual(checkArgs({ ...GOOD, placement: withGaps, driverPublish: "host-address" }).errors, []);
  });

  for (const [what, args, ...messages] of ERRORS) {
    test(`are refused: ${what}`, () => {
      assert.deepEqual(checkArgs({ ...GOOD, ...args }).errors, messages);
    });
  }
});

test("servers on several hosts are known to their peers by their hosts' addresses, and by loopback", () => {
  const plan = planCluster({ ...GOOD, driverPublish: "host-address" });
  assert.equal(plan.spread, true);
  assert.deepEqual(
    plan.servers.map(({ host, peer, canonical, ports, seeds, zone }) => ({
      ...{ host, peer, canonical, ports, seeds, zone },
    })),
    [
      { host: "a", peer: "10.0.0.1:29015", at: "10.0.0.1", ordinal: 0, seeds: [], zone: "east" },
      { host: "b", peer: "10.0.0.2:29016", at: "10.0.0.2", ordinal: 1, seeds: ["10.0.0.1:29015"], zone: null },
      {
        ...{ host: "a", peer: "10.0.0.1:29017", at: "10.0.0.1", ordinal: 2, zone: "east" },
        seeds: ["10.0.0.1:29015", "10.0.0.2:29016"],
      },
    ].map(({ host, peer, at, ordinal, seeds, zone }) => ({
      ...{ host, peer, canonical: peer, seeds, zone },
      ports: [
        { name: "driver", internal: 28015, protocol: "tcp", at: { address: at, port: 28015 + ordinal } },
        { name: "cluster", internal: 29015, protocol: "tcp", at: { address: at, port: 29015 + ordinal } },
      ],
    })),
  );
  assert.deepEqual(plan.servers[1]?.clusterSans.ipAddresses, ["10.0.0.2", "10.213.0.11", "127.0.0.1"]);
});

test("a gap between servers moves no server: neither address nor port depends on the others", () => {
  const all = planCluster({ ...GOOD, nodes: 3 }).servers[2];
  const without = planCluster({ ...GOOD, nodes: 2, placement: { n0: "a", n2: "a" } }).servers[1];
  assert.deepEqual({ ...without, seeds: [] }, { ...all, seeds: [] });
});

test("naming the one engine plans the servers that were there before it had a name", () => {
  const { clusterName, adminPassword } = GOOD;
  const before = planCluster({ clusterName, adminPassword, dockerHost: "unix:///var/run/docker.sock" });
  const named = planCluster({
    ...{ clusterName, adminPassword },
    hosts: [{ name: "here", dockerHost: "unix:///var/run/docker.sock" }],
  });
  assert.deepEqual(
    named.servers.map((server) => ({ ...server, host: "local" })),
    before.servers,
  );
  assert.deepEqual(
    named.hosts.map((host) => ({ ...host, name: "local" })),
    before.hosts,
  );
});
