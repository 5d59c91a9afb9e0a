/** Where something is reached, and under which names. */
import { isEveryAddress } from "../../args/values/addresses";

export interface PublishPlan {
  readonly address: string;
  readonly port: number;
}

export interface SanPlan {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** Where a client on the host itself connects when every address is published. */
export function clientAddress(published: string): string {
  if (!isEveryAddress(published)) return published;
  return published.includes(":") ? "::1" : "127.0.0.1";
}

/** Sorted and without repeats: neither order nor repetition in the args may renew a certificate. */
export function planSans(dnsNames: readonly string[], ipAddresses: readonly string[]): SanPlan {
  return { dnsNames: unique(dnsNames), ipAddresses: unique(ipAddresses) };
}

export function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
