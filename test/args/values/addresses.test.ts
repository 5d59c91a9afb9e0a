/** The address plan of a subnet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  capacity,
  dynamicRange,
  endpoint,
  gatewayAddress,
  isAddress,
  isEveryAddress,
  overlaps,
  parseSubnet,
  serverAddress,
  type Subnet,
} from "../../../args/values/addresses";

function subnet(cidr: string): Subnet {
  const parsed = parseSubnet(cidr);
  if (typeof parsed === "string") assert.fail(parsed);
  return parsed;
}

const REFUSED: readonly (readonly [text: string, reason: string])[] = [
  ["10.0.0.0/7", "is too large; use a prefix of /8 or longer"],
  ["10.213.0.128/24", "is not the first address of its network; write 10.213.0.0/24"],
  ["0.0.0.0/0", "is too large; use a prefix of /8 or longer"],
  ["10.213.0.0/24/24", "is not an IPv4 subnet in CIDR notation, such as 10.213.0.0/24"],
  ["0x0a.0.0.0/8", "is not an IPv4 subnet in CIDR notation, such as 10.213.0.0/24"],
  ["10.0.0.0/08", "is not an IPv4 subnet in CIDR notation, such as 10.213.0.0/24"],
  ["010.0.0.0/8", "is not an IPv4 subnet in CIDR notation, such as 10.213.0.0/24"],
];

for (const [text, reason] of REFUSED) {
  test(`takes ${text} for no subnet`, () => {
    assert.equal(parseSubnet(text), reason);
  });
}

test("gives servers the addresses from 10 up, the gateway the first, and others the upper half", () => {
  const plan = subnet("10.213.0.0/24");
  assert.equal(gatewayAddress(plan), "10.213.0.1");
  assert.equal(serverAddress(plan, 0), "10.213.0.10");
  assert.equal(serverAddress(plan, 63), "10.213.0.73");
  assert.equal(dynamicRange(plan), "10.213.0.128/25");
});

test("carries from one octet into the next", () => {
  const plan = subnet("172.31.0.0/16");
  assert.equal(serverAddress(plan, 300), "172.31.1.54");
  assert.equal(dynamicRange(plan), "172.31.128.0/17");
});

test("counts the servers below the upper half", () => {
  assert.deepEqual(
    ["10.0.0.0/24", "10.0.0.0/25", "10.0.0.0/27", "10.0.0.0/28", "10.0.0.0/32"].map((cidr) => capacity(subnet(cidr))),
    [118, 54, 6, 0, 0],
  );
});

test("sees subnets that overlap, either way round", () => {
  for (const [a, b, expected] of [
    ["10.213.0.0/24", "10.213.0.0/24", true],
    ["10.213.0.0/24", "10.0.0.0/8", true],
    ["10.0.0.0/8", "10.213.0.0/24", true],
    ["10.213.0.0/24", "10.213.1.0/24", false],
    ["10.213.0.0/24", "10.213.0.7/32", true],
    ["10.213.0.0/24", "fd00::/64", false],
    ["10.213.0.0/24", "", false],
  ] as const) {
    assert.equal(overlaps(a, b), expected, `${a} and ${b}`);
  }
});

test("knows addresses from names", () => {
  const texts = ["192.0.2.1", "::1", "fd00::1", "localhost", "1.2.3", "1.2.3.4.5", "0x7f.0.0.1", "0", ""];
  assert.deepEqual(texts.filter(isAddress), ["192.0.2.1", "::1", "fd00::1"]);
});

test("knows every spelling of every address", () => {
  const every = [
    "0.0.0.0",
    "::",
    "0::",
    "::0",
    "0:0:0:0:0:0:0:0",
    "::0.0.0.0",
    "::ffff:0.0.0.0",
    "::ffff:0:0",
    "::%eth0",
  ];
  const others = ["127.0.0.1", "::1", "192.0.2.1", "::ffff:127.0.0.1", "example.org", ""];
  assert.deepEqual([...every, ...others].filter(isEveryAddress), every);
});

test("puts brackets round IPv6 addresses", () => {
  assert.equal(endpoint("192.0.2.1", 28015), "192.0.2.1:28015");
  assert.equal(endpoint("fd00::1", 28015), "[fd00::1]:28015");
});
