/** What the package offers. */
export { type DriverClientCertificate, RethinkdbCluster, type RethinkdbServer } from "./cluster";
export type { CertificateEntry } from "./certificates";
export type { CaArgs, CaPems, GrantArgs, HostArgs, RethinkdbClusterArgs, UserArgs, WebUiArgs } from "../core/args";
export * as grants from "../core/presets";
export type { ConnectSnippets } from "../core/connect";
