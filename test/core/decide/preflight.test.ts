/** What a look at a host finds wrong, in full sentences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostFacts, judgeHosts } from "../../../core/decide/preflight";

const GOOD: HostFacts = {
  name: "a",
  address: "10.0.0.1",
  engineId: "ONE",
  clockAheadSeconds: -2,
  addresses: ["10.0.0.1", "172.17.0.1"],
  listening: [
    { address: "0.0.0.0", port: 22 },
    { address: "10.0.0.9", port: 29015 },
  ],
  routes: [
    { iface: "eth0", subnet: "0.0.0.0/0" },
    { iface: "eth0", subnet: "10.0.0.0/24" },
  ],
  freeBytes: 2 ** 33,
  ports: [{ server: "n0", name: "cluster", address: "10.0.0.1", port: 29015 }],
  startsServers: true,
};

const CASES: readonly (readonly [what: string, facts: Partial<HostFacts>, message: string])[] = [
  [
    "an address of another host",
    { address: "10.0.0.2" },
    "hosts.a.address: 10.0.0.2 is not an address of that host, which has 10.0.0.1, 172.17.0.1; name its private one",
  ],
  [
    "a clock that is late",
    { clockAheadSeconds: -130.4 },
    "hosts.a: its clock is 130 seconds behind the one here, and certificates bear 30; set both right, for example with timedatectl set-ntp true",
  ],
  [
    "a clock that is early",
    { clockAheadSeconds: 31 },
    "hosts.a: its clock is 31 seconds ahead of the one here, and certificates bear 30; set both right, for example with timedatectl set-ntp true",
  ],
  [
    "a subnet that the host has",
    { routes: [{ iface: "eth1", subnet: "10.213.0.0/16" }] },
    'subnet: 10.213.0.0/24 overlaps eth1 of host "a" (10.213.0.0/16); choose another subnet',
  ],
  [
    "a full disk",
    { freeBytes: 2 ** 29 },
    "hosts.a: 0.5 GiB of disk are left where Docker keeps its volumes; make room for 1 GiB at least",
  ],
  [
    "a cluster port that is taken",
    { listening: [{ address: "0.0.0.0", port: 29015 }] },
    "hosts.a: 10.0.0.1:29015 for the cluster port of n0 is in use by another program; free it, or place another server than n0 there",
  ],
  [
    "a driver port that is taken",
    {
      ports: [{ server: "n0", name: "driver", address: "10.0.0.1", port: 28015 }],
      listening: [{ address: "10.0.0.1", port: 28015 }],
    },
    'driverPort: 10.0.0.1:28015 for n0 on host "a" is in use by another program; choose another driverPort',
  ],
];

test("a host with nothing wrong is accepted", () => {
  assert.deepEqual(judgeHosts([GOOD], "10.213.0.0/24"), []);
  assert.deepEqual(judgeHosts([{ ...GOOD, freeBytes: 0, startsServers: false }], "10.213.0.0/24"), []);
});

for (const [what, facts, message] of CASES) {
  test(`a host is refused: ${what}`, () => {
    assert.deepEqual(judgeHosts([{ ...GOOD, ...facts }], "10.213.0.0/24"), [message]);
  });
}

test("two hosts that are one engine are refused", () => {
  assert.deepEqual(judgeHosts([GOOD, { ...GOOD, name: "b" }], "10.213.0.0/24"), [
    'hosts.b.dockerHost: leads to the same Docker engine as "a"; each host has an engine of its own',
  ]);
});

test("a machine that was cloned, with the engine id of its original, is a host of its own", () => {
  const clone = { ...GOOD, name: "b", address: "10.0.0.2", addresses: ["10.0.0.2"] };
  assert.deepEqual(judgeHosts([GOOD, clone], "10.213.0.0/24"), []);
});
