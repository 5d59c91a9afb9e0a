/** What the package offers. */
export { type DriverClientCertificate, RethinkdbCluster, type RethinkdbServer } from "./cluster";
export type { CertificateEntry } from "../core/pki/expiry";
export type { BackupsArgs } from "../args/backups";
export type { CaArgs, CaPems } from "../args/certificates";
export type { GrantArgs, UserArgs } from "../args/accounts";
export type { HostArgs } from "../args/hosts";
export type { RethinkdbClusterArgs } from "../args/args";
export type { WebUiArgs } from "../args/webUi";
export { type ConfigKey, CONFIG_KEYS } from "../args/shape/schema";
export * as grants from "../args/presets";
export type { ConnectSnippets } from "../core/render/connect";
