/** What every part of a cluster is declared with: who the cluster is, its CAs, its hosts, its login. */
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../core/plan/cluster";
import type { ServerOrder } from "../core/plan/order";
import type { HostRef } from "../core/programs/parts/shared";
import type { Leaf, Pki } from "./pki/pki";

export interface OperatorPasswordOutputs {
  readonly password: pulumi.Output<string>;
  readonly previousPassword: pulumi.Output<string | null>;
}

export interface ClusterContext {
  readonly name: string;
  readonly parent: pulumi.Resource;
  readonly plan: ClusterPlan;
  readonly pki: Pki;
  readonly cluster: {
    readonly clusterName: string;
    readonly identity: pulumi.Output<string>;
    readonly image: string;
    /** Of the first host. */
    readonly dockerHost: string | null;
    readonly hosts?: readonly HostRef[];
  };
  readonly operator: OperatorPasswordOutputs & {
    readonly driverCa: pulumi.Output<string>;
    readonly client: Leaf | null;
  };
  readonly uiSeed: pulumi.Output<string>;
  readonly on: (host: string) => HostContext;
  /** The last step of judging and preparing the fleet as a whole. */
  readonly fleet: pulumi.Resource;
  /** In which order this run changes servers. */
  readonly order: Promise<ServerOrder>;
}

/** What everything on one host is declared with. */
export interface HostContext {
  readonly provider: docker.Provider;
  readonly network: pulumi.Resource;
  readonly containerHook: pulumi.ResourceHook;
  /** As in every request about it. */
  readonly dockerHost: string | null;
  /** Options of everything on it: of a host that is given up nothing is changed or deleted any more. */
  readonly options: pulumi.CustomResourceOptions;
}
