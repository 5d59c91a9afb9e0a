/** SIGKILL of `pulumi up` amid work on several hosts: the next one goes on, nothing is lost and nothing is left over. */
import { after, before, describe, test } from "node:test";
import { HostCluster, timed } from "../support/hostCluster";
import { whyNoHosts } from "../support/hosts";
import { clearAfterKill, killUpAfter } from "../support/kill";

const NAME = "h8-kill";
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsKill.test.ts, because ${skip}`);

let cluster: HostCluster;

/** When each server's container was made. */
function made(): readonly string[] {
  const { hosts, names, places } = cluster;
  return names.map((name) =>
    hosts.docker(
      places[name] ?? "",
      "ps",
      "-a",
      "--filter",
      `name=^${NAME}-${name}$`,
      "--format",
      "{{.ID}} {{.State}}",
    ),
  );
}

/** @returns seconds of the `up` that mends. */
async function killAndMend(seconds: number): Promise<object> {
  const before = made();
  await killUpAfter(cluster.stack, seconds * 1000);
  const changed = made().map((now, i) => (now === before[i] ? "" : `${cluster.names[i] ?? ""}: ${now || "gone"}`));
  clearAfterKill(cluster.stack);
  const [mendingUpSeconds] = await timed(() => cluster.stack.mustUp("--refresh"));
  return { whenKilled: changed.filter(Boolean), mendingUpSeconds };
}

describe("an up over three hosts that is killed", { skip: skip ?? false }, () => {
  before(async () => {
    const at = { network: "10.88.205", subnet: "10.88.6.0/24", driverPort: 38300 };
    cluster = await HostCluster.start({ name: NAME, ...at });
  });
  after(async () => {
    await cluster.dispose();
  });

  let memoryMiB = 256;
  for (const seconds of [12, 20, 28, 36]) {
    test(`in a roll, ${String(seconds)} s after its start, is gone on with by the next one`, async () => {
      await cluster.underLoad(`a roll killed after ${String(seconds)} s`, async () => {
        cluster.stack.configure({ memoryMiB: (memoryMiB += 16) });
        return killAndMend(seconds);
      });
      cluster.assertNothingLeft();
      await cluster.assertSettled();
    });
  }

  for (const [index, seconds] of [8, 14, 20].entries()) {
    test(`growing by a server, ${String(seconds)} s after its start, is gone on with by the next one`, async () => {
      const grown = { ...cluster.places, [`n${String(5 + index)}`]: "c" };
      await cluster.underLoad(`growing by a server killed after ${String(seconds)} s`, async () => {
        cluster.stack.configureJson("placement", grown);
        cluster.stack.configure({ nodes: Object.keys(grown).length });
        Object.assign(cluster.places, grown);
        return killAndMend(seconds);
      });
      cluster.assertNothingLeft();
      await cluster.assertSettled();
    });
  }
});
