/** Sentences that many changes of the corpus share. */
export const ALL = "n0, n1, n2";

export const restart = (cause: string, who = ALL): string =>
  who.includes(",")
    ? `disrupted: ${who} restart in this order, one at a time (${cause})`
    : `disrupted: ${who} restarts (${cause})`;

export const PUBLIC = "weakened: cluster orders: guard overridden: public-driver is now yes; was no";
export const NOT_PUBLIC = "strengthened: cluster orders: guard overridden: public-driver is now no; was yes";

const DRIVER = "address on which port 28015/tcp (driver) is published";
export const published = (how: string, after: string, before: string, who = ALL): string =>
  `${how}: ${who}: ${DRIVER} is now ${after}; was ${before}`;

const leaves = (purpose: string): string => ["n0", "n1", "n2"].map((n) => `${n} ${purpose} certificate`).join(", ");
export const DRIVER_LEAVES = leaves("driver");
export const CLUSTER_LEAVES = leaves("cluster");
export const LEAVES = ["n0", "n1", "n2"]
  .flatMap((n) => [`${n} cluster certificate`, `${n} driver certificate`])
  .join(", ");

export const EVERY = "0.0.0.0 (every address)";
export const LOOPBACK = "127.0.0.1 (loopback)";
