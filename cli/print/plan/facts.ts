/** What a program declares, in the words of a plan: from the recorder, so that nothing is asked of any engine. */
import { describeUser } from "../../../core/plan/accounts";
import { endpoint } from "../../../args/values/addresses";
import type { RethinkdbClusterArgs } from "../../../args/args";
import { OPERATOR_USER } from "../../../args/constants";
import { type Exposure, exposureOf } from "../../../args/values/exposure";
import { OVERRIDES } from "../../../args/overrides";
import type { CaArgs } from "../../../args/certificates";
import { type ClusterPlan, planCluster } from "../../../core/plan/cluster";
import type { HostPlan } from "../../../core/plan/hosts";
import { PORTS, WEB_UI_PORT } from "../../../core/plan/ports";
import type { ServerPlan } from "../../../core/plan/server";
import type { ResourceSet } from "../../../judge/model/resources";

export interface PlanFacts {
  readonly clusterName: string;
  readonly image: string;
  readonly hosts: readonly HostFacts[];
  /** How a client gets to the driver ports, when containers are no way of their own. */
  readonly driver: WayIn;
  readonly webUi: WayIn | null;
  readonly clusterPort: WayIn;
  /** All of these, and every other published port. */
  readonly doors: readonly (readonly [what: string, door: WayIn | null])[];
  readonly cas: readonly CaFacts[];
  readonly leafDays: number;
  readonly renewalDays: number;
  readonly databases: readonly string[];
  readonly accounts: readonly (readonly [name: string, rights: string])[];
  readonly overrides: readonly (readonly [name: string, risk: string])[];
  /** Docker's and Pulumi's objects, by kind. */
  readonly made: readonly (readonly [kind: string, count: number])[];
}

export interface HostFacts {
  readonly name: string;
  readonly engine: string;
  readonly address: string | null;
  readonly zone: string | null;
  readonly servers: readonly ServerFacts[];
}

export interface ServerFacts {
  readonly name: string;
  readonly container: string;
  readonly memoryMib: number;
  readonly cacheSizeMib: number;
  /** `address:port`, or null when it is not published. */
  readonly driver: string | null;
  /** Where its peers reach it. */
  readonly peer: string;
}

/** A door, and who gets to it. */
export interface WayIn {
  readonly at: string;
  readonly who: string;
  readonly exposure: Exposure;
}

export interface CaFacts {
  readonly purpose: string;
  readonly generations: string;
  readonly origin: string;
  readonly signs: string;
}

const COMPONENT = "rethinkdb:index:RethinkdbCluster";
const MADE_CA = "tls:index/selfSignedCert:SelfSignedCert";

/** One for each cluster of the program. */
export function readFacts({ resources }: ResourceSet): readonly PlanFacts[] {
  return resources
    .filter(({ type }) => type === COMPONENT)
    .map(({ name, inputs }) => {
      const plan = planCluster(inputs as unknown as RethinkdbClusterArgs);
      const own = resources.filter((resource) => resource.name === name || resource.name.startsWith(`${name}-`));
      return factsOf(plan, own);
    });
}

function factsOf(plan: ClusterPlan, resources: ResourceSet["resources"]): PlanFacts {
  const doors = { driver: driverDoor(plan), webUi: uiDoor(plan), clusterPort: clusterDoor(plan) };
  const days = (hours: number): number => hours / 24;
  const made = resources.filter(({ type }) => type === MADE_CA).map(({ name }) => name);
  const ca = (purpose: string, generations: CaArgs, signs: string): CaFacts => ({
    purpose,
    generations: `issue ${String(generations.issue)}, trust ${generations.trust.join(" and ")}`,
    origin: generations.trust
      .map((generation) =>
        made.some((name) => name.endsWith(`-${purpose}-ca-g${String(generation)}`))
          ? `g${String(generation)} made here, ${String(days(plan.certificates.caValidityHours))} days`
          : `g${String(generation)} your own`,
      )
      .join("; "),
    signs,
  });
  return {
    clusterName: plan.clusterName,
    image: plan.image,
    hosts: plan.hosts.map((host) => hostFacts(plan, host)),
    ...doors,
    doors: [
      ["driver, TLS", doors.driver],
      ["cluster, mutual TLS", doors.clusterPort],
      ...otherDoors(plan),
      [doors.webUi === null ? "web UI" : "web UI, TLS", doors.webUi],
    ],
    cas: [
      ca("cluster", plan.clusterCa, "servers, for each other"),
      ca("driver", plan.driverCa, "servers and the web UI, for clients"),
      ...(plan.driverClients.length === 0
        ? []
        : [ca("client", plan.clientCa, `clients: ${plan.driverClients.join(", ")}`)]),
    ],
    leafDays: days(plan.certificates.validityHours),
    renewalDays: days(plan.certificates.earlyRenewalHours),
    databases: plan.accounts.databases,
    accounts: [
      ["admin", "everything"],
      [OPERATOR_USER, "the deployment's own: status, and where shards are; no data"],
      ...plan.accounts.users.map((user) => [user.name, describeUser(user)] as const),
    ],
    overrides: plan.allow.map((name) => [name, OVERRIDES[name]] as const),
    made: countKinds(resources),
  };
}

function hostFacts(plan: ClusterPlan, host: HostPlan): HostFacts {
  return {
    name: host.name,
    engine: host.dockerHost ?? "Docker engine of the machine that runs up",
    address: host.address,
    zone: host.zone,
    servers: plan.servers.filter((server) => server.host === host.name).map(serverFacts),
  };
}

function serverFacts({ name, container, memoryMib, cacheSizeMib, client, peer }: ServerPlan): ServerFacts {
  return {
    ...{ name, container, memoryMib, cacheSizeMib, peer },
    driver: client === null ? null : endpoint(client.address, client.port),
  };
}

const WHO: Readonly<Record<Exposure, string>> = {
  none: "no one from outside; npx pulumi-rethinkdb tunnel leads there",
  loopback: "programs on the same host",
  private: "anyone who reaches this private address",
  public: "anyone on the Internet, unless something in between stops them",
  every: "anyone who reaches the host at any of its addresses, past its firewall",
};

function otherDoors({ servers }: ClusterPlan): readonly (readonly [string, WayIn])[] {
  const ports = PORTS.filter(({ name }) => !["driver", "cluster"].includes(name));
  return ports.flatMap(({ name, title, asks }) => {
    const door = publishedDoor(servers, name);
    return door === undefined ? [] : [[title, { ...door, who: `${door.who}, with ${asks}` }] as const];
  });
}

function publishedDoor(servers: readonly ServerPlan[], name: string): WayIn | undefined {
  const published = servers.flatMap(({ ports }) => ports.filter((port) => port.name === name)).map(({ at }) => at);
  if (published.length === 0) return undefined;
  const addresses = [...new Set(published.map(({ address }) => address))];
  const ports = published.map(({ port }) => port);
  const exposure = exposureOf(addresses[0] ?? "");
  const at = `${addresses.join(", ")}, ports ${String(Math.min(...ports))} to ${String(Math.max(...ports))}`;
  return { at, who: WHO[exposure], exposure };
}

function driverDoor({ servers, network }: ClusterPlan): WayIn {
  const [first] = servers;
  const networks = [network.name, ...(first?.driverNetworks ?? [])].join(", ");
  const published = publishedDoor(servers, "driver");
  if (published !== undefined) return { ...published, who: `${published.who}; containers on ${networks}` };
  if (first?.driverBound === true) {
    return { at: "port 28015 of each container", who: `containers on ${networks}`, exposure: "none" };
  }
  return { at: "port 28015 on loopback inside each container", who: WHO.none, exposure: "none" };
}

function uiDoor({ webUi }: ClusterPlan): WayIn | null {
  if (webUi === null) return null;
  if (webUi.publish === null) {
    return { at: "not published", who: "no one from outside; npx pulumi-rethinkdb ui leads there", exposure: "none" };
  }
  const { address, port } = webUi.publish;
  const exposure = exposureOf(address);
  return { at: `https://${endpoint(address, port)}/`, who: `${WHO[exposure]}, with ${WEB_UI_PORT.asks}`, exposure };
}

function clusterDoor({ spread, network, hosts }: ClusterPlan): WayIn {
  if (!spread) {
    return { at: network.subnet, who: "servers of the cluster, on its own Docker network", exposure: "none" };
  }
  const addresses = hosts.flatMap(({ address }) => (address === null ? [] : [address]));
  const exposure = addresses.some((address) => exposureOf(address) === "public") ? "public" : "private";
  return {
    at: `ports 29015 and up of ${addresses.join(", ")}`,
    who: "anyone who holds a certificate of the cluster CA",
    exposure,
  };
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^docker:index\/container:/, "container"],
  [/^docker:index\/volume:/, "volume"],
  [/^docker:index\/network:/, "network"],
  [/^tls:index\/(locallySigned|selfSigned)Cert:/, "certificate"],
  [/^tls:index\/privateKey:/, "key"],
  [/^command:/, "command"],
];

function countKinds(resources: ResourceSet["resources"]): PlanFacts["made"] {
  return KINDS.map(([type, kind]) => [kind, resources.filter((one) => type.test(one.type)).length] as const).filter(
    ([, count]) => count > 0,
  );
}
