/** Named overrides of guards: each is called after what it risks. */

export const OVERRIDES = {
  "public-driver": "publishes the driver port on every address of the host",
  "adopt-data": "starts servers on data volumes that an earlier cluster of the same name left behind",
} as const;

export type Override = keyof typeof OVERRIDES;

export function isOverride(value: string): value is Override {
  return Object.hasOwn(OVERRIDES, value);
}
