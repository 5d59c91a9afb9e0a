/** Where a container is not what is declared, and how much that weakens. Plain values of `docker inspect` in. */
import type { DeclaredContainer } from "./declared";
import type { Severity } from "./report";

/** What of `docker inspect` is compared. */
export interface LiveContainer {
  readonly Config: {
    readonly User: string;
    readonly Image: string;
    readonly Cmd: readonly string[] | null;
    readonly Entrypoint: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly Healthcheck?: { readonly Test: readonly string[] | null } | null;
    readonly StopTimeout?: number;
    readonly Env: readonly string[] | null;
  };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string;
    readonly Source: string;
    readonly Destination: string;
    readonly RW: boolean;
  }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

export interface Drift {
  readonly severity: Severity;
  /** What it is: `the memory limit`. */
  readonly what: string;
  readonly want: string;
  readonly have: string;
}

interface Field {
  readonly what: string;
  readonly severity: Severity;
  readonly want: (declared: DeclaredContainer) => string;
  readonly have: (live: LiveContainer, declared: DeclaredContainer) => string;
}

/** Of an option that the project never sets: it must be what Docker sets itself. */
function unset(name: string, what: string, severity: Severity, none: readonly string[] = []): Field {
  const isNone = (text: string): boolean => ["", "null", "[]", "{}", "0", "false", ...none].includes(text);
  return {
    what,
    severity,
    want: () => "nothing",
    have: ({ HostConfig }) => {
      const text = textOf(HostConfig[name]);
      return isNone(text) ? "nothing" : text;
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function sorted(words: readonly string[] | null | undefined): string {
  return words === null || words === undefined || words.length === 0 ? "nothing" : [...words].sort().join(", ");
}

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map((word) => String(word)) : []);

const FIELDS: readonly Field[] = [
  unset("Privileged", "privileged mode", "critical"),
  unset("CapAdd", "added capabilities", "high"),
  unset("Devices", "devices", "high"),
  unset("DeviceCgroupRules", "device rules", "high"),
  unset("DeviceRequests", "device requests", "medium"),
  unset("PidMode", "the process namespace", "high"),
  unset("UTSMode", "the host name namespace", "medium"),
  unset("UsernsMode", "the user namespace", "medium"),
  unset("GroupAdd", "further groups", "medium"),
  unset("VolumesFrom", "volumes of other containers", "high"),
  unset("Links", "links", "low"),
  unset("ExtraHosts", "names in /etc/hosts", "medium"),
  unset("Dns", "name servers", "medium"),
  unset("Sysctls", "kernel settings", "medium"),
  unset("OomKillDisable", "the switch for the kernel's memory killer", "medium"),
  unset("PublishAllPorts", "publishing of all ports", "high"),
  unset("CgroupParent", "the control group", "low"),
  unset("CpuQuota", "the limit of CPU time", "low"),
  unset("NanoCpus", "the limit of CPUs", "low"),
  // The kernel's own share; an update cannot take a share away, only set this one.
  unset("CpuShares", "the share of CPU time", "low", ["1024"]),
  unset("CpusetCpus", "the choice of CPUs", "low"),
  unset("BlkioWeight", "the share of disk time", "low"),
  unset("MemoryReservation", "the memory reservation", "low"),
  // A negative or zero limit is none; Docker says -1 after an update that takes it away.
  unset("PidsLimit", "the limit of processes", "low", ["-1"]),
  unset("IpcMode", "the memory namespace", "medium", ["private", "shareable"]),
  {
    what: "the read-only root",
    severity: "high",
    want: () => "true",
    have: ({ HostConfig }) => textOf(HostConfig["ReadonlyRootfs"]),
  },
  {
    what: "dropped capabilities",
    severity: "high",
    want: () => "ALL",
    have: ({ HostConfig }) => sorted(listOf(HostConfig["CapDrop"])),
  },
  {
    what: "security options",
    severity: "high",
    want: () => "no-new-privileges",
    // Docker of today writes the default out.
    have: ({ HostConfig }) => sorted(listOf(HostConfig["SecurityOpt"]).map((word) => word.replace(/[:=]true$/, ""))),
  },
  { what: "the user", severity: "high", want: ({ user }) => user, have: ({ Config }) => Config.User },
  { what: "the image", severity: "high", want: ({ image }) => image, have: ({ Config }) => Config.Image },
  {
    what: "the command line",
    severity: "high",
    want: ({ command }) => command.join(" "),
    have: ({ Config }) => (Config.Cmd ?? []).join(" "),
  },
  {
    what: "the first process",
    severity: "high",
    want: ({ entrypoint }) => entrypoint.join(" "),
    have: ({ Config }) => (Config.Entrypoint ?? []).join(" "),
  },
  {
    what: "the volumes",
    severity: "high",
    want: ({ mounts }) => sorted(mounts),
    have: ({ Mounts }) =>
      sorted(
        Mounts.filter(({ Type }) => Type !== "tmpfs").map(
          (mount) => `${mount.Name ?? mount.Source}:${mount.Destination}:${mount.RW ? "rw" : "ro"}`,
        ),
      ),
  },
  {
    what: "file systems in memory",
    severity: "medium",
    want: ({ tmpfs }) => sorted(tmpfs),
    have: ({ HostConfig }) => sorted(Object.keys(HostConfig["Tmpfs"] ?? {})),
  },
  {
    what: "the networks",
    severity: "high",
    want: ({ networks }) => sorted(networks.map(({ name }) => name)),
    have: ({ NetworkSettings }) => sorted(Object.keys(NetworkSettings.Networks)),
  },
  {
    what: "the address",
    severity: "medium",
    want: ({ networks }) =>
      sorted(networks.flatMap(({ name, address }) => (address === null ? [] : [`${name} ${address}`]))),
    have: ({ NetworkSettings }, { networks }) =>
      sorted(
        networks.flatMap(({ name, address }) => {
          const at = NetworkSettings.Networks[name]?.IPAddress;
          // A container that is stopped has none; the networks are compared by themselves.
          return address === null ? [] : [`${name} ${at === undefined || at === "" ? address : at}`];
        }),
      ),
  },
  {
    what: "the memory limit",
    severity: "medium",
    want: ({ memoryBytes }) => mib(memoryBytes),
    have: ({ HostConfig }) => mib(Number(HostConfig["Memory"] ?? 0)),
  },
  {
    what: "the swap limit",
    severity: "medium",
    want: ({ memorySwapBytes }) => (memorySwapBytes === null ? "any" : mib(memorySwapBytes)),
    have: ({ HostConfig }, { memorySwapBytes }) =>
      memorySwapBytes === null ? "any" : mib(Number(HostConfig["MemorySwap"] ?? 0)),
  },
  {
    what: "the restart policy",
    severity: "medium",
    want: ({ restart }) => restart,
    have: ({ HostConfig }) => ((HostConfig["RestartPolicy"] ?? {}) as { Name?: string }).Name ?? "no",
  },
  {
    what: "the log driver",
    severity: "medium",
    want: ({ logDriver }) => logDriver,
    have: ({ HostConfig }) => ((HostConfig["LogConfig"] ?? {}) as { Type?: string }).Type ?? "",
  },
  {
    what: "the log's options",
    severity: "low",
    want: ({ logOptions }) => pairs(logOptions),
    have: ({ HostConfig }) =>
      pairs(((HostConfig["LogConfig"] ?? {}) as { Config?: Record<string, string> }).Config ?? {}),
  },
  {
    what: "the labels",
    severity: "medium",
    want: ({ labels }) => pairs(labels),
    have: ({ Config }, { labels }) => pairs(ownLabels(Config.Labels ?? {}, labels)),
  },
  {
    what: "the health check",
    severity: "low",
    want: ({ healthTest }) => healthTest.join(" "),
    have: ({ Config }) => (Config.Healthcheck?.Test ?? []).join(" "),
  },
  {
    what: "the stop time",
    severity: "low",
    want: ({ stopSeconds }) => String(stopSeconds),
    have: ({ Config }) => String(Config.StopTimeout ?? 10),
  },
];

/** An image may have labels of its own. */
function ownLabels(
  live: Readonly<Record<string, string>>,
  declared: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(live).filter(([name]) => name in declared || name.startsWith("pulumi-rethinkdb.")),
  );
}

function pairs(values: Readonly<Record<string, string>>): string {
  return sorted(Object.entries(values).map(([name, value]) => `${name}=${value}`));
}

function mib(bytes: number): string {
  return bytes <= 0 ? "none" : `${String(Math.round(bytes / 1048576))} MiB`;
}

export function containerDrift(declared: DeclaredContainer, live: LiveContainer): readonly Drift[] {
  return FIELDS.flatMap(({ what, severity, want, have }): readonly Drift[] => {
    const [wanted, found] = [want(declared), have(live, declared)];
    return wanted === found ? [] : [{ what, severity, want: wanted, have: found }];
  });
}
