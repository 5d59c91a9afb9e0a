/** Who reaches the driver ports, under which names, and with which certificate. */
import type { Complete } from "./shape/complete";
import type { HostArgs } from "./hosts";
import { isSpread } from "./hosts";
import type { Report } from "./report";
import { isAddress, isEveryAddress } from "./values/addresses";
import { exposureOf } from "./values/exposure";

export interface DriverArgs {
  /**
   * Who reaches the driver ports: an IP address of the host on which they are published, or `network`, `none` or
   * `host-address`. `network`: only containers on the cluster's Docker network and on `driverNetworks`, as
   * `<clusterName>-nI:28015`. `none`: only `npx pulumi-rethinkdb tunnel`. `host-address`: they are published on the `address` of each
   * of `hosts`. A public address, `0.0.0.0` and `::` need `allow: ["public-driver"]`. A change restarts every server, one
   * at a time.
   * @default "127.0.0.1"
   * @page access.md
   */
  readonly driverPublish?: string;

  /**
   * Port on which the driver port of server `n0` is published. Server `nI` is published on `driverPort + I`.
   * @default 28015
   */
  readonly driverPort?: number;

  /**
   * Further host names and IP addresses under which clients reach the servers. Each is in every driver certificate. A
   * change restarts every server, one at a time.
   * @default []
   */
  readonly driverSans?: readonly string[];

  /**
   * Existing Docker networks on which containers reach the driver ports, as `<clusterName>-nI:28015`. No other port
   * listens there. A change restarts every server, one at a time.
   * @default []
   * @page access.md
   */
  readonly driverNetworks?: readonly string[];

  /**
   * Names of clients that get a certificate, in the secret output `driverClientCertificates`. With the first name, the
   * driver ports accept only clients that show a certificate and a password. `rethinkdb-dump` and the other command-line
   * tools cannot show one. Going from none to some, or back, restarts every server, one at a time. If you remove a name,
   * its certificate stays valid until it expires: to revoke it, rotate the client CA with `npx pulumi-rethinkdb rotate-ca client`.
   * @default []
   * @page certificates.md#client-certificates
   */
  readonly driverClients?: readonly string[];
}

interface Around {
  readonly hosts: readonly HostArgs[];
  readonly allow: readonly string[];
}

/** @param span of the servers' ordinals, gaps included. */
export function checkDriver(args: Complete<DriverArgs> & Around, span: number, report: Report): void {
  checkPublish(args, report);
  const { driverPort: port } = args;
  if (report.whole("driverPort", port, 1, 65535) && port + span - 1 > 65535) {
    report.error(
      `driverPort: ${String(port)} + ${String(span)} servers goes beyond port 65535; use ${String(65536 - span)} or lower`,
    );
  }
  args.driverSans.forEach((name, index) => {
    if (
      !isAddress(name) &&
      !/^(\*\.)?[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?)*$/.test(name)
    ) {
      report.error(`driverSans[${String(index)}]: "${name}" is neither a host name nor an IP address`);
    }
  });
}

function checkPublish({ driverPublish: publish, hosts, allow }: Complete<DriverArgs> & Around, report: Report): void {
  if (["none", "network", "host-address"].includes(publish)) return;
  if (!isAddress(publish)) {
    report.error(
      `driverPublish: "${publish}" is neither "none", "network" nor "host-address" nor an IP address of the host`,
    );
  } else if (allow.includes("public-driver")) {
    return;
  } else if (isEveryAddress(publish)) {
    report.error(
      `driverPublish: "${publish}" publishes the driver ports on every address of the host, past its firewall; ` +
        `name one address, or add "public-driver" to allow`,
    );
  } else if (exposureOf(publish) === "public" && !isSpread(hosts)) {
    report.error(
      `driverPublish: "${publish}" is a public address; use a private one, or "none" and npx pulumi-rethinkdb tunnel, ` +
        `or add "public-driver" to allow`,
    );
  }
}

export function checkDriverNetworks(
  { driverNetworks: networks, driverPublish, clusterName }: Complete<DriverArgs> & { readonly clusterName: string },
  report: Report,
): void {
  networks.forEach((name, index) => {
    const path = `driverNetworks[${String(index)}]`;
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
      report.error(`${path}: "${name}" cannot name a Docker network; use letters, digits, ".", "_" and "-"`);
    } else if (["bridge", "host", "none"].includes(name)) {
      report.error(
        `${path}: "${name}" is one of Docker's own, where containers have no names; make one with docker network create`,
      );
    } else if (name === clusterName) {
      report.error(`${path}: "${name}" is the cluster's own network; take it out`);
    } else if (networks.indexOf(name) < index) {
      report.error(`${path}: "${name}" is driverNetworks[${String(networks.indexOf(name))}] already; take it out`);
    }
  });
  if (networks.length > 0 && driverPublish === "none") {
    report.error(`driverNetworks: driverPublish is "none", so nothing listens there; use "network", or take them out`);
  }
}

export function checkDriverClients({ driverClients: names }: Complete<DriverArgs>, report: Report): void {
  names.forEach((name, index) => {
    const path = `driverClients[${String(index)}]`;
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) || name.length > 40) {
      report.error(
        `${path}: "${name}" cannot name a client; use up to 40 letters, digits, ".", "_" and "-", starting with a letter or digit`,
      );
    } else if (names.indexOf(name) < index) {
      report.error(`${path}: "${name}" is driverClients[${String(names.indexOf(name))}] already; take it out`);
    }
  });
}
