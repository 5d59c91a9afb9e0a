/** Finds everything that is wrong with the args, before anything is made. */
import { capacity, isAddress, isEveryAddress, overlaps, parseSubnet } from "./addresses";
import type { RethinkdbClusterArgs } from "./args";
import { ARGS } from "./argShapes";
import { DEFAULTS, MAX_NODES } from "./defaults";
import { exposureOf } from "./exposure";
import { checkEndpoint, checkHosts, isSpread } from "./hosts";
import { judgeImage } from "./image";
import { checkAccounts } from "./checkAccounts";
import { checkCertificates } from "./checkCertificates";
import { checkWebUi } from "./checkWebUi";
import { isOverride, OVERRIDES } from "./overrides";
import { checkPassword } from "./password";
import { ordinalOf, serverNames } from "./placement";
import { readShape } from "./shape";

export interface Findings {
  /** Each: path in the caller's words, what is wrong with the value found, what to do. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

export function checkArgs(given: RethinkdbClusterArgs): Findings {
  const { value: args, unknown, wrong } = readShape(ARGS, given);
  // What is of another kind cannot be looked at any closer.
  if (wrong.length > 0) return { errors: [...unknown, ...wrong], warnings: [] };
  const errors: string[] = [...unknown];
  const warnings: string[] = [];
  const whole = (name: string, value: number, low: number, high: number): boolean => {
    if (Number.isInteger(value) && value >= low && value <= high) return true;
    errors.push(`${name}: ${String(value)} is not a whole number from ${String(low)} to ${String(high)}`);
    return false;
  };

  checkClusterName(args.clusterName, args.webUi?.enabled === true, errors);

  const nodes = args.nodes ?? DEFAULTS.nodes;
  const nodesFit = whole("nodes", nodes, 1, MAX_NODES);
  const names = nodesFit ? serverNames(args) : serverNames({ nodes: MAX_NODES });
  // Ports and addresses go by ordinal, and servers of several hosts may have gaps between them.
  const span = nodesFit ? Math.max(...names.map((name) => (ordinalOf(name) ?? 0) + 1)) : 1;
  if (nodes === 2)
    warnings.push("nodes: 2 servers survive no failure: either one alone is no majority; use 1, 3 or more");

  if (typeof args.adminPassword === "string") {
    const found = checkPassword("adminPassword", args.adminPassword);
    if (found.error !== undefined) errors.push(found.error);
    if (found.warning !== undefined) warnings.push(found.warning);
  }

  const image = judgeImage(args.image ?? DEFAULTS.image);
  if (image.error !== undefined) errors.push(`image: ${image.error}`);
  if (image.warning !== undefined) warnings.push(`image: ${image.warning}`);

  const subnet = parseSubnet(args.subnet ?? DEFAULTS.subnet);
  if (typeof subnet === "string") errors.push(`subnet: "${args.subnet ?? DEFAULTS.subnet}" ${subnet}`);
  else if (overlaps(subnet.cidr, "127.0.0.0/8"))
    errors.push(`subnet: "${subnet.cidr}" is loopback; use a private range`);
  else if (span > capacity(subnet)) {
    const found = span === nodes ? `nodes is ${String(nodes)}` : `the last one is n${String(span - 1)}`;
    errors.push(
      `subnet: "${subnet.cidr}" has room for ${String(capacity(subnet))} servers and ${found}; ` +
        `use a larger subnet (/24 has room for ${String(MAX_NODES)}); it is fixed for the cluster's life`,
    );
  }

  checkDriver(args, span, errors, whole);

  const memory = args.memoryMiB ?? DEFAULTS.memoryMiB;
  const memoryFits = whole("memoryMiB", memory, 64, 16 * 1024 * 1024);
  if (args.cacheSizeMiB !== undefined && whole("cacheSizeMiB", args.cacheSizeMiB, 1, 16 * 1024 * 1024) && memoryFits) {
    if (args.cacheSizeMiB >= memory) {
      errors.push(
        `cacheSizeMiB: ${String(args.cacheSizeMiB)} leaves nothing of memoryMiB ${String(memory)} for the server itself; ` +
          `use about half of it`,
      );
    }
  }

  checkReplacements(args.replacements ?? {}, names, errors, whole);
  checkCertificates(args, errors, warnings, whole);
  whole("runAsUid", args.runAsUid ?? DEFAULTS.runAsUid, 1000, 2 ** 31 - 1);

  if (args.dockerHost !== undefined) checkEndpoint("dockerHost", args.dockerHost, undefined, errors);
  checkHosts(args, errors);
  (args.allow ?? []).forEach((name, index) => {
    if (!isOverride(name)) {
      errors.push(
        `allow[${String(index)}]: "${name}" is not an override; known are ${Object.keys(OVERRIDES).join(", ")}`,
      );
    }
  });
  checkAccounts(args, errors, warnings);
  checkDriverNetworks(args, errors);
  checkWebUi(args, errors, warnings, whole);
  return { errors, warnings };
}

export type WholeCheck = (name: string, value: number, low: number, high: number) => boolean;

function checkClusterName(name: string, hasWebUi: boolean, errors: string[]): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    errors.push(
      `clusterName: "${name}" cannot prefix a Docker name; use letters, digits, ".", "_" and "-", starting with a letter or digit`,
    );
  } else if (name.length > 57) {
    errors.push(
      `clusterName: "${name}" has ${String(name.length)} characters; use 57 or fewer, so that <name>-n63 is a host name`,
    );
  } else if (hasWebUi && name.length > 56) {
    // A Linux host name has 64 characters at most.
    errors.push(
      `clusterName: "${name}" has ${String(name.length)} characters; with the web UI use 56 or fewer, so that <name>-ui-peer is a host name`,
    );
  }
}

function checkDriver(args: RethinkdbClusterArgs, nodes: number, errors: string[], whole: WholeCheck): void {
  const publish = args.driverPublish ?? DEFAULTS.driverPublish;
  if (!["none", "network", "host-address"].includes(publish)) {
    if (!isAddress(publish)) {
      errors.push(
        `driverPublish: "${publish}" is neither "none", "network" nor "host-address" nor an IP address of the host`,
      );
    } else if (isEveryAddress(publish) && !(args.allow ?? []).includes("public-driver")) {
      errors.push(
        `driverPublish: "${publish}" publishes the driver ports on every address of the host, past its firewall; ` +
          `name one address, or add "public-driver" to allow`,
      );
    } else if (
      exposureOf(publish) === "public" &&
      !isSpread(args.hosts ?? []) &&
      !(args.allow ?? []).includes("public-driver")
    ) {
      errors.push(
        `driverPublish: "${publish}" is a public address; use a private one, or "none" and npm run tunnel, ` +
          `or add "public-driver" to allow`,
      );
    }
  }
  const port = args.driverPort ?? DEFAULTS.driverPort;
  if (whole("driverPort", port, 1, 65535) && port + nodes - 1 > 65535) {
    errors.push(
      `driverPort: ${String(port)} + ${String(nodes)} servers goes beyond port 65535; use ${String(65536 - nodes)} or lower`,
    );
  }
  (args.driverSans ?? []).forEach((name, index) => {
    if (
      !isAddress(name) &&
      !/^(\*\.)?[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?)*$/.test(name)
    ) {
      errors.push(`driverSans[${String(index)}]: "${name}" is neither a host name nor an IP address`);
    }
  });
}

function checkReplacements(
  replacements: Readonly<Record<string, number>>,
  names: readonly string[],
  errors: string[],
  whole: WholeCheck,
): void {
  for (const [name, count] of Object.entries(replacements)) {
    if (!names.includes(name)) {
      const gaps = names.at(-1) !== `n${String(names.length - 1)}`;
      const known = gaps ? names.join(", ") : `n0 to n${String(names.length - 1)}`;
      errors.push(`replacements.${name}: there is no server "${name}"; they are ${known}`);
    } else whole(`replacements.${name}`, count, 0, 1000);
  }
}

function checkDriverNetworks(args: RethinkdbClusterArgs, errors: string[]): void {
  const networks = args.driverNetworks ?? [];
  networks.forEach((name, index) => {
    const path = `driverNetworks[${String(index)}]`;
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
      errors.push(`${path}: "${name}" cannot name a Docker network; use letters, digits, ".", "_" and "-"`);
    } else if (["bridge", "host", "none"].includes(name)) {
      errors.push(
        `${path}: "${name}" is one of Docker's own, where containers have no names; make one with docker network create`,
      );
    } else if (name === args.clusterName) {
      errors.push(`${path}: "${name}" is the cluster's own network; take it out`);
    } else if (networks.indexOf(name) < index) {
      errors.push(`${path}: "${name}" is driverNetworks[${String(networks.indexOf(name))}] already; take it out`);
    }
  });
  if (networks.length > 0 && args.driverPublish === "none") {
    errors.push(
      `driverNetworks: driverPublish is "none", so that nobody is reached there; use "network", or take them out`,
    );
  }
}
