/** What the package offers. */
export { RethinkdbCluster, type RethinkdbServer } from "./cluster";
export type { GrantArgs, RethinkdbClusterArgs, UserArgs, WebUiArgs } from "../core/args";
export * as grants from "../core/presets";
export type { ConnectSnippets } from "../core/connect";
