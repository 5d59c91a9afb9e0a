/** What the package offers. */
export { RethinkdbCluster, type RethinkdbServer } from "./cluster";
export type { RethinkdbClusterArgs } from "../core/args";
export type { ConnectSnippets } from "../core/connect";
