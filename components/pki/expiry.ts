/** What is known of the ends of certificates at each preview. */
import * as pulumi from "@pulumi/pulumi";
import { DEFAULTS } from "../../args/shape/schema";
import type { CertificateEntry } from "../../core/pki/expiry";
import type { ClusterPlan } from "../../core/plan/cluster";
import type { Issued } from "./pki";

const DAY_MS = 24 * 3600 * 1000;

export function describeCertificates(issued: readonly Issued[]): pulumi.Output<readonly CertificateEntry[]> {
  return pulumi.output(issued.map(({ notAfter, ...about }) => ({ ...about, notAfter: notAfter.apply(inUtc) })));
}

/** The provider says it in the time zone of its machine, with parts of a second that no certificate has. */
function inUtc(time: string): string {
  const end = Date.parse(time);
  return Number.isNaN(end) ? time : new Date(Math.floor(end / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** Whatever is not renewed by this very run though it ends soon: one that is renewed has no known end in a preview. */
export function warnOfEnds(plan: ClusterPlan, issued: readonly Issued[], cluster: pulumi.Resource): void {
  const soonDays = Math.min(DEFAULTS.certEarlyRenewalDays, plan.certificates.validityHours / 48);
  for (const { owner, purpose, generation, notAfter } of issued) {
    // Each by itself: one that is not known yet must not keep the others from being told.
    notAfter.apply((end) => {
      const days = (Date.parse(end) - Date.now()) / DAY_MS;
      // Not known under mocks.
      if (!(days < soonDays)) return;
      const which =
        owner === "CA" ? `the ${purpose} CA (generation ${String(generation)})` : `${owner}'s ${purpose} certificate`;
      const when = days < 0 ? `ended on ${end}` : `ends on ${end}, in ${String(Math.floor(days))} days`;
      void pulumi.log.warn(
        `${which} ${when}, and this run does not renew it; look at npx pulumi-rethinkdb certs`,
        cluster,
      );
    });
  }
}
