/** Numbers and names that are the same for every cluster. */

/** The newest RethinkDB. There is no plain `2.4.4` tag: https://github.com/docker-library/official-images/blob/master/library/rethinkdb */
export const DEFAULT_IMAGE = "rethinkdb:2.4.4-bookworm-slim";
export const DEFAULT_UI_IMAGE = "nginx:1.30.6";

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
/** RethinkDB's own database: an account that may write in it is admin. */
export const SYSTEM_DB = "rethinkdb";
