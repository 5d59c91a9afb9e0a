/** What a process in a container is and may do. */
import type { DeclaredContainer } from "../../../../core/decide/audit/declared";
import { found, held, type Probe, tryEach, UP } from "../../probe";

const nameOf = ({ name }: DeclaredContainer): string => name;

function statusOf(status: string, field: string): string {
  return new RegExp(`^${field}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim() ?? "";
}

export const UID: Probe = {
  id: "process-uid",
  line: "process",
  tried: "read of the first process of each container under which user it runs",
  run: (scene) =>
    tryEach(scene.declared.containers, nameOf, async (declared) => {
      const { status } = await scene.inside(declared);
      const [want] = declared.user.split(":");
      const have = [...new Set([...statusOf(status, "Uid").split(/\s+/), ...statusOf(status, "Gid").split(/\s+/)])];
      if (have.every((id) => id === want)) return held(declared.name, `user and group ${have.join(", ")}`);
      const severity = have.includes("0") ? "critical" : "high";
      return found(declared.name, severity, `it runs as ${have.join(", ")} instead of ${want ?? ""}`, UP);
    }),
};

export const CAPABILITIES: Probe = {
  id: "process-capabilities",
  line: "process",
  tried: "read of the first process of each container its capabilities, no_new_privs and seccomp",
  run: (scene) =>
    tryEach(scene.declared.containers, nameOf, async (declared) => {
      const { status } = await scene.inside(declared);
      const sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((set) => ({
        set,
        bits: statusOf(status, set),
      }));
      const some = sets.filter(({ bits }) => !/^0+$/.test(bits));
      const attempts = [];
      if (some.length > 0) {
        const words = some.map(({ set, bits }) => `${set} ${bits.replace(/^0+/, "") || "unknown"}`).join(", ");
        attempts.push(found(declared.name, "high", `it has capabilities: ${words}`, UP));
      }
      if (statusOf(status, "NoNewPrivs") !== "1") {
        attempts.push(found(declared.name, "high", "no_new_privs is off: a setuid program gives rights", UP));
      }
      if (statusOf(status, "Seccomp") === "0") {
        attempts.push(found(declared.name, "medium", "no seccomp filter: every system call is open to it", UP));
      }
      return attempts.length > 0 ? attempts : [held(declared.name, "no capability, no new privileges, seccomp on")];
    }),
};

/** Of Docker itself; each is memory or a device without power. */
const HARMLESS =
  /^\/dev\/(urandom|zero|tty|full|random|null|shm|mqueue|console|pts(\/.*)?|fuse)$|^\/dev\/mqueue\/|^\/dev\/shm\//;
/** What each kind of container may write beside it. */
const OWN: Readonly<Record<DeclaredContainer["role"], RegExp>> = {
  server: /^\/data\/rethinkdb(\/|$)/,
  "ui-peer": /^\/(data|socket)(\/|$)/,
  ui: /^\/tmp(\/|$)|^\/socket\/http\.sock$/,
};

export const WRITABLE: Probe = {
  id: "writable-files",
  line: "escape",
  tried: "looked, as the user of each container, at every file and folder for what it may write",
  run: (scene) =>
    tryEach(scene.declared.containers, nameOf, async (declared) => {
      const { writable } = await scene.inside(declared);
      const beyond = writable.filter((path) => !HARMLESS.test(path) && !OWN[declared.role].test(path));
      if (beyond.length === 0)
        return held(declared.name, "nothing but its own data, devices and memory of the container");
      const shown = `${beyond.slice(0, 5).join(", ")}${beyond.length > 5 ? ` and ${String(beyond.length - 5)} more` : ""}`;
      const touchesKeys = beyond.some((path) => /^\/(tls|data)(\/|$)/.test(path));
      return found(declared.name, touchesKeys ? "critical" : "high", `it may write ${shown}`, UP);
    }),
};

/** Of Docker itself, in every container. */
const OF_DOCKER = /^\/(proc|sys|dev)(\/|$)|^\/etc\/(resolv\.conf|hostname|hosts)$/;

export const MOUNTS: Probe = {
  id: "mounts",
  line: "escape",
  tried: "read from the kernel what is mounted in each container, and how",
  run: (scene) =>
    tryEach(scene.declared.containers, nameOf, async (declared) => {
      const { mounts } = await scene.inside(declared);
      const wanted = new Map([
        ["/", "ro"],
        ...declared.mounts.map((mount): [string, string] => [mount.split(":")[1] ?? "", mount.split(":")[2] ?? ""]),
        ...declared.tmpfs.map((path): [string, string] => [path, "rw"]),
      ]);
      const attempts = mounts
        .filter(({ at }) => !OF_DOCKER.test(at))
        .flatMap(({ at, readOnly, source }) => {
          const mode = wanted.get(at);
          if (mode === undefined) {
            const isSocket = /docker\.sock/.test(`${at} ${source}`);
            return [
              found(
                declared.name,
                isSocket ? "critical" : "high",
                `${source} is mounted at ${at} and not declared`,
                UP,
              ),
            ];
          }
          return mode === "ro" && !readOnly ? [found(declared.name, "high", `${at} is mounted writable`, UP)] : [];
        });
      return attempts.length > 0
        ? attempts
        : [held(declared.name, [...wanted].map(([at, mode]) => `${at} ${mode}`).join(", "))];
    }),
};
