/** Labels on Docker objects: how programs find what belongs to a cluster, without any state. */

export const LABELS = {
  /** The cluster's random identity. */
  identity: "pulumi-rethinkdb.identity",
  clusterName: "pulumi-rethinkdb.cluster",
  /** Server name; only servers have it. */
  server: "pulumi-rethinkdb.server",
  /** Hash of everything the container was made from. */
  spec: "pulumi-rethinkdb.spec",
  /** What a helper container is for. */
  helper: "pulumi-rethinkdb.helper",
  clusterCaIssue: "pulumi-rethinkdb.cluster-ca.issue",
  clusterCaTrust: "pulumi-rethinkdb.cluster-ca.trust",
  driverCaIssue: "pulumi-rethinkdb.driver-ca.issue",
  driverCaTrust: "pulumi-rethinkdb.driver-ca.trust",
  /** Only where clients need certificates. */
  clientCaIssue: "pulumi-rethinkdb.client-ca.issue",
  clientCaTrust: "pulumi-rethinkdb.client-ca.trust",
} as const;
