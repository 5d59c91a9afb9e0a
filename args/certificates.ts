/** Certificates and CAs: how long they last, and which generations are in use. */
import type { Input } from "@pulumi/pulumi";
import type { Complete } from "./shape/complete";
import type { Report } from "./report";

export interface CertificateArgs {
  /**
   * Days for which a server's certificates are valid. RethinkDB does not reload certificates: a renewal restarts each
   * server, one at a time.
   * @default 90
   */
  readonly certValidityDays?: number;

  /**
   * Days before the end of a certificate in which the next `pulumi up` renews it.
   * @default 30
   */
  readonly certEarlyRenewalDays?: number;

  /**
   * Days for which the CAs are valid that this project makes.
   * @default 3650
   */
  readonly caValidityDays?: number;

  /**
   * `auto` renews certificates that fall due; `hold` keeps them, for a run that must do nothing else. While it is `hold`,
   * every run warns: expired certificates stop the cluster. Certificates that have expired are renewed anyway.
   * @default "auto"
   */
  readonly renewal?: string;

  /**
   * Generations of the CA of the cluster ports: `issue` is the one that signs, `trust` are those that are accepted. A
   * rotation takes three runs, in this order: trust both, `{ issue: 1, trust: [1, 2] }`; issue from the new one, `{ issue:
   * 2, trust: [1, 2] }`; retire the old one, `{ issue: 2, trust: [2] }`. Each restarts every server, one at a time. `npm
   * run rotate-ca` does all three. Any other step is refused before a server is touched.
   * @default { issue: 1, trust: [1] }
   * @page certificates.md#rotation-of-a-ca
   */
  readonly clusterCa?: CaArgs;

  /**
   * Generations of the CA that clients verify, as `clusterCa`. Between the steps `driverCaPem` holds both generations.
   * Give it to your clients before the second step.
   * @default { issue: 1, trust: [1] }
   * @page certificates.md#rotation-of-a-ca
   */
  readonly driverCa?: CaArgs;

  /**
   * Generations of the CA of `driverClients`, as `clusterCa`. Give the clients their new certificates before the third
   * step.
   * @default { issue: 1, trust: [1] }
   */
  readonly clientCa?: CaArgs;

  /**
   * Your own CAs for the cluster ports, by generation: `{ "1": { certPem, keyPem } }`. Generations that are not listed are
   * made. Keys are secrets in the state. Plain strings are checked before any resource exists, Outputs as soon as they are
   * known. Anyone who has a certificate of this CA, or of any CA that its root signs, is admin.
   * @default {}
   * @secret
   * @page certificates.md#cas-of-your-own
   */
  readonly clusterCaPems?: Readonly<Record<string, CaPems>>;

  /**
   * Your own CAs for the driver ports, by generation, as `clusterCaPems`.
   * @default {}
   * @secret
   */
  readonly driverCaPems?: Readonly<Record<string, CaPems>>;
}

/**
 * A CA by generations: whole numbers from 1, which only rise.
 * @partial
 */
export interface CaArgs {
  /** Generation that signs the certificates in use. */
  readonly issue: number;

  /** Generations that are trusted: the one that issues, and during a rotation another one. */
  readonly trust: readonly number[];
}

/**
 * A CA of your own, PEM each.
 * @partial
 */
export interface CaPems {
  /**
   * Its certificate; where it is an intermediate, followed by those of its issuers up to the root.
   * @secret
   */
  readonly certPem: Input<string>;

  /**
   * Its private key, P-256 or RSA of at least 2048 bits, not encrypted.
   * @secret
   */
  readonly keyPem: Input<string>;
}

/** The args that hold generations. */
export const CA_ARGS = ["clusterCa", "driverCa", "clientCa"] as const;
export type CaArg = (typeof CA_ARGS)[number];

export const MAX_GENERATION = 10_000;

export function checkCertificates(args: Complete<CertificateArgs>, report: Report): void {
  checkLifetimes(args, report);
  for (const arg of CA_ARGS) checkGenerations(arg, args[arg], report);
  const { renewal } = args;
  if (renewal !== "auto" && renewal !== "hold") report.error(`renewal: "${renewal}" is neither "auto" nor "hold"`);
  if (renewal === "hold") {
    report.warn(
      `renewal: "hold" renews no certificate that falls due, and certificates that end stop the cluster; take it out as soon as you can`,
    );
  }
}

/** As it is written in the config. */
export function describeCa({ issue, trust }: CaArgs): string {
  return `{ issue: ${String(issue)}, trust: [${trust.join(", ")}] }`;
}

function checkGenerations(arg: string, ca: Partial<CaArgs>, report: Report): void {
  // A config of two keys may have lost one of them.
  const { issue = NaN, trust } = ca;
  if (trust === undefined) {
    report.error(`${arg}.trust: is not a list of generations; write it beside issue, such as { issue: 1, trust: [1] }`);
    return;
  }
  const fit = [
    report.whole(`${arg}.issue`, issue, 1, MAX_GENERATION),
    ...trust.map((generation, index) => report.whole(`${arg}.trust[${String(index)}]`, generation, 1, MAX_GENERATION)),
  ];
  if (fit.includes(false)) return;
  if (new Set(trust).size < trust.length) {
    report.error(`${arg}.trust: [${trust.join(", ")}] names a generation twice; take one out`);
  } else if (!trust.includes(issue)) {
    const both = describeCa({ issue, trust: [...trust, issue].slice(-2) });
    report.error(
      `${arg}.trust: [${trust.join(", ")}] is without generation ${String(issue)}, which issues; write ${both}`,
    );
  } else if (trust.length > 2) {
    report.error(
      `${arg}.trust: [${trust.join(", ")}] has ${String(trust.length)} generations; a rotation is between two`,
    );
  }
}

function checkLifetimes(args: Complete<CertificateArgs>, report: Report): void {
  const { certValidityDays: leaf, certEarlyRenewalDays: early, caValidityDays: ca } = args;
  const leafFits = report.whole("certValidityDays", leaf, 1, 36500);
  const earlyFits = report.whole("certEarlyRenewalDays", early, 0, 36500);
  const caFits = report.whole("caValidityDays", ca, 1, 36500);
  if (leafFits && earlyFits && early >= leaf) {
    report.error(
      `certEarlyRenewalDays: ${String(early)} is not below certValidityDays ${String(leaf)}: ` +
        `every run would renew every certificate; use about a third of it`,
    );
  }
  if (leafFits && caFits && leaf > ca) {
    report.error(
      `certValidityDays: ${String(leaf)} outlives the CA, caValidityDays is ${String(ca)}; use a shorter one`,
    );
  }
}
