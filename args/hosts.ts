/** The Docker engines, and which server is on which. */
import * as ipaddr from "ipaddr.js";
import type { Complete } from "./shape/complete";
import { CLUSTER_PORT, MAX_NODES } from "./constants";
import type { Report } from "./report";
import { overlaps, parseSubnet } from "./values/addresses";
import { exposureOf, exposureRank } from "./values/exposure";
import { ordinalOf, placedServers, proposePlacement } from "./values/placement";

export interface HostsArgs {
  /**
   * Docker engine, `unix://…` or `ssh://…`. For an engine on `tcp://…` use `hosts`, with `certPath`.
   * @default - `DOCKER_HOST`, else the endpoint of the current Docker context, else the engine's own default socket
   * @config -
   */
  readonly dockerHost?: string;

  /**
   * Hosts with a Docker engine each: `name`, `dockerHost`, `address`, `zone`. Several reach each other by `address`. You
   * cannot change later whether there is one or several. You can add a host at any time. To remove one, first take its
   * servers out of `placement`.
   * @default []
   * @page hosts.md
   */
  readonly hosts?: readonly HostArgs[];

  /**
   * Host of each server: `{ n0: "a", n1: "b" }`, as many as `nodes`. `npx pulumi-rethinkdb place` proposes and writes it. A server
   * stays where it is; taking it out moves its data off it first.
   * @default {}
   * @page hosts.md#places
   */
  readonly placement?: Readonly<Record<string, string>>;
}

/** One host with a Docker engine. */
export interface HostArgs {
  /** Name of the host in `placement`: letters, digits and `-`, starting with a letter or digit. */
  readonly name: string;

  /**
   * Its Docker engine: `unix://…`, `ssh://user@host`, or `tcp://…` with `certPath`. The host key of an ssh host must be
   * known already.
   */
  readonly dockerHost: string;

  /**
   * Folder with `ca.pem`, `cert.pem` and `key.pem` for an engine on `tcp://…`, as the docker command takes it.
   * @default - none
   */
  readonly certPath?: string;

  /**
   * Private IPv4 address of the host under which the other hosts reach it. The cluster port of server `nI` is published
   * there, and nowhere else, on port `29015 + I`. Needed with several hosts.
   * @default - servers reach each other on the host's own Docker network, and no other host can ever be added
   */
  readonly address?: string;

  /**
   * Its zone, a server tag of its servers from their first start: letters, digits, `_` and `-`. `npx pulumi-rethinkdb place` spreads
   * servers over zones.
   * @default - none
   */
  readonly zone?: string;

  /**
   * The host is gone and will not come back: the deployment asks nothing of it any more. Needs `allow: ["lose-host"]`.
   * @default false
   */
  readonly lost?: boolean;
}

/** Whether servers reach each other by addresses of their hosts. */
export function isSpread(hosts: readonly HostArgs[]): boolean {
  return hosts.length > 1 || hosts[0]?.address !== undefined;
}

interface Around {
  readonly nodes: number;
  readonly subnet: string;
  readonly driverPublish: string;
  readonly driverPort: number;
  readonly allow: readonly string[];
}
type AllArgs = Complete<HostsArgs> & Around;

export function checkHosts(args: AllArgs, report: Report): void {
  if (args.dockerHost !== undefined) checkEndpoint("dockerHost", args.dockerHost, undefined, report);
  const { hosts } = args;
  if (hosts.length === 0) {
    checkPlacement(args, report);
    if (args.driverPublish === "host-address") {
      report.error(`driverPublish: "host-address" needs hosts with an address each; name an address of this host`);
    }
    return;
  }
  if (args.dockerHost !== undefined) {
    report.error(`dockerHost: "${args.dockerHost}" and hosts both say where the engine is; take dockerHost out`);
  }
  hosts.forEach((host, index) => {
    const path = `hosts[${String(index)}]`;
    checkNames(hosts, host, index, path, report);
    checkEngine(hosts, host, index, path, report);
    if (host.address === undefined) {
      if (hosts.length > 1) {
        report.error(
          `${path}.address: is missing, and there are ${String(hosts.length)} hosts; say under which private address the others reach "${host.name}"`,
        );
      }
    } else checkAddress(args, hosts, host.address, index, path, report);
    if (host.lost === true && !args.allow.includes("lose-host")) {
      report.error(
        `${path}.lost: gives up "${host.name}" with all that only its servers have; add "lose-host" to allow if you mean it`,
      );
    }
  });
  if (hosts.every(({ lost }) => lost === true)) {
    report.error(`hosts: every host is marked as lost, so that nothing is left to deploy to; take one mark out`);
  }
  if (isSpread(hosts)) checkDriverAddress(args, hosts, report);
  checkPlacement(args, report);
}

function checkNames(hosts: readonly HostArgs[], host: HostArgs, index: number, path: string, report: Report): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,39}$/.test(host.name)) {
    report.error(
      `${path}.name: "${host.name}" is no name of a host; use up to 40 letters, digits and "-", starting with a letter or digit`,
    );
  }
  const twin = hosts.findIndex(({ name }) => name === host.name);
  if (twin < index) report.error(`${path}.name: "${host.name}" is hosts[${String(twin)}] already; choose another name`);
  const { zone } = host;
  if (zone !== undefined && (!/^[A-Za-z0-9_-]{1,60}$/.test(zone) || zone === "default")) {
    report.error(
      `${path}.zone: "${zone}" cannot be a server tag; use letters, digits, "_" and "-", and not "default", which every server has`,
    );
  }
}

function checkEngine(hosts: readonly HostArgs[], host: HostArgs, index: number, path: string, report: Report): void {
  const { dockerHost, certPath } = host;
  if (!checkEndpoint(`${path}.dockerHost`, dockerHost, certPath, report)) return;
  if (!dockerHost.startsWith("tcp://") && certPath !== undefined) {
    report.error(`${path}.certPath: "${certPath}" is for an engine on tcp://…; take it out`);
  }
  const twin = hosts.findIndex((other) => other.dockerHost === dockerHost);
  if (twin < index) {
    report.error(
      `${path}.dockerHost: "${dockerHost}" is hosts[${String(twin)}] already; each host has an engine of its own`,
    );
  }
}

/** One rule wherever an engine is named. @returns whether it is an endpoint at all. */
export function checkEndpoint(path: string, dockerHost: string, certPath: string | undefined, report: Report): boolean {
  if (!/^(unix|ssh|tcp):\/\/.+/.test(dockerHost)) {
    report.error(`${path}: "${dockerHost}" is not a Docker endpoint; write unix://…, ssh://user@host or tcp://…`);
    return false;
  }
  // An option of ssh where a host should be.
  if (/^ssh:\/\/([^@/]*@)?-/.test(dockerHost) || /^ssh:\/\/[^@/]*:[^@/]*@/.test(dockerHost)) {
    report.error(
      `${path}: "${dockerHost.replace(/:[^:@/]*@/, ":…@")}" is not of the form ssh://user@host; ssh logs in with a key`,
    );
  }
  if (dockerHost.startsWith("tcp://") && certPath === undefined) {
    const where = path === "dockerHost" ? "name the engine in hosts, with certPath set" : "set certPath";
    report.error(
      `${path}: "${dockerHost}" without client TLS makes everyone who reaches it root of the host; ` +
        `${where} to the folder with ca.pem, cert.pem and key.pem, or use ssh://user@host`,
    );
  }
  return true;
}

function checkAddress(
  args: AllArgs,
  hosts: readonly HostArgs[],
  address: string,
  index: number,
  path: string,
  report: Report,
): void {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) {
    report.error(`${path}.address: "${address}" is not an IPv4 address`);
    return;
  }
  const exposure = exposureOf(address);
  if (exposure === "loopback" || exposure === "every") {
    report.error(
      `${path}.address: "${address}" is not an address under which other hosts reach it; name its private one`,
    );
  } else if (exposureRank(exposure) > exposureRank("private") && !args.allow.includes("public-cluster-port")) {
    report.error(
      `${path}.address: "${address}" is a public address, and anyone who joins the cluster port is admin; ` +
        `name the host's private address, or add "public-cluster-port" to allow`,
    );
  }
  const subnet = parseSubnet(args.subnet);
  if (typeof subnet !== "string" && overlaps(`${address}/32`, subnet.cidr)) {
    report.error(
      `${path}.address: "${address}" is in subnet ${subnet.cidr}, which is the containers'; choose another subnet`,
    );
  }
  const twin = hosts.findIndex((other) => other.address === address);
  if (twin < index) {
    report.error(
      `${path}.address: "${address}" is hosts[${String(twin)}] already; each host has an address of its own`,
    );
  }
}

/** Published driver and cluster ports of a host must not meet, and one host's address is no other's. */
function checkDriverAddress(args: AllArgs, hosts: readonly HostArgs[], report: Report): void {
  const publish = args.driverPublish;
  if (["none", "network"].includes(publish)) return;
  if (publish !== "host-address" && exposureOf(publish) !== "loopback" && exposureOf(publish) !== "every") {
    report.error(
      `driverPublish: "${publish}" is an address of one host; write "host-address" to publish on the address of each host`,
    );
    return;
  }
  const exposed =
    publish === "host-address" ? hosts.filter(({ address }) => exposureOf(address ?? "") === "public") : [];
  if (exposed.length > 0 && !args.allow.includes("public-driver")) {
    report.error(
      `driverPublish: "host-address" publishes the driver ports on public addresses (${exposed.map(({ name }) => name).join(", ")}); ` +
        `use "none" and npx pulumi-rethinkdb tunnel, or add "public-driver" to allow`,
    );
  }
  const port = args.driverPort;
  if (exposureOf(publish) !== "loopback" && Math.abs(port - CLUSTER_PORT) < MAX_NODES) {
    report.error(
      `driverPort: ${String(port)} and the following meet the published cluster ports ${String(CLUSTER_PORT)} to ` +
        `${String(CLUSTER_PORT + MAX_NODES - 1)}; use one below ${String(CLUSTER_PORT - MAX_NODES + 1)}`,
    );
  }
}

function checkPlacement(args: AllArgs, report: Report): void {
  const { hosts, placement, nodes } = args;
  if (hosts.length === 0) {
    if (Object.keys(placement).length > 0) {
      report.error(`placement: there are no hosts; add them to hosts, or take placement out`);
    }
    return;
  }
  for (const [server, host] of Object.entries(placement)) {
    const ordinal = ordinalOf(server);
    if (ordinal === undefined || ordinal >= MAX_NODES) {
      report.error(`placement.${server}: "${server}" is no server; they are n0 to n${String(MAX_NODES - 1)}`);
    }
    if (!hosts.some(({ name }) => name === host)) {
      report.error(
        `placement.${server}: there is no host "${host}"; they are ${hosts.map(({ name }) => name).join(", ")}; ` +
          `to remove a host, take its servers out of placement too`,
      );
    }
  }
  // A cluster on one engine needs no list: its servers are n0 to the last.
  if (hosts.length === 1 && Object.keys(placement).length === 0 && hosts[0]?.address === undefined) return;
  const placed = placedServers(placement);
  if (!Number.isInteger(nodes) || placed.length === nodes) return;
  if (placed.length > nodes) {
    report.error(
      `placement: nodes is ${String(nodes)} and ${String(placed.length)} servers have a place (${placed.join(", ")}); ` +
        `raise nodes, or take out the servers that should go`,
    );
    return;
  }
  const lines = Object.entries(proposePlacement(hosts, Math.min(nodes, MAX_NODES), placement)).map(
    ([server, host]) => `${server}: ${host}`,
  );
  report.error(
    `placement: nodes is ${String(nodes)} and ${String(placed.length)} servers have a place; add ${lines.join(", ")} ` +
      `(npx pulumi-rethinkdb place writes it)`,
  );
}
