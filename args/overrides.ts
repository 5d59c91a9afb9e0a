/** Overrides of guards: each is called after what it risks. */
import type { Complete } from "./shape/complete";
import type { Report } from "./report";

export interface OverrideArgs {
  /**
   * Overrides of guards, each named after what it risks: `public-driver`, `public-cluster-port`, `public-web-ui`,
   * `adopt-data`, `lower-replicas`, `abandon-data`, `lose-majority`, `lose-host`. Every preview shows them. Remove each
   * when you no longer need it.
   * @default []
   * @page operations.md#overrides
   */
  readonly allow?: readonly string[];
}

export const OVERRIDES = {
  "public-driver": "publishes the driver port on a public address, or on every address of the host",
  "public-cluster-port":
    "publishes cluster ports on a public address, where every certificate of the cluster CA is admin",
  "public-web-ui": "publishes the web UI, which is admin, on a public address",
  "adopt-data": "starts servers on data volumes that an earlier cluster of the same name left behind",
  "lower-replicas": "lets servers leave although tables keep fewer replicas than they have",
  "abandon-data": "lets servers leave although tables cannot be moved off them, which are then gone with them",
  "lose-host": "gives up hosts with all that only their servers have",
  "lose-majority": "stops a server although tables have no majority without it, until it is back",
} as const;

export type Override = keyof typeof OVERRIDES;

export function isOverride(value: string): value is Override {
  return Object.hasOwn(OVERRIDES, value);
}

export function checkOverrides({ allow }: Complete<OverrideArgs>, report: Report): void {
  allow.forEach((name, index) => {
    if (!isOverride(name)) {
      report.error(
        `allow[${String(index)}]: "${name}" is not an override; known are ${Object.keys(OVERRIDES).join(", ")}`,
      );
    }
  });
}
