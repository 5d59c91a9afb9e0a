/** Every default of the project, once. Docstrings and `Pulumi.yaml` repeat them; a test holds them together. */

/** The newest RethinkDB. There is no plain `2.4.4` tag: https://github.com/docker-library/official-images/blob/master/library/rethinkdb */
export const DEFAULT_IMAGE = "rethinkdb:2.4.4-bookworm-slim";

export const DEFAULTS = {
  nodes: 3,
  image: DEFAULT_IMAGE,
  subnet: "10.213.0.0/24",
  driverPublish: "127.0.0.1",
  driverPort: 28015,
  memoryMiB: 1024,
  limitSwap: true,
  certValidityDays: 90,
  certEarlyRenewalDays: 30,
  caValidityDays: 3650,
  runAsUid: 28015,
  protectSingleReplicaTables: false,
  strictInterruption: false,
  renewal: "auto",
  operatorGeneration: 1,
} as const;

/** Of a CA that was never rotated. */
export const FIRST_CA = { issue: 1, trust: [1] } as const;

/** Ports inside the cluster's own network, RethinkDB's own defaults. */
export const CLUSTER_PORT = 29015;
export const DRIVER_PORT = 28015;

export const MAX_NODES = 64;
/** Server `nI` has address `subnet + FIRST_ADDRESS + I`. */
export const FIRST_ADDRESS = 10;
/** Seconds between the request to stop and SIGKILL; RethinkDB flushes on SIGTERM. */
export const STOP_SECONDS = 60;
/** RethinkDB account the programs of `ops/` log in with; see docs/security.md. */
export const OPERATOR_USER = "pulumi_operator";
/** RethinkDB's own database: whoever writes in it is admin. */
export const SYSTEM_DB = "rethinkdb";

export const WEB_UI_DEFAULTS = { publish: "127.0.0.1", port: 8080, user: "admin", image: "nginx:1.30.6" } as const;
