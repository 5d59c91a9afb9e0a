/** Named overrides of guards: each is called after what it risks. */

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
