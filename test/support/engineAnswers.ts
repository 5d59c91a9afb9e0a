/** What engines answered when they were asked what they are, without what is not read: to the fake docker command. */
import type { Answer } from "./fakeDocker";

const DOCKER_INFO = {
  ...{ ID: "NTFG:O65D:DQ2T:I52O:5M22:F3BJ", Driver: "overlay2", MemoryLimit: true, SwapLimit: true, PidsLimit: true },
  ...{ OomKillDisable: true, CgroupDriver: "cgroupfs", CgroupVersion: "1", OSType: "linux", Architecture: "x86_64" },
  ...{ OperatingSystem: "Debian GNU/Linux 12 (bookworm)", ServerVersion: "20.10.24+dfsg1", NCPU: 2 },
  ...{ SecurityOptions: ["name=seccomp,profile=default"], Warnings: null as readonly string[] | null },
};

const DOCKER_VERSION = {
  Platform: { Name: "" },
  Components: [
    { Name: "Engine", Version: "20.10.24+dfsg1", Details: { ApiVersion: "1.41", MinAPIVersion: "1.12", Os: "linux" } },
    { Name: "containerd", Version: "1.6.20~ds1", Details: { GitCommit: "1.6.20~ds1-1+deb12u3" } },
    { Name: "runc", Version: "1.1.5+ds1", Details: { GitCommit: "1.1.5+ds1-1+deb12u1" } },
  ],
  ...{ Version: "20.10.24+dfsg1", ApiVersion: "1.41", MinAPIVersion: "1.12", Os: "linux", Arch: "amd64" },
};

const PODMAN_VERSION = {
  Platform: { Name: "linux/amd64/debian-forky" },
  Components: [
    { Name: "Podman Engine", Version: "5.8.1", Details: { APIVersion: "5.8.1", MinAPIVersion: "4.0.0", Os: "linux" } },
    { Name: "Conmon", Version: "conmon version 2.1.12, commit: unknown", Details: { Package: "conmon_2.1.12-4" } },
  ],
  ...{ Version: "5.8.1", ApiVersion: "1.41", MinAPIVersion: "1.24", Os: "linux", Arch: "amd64" },
};

function answers(info: Partial<typeof DOCKER_INFO>, version: object = DOCKER_VERSION): readonly Answer[] {
  return [
    { when: "^info ", stdout: `${JSON.stringify({ ...DOCKER_INFO, ...info })}\n` },
    { when: "^version ", stdout: `${JSON.stringify(version)}\n` },
  ];
}

export const DOCKER = answers({});

export const DOCKER_28 = answers({
  ServerVersion: "28.5.2+dfsg4",
  SecurityOptions: ["name=seccomp,profile=builtin"],
});

/** A kernel of cgroup v1 without swapaccount=1. */
export const WITHOUT_SWAP_LIMIT = answers({ SwapLimit: false, Warnings: ["WARNING: No swap limit support"] });

/** A Raspberry Pi as it is delivered. */
export const WITHOUT_MEMORY_LIMIT = answers({
  ...{ MemoryLimit: false, SwapLimit: false },
  Warnings: ["WARNING: No memory limit support", "WARNING: No swap limit support"],
});

export const ROOTLESS = answers({
  CgroupVersion: "2",
  SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"],
});

export const OLD_DOCKER = answers({ ServerVersion: "19.03.15" });

export const PODMAN = answers(
  { ServerVersion: "5.8.1", SecurityOptions: ["name=seccomp,profile=default"] },
  PODMAN_VERSION,
);
