/** Several hosts: which are named, and which server is on which. */
import * as ipaddr from "ipaddr.js";
import { overlaps, parseSubnet } from "./addresses";
import type { HostArgs, RethinkdbClusterArgs } from "./args";
import { CLUSTER_PORT, DEFAULTS, MAX_NODES } from "./defaults";
import { exposureOf, exposureRank } from "./exposure";
import { checkPlacement } from "./placement";

/** Whether servers reach each other by addresses of their hosts. */
export function isSpread(hosts: readonly HostArgs[]): boolean {
  return hosts.length > 1 || hosts[0]?.address !== undefined;
}

export function checkHosts(args: RethinkdbClusterArgs, errors: string[]): void {
  const hosts = args.hosts ?? [];
  if (hosts.length === 0) {
    checkPlacement(args, errors);
    if (args.driverPublish === "host-address") {
      errors.push(`driverPublish: "host-address" needs hosts with an address each; name an address of this host`);
    }
    return;
  }
  if (args.dockerHost !== undefined) {
    errors.push(`dockerHost: "${args.dockerHost}" and hosts both say where the engine is; take dockerHost out`);
  }
  hosts.forEach((host, index) => {
    const path = `hosts[${String(index)}]`;
    checkNames(hosts, host, index, path, errors);
    checkEngine(hosts, host, index, path, errors);
    if (host.address === undefined) {
      if (hosts.length > 1) {
        errors.push(
          `${path}.address: is missing, and there are ${String(hosts.length)} hosts; say under which private address the others reach "${host.name}"`,
        );
      }
    } else checkAddress(args, hosts, host.address, index, path, errors);
    if (host.lost === true && !(args.allow ?? []).includes("lose-host")) {
      errors.push(
        `${path}.lost: gives up "${host.name}" with all that only its servers have; add "lose-host" to allow if you mean it`,
      );
    }
  });
  if (hosts.every(({ lost }) => lost === true)) {
    errors.push(`hosts: every host is marked as lost, so that nothing is left to deploy to; take one mark out`);
  }
  if (isSpread(hosts)) checkDriverAddress(args, hosts, errors);
  checkPlacement(args, errors);
}

function checkNames(hosts: readonly HostArgs[], host: HostArgs, index: number, path: string, errors: string[]): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,39}$/.test(host.name)) {
    errors.push(
      `${path}.name: "${host.name}" is no name of a host; use up to 40 letters, digits and "-", starting with a letter or digit`,
    );
  }
  const twin = hosts.findIndex(({ name }) => name === host.name);
  if (twin < index) errors.push(`${path}.name: "${host.name}" is hosts[${String(twin)}] already; choose another name`);
  const { zone } = host;
  if (zone !== undefined && (!/^[A-Za-z0-9_-]{1,60}$/.test(zone) || zone === "default")) {
    errors.push(
      `${path}.zone: "${zone}" cannot be a server tag; use letters, digits, "_" and "-", and not "default", which every server has`,
    );
  }
}

function checkEngine(hosts: readonly HostArgs[], host: HostArgs, index: number, path: string, errors: string[]): void {
  const { dockerHost, certPath } = host;
  if (!checkEndpoint(`${path}.dockerHost`, dockerHost, certPath, errors)) return;
  if (!dockerHost.startsWith("tcp://") && certPath !== undefined) {
    errors.push(`${path}.certPath: "${certPath}" is for an engine on tcp://…; take it out`);
  }
  const twin = hosts.findIndex((other) => other.dockerHost === dockerHost);
  if (twin < index) {
    errors.push(
      `${path}.dockerHost: "${dockerHost}" is hosts[${String(twin)}] already; each host has an engine of its own`,
    );
  }
}

/** One rule wherever an engine is named. @returns whether it is an endpoint at all. */
export function checkEndpoint(
  path: string,
  dockerHost: string,
  certPath: string | undefined,
  errors: string[],
): boolean {
  if (!/^(unix|ssh|tcp):\/\/.+/.test(dockerHost)) {
    errors.push(`${path}: "${dockerHost}" is not a Docker endpoint; write unix://…, ssh://user@host or tcp://…`);
    return false;
  }
  // An option of ssh where a host should be.
  if (/^ssh:\/\/([^@/]*@)?-/.test(dockerHost) || /^ssh:\/\/[^@/]*:[^@/]*@/.test(dockerHost)) {
    errors.push(
      `${path}: "${dockerHost.replace(/:[^:@/]*@/, ":…@")}" is not of the form ssh://user@host; ssh logs in with a key`,
    );
  }
  if (dockerHost.startsWith("tcp://") && certPath === undefined) {
    const where = path === "dockerHost" ? "name the engine in hosts, with certPath set" : "set certPath";
    errors.push(
      `${path}: "${dockerHost}" without client TLS makes everyone who reaches it root of the host; ` +
        `${where} to the folder with ca.pem, cert.pem and key.pem, or use ssh://user@host`,
    );
  }
  return true;
}

function checkAddress(
  args: RethinkdbClusterArgs,
  hosts: readonly HostArgs[],
  address: string,
  index: number,
  path: string,
  errors: string[],
): void {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) {
    errors.push(`${path}.address: "${address}" is not an IPv4 address`);
    return;
  }
  const exposure = exposureOf(address);
  if (exposure === "loopback" || exposure === "every") {
    errors.push(
      `${path}.address: "${address}" is not an address under which other hosts reach it; name its private one`,
    );
  } else if (exposureRank(exposure) > exposureRank("private") && !(args.allow ?? []).includes("public-cluster-port")) {
    errors.push(
      `${path}.address: "${address}" is a public address, and whoever joins the cluster port is admin; ` +
        `name the host's private address, or add "public-cluster-port" to allow`,
    );
  }
  const subnet = parseSubnet(args.subnet ?? DEFAULTS.subnet);
  if (typeof subnet !== "string" && overlaps(`${address}/32`, subnet.cidr)) {
    errors.push(
      `${path}.address: "${address}" is in subnet ${subnet.cidr}, which is the containers'; choose another subnet`,
    );
  }
  const twin = hosts.findIndex((other) => other.address === address);
  if (twin < index) {
    errors.push(`${path}.address: "${address}" is hosts[${String(twin)}] already; each host has an address of its own`);
  }
}

/** Published driver and cluster ports of a host must not meet, and one host's address is no other's. */
function checkDriverAddress(args: RethinkdbClusterArgs, hosts: readonly HostArgs[], errors: string[]): void {
  const publish = args.driverPublish ?? DEFAULTS.driverPublish;
  if (["none", "network"].includes(publish)) return;
  if (publish !== "host-address" && exposureOf(publish) !== "loopback" && exposureOf(publish) !== "every") {
    errors.push(
      `driverPublish: "${publish}" is an address of one host; write "host-address" to publish on the address of each host`,
    );
    return;
  }
  const exposed =
    publish === "host-address" ? hosts.filter(({ address }) => exposureOf(address ?? "") === "public") : [];
  if (exposed.length > 0 && !(args.allow ?? []).includes("public-driver")) {
    errors.push(
      `driverPublish: "host-address" publishes the driver ports on public addresses (${exposed.map(({ name }) => name).join(", ")}); ` +
        `use "none" and npm run tunnel, or add "public-driver" to allow`,
    );
  }
  const port = args.driverPort ?? DEFAULTS.driverPort;
  if (exposureOf(publish) !== "loopback" && Math.abs(port - CLUSTER_PORT) < MAX_NODES) {
    errors.push(
      `driverPort: ${String(port)} and the following meet the published cluster ports ${String(CLUSTER_PORT)} to ` +
        `${String(CLUSTER_PORT + MAX_NODES - 1)}; use one below ${String(CLUSTER_PORT - MAX_NODES + 1)}`,
    );
  }
}
