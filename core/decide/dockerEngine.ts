/** Which Docker engines can run a cluster, and what is wrong with one that cannot. */

export interface EngineFacts {
  /** Subject of a sentence: `this engine`, `the engine of host "a"`. */
  readonly which: string;
  /** Names of what answers: `Engine` is Docker's own. */
  readonly components: readonly string[];
  readonly version: string;
  /** As `docker info` says; undefined where it does not say. */
  readonly limitsMemory: boolean | undefined;
  readonly limitsSwap: boolean | undefined;
  readonly securityOptions: readonly string[];
  /** Whether servers of this cluster have their place on it. */
  readonly getsServers: boolean;
  /** Whether it has some already. */
  readonly hasServers: boolean;
}

export interface EngineVerdict {
  /** It is not supported: nothing else is looked at. */
  readonly unsupported: readonly string[];
  readonly problems: readonly string[];
  /** Said, and not refused. */
  readonly remarks: readonly string[];
}

const OLDEST = [20, 10] as const;

export function judgeEngine(engine: EngineFacts, limitSwap: boolean): EngineVerdict {
  const unsupported = unsupportedEngine(engine);
  if (unsupported !== undefined) return { unsupported: [unsupported], problems: [], remarks: [] };
  const untried = engine.securityOptions.some((option) => option.split(",").includes("name=rootless"))
    ? [`${engine.which} is rootless Docker, which was not tried`]
    : [];
  const limits = engine.getsServers ? missingLimits(engine, limitSwap) : [];
  // Its containers run as they are, and a refusal would also stop the run that repairs them.
  return engine.hasServers
    ? { unsupported: [], problems: [], remarks: [...untried, ...limits] }
    : { unsupported: [], problems: limits, remarks: untried };
}

function unsupportedEngine({ which, components, version }: EngineFacts): string | undefined {
  if (components.includes("Podman Engine")) {
    return (
      `${which} is Podman's socket, which is not supported: every refresh finds the network different and replaces it, ` +
      `so that the second up fails; install Docker Engine ${OLDEST.join(".")} or newer`
    );
  }
  return isOld(version)
    ? `${which} is Docker ${version || "of an unknown version"}, which is too old; install ${OLDEST.join(".")} or newer`
    : undefined;
}

/** Without them the engine stores other limits than it was asked for: https://github.com/moby/moby/blob/v28.5.2/daemon/daemon_unix.go */
function missingLimits({ which, limitsMemory, limitsSwap }: EngineFacts, limitSwap: boolean): readonly string[] {
  const effect = "so it would store another limit than asked and every up would restart every server";
  if (limitsMemory !== true) {
    return [
      `memoryMib: ${which} does not limit memory (docker info: MemoryLimit ${said(limitsMemory)}), ${effect}; ` +
        `switch it on in the kernel (cgroup_enable=memory swapaccount=1)`,
    ];
  }
  if (limitSwap && limitsSwap !== true) {
    return [
      `limitSwap: ${which} does not limit swap (docker info: SwapLimit ${said(limitsSwap)}), ${effect}; ` +
        `switch it on in the kernel (swapaccount=1), or set limitSwap to false`,
    ];
  }
  return [];
}

function said(value: boolean | undefined): string {
  return value === undefined ? "is missing" : String(value);
}

/** What cannot be read is not known to be new enough. */
function isOld(version: string): boolean {
  const [major = NaN, minor = NaN] = version.split(".").map(Number);
  return !(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]));
}
