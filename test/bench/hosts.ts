/** The time of an `up` from nothing over three hosts, on one of them, and on this machine's own engine. */
import { LABELS } from "../../core/render/labels";
import { TestHosts, whyNoHosts } from "../support/hosts";
import { missingPrerequisites } from "../support/prerequisites";
import { docker, TestStack } from "../support/stack";
import { median, RUNS } from "./clock";

const SIZES = (process.env["BENCH_SIZES"] ?? "3,6,12").split(",").map(Number);
const NAME = "h-bench";

/** Of a cluster on the hosts named, servers dealt out in turn; on this machine's own engine when none is. */
async function upOf(nodes: number, hosts: TestHosts, names: readonly string[]): Promise<number> {
  const stack = TestStack.create({ clusterName: NAME, subnet: "10.88.10.0/24", driverPort: 38600, nodes });
  try {
    stack.configure({ memoryMib: 256 });
    if (names.length > 0) {
      stack.configureJson("hosts", hosts.args().slice(0, names.length));
      const places = Array.from({ length: nodes }, (_, i) => [`n${String(i)}`, names[i % names.length]]);
      stack.configureJson("placement", Object.fromEntries(places));
    }
    return await median(
      () => stack.mustUp(),
      () => {
        stack.pulumi(["destroy", "--yes", "--skip-preview"]);
        const engines = names.map(
          (name) =>
            (...args: readonly string[]): string =>
              hosts.docker(name, ...args),
        );
        for (const run of engines.length > 0 ? engines : [docker]) {
          const filter = ["--filter", `label=${LABELS.clusterName}=${NAME}`];
          const volumes = run("volume", "ls", "-q", ...filter).split("\n");
          run("volume", "rm", ...volumes.filter(Boolean));
        }
      },
    );
  } finally {
    stack.dispose();
  }
}

export async function measureHosts(): Promise<void> {
  const why = [...missingPrerequisites(), ...[whyNoHosts()].filter((reason) => reason !== undefined)];
  if (why.length > 0) throw new Error(`cannot measure: ${why.join("; ")}`);
  const names = ["a", "b", "c"];
  const hosts = await TestHosts.start(NAME, "10.88.209", names);
  try {
    console.log(
      `| servers | up over 3 hosts, seconds | on 1 host over ssh | ratio | on this machine's engine | ratio |`,
    );
    console.log(`| --- | --- | --- | --- | --- | --- |`);
    for (const nodes of SIZES) {
      const three = await upOf(nodes, hosts, names);
      const others = [await upOf(nodes, hosts, names.slice(0, 1)), await upOf(nodes, hosts, [])];
      const cells = others.flatMap((time) => [time.toFixed(1), (three / time).toFixed(2)]);
      console.log(`| ${[String(nodes), three.toFixed(1), ...cells].join(" | ")} |`);
    }
    console.log(`\nmedians of ${String(RUNS)} runs`);
  } finally {
    await hosts.dispose();
  }
}
