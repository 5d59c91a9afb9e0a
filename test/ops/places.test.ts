/** What of a place is for a server's whole life, and what is said to who wants to change it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FleetRequest, ServerPlace } from "../../core/programs/fleet";
import { compareWithRecord, type FleetRecord } from "../../ops/fleet/record";

const PLACE: ServerPlace = { host: "a", zone: "east", clusterPublish: { address: "10.0.0.1", port: 29015 } };
const BEFORE = {
  ...{ clusterName: "db", subnet: "10.213.0.0/24", servers: ["n0"], leaving: [], incarnations: {}, run: "r" },
  places: { n0: PLACE },
  hosts: [],
} as unknown as FleetRecord;

function now(place: ServerPlace | undefined): FleetRequest {
  const server = { name: "n0", container: "db-n0", dataVolume: "db-n0-data", publish: null, incarnation: 0 };
  return {
    ...{ clusterName: "db", subnet: "10.213.0.0/24" },
    servers: [place === undefined ? server : { ...server, place }],
    ...(place === undefined ? {} : { hosts: [] }),
  } as unknown as FleetRequest;
}

const FIXED =
  "hosts: the servers reach each other $1, and $2 each would have another address, which is not done to a living cluster; " +
  "set hosts back, make a second stack with the hosts you want, and move the data with rethinkdb dump and restore";

test("a place that stays is accepted", () => {
  assert.deepEqual(compareWithRecord(BEFORE, now(PLACE)), []);
});

test("a server is not moved with its data", () => {
  assert.deepEqual(compareWithRecord(BEFORE, now({ ...PLACE, host: "b" })), [
    'placement.n0: is on "a" and cannot be moved to "b" with its data; set it back, add a server on "b", and take n0 out when that one runs',
  ]);
});

test("the address of a host with servers stays", () => {
  assert.deepEqual(compareWithRecord(BEFORE, now({ ...PLACE, clusterPublish: { address: "10.0.0.9", port: 29015 } })), [
    "hosts.a.address: was 10.0.0.1 when n0 joined and its peers know it so; set it back, " +
      "or move its servers to a host entry with the new address, one added before one is taken out",
  ]);
});

test("the zone of a host with servers stays", () => {
  assert.deepEqual(compareWithRecord(BEFORE, now({ ...PLACE, zone: null })), [
    "hosts.a.zone: was east when n0 was first started, and a server takes its tags only then; " +
      "set it back, and change the tags of running servers in rethinkdb.server_config",
  ]);
});

test("a cluster on one Docker network is not spread over hosts, nor the other way round", () => {
  const one = Object.fromEntries(
    Object.entries(BEFORE).filter(([key]) => !["places", "hosts"].includes(key)),
  ) as unknown as FleetRecord;
  const [spread, gathered] = ["by their hosts' addresses", "on one Docker network"];
  assert.deepEqual(compareWithRecord(one, now(PLACE)), [FIXED.replace("$1", gathered).replace("$2", spread)]);
  assert.deepEqual(compareWithRecord(BEFORE, now(undefined)), [FIXED.replace("$1", spread).replace("$2", gathered)]);
});
