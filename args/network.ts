/** The cluster's own Docker network. */
import type { Complete } from "./shape/complete";
import { MAX_NODES } from "./constants";
import type { Report } from "./report";
import { capacity, overlaps, parseSubnet } from "./values/addresses";

export interface NetworkArgs {
  /**
   * IPv4 subnet of the cluster's Docker network in CIDR notation; you cannot change it later. Choose one with room to
   * grow. Server `nI` gets the address `subnet + 10 + I`. Docker gives the upper half to other containers.
   * @default "10.213.0.0/24"
   */
  readonly subnet?: string;
}

/** @param span of the servers' ordinals, gaps included. */
export function checkSubnet(
  args: Complete<NetworkArgs> & { readonly nodes: number },
  span: number,
  report: Report,
): void {
  const subnet = parseSubnet(args.subnet);
  if (typeof subnet === "string") report.error(`subnet: "${args.subnet}" ${subnet}`);
  else if (overlaps(subnet.cidr, "127.0.0.0/8"))
    report.error(`subnet: "${subnet.cidr}" is loopback; use a private range`);
  else if (span > capacity(subnet)) {
    const found = span === args.nodes ? `nodes is ${String(args.nodes)}` : `the last one is n${String(span - 1)}`;
    report.error(
      `subnet: "${subnet.cidr}" has room for ${String(capacity(subnet))} servers and ${found}; ` +
        `use a larger subnet (/24 has room for ${String(MAX_NODES)}); it is fixed for the cluster's life`,
    );
  }
}
