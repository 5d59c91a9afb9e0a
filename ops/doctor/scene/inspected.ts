/** What Docker says of objects, as far as an audit reads it. */

export interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  /** As ISO 8601 has it. */
  readonly Created: string;
  readonly Image: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly ExecIDs: readonly string[] | null;
  readonly State: { readonly Status: string; readonly Pid: number };
  readonly Config: {
    readonly User: string;
    readonly Image: string;
    readonly Env: readonly string[] | null;
    readonly Cmd: readonly string[] | null;
    readonly Entrypoint: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly Healthcheck?: { readonly Test: readonly string[] | null } | null;
    readonly StopTimeout?: number;
  };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string;
    readonly Source: string;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
  readonly NetworkSettings: {
    readonly Ports: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string; readonly GlobalIPv6Address?: string }>>;
  };
}

export interface InspectedNetwork {
  readonly Name: string;
  readonly Driver: string;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Config:
      readonly { readonly Subnet?: string; readonly Gateway?: string; readonly IPRange?: string }[] | null;
  };
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Containers: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>> | null;
}

export interface InspectedVolume {
  readonly Name: string;
  readonly Driver: string;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export interface EngineInfo {
  readonly ServerVersion: string;
  readonly SecurityOptions: readonly string[] | null;
  readonly LiveRestoreEnabled: boolean;
  readonly Warnings: readonly string[] | null;
  readonly SystemTime: string;
  readonly OperatingSystem: string;
  readonly Swarm?: { readonly LocalNodeState: string };
  readonly RegistryConfig?: unknown;
}
