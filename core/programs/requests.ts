/** What the declared side asks of the live side: one JSON on stdin a program. */
import type { OperatorRight } from "../plan/operatorRights";
import type { UserPlan } from "../plan/accounts";
import type { CaArg } from "../../args/certificates";
import type { CaPlan } from "../plan/certificates";
import type { PublishPlan, SanPlan } from "../plan/publish";
import type { TlsMaterial } from "../render/tlsFiles";

/** What every program needs to find its cluster. */
export interface ClusterRef {
  readonly clusterName: string;
  readonly identity: string;
  readonly image: string;
  /** Of the host it is about, as written by the user; null is the ambient engine. */
  readonly dockerHost: string | null;
  /** All hosts that are asked, of a cluster on several. */
  readonly hosts?: readonly HostRef[];
}

/** A host, as programs find its engine. */
export interface HostRef {
  readonly name: string;
  readonly dockerHost: string | null;
  readonly certPath: string | null;
  /** Under which the other hosts reach it. */
  readonly address: string | null;
}

/** What a TLS connection to a driver port takes. */
export interface DriverAccess {
  /** PEM bundle that verifies the driver ports. */
  readonly driverCa: string;
  /** What is shown to them; null where they ask for nothing. */
  readonly client: ClientCertificate | null;
}

export interface ClientCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface OperatorLogin extends DriverAccess {
  readonly password: string;
  /** Of the generation before, in force until a run has got to setting the new one; null in the first. */
  readonly previousPassword: string | null;
}

/** Of the operator, for programs that get everything else from the servers themselves. */
export type OperatorPasswords = Pick<OperatorLogin, "password" | "previousPassword">;

export interface FleetRequest extends ClusterRef {
  readonly network: string;
  readonly subnet: string;
  readonly servers: readonly FleetServer[];
  /** Said only where swap is not limited. */
  readonly limitSwap?: boolean;
  readonly allow: readonly string[];
  readonly operator: OperatorPasswords;
  readonly passwordAccepted: true;
  /** Where the web UI is published, if it is: on the first host. */
  readonly webUi?: { readonly container: string; readonly publish: PublishPlan };
  /** Networks that must exist. */
  readonly driverNetworks: readonly string[];
  readonly cas: Readonly<Record<CaArg, CaPlan>>;
  /** Names the keys of CAs of one's own, by arg and generation. */
  readonly ownCas: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly driverClients: readonly string[];
  readonly operatorGeneration: number;
  /** What to say of hosts that do not answer; then nothing is judged. */
  readonly absent?: readonly string[];
  /** Of the web UI, where there is one, and the name of its host where there are several. */
  readonly uiVolumes?: readonly string[];
  readonly uiHost?: string;
  /** Hosts that are given up, and their servers. */
  readonly lost?: { readonly hosts: readonly string[]; readonly servers: readonly string[] };
}

export interface FleetServer {
  readonly name: string;
  readonly container: string;
  readonly dataVolume: string;
  readonly publish: PublishPlan | null;
  /** Counts the data volumes that were given up under this name. */
  readonly incarnation: number;
  /** Of a cluster on several hosts. */
  readonly place?: ServerPlace;
}

export interface ServerPlace {
  readonly host: string;
  readonly zone: string | null;
  readonly clusterPublish: PublishPlan;
}

export interface DrainRequest extends ClusterRef {
  /** Names of the servers that are wanted. */
  readonly servers: readonly string[];
  /** What the fleet's judge found: names that go, more may be known to Docker by now; and which of its runs it was. */
  readonly judged: {
    readonly leaving: readonly string[];
    readonly run: string;
    /** Hosts of servers that go, which may be declared no more. */
    readonly hosts?: readonly HostRef[];
  };
  /** Servers of hosts that are given up. */
  readonly lost?: readonly string[];
  readonly allow: readonly string[];
  readonly operator: OperatorPasswords;
}

export interface PrepareRequest extends ClusterRef {
  readonly server: string;
  readonly dataVolume: string;
  readonly tlsVolume: string;
  readonly incarnation: number;
  readonly uid: number;
  readonly fingerprint: string;
  readonly files: TlsMaterial;
  readonly seeds: readonly string[];
  readonly adopt: boolean;
  readonly spec: string;
}

/** What `prepare` prints. */
export interface Prepared {
  readonly fingerprint: string;
  readonly spec: string;
  /**
   * Another one whenever the spec is another than at the last run: so a permit that was killed is asked again even when
   * the args were reverted in between.
   */
  readonly run: string;
}

export interface PermitRequest extends ClusterRef {
  readonly server: string;
  readonly container: string;
  readonly dataVolume: string;
  readonly uid: number;
  readonly spec: string;
  readonly prepared: Prepared;
  readonly allow: readonly string[];
  readonly protectSingleReplicaTables: boolean;
  readonly strictInterruption: boolean;
  readonly operator: OperatorLogin;
}

/** What `permit` prints. */
export interface PermitResult {
  readonly run: string;
  readonly stopped: boolean;
  /** Tables that were not available while the server was away. */
  readonly interrupted: readonly string[];
  /** Servers that were missing before it was stopped. */
  readonly missing: readonly string[];
}

export interface MemberRequest extends ClusterRef {
  readonly server: string;
  readonly container: string;
  readonly tlsVolume: string;
  readonly fingerprint: string;
  readonly incarnation: number;
  /** Servers that were missing before this one was stopped. */
  readonly missing: readonly string[];
  readonly operator: OperatorLogin;
}

/** What a member was last asked, which is all that a delete sees. */
export type LeaveRequest = Pick<MemberRequest, keyof ClusterRef | "server" | "tlsVolume" | "operator">;

export interface PeersRequest extends ClusterRef {
  readonly servers: readonly PeerServer[];
}

export interface PeerServer {
  readonly name: string;
  readonly tlsVolume: string;
  readonly peer: string;
  /** Of a cluster on several hosts. */
  readonly host?: string;
}

export interface AdminRequest extends ClusterRef {
  readonly network: string;
  readonly uid: number;
  readonly adminPassword: string;
  readonly operator: OperatorLogin;
  readonly operatorRights: readonly OperatorRight[];
  /** Of the operator's password. */
  readonly operatorGeneration: number;
  /** Of the first server. */
  readonly incarnation: number;
}

/** Asked at every run of a cluster on several hosts. */
export interface AbsentRequest extends ClusterRef {
  readonly servers: readonly { readonly name: string; readonly host: string }[];
  readonly operator: OperatorPasswords;
}

/** What a hook asks before an object is created under a fixed name. */
export interface LeftoverRequest {
  readonly kind: "container" | "network";
  readonly name: string;
  readonly identity: string;
  readonly dockerHost: string | null;
  readonly hosts?: readonly HostRef[];
}

export interface AccountsRequest extends ClusterRef, DriverAccess {
  readonly adminPassword: string;
  readonly databases: readonly string[];
  readonly users: readonly UserPlan[];
  readonly passwords: Readonly<Record<string, string>>;
}

export interface UiPrepareRequest extends ClusterRef {
  readonly uid: number;
  readonly uiImage: string;
  /** Of nginx, and where it is published: for who wants to get there. */
  readonly container: string;
  readonly publish: PublishPlan | null;
  readonly peerVolume: string;
  readonly volume: string;
  readonly socketVolume: string;
  readonly peerFingerprint: string;
  readonly fingerprint: string;
  readonly peerFiles: Readonly<Record<string, string>>;
  readonly key: string;
  readonly certificate: string;
  readonly sans: SanPlan;
  readonly peers: readonly string[];
  readonly user: string;
  readonly password: string;
  /** Secret of the stack from which salt and session are derived. */
  readonly seed: string;
}

/** Asked after a container of the web UI was made. */
export interface UiPruneRequest extends ClusterRef {
  readonly container: string;
  readonly peerContainer: string;
  readonly peerVolume: string;
  readonly volume: string;
  /** Names of folders that a container is about to be made with. */
  readonly keep: readonly string[];
}
