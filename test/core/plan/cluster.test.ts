/** The plan of a cluster: exact for one, and what holds for all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import * as ipaddr from "ipaddr.js";
import type { RethinkdbClusterArgs } from "../../../args/args";
import { checkArgs } from "../../../args/check";
import { planCluster } from "../../../core/plan/cluster";
import { renderServerFlags } from "../../../core/render/serverFlags";

const REQUIRED: RethinkdbClusterArgs = { clusterName: "db", adminPassword: "correct horse battery" };

test("plans the second server in full", () => {
  assert.deepEqual(planCluster({ ...REQUIRED, driverSans: ["db.example", "192.0.2.1"] }).servers[1], {
    name: "n1",
    ordinal: 1,
    host: "local",
    container: "db-n1",
    dataVolume: "db-n1-data",
    tlsVolume: "db-n1-tls",
    address: "10.213.0.11",
    clusterPort: 29015,
    peer: "10.213.0.11:29015",
    canonical: "10.213.0.11",
    ports: [{ name: "driver", internal: 28015, protocol: "tcp", at: { address: "127.0.0.1", port: 28016 } }],
    zone: null,
    driverPort: 28015,
    driverBound: true,
    client: { address: "127.0.0.1", port: 28016 },
    seeds: ["10.213.0.10:29015"],
    memoryMib: 1024,
    cacheSizeMib: 512,
    clusterSans: { dnsNames: ["db-n1", "localhost", "n1"], ipAddresses: ["10.213.0.11", "127.0.0.1"] },
    driverSans: {
      dnsNames: ["db-n1", "db.example", "localhost", "n1"],
      ipAddresses: ["10.213.0.11", "127.0.0.1", "192.0.2.1"],
    },
    incarnation: 0,
    driverNetworks: [],
    demandsClientCertificate: false,
  });
});

test("plans everything but the servers in full", () => {
  const { servers, ...rest } = planCluster(REQUIRED);
  assert.equal(servers.length, 3);
  assert.deepEqual(rest, {
    clusterName: "db",
    image: "rethinkdb:2.4.4-bookworm-slim",
    network: { name: "db", subnet: "10.213.0.0/24", gateway: "10.213.0.1", dynamicRange: "10.213.0.128/25" },
    hosts: [
      {
        ...{ name: "local", dockerHost: null, certPath: null, address: null, zone: null, lost: false },
        ...{ engineSuffix: "engine-0", networkSuffix: "network" },
      },
    ],
    spread: false,
    clusterCa: { issue: 1, trust: [1] },
    driverCa: { issue: 1, trust: [1] },
    clientCa: { issue: 1, trust: [1] },
    driverClients: [],
    certificates: { validityHours: 2160, earlyRenewalHours: 720, caValidityHours: 87600, caEarlyRenewalHours: 2880 },
    operatorGeneration: 1,
    runAsUid: 28015,
    limitSwap: true,
    restarts: { protectSingleReplicaTables: false, strictInterruption: false },
    allow: [],
    accounts: { databases: [], users: [] },
    webUi: null,
  });
});

test("limits swap unless it is told not to", () => {
  const limitSwap = (args: Partial<RethinkdbClusterArgs>): unknown => planCluster({ ...REQUIRED, ...args }).limitSwap;
  assert.deepEqual(
    [limitSwap({}), limitSwap({ limitSwap: true }), limitSwap({ limitSwap: false })],
    [true, true, false],
  );
});

test("renews nothing where renewals are held, and a CA before leaves would outlive it, in its second half at the earliest", () => {
  const lives = (args: Partial<RethinkdbClusterArgs>): unknown => {
    const { earlyRenewalHours, caEarlyRenewalHours } = planCluster({ ...REQUIRED, ...args }).certificates;
    return [earlyRenewalHours, caEarlyRenewalHours];
  };
  assert.deepEqual(lives({ renewal: "hold" }), [0, 0]);
  assert.deepEqual(lives({ certValidityDays: 10, certEarlyRenewalDays: 2 }), [48, 288]);
  assert.deepEqual(lives({ certValidityDays: 90, certEarlyRenewalDays: 30, caValidityDays: 100 }), [720, 1200]);
});

test("the order in which generations are written down changes nothing", () => {
  const ca = (trust: readonly number[]): unknown => planCluster({ ...REQUIRED, driverCa: { issue: 2, trust } });
  assert.deepEqual(ca([2, 1]), ca([1, 2]));
});

test("gives the first server no peer to join", () => {
  assert.deepEqual(planCluster(REQUIRED).servers[0]?.seeds, []);
});

test("binds the driver port to loopback alone when nothing is published", () => {
  const server = planCluster({ ...REQUIRED, driverPublish: "none" }).servers[0];
  assert.deepEqual([server?.driverBound, server?.ports, server?.client], [false, [], null]);
});

test("publishes nothing for containers alone, and listens for them", () => {
  const server = planCluster({ ...REQUIRED, driverPublish: "network", driverNetworks: ["b", "a"] }).servers[0];
  assert.deepEqual([server?.driverBound, server?.ports, server?.client], [true, [], null]);
  assert.deepEqual(server?.driverNetworks, ["a", "b"]);
  assert.deepEqual(server.driverSans, server.clusterSans);
});

test("tells clients on the host a loopback address where every address is published", () => {
  const client = (driverPublish: string): unknown =>
    planCluster({ ...REQUIRED, driverPublish, allow: ["public-driver"] }).servers[0]?.client;
  assert.deepEqual(client("0.0.0.0"), { address: "127.0.0.1", port: 28015 });
  assert.deepEqual(client("::"), { address: "::1", port: 28015 });
});

test("puts the published address into driver certificates, every address never", () => {
  const addresses = (driverPublish: string): unknown =>
    planCluster({ ...REQUIRED, driverPublish, allow: ["public-driver"] }).servers[0]?.driverSans.ipAddresses;
  assert.deepEqual(addresses("192.0.2.9"), ["10.213.0.10", "127.0.0.1", "192.0.2.9"]);
  assert.deepEqual(addresses("0.0.0.0"), ["10.213.0.10", "127.0.0.1"]);
});

test("neither order nor repetition of driverSans changes a certificate", () => {
  assert.deepEqual(
    planCluster({ ...REQUIRED, driverSans: ["b.example", "a.example", "b.example", "192.0.2.1"] }),
    planCluster({ ...REQUIRED, driverSans: ["192.0.2.1", "a.example", "b.example"] }),
  );
});

const anyArgs: fc.Arbitrary<RethinkdbClusterArgs> = fc
  .record({
    clusterName: fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,20}$/),
    adminPassword: fc.constant("correct horse battery"),
    nodes: fc.integer({ min: 1, max: 63 }),
    subnet: fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 8, max: 24 })).map(([octet, prefix]) => {
      const cidr = `10.${String(octet)}.0.0/${String(prefix)}`;
      return `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${String(prefix)}`;
    }),
    driverPublish: fc.constantFrom("127.0.0.1", "none", "network", "192.0.2.7", "fd00::7", "0.0.0.0"),
    driverPort: fc.integer({ min: 1, max: 65535 - 64 }),
    driverSans: fc.uniqueArray(fc.constantFrom("a.example", "b.example", "192.0.2.1", "fd00::1")),
    memoryMib: fc.integer({ min: 64, max: 65536 }),
    runAsUid: fc.integer({ min: 1000, max: 2 ** 31 - 1 }),
    allow: fc.constant(["public-driver"]),
  })
  .filter((args) => checkArgs(args).errors.length === 0);

test("plan(n+1) extends plan(n) and changes nothing in it", () => {
  fc.assert(
    fc.property(anyArgs, fc.integer({ min: 1, max: 3 }), (args, more) => {
      const nodes = Math.min(64, (args.nodes ?? 3) + more);
      const { servers: before, ...restBefore } = planCluster(args);
      const { servers: after, ...restAfter } = planCluster({ ...args, nodes });
      assert.equal(after.length, nodes);
      assert.deepEqual(after.slice(0, before.length), before);
      assert.deepEqual(restAfter, restBefore);
    }),
  );
});

test("no two servers share a name, an address, a port or a volume", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const { servers } = planCluster(args);
      const distinct = (values: readonly unknown[]): void => {
        assert.equal(new Set(values).size, servers.length);
      };
      distinct(servers.map((server) => server.name));
      distinct(servers.map((server) => server.container));
      distinct(servers.map((server) => server.address));
      if (servers[0]?.ports[0]) distinct(servers.map((server) => server.ports[0]?.at.port));
      assert.equal(new Set(servers.flatMap((s) => [s.dataVolume, s.tlsVolume])).size, 2 * servers.length);
    }),
  );
});

test("every address lies in the subnet, below what Docker hands out, and is not the gateway", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const { network, servers } = planCluster(args);
      for (const { address } of servers) {
        const parsed = ipaddr.IPv4.parse(address);
        assert.ok(parsed.match(ipaddr.IPv4.parseCIDR(network.subnet)), address);
        assert.ok(!parsed.match(ipaddr.IPv4.parseCIDR(network.dynamicRange)), address);
        assert.notEqual(address, network.gateway);
      }
    }),
  );
});

test("a server is first told to join only servers below it, by the addresses they have", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const { servers } = planCluster(args);
      for (const server of servers) {
        const below = servers.slice(0, server.ordinal).map((other) => `${other.address}:29015`);
        assert.deepEqual(server.seeds, below);
      }
    }),
  );
});

test("a server's command line is the same however many servers there are", () => {
  fc.assert(
    fc.property(anyArgs, (args) => {
      const flags = (nodes: number): readonly (readonly string[])[] =>
        planCluster({ ...args, nodes }).servers.map((server) => renderServerFlags(server, "0123456789abcdef"));
      const nodes = args.nodes ?? 3;
      assert.deepEqual(flags(nodes + 1).slice(0, nodes), flags(nodes));
    }),
  );
});

test("a field of a host that is undefined is one that was not said", () => {
  const host = { name: "a", dockerHost: "ssh://a", address: "10.0.0.1" };
  const undefinedFields = { certPath: undefined, zone: undefined, lost: undefined };
  const planned = (hosts: readonly object[]): unknown =>
    planCluster({
      clusterName: "db",
      adminPassword: "correct horse battery",
      nodes: 1,
      placement: { n0: "a" },
      hosts,
    } as unknown as RethinkdbClusterArgs);
  assert.deepEqual(planned([{ ...host, ...undefinedFields }]), planned([host]));
});
