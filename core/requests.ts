/** What the declared side asks of the live side: one JSON on stdin a program. */
import type { PublishPlan } from "./plan";
import type { TlsMaterial } from "./tlsFiles";

/** What every program needs to find its cluster. */
export interface ClusterRef {
  readonly clusterName: string;
  readonly identity: string;
  readonly image: string;
  /** As written by the user; null is the ambient engine. */
  readonly dockerHost: string | null;
}

export interface OperatorLogin {
  readonly password: string;
  /** PEM bundle that verifies the driver ports. */
  readonly driverCa: string;
}

export interface FleetRequest extends ClusterRef {
  readonly network: string;
  readonly subnet: string;
  readonly servers: readonly FleetServer[];
  readonly allow: readonly string[];
  readonly passwordAccepted: true;
}

export interface FleetServer {
  readonly name: string;
  readonly container: string;
  readonly dataVolume: string;
  readonly publish: PublishPlan | null;
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
}

export interface PermitRequest extends ClusterRef {
  readonly server: string;
  readonly container: string;
  readonly dataVolume: string;
  readonly uid: number;
  readonly spec: string;
  readonly operator: OperatorLogin;
}

export interface MemberRequest extends ClusterRef {
  readonly server: string;
  readonly container: string;
  readonly tlsVolume: string;
  readonly fingerprint: string;
  readonly operator: OperatorLogin;
}

/** What a member needs to leave: no login, since a delete sees only what was recorded long ago. */
export interface LeaveRequest extends ClusterRef {
  readonly server: string;
  readonly tlsVolume: string;
}

export interface PeersRequest extends ClusterRef {
  readonly servers: readonly { readonly name: string; readonly tlsVolume: string; readonly peer: string }[];
}

export interface AdminRequest extends ClusterRef {
  readonly network: string;
  readonly uid: number;
  readonly adminPassword: string;
  readonly operator: OperatorLogin;
}

/** What a hook asks before an object is created under a fixed name. */
export interface LeftoverRequest {
  readonly kind: "container" | "network";
  readonly name: string;
  readonly identity: string;
  readonly dockerHost: string | null;
}
