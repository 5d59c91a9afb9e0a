/** SIGKILL of `pulumi up` amid work on several hosts: the next one goes on, nothing is lost and nothing is left over. */
import { after, before, describe, test } from "node:test";
import { HostCluster, timed } from "../support/hostCluster";
import { whyNoHosts } from "../support/hosts";
import { clearAfterKill, killUpWhen } from "../support/kill";

const NAME = "h-kill";
const skip = whyNoHosts();
if (skip !== undefined) console.log(`!! NOT RUN: hostsKill.test.ts, because ${skip}`);

let cluster: HostCluster;

/** Id of a server's container; empty when there is none. */
function container(server: string): string {
  return cluster.hosts.docker(cluster.places[server] ?? "", "ps", "-aq", "--filter", `name=^${NAME}-${server}$`);
}

function hasVolume(server: string): boolean {
  const volumes = cluster.hosts.docker(cluster.places[server] ?? "", "volume", "ls", "-q");
  return volumes.includes(`${NAME}-${server}-`);
}

/** @returns seconds of the `up` that mends. */
async function killAndMend(seen: () => boolean): Promise<object> {
  await killUpWhen(cluster.stack, seen);
  clearAfterKill(cluster.stack);
  const [mendingUpSeconds] = await timed(() => cluster.stack.mustUp("--refresh"));
  return { mendingUpSeconds };
}

describe("an up over three hosts that is killed", { skip: skip ?? false }, () => {
  before(async () => {
    const at = { network: "10.88.205", subnet: "10.88.6.0/24", driverPort: 38300 };
    cluster = await HostCluster.start({ name: NAME, ...at });
  });
  after(async () => {
    await cluster.dispose();
  });

  let memoryMib = 256;
  for (const [what, server, isMoment] of [
    ["when a server's container is away", "n1", (_: string, now: string): boolean => now === ""],
    ["when a server's container was just made anew", "n3", (was: string, now: string) => now !== "" && now !== was],
  ] as const) {
    test(`in a roll, ${what}, is gone on with by the next one`, async () => {
      await cluster.underLoad(`a roll killed ${what} (${server})`, async () => {
        cluster.stack.configure({ memoryMib: (memoryMib += 16) });
        const was = container(server);
        return killAndMend(() => isMoment(was, container(server)));
      });
      cluster.assertNothingLeft();
      await cluster.assertSettled();
    });
  }

  for (const [what, server, isMoment] of [
    ["when its volumes were made", "n5", (): boolean => hasVolume("n5")],
    ["when its container was made", "n6", (): boolean => container("n6") !== ""],
  ] as const) {
    test(`growing by a server, ${what}, is gone on with by the next one`, async () => {
      await cluster.underLoad(`growing by a server killed ${what} (${server})`, async () => {
        cluster.places[server] = "c";
        cluster.stack.configureJson("placement", cluster.places);
        cluster.stack.configure({ nodes: cluster.names.length });
        return killAndMend(isMoment);
      });
      cluster.assertNothingLeft();
      await cluster.assertSettled();
    });
  }
});
