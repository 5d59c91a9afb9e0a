/** The web UI: its two containers, its volumes, and where it is published. */
import type { RethinkdbClusterArgs } from "../../args/args";
import type { Complete } from "../../args/shape/complete";
import { isAddress } from "../../args/values/addresses";
import { planSans, type PublishPlan, type SanPlan } from "./publish";

export interface WebUiPlan {
  readonly peerContainer: string;
  readonly container: string;
  /** Certificates of the peer; keys of a peer are admin, so that nginx never sees them. */
  readonly peerVolume: string;
  readonly volume: string;
  readonly socketVolume: string;
  readonly image: string;
  readonly user: string;
  readonly publish: PublishPlan | null;
  readonly sans: SanPlan;
  readonly peerSans: SanPlan;
}

export function planWebUi(args: Complete<RethinkdbClusterArgs>): WebUiPlan {
  const { publish, port, user, image } = args.webUi;
  const container = `${args.clusterName}-ui`;
  const names = [container, "localhost", "127.0.0.1", ...(publish === "none" ? [] : [publish]), ...args.driverSans];
  return {
    peerContainer: `${container}-peer`,
    container,
    peerVolume: `${container}-peer-tls`,
    volume: `${container}-tls`,
    socketVolume: `${container}-socket`,
    image,
    user,
    publish: publish === "none" ? null : { address: publish, port },
    sans: planSans(
      names.filter((name) => !isAddress(name)),
      names.filter(isAddress),
    ),
    peerSans: planSans([`${container}-peer`, "localhost"], ["127.0.0.1"]),
  };
}
