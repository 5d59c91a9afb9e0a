/** What a CA of the cluster is for. */

/**
 * `driver` is what clients verify, `client` what servers verify of clients. `cluster` is the list of members: peers check
 * no host name, so it signs nothing else.
 */
export type Purpose = "cluster" | "driver" | "client";
