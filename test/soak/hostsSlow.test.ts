/** Five servers over three hosts on a network that holds every packet up and loses some, both ways and for everyone. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { doctor } from "../support/doctor";
import { HostCluster, timed } from "../support/hostCluster";
import { whyNoHosts } from "../support/hosts";
import { type Disturbance, roundTripMs } from "../support/slowSwitch";

/** Both ways take twice as long. */
const DELAY_MS = 50;
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsSlow.test.ts, because ${skip}`);

let cluster: HostCluster;

/** From the deployer to a host, and between two hosts. */
function roundTrips(): readonly [number, number] {
  const [a, b] = [cluster.hosts.get("a"), cluster.hosts.get("b")];
  return [roundTripMs(undefined, a.address), roundTripMs(a.engine.netns, b.address)];
}

/** Acts on a disturbed network, and says what it did to packets. */
async function disturbed(how: Disturbance, act: () => Promise<object>): Promise<object> {
  const wire = await cluster.hosts.disturb(how);
  try {
    const trips = roundTrips();
    for (const trip of trips) assert.ok(trip >= 2 * how.delayMs, `${String(trip)} ms`);
    const seen = await act();
    return { ...seen, roundTripsMs: trips, frames: await wire.stop() };
  } catch (error) {
    await wire.stop();
    throw error;
  }
}

describe("five servers over three hosts far from each other", { skip: skip ?? false }, () => {
  before(async () => {
    const at = { network: "10.88.204", subnet: "10.88.5.0/24", driverPort: 38200 };
    cluster = await HostCluster.start({ name: "h-slow", ...at });
  });
  after(async () => {
    await cluster.dispose();
  });

  let memoryMib = 256;
  for (const [what, how] of [
    [`delay of ${String(DELAY_MS)} ms`, { delayMs: DELAY_MS, loss: 0 }],
    [`delay of ${String(DELAY_MS)} ms, loss of 1 %`, { delayMs: DELAY_MS, loss: 0.01 }],
  ] as const) {
    test(`${what}: a roll goes through and loses nothing, and doctor has nothing to say`, async () => {
      const { stack } = cluster;
      await cluster.underLoad(`${what}: a roll of 5 servers`, () =>
        disturbed(how, async () => {
          stack.configure({ memoryMib: (memoryMib += 64) });
          const [rollSeconds] = await timed(() => stack.mustUp());
          const wholeAfterSeconds = await cluster.assertWhole();
          const [doctorSeconds, told] = await timed(() => Promise.resolve(doctor(stack)));
          const [previewSeconds, planned] = await timed(() => stack.plannedChanges());
          assert.deepEqual([told, planned], [{ code: 0, problems: [] }, {}]);
          return { rollSeconds, wholeAfterSeconds, doctorSeconds, previewSeconds };
        }),
      );
      await cluster.assertSettled();
    });
  }
});
