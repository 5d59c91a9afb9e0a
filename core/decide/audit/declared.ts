/** A cluster as the stack's state declares it, and what an audit needs to know of it. */
import type { AccountsRequest } from "../../programs/accounts";
import type { AdminRequest } from "../../programs/admin";
import type { ClusterRef, OperatorLogin } from "../../programs/parts/shared";
import type { UiPrepareRequest } from "../../programs/uiPrepare";

export interface Declared extends ClusterRef {
  readonly operator: OperatorLogin;
  readonly network: string;
  readonly uid: number;
  readonly servers: readonly DeclaredServer[];
  /** Of all hosts, the web UI's among them. */
  readonly containers: readonly DeclaredContainer[];
  readonly networks: readonly DeclaredNetwork[];
  readonly volumes: readonly DeclaredVolume[];
  readonly driverNetworks: readonly string[];
  readonly operatorRights: AdminRequest["operatorRights"];
  readonly accounts: AccountsRequest | null;
  /** Users of the last run. */
  readonly managedBefore: readonly string[];
  readonly webUi: Pick<
    UiPrepareRequest,
    "container" | "publish" | "user" | "password" | "sans" | "certificate" | "volume" | "peerVolume" | "socketVolume"
  > | null;
  readonly secrets: readonly Secret[];
  /** The stack's state without its secrets. */
  readonly openState: string;
}

export interface DeclaredServer {
  readonly name: string;
  readonly container: string;
  /** Name of its host; empty where there is one. */
  readonly host: string;
  readonly address: string;
  readonly dataVolume: string;
  readonly tlsVolume: string;
  readonly incarnation: number;
  readonly fingerprint: string;
  /** Of its tls volume, by name of the file. */
  readonly files: Readonly<Record<string, string>>;
  /** Where the driver port is published. */
  readonly publish: { readonly address: string; readonly port: number } | null;
}

/** What Docker should say of a container. */
export interface DeclaredContainer {
  readonly name: string;
  readonly host: string;
  readonly role: "server" | "ui" | "ui-peer";
  readonly image: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly networks: readonly { readonly name: string; readonly address: string | null }[];
  /** `28015/tcp 127.0.0.1:28015`. */
  readonly ports: readonly string[];
  /** `volume:/path:ro` or `:rw`. */
  readonly mounts: readonly string[];
  /** Paths of file systems in memory. */
  readonly tmpfs: readonly string[];
  readonly memoryBytes: number;
  /** Null where swap is not limited. */
  readonly memorySwapBytes: number | null;
  readonly restart: string;
  readonly logDriver: string;
  readonly logOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly healthTest: readonly string[];
  readonly stopSeconds: number;
}

export interface DeclaredNetwork {
  readonly name: string;
  readonly host: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly ipRange: string;
  readonly driver: string;
}

export interface DeclaredVolume {
  readonly name: string;
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Secret {
  /** In words: `the admin password`. */
  readonly what: string;
  readonly text: string;
}
