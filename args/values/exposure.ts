/** Who can reach an address on which something listens. */
import * as ipaddr from "ipaddr.js";
import { isAddress } from "./addresses";

/** From unreachable to reachable for everyone; `public` is an address that routers of the Internet forward. */
export const EXPOSURES = ["none", "loopback", "private", "public", "every"] as const;

export type Exposure = (typeof EXPOSURES)[number];

const PRIVATE = ["private", "carrierGradeNat", "linkLocal", "uniqueLocal"];

/** @param address an IP address, or RethinkDB's `all`; Docker takes an empty one for every address. */
export function exposureOf(address: string): Exposure {
  if (address === "" || address === "all") return "every";
  // A name may lead anywhere.
  if (!isAddress(address)) return "public";
  const range = ipaddr.process(address).range();
  if (range === "unspecified") return "every";
  if (range === "loopback") return "loopback";
  return PRIVATE.includes(range) ? "private" : "public";
}

export function exposureRank(exposure: Exposure): number {
  return EXPOSURES.indexOf(exposure);
}

const WORDS: Readonly<Record<Exposure, string>> = {
  none: "nothing",
  loopback: "loopback",
  private: "a private address",
  public: "a public address",
  every: "every address",
};

/** `0.0.0.0 (every address)` */
export function describeAddress(address: string): string {
  return `${address === "" ? "no address given" : address} (${WORDS[exposureOf(address)]})`;
}
