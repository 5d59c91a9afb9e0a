/** What the state declares for Docker: containers, networks and volumes of one cluster. */
import type { DeclaredContainer, DeclaredNetwork, DeclaredVolume } from "../../core/decide/audit/declared";
import type { HostRef } from "../../core/programs/parts/shared";
import { LABELS } from "../../core/render/labels";
import { type ExportedState, resourcesOf, type StateResource } from "../stack/state";

interface Label {
  readonly label: string;
  readonly value: string;
}

interface ContainerInputs {
  readonly name: string;
  readonly image: string;
  readonly user?: string;
  readonly entrypoints?: readonly string[];
  readonly command?: readonly string[];
  readonly networksAdvanced?: readonly { readonly name: string; readonly ipv4Address?: string }[];
  readonly ports?: readonly {
    readonly ip?: string;
    readonly internal: number;
    readonly external?: number;
    readonly protocol?: string;
  }[];
  readonly volumes?: readonly {
    readonly volumeName?: string;
    readonly hostPath?: string;
    readonly containerPath?: string;
    readonly readOnly?: boolean;
  }[];
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly restart?: string;
  readonly logDriver?: string;
  readonly logOpts?: Readonly<Record<string, string>>;
  readonly labels?: readonly Label[];
  readonly healthcheck?: { readonly tests?: readonly string[] };
  readonly stopTimeout?: number;
}

interface NetworkInputs {
  readonly name: string;
  readonly driver?: string;
  readonly ipamConfigs?: readonly { readonly subnet?: string; readonly gateway?: string; readonly ipRange?: string }[];
  readonly labels?: readonly Label[];
}

interface VolumeInputs {
  readonly name: string;
  readonly labels?: readonly Label[];
}

const MIB = 1024 * 1024;

export class DockerInputs {
  constructor(
    private readonly state: ExportedState,
    private readonly clusterName: string,
    private readonly hosts: readonly HostRef[],
  ) {}

  /** @param ui name of nginx's container, where there is a web UI. */
  containers(ui: string | undefined): readonly DeclaredContainer[] {
    return this.own<ContainerInputs>("docker:index/container:Container").map(({ inputs, host }): DeclaredContainer => {
      const labels = labelsOf(inputs.labels);
      const isServer = labels[LABELS.server] !== undefined;
      const swap = inputs.memorySwap ?? -1;
      return {
        name: inputs.name,
        host,
        role: isServer ? "server" : inputs.name === ui ? "ui" : "ui-peer",
        image: inputs.image,
        user: inputs.user ?? "",
        entrypoint: inputs.entrypoints ?? [],
        command: inputs.command ?? [],
        networks: (inputs.networksAdvanced ?? []).map(({ name, ipv4Address }) => ({
          name,
          address: ipv4Address ?? null,
        })),
        ports: (inputs.ports ?? []).map(
          ({ ip, internal, external, protocol }) =>
            `${String(internal)}/${protocol ?? "tcp"} ${ip ?? "0.0.0.0"}:${String(external ?? 0)}`,
        ),
        mounts: (inputs.volumes ?? []).map(
          ({ volumeName, hostPath, containerPath, readOnly }) =>
            `${volumeName ?? hostPath ?? ""}:${containerPath ?? ""}:${readOnly === true ? "ro" : "rw"}`,
        ),
        tmpfs: Object.keys(inputs.tmpfs ?? {}),
        memoryBytes: (inputs.memory ?? 0) * MIB,
        memorySwapBytes: swap < 0 ? null : swap * MIB,
        restart: inputs.restart ?? "no",
        logDriver: inputs.logDriver ?? "",
        logOptions: inputs.logOpts ?? {},
        labels,
        healthTest: inputs.healthcheck?.tests ?? [],
        stopSeconds: inputs.stopTimeout ?? 10,
      };
    });
  }

  networks(): readonly DeclaredNetwork[] {
    return this.own<NetworkInputs>("docker:index/network:Network").map(({ inputs, host }): DeclaredNetwork => {
      const [config] = inputs.ipamConfigs ?? [];
      return {
        name: inputs.name,
        host,
        driver: inputs.driver ?? "bridge",
        subnet: config?.subnet ?? "",
        gateway: config?.gateway ?? "",
        ipRange: config?.ipRange ?? "",
      };
    });
  }

  volumes(): readonly DeclaredVolume[] {
    return this.own<VolumeInputs>("docker:index/volume:Volume").map(({ inputs, host }) => ({
      name: inputs.name,
      host,
      labels: labelsOf(inputs.labels),
    }));
  }

  /** Of this cluster; what waits to be deleted is not declared any more. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what inputs of a type are
  private own<T extends { readonly labels?: readonly Label[] }>(
    type: string,
  ): readonly { readonly inputs: T; readonly host: string }[] {
    return resourcesOf(this.state, type)
      .filter((resource) => resource.delete !== true)
      .map((resource) => ({ inputs: (resource.inputs ?? {}) as unknown as T, host: this.hostOf(resource) }))
      .filter(({ inputs }) => labelsOf(inputs.labels)[LABELS.clusterName] === this.clusterName);
  }

  private hostOf({ provider = "" }: StateResource): string {
    const urn = provider.slice(0, provider.lastIndexOf("::"));
    const inputs = resourcesOf(this.state, "pulumi:providers:docker").find(
      (candidate) => candidate.urn === urn,
    )?.inputs;
    const dockerHost = typeof inputs?.["host"] === "string" ? inputs["host"] : null;
    return this.hosts.find((host) => host.dockerHost === dockerHost)?.name ?? "";
  }
}

function labelsOf(labels: readonly Label[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((labels ?? []).map(({ label, value }) => [label, value]));
}
