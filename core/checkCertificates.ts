/** What is wrong with lifetimes, generations and names of certificates. */
import type { CaArgs, RethinkdbClusterArgs } from "./args";
import { CA_ARGS, describeCa } from "./caSteps";
import type { WholeCheck } from "./check";
import { DEFAULTS } from "./defaults";

const MAX_GENERATION = 10_000;

export function checkCertificates(
  args: RethinkdbClusterArgs,
  errors: string[],
  warnings: string[],
  whole: WholeCheck,
): void {
  checkLifetimes(args, errors, whole);
  for (const arg of CA_ARGS) {
    const ca = args[arg];
    if (ca !== undefined) checkGenerations(arg, ca, errors, whole);
  }
  const renewal = args.renewal ?? DEFAULTS.renewal;
  if (renewal !== "auto" && renewal !== "hold") errors.push(`renewal: "${renewal}" is neither "auto" nor "hold"`);
  if (renewal === "hold") {
    warnings.push(
      `renewal: "hold" renews no certificate that falls due, and certificates that end stop the cluster; take it out as soon as you can`,
    );
  }
  whole("operatorGeneration", args.operatorGeneration ?? DEFAULTS.operatorGeneration, 1, MAX_GENERATION);
  checkClients(args.driverClients ?? [], errors);
}

function checkGenerations(arg: string, ca: Partial<CaArgs>, errors: string[], whole: WholeCheck): void {
  // A config of two keys may have lost one of them.
  const { issue = NaN, trust } = ca;
  if (trust === undefined) {
    errors.push(`${arg}.trust: is not a list of generations; write it beside issue, such as { issue: 1, trust: [1] }`);
    return;
  }
  const fit = [
    whole(`${arg}.issue`, issue, 1, MAX_GENERATION),
    ...trust.map((generation, index) => whole(`${arg}.trust[${String(index)}]`, generation, 1, MAX_GENERATION)),
  ];
  if (fit.includes(false)) return;
  if (new Set(trust).size < trust.length) {
    errors.push(`${arg}.trust: [${trust.join(", ")}] names a generation twice; take one out`);
  } else if (!trust.includes(issue)) {
    const both = describeCa({ issue, trust: [...trust, issue].slice(-2) });
    errors.push(
      `${arg}.trust: [${trust.join(", ")}] is without generation ${String(issue)}, which issues; write ${both}`,
    );
  } else if (trust.length > 2) {
    errors.push(
      `${arg}.trust: [${trust.join(", ")}] has ${String(trust.length)} generations; a rotation is between two`,
    );
  }
}

function checkClients(names: readonly string[], errors: string[]): void {
  names.forEach((name, index) => {
    const path = `driverClients[${String(index)}]`;
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) || name.length > 40) {
      errors.push(
        `${path}: "${name}" cannot name a client; use up to 40 letters, digits, ".", "_" and "-", starting with a letter or digit`,
      );
    } else if (names.indexOf(name) < index) {
      errors.push(`${path}: "${name}" is driverClients[${String(names.indexOf(name))}] already; take it out`);
    }
  });
}

function checkLifetimes(args: RethinkdbClusterArgs, errors: string[], whole: WholeCheck): void {
  const leaf = args.certValidityDays ?? DEFAULTS.certValidityDays;
  const early = args.certEarlyRenewalDays ?? DEFAULTS.certEarlyRenewalDays;
  const ca = args.caValidityDays ?? DEFAULTS.caValidityDays;
  const leafFits = whole("certValidityDays", leaf, 1, 36500);
  const earlyFits = whole("certEarlyRenewalDays", early, 0, 36500);
  const caFits = whole("caValidityDays", ca, 1, 36500);
  if (leafFits && earlyFits && early >= leaf) {
    errors.push(
      `certEarlyRenewalDays: ${String(early)} is not below certValidityDays ${String(leaf)}: ` +
        `every run would renew every certificate; use about a third of it`,
    );
  }
  if (leafFits && caFits && leaf > ca) {
    errors.push(
      `certValidityDays: ${String(leaf)} outlives the CA, caValidityDays is ${String(ca)}; use a shorter one`,
    );
  }
}
