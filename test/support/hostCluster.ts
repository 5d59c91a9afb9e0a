/** A cluster over three hosts in three zones, a table with a replica in each, and clients at work while something happens. */
import assert from "node:assert/strict";
import { untilOne } from "./cluster";
import { doctor } from "./doctor";
import { TestHosts } from "./hosts";
import { Load } from "./load";
import { mustPython, type Target } from "./python";
import { TestStack } from "./stack";

export const ZONES: Readonly<Record<string, string>> = { a: "east", b: "west", c: "south" };
const HOSTS = Object.keys(ZONES);

export interface HostClusterSettings {
  /** Of the cluster; also begins the names of namespaces and links: at most 8 characters. */
  readonly name: string;
  /** First three numbers of the hosts' addresses. */
  readonly network: string;
  readonly subnet: string;
  readonly driverPort: number;
  /** Five by default. */
  readonly nodes?: number;
  /** That the hosts' engines have; the server's by default. */
  readonly images?: readonly string[];
}

export class HostCluster {
  ca = "";
  readonly places: Record<string, string>;

  private constructor(
    readonly hosts: TestHosts,
    readonly stack: TestStack,
    nodes: number,
  ) {
    this.places = Object.fromEntries(
      Array.from({ length: nodes }, (_, i) => [`n${String(i)}`, HOSTS[i % HOSTS.length] ?? ""]),
    );
  }

  /** Makes the hosts and the cluster, and says how long the first `up` took. */
  static async start({
    name,
    network,
    subnet,
    driverPort,
    nodes = 5,
    images,
  }: HostClusterSettings): Promise<HostCluster> {
    const hosts = await TestHosts.start(name, network, HOSTS, images === undefined ? {} : { images });
    try {
      const stack = TestStack.create({ clusterName: name, subnet, driverPort, nodes });
      const cluster = new HostCluster(hosts, stack, nodes);
      stack.configure({ driverPublish: "host-address", memoryMib: 256 });
      stack.configureJson("hosts", hosts.args(ZONES));
      stack.configureJson("placement", cluster.places);
      const [seconds] = await timed(() => stack.mustUp());
      console.log(JSON.stringify({ what: `first up of ${String(nodes)} servers over 3 hosts`, seconds }));
      cluster.ca = stack.output<string>("driverCaPem");
      const replicas = `replicas={"east": 1, "west": 1, "south": 1}, primary_replica_tag="east"`;
      mustPython(
        cluster.target("n0"),
        `r.db("test").table_create("kept", ${replicas}).run(c)
return r.table("kept").wait(wait_for="all_replicas_ready", timeout=60).run(c)["ready"]`,
      );
      return cluster;
    } catch (error) {
      await hosts.dispose();
      throw error;
    }
  }

  get names(): readonly string[] {
    return Object.keys(this.places).sort();
  }

  target(server: string): Target {
    const host = this.hosts.get(this.places[server] ?? "");
    const port = this.stack.settings.driverPort + Number(server.slice(1));
    return { host: host.address, port, password: this.stack.settings.adminPassword, ca: this.ca };
  }

  /** Every server sees every other, all replicas are there, and no issue is left. @returns seconds until the first. */
  async assertWhole(seconds = 120): Promise<number> {
    const took = await untilOne(
      this.names.map((name) => this.target(name)),
      this.names,
      seconds,
    );
    const body = `r.table("kept").wait(wait_for="all_replicas_ready", timeout=${String(seconds)}).run(c)
return r.db("rethinkdb").table("current_issues").count().run(c)`;
    assert.equal(mustPython(this.target("n0"), body), 0);
    return took;
  }

  /** Whole, nothing to say for doctor and nothing to do for `up`, with a look at the hosts and without. */
  async assertSettled(): Promise<void> {
    await this.assertWhole();
    assert.deepEqual(doctor(this.stack), { code: 0, problems: [] });
    assert.deepEqual(await this.stack.plannedChanges(), {});
    assert.deepEqual(await this.stack.plannedChanges("--refresh"), {});
  }

  /** Each host has the containers and volumes of its own servers, and nothing that a run left. */
  assertNothingLeft(): void {
    const { clusterName } = this.stack.settings;
    for (const { name } of this.hosts.hosts) {
      const mine = this.names
        .filter((server) => this.places[server] === name)
        .map((server) => `${clusterName}-${server}`);
      const found = (...list: readonly string[]): readonly string[] =>
        this.hosts
          .docker(name, ...list)
          .split("\n")
          .sort();
      assert.deepEqual(found("ps", "-a", "--format", "{{.Names}}"), mine, name);
      const volumes = mine.flatMap((server) => [`${server}-data`, `${server}-tls`]).sort();
      assert.deepEqual(found("volume", "ls", "-q"), volumes, name);
    }
  }

  /** Acts while clients work, and counts what they lost. */
  async underLoad(what: string, act: () => Promise<object | undefined>): Promise<void> {
    const targets = this.names.map((name) => this.target(name));
    const load = await Load.start({
      ports: targets.map(({ port }) => port),
      hosts: targets.map(({ host }) => host ?? ""),
      password: this.stack.settings.adminPassword,
      ca: this.ca,
      tables: ["kept"],
      rate: 30,
    });
    let seen: object | undefined;
    try {
      seen = await act();
      await this.assertWhole();
    } catch (error) {
      load.kill();
      throw error;
    }
    const counted = (await load.stop())["kept"] ?? assert.fail();
    console.log(JSON.stringify({ what, ...seen, ...counted }));
    assert.equal(counted.lost, 0, what);
  }

  async dispose(): Promise<void> {
    this.stack.dispose();
    await this.hosts.dispose();
  }
}

export async function timed<T>(act: () => Promise<T>): Promise<readonly [seconds: number, value: T]> {
  const started = Date.now();
  const value = await act();
  return [(Date.now() - started) / 1000, value];
}
