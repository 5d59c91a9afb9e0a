/** How long certificates last, and which generations of a CA are in use. */
import type { RethinkdbClusterArgs } from "../../args/args";
import type { CaArgs } from "../../args/certificates";
import type { Complete } from "../../args/shape/complete";

export interface CertificatePlan {
  readonly validityHours: number;
  /** 0 holds renewals. */
  readonly earlyRenewalHours: number;
  readonly caValidityHours: number;
  readonly caEarlyRenewalHours: number;
}

/** Sorted: the order of a bundle is the order of its generations. */
export function planCa({ issue, trust }: CaArgs): CaArgs {
  return { issue, trust: [...trust].sort((a, b) => a - b) };
}

export function planCertificates(args: Complete<RethinkdbClusterArgs>): CertificatePlan {
  const days = {
    validity: args.certValidityDays,
    early: args.certEarlyRenewalDays,
    ca: args.caValidityDays,
  };
  const held = args.renewal === "hold";
  return {
    validityHours: 24 * days.validity,
    earlyRenewalHours: held ? 0 : 24 * days.early,
    caValidityHours: 24 * days.ca,
    // While leaves that it has yet to sign would still outlive it; at most in the second half of its life.
    caEarlyRenewalHours: held ? 0 : Math.min(24 * (days.validity + days.early), 12 * days.ca),
  };
}
