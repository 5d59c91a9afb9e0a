/** The public contract: what a user of the component can say. Each group has a file of its own. */
import type { AccountArgs } from "./accounts";
import type { BackupArgs } from "./backups";
import type { CertificateArgs } from "./certificates";
import type { ClusterArgs } from "./cluster";
import type { DriverArgs } from "./driver";
import type { HostsArgs } from "./hosts";
import type { NetworkArgs } from "./network";
import type { OverrideArgs } from "./overrides";
import type { ServerArgs } from "./servers";
import type { UiArgs } from "./webUi";

export interface RethinkdbClusterArgs
  extends
    ClusterArgs,
    ServerArgs,
    NetworkArgs,
    DriverArgs,
    CertificateArgs,
    HostsArgs,
    AccountArgs,
    UiArgs,
    BackupArgs,
    OverrideArgs {}
