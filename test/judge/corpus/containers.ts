import { args, type Change, hand, inputs, first } from "../change";
import { ALL, restart } from "./words";

const line = (how: string, title: string, now: string, was: string, who = ALL): string =>
  `${how}: ${who}: ${title} is now ${now}; was ${was}`;
const DIGEST = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;
const TAG = "rethinkdb:2.4.4-bookworm-slim";

export const image: readonly Change[] = [
  {
    name: "the image is pinned by digest",
    head: args({ image: `${TAG}@${DIGEST}` }),
    expect: [
      line("changed", "image", `${TAG}@${DIGEST}`, TAG),
      line("strengthened", "image pinned", "by digest", "by the tag of a version"),
      restart("image"),
    ],
  },
  {
    name: "the digest is dropped",
    base: args({ image: `${TAG}@${DIGEST}` }),
    head: args({}),
    expect: [
      line("changed", "image", TAG, `${TAG}@${DIGEST}`),
      line("weakened", "image pinned", "by the tag of a version", "by digest"),
      restart("image"),
    ],
  },
  {
    name: "another digest stands behind the same tag",
    base: args({ image: `${TAG}@${DIGEST}` }),
    head: args({ image: `${TAG}@${OTHER}` }),
    expect: [line("changed", "image", `${TAG}@${OTHER}`, `${TAG}@${DIGEST}`), restart("image")],
  },
  {
    name: "the image follows latest",
    head: args({ image: "rethinkdb:latest" }),
    expect: [
      line("changed", "image", "rethinkdb:latest", TAG),
      line("weakened", "image pinned", "by a moving tag, latest", "by the tag of a version"),
      line("weakened", "image's version", "open, since the tag moves", "supported"),
      restart("image"),
    ],
  },
  {
    name: "the image follows a series",
    head: args({ image: "rethinkdb:2.4-bookworm-slim" }),
    expect: [
      line("changed", "image", "rethinkdb:2.4-bookworm-slim", TAG),
      line("weakened", "image pinned", "by a moving tag, 2.4-bookworm-slim", "by the tag of a version"),
      line("weakened", "image's version", "open, since the tag moves", "supported"),
      restart("image"),
    ],
  },
  {
    name: "the image comes from another repository",
    head: args({ image: "registry.example.com/mirror/rethinkdb:2.4.4" }),
    expect: [
      line("unknown", "image's repository", "registry.example.com/mirror/rethinkdb", "rethinkdb"),
      line("changed", "image", "registry.example.com/mirror/rethinkdb:2.4.4", TAG),
      restart("image"),
    ],
  },
  {
    name: "one server runs a version that cannot be secured",
    head: hand(inputs((i) => (i.image = "rethinkdb:2.3.6"), "n2")),
    expect: [
      line("changed", "image", "rethinkdb:2.3.6", TAG, "n2"),
      line("weakened", "image's version", "not supported", "supported", "n2"),
      line("weakened", "image that programs are told fits what is declared", "no", "yes", "n2"),
      restart("image", "n2"),
    ],
  },
  {
    name: "the image has neither tag nor digest",
    head: hand(inputs((i) => (i.image = "rethinkdb"))),
    expect: [
      line("changed", "image", "rethinkdb", TAG),
      line("weakened", "image pinned", "not at all, it has no tag", "by the tag of a version"),
      line("weakened", "image's version", "open, since the tag moves", "supported"),
      line("weakened", "image that programs are told fits what is declared", "no", "yes"),
      "weakened: cluster orders: image that programs are told fits what is declared is now no; was yes",
      restart("image"),
    ],
  },
  {
    name: "an older patch version is taken",
    head: args({ image: "rethinkdb:2.4.3-bookworm-slim" }),
    expect: [line("changed", "image", "rethinkdb:2.4.3-bookworm-slim", TAG), restart("image")],
  },
];

export const hardening: readonly Change[] = [
  {
    name: "servers run with a uid that logins have",
    head: args({ runAsUid: 1000 }),
    expect: [
      line("weakened", "user of the process", "1000 (a uid that logins have)", "28015"),
      line("changed", "group of the process", "1000", "28015"),
      restart("user"),
    ],
  },
  {
    name: "servers run with another high uid",
    head: args({ runAsUid: 40000 }),
    expect: [
      line("changed", "user of the process", "40000", "28015"),
      line("changed", "group of the process", "40000", "28015"),
      restart("user"),
    ],
  },
  {
    name: "one server runs as root",
    head: hand(inputs((i) => (i.user = "0:0"), "n0")),
    expect: [
      line("weakened", "user of the process", "0 (root)", "28015", "n0"),
      line("weakened", "group of the process", "0", "28015", "n0"),
      line("weakened", "uid that programs are told fits what is declared", "no", "yes", "n0"),
      line("weakened", "uid that programs are told fits what is declared", "no", "yes", "cluster orders"),
      restart("user", "n0"),
    ],
  },
  {
    name: "servers run as the user of the image",
    head: hand(inputs((i) => delete i.user)),
    expect: [
      line("weakened", "user of the process", "the image's own", "28015"),
      line("changed", "group of the process", "none", "28015"),
      line("weakened", "uid that programs are told fits what is declared", "no", "yes"),
      line("weakened", "uid that programs are told fits what is declared", "no", "yes", "cluster orders"),
      restart("user"),
    ],
  },
  {
    name: "a capability is added",
    head: hand(inputs((i) => (i.capabilities.adds = ["CAP_NET_ADMIN"]))),
    expect: [line("weakened", "capability NET_ADMIN", "added", "none"), restart("capabilities")],
  },
  {
    name: "only some capabilities are dropped",
    head: hand(inputs((i) => (i.capabilities.drops = ["NET_RAW"]))),
    expect: [line("weakened", "all capabilities dropped", "no", "yes"), restart("capabilities")],
  },
  {
    name: "the root file system can be written",
    head: hand(inputs((i) => (i.readOnly = false))),
    expect: [line("weakened", "read-only root file system", "no", "yes"), restart("readOnly")],
  },
  {
    name: "a server is privileged",
    head: hand(inputs((i) => (i.privileged = true), "n1")),
    expect: [line("weakened", "privileged", "yes", "no", "n1"), restart("privileged", "n1")],
  },
  {
    name: "new privileges are possible and seccomp is off",
    head: hand(inputs((i) => (i.securityOpts = ["seccomp=unconfined"]))),
    expect: [
      line("weakened", "no new privileges", "no", "yes"),
      line("weakened", "confinement switched off by seccomp=unconfined", "yes", "no"),
      restart("securityOpts"),
    ],
  },
  {
    name: "a seccomp profile is set",
    head: hand(inputs((i) => i.securityOpts.push("seccomp=/etc/docker/tight.json"))),
    expect: [
      line("weakened", "security option seccomp=/etc/docker/tight.json", "set", "none"),
      restart("securityOpts"),
    ],
  },
  {
    name: "no new privileges is taken back by a later option",
    head: hand(inputs((i) => i.securityOpts.push("no-new-privileges=false"), "n0")),
    expect: [line("weakened", "no new privileges", "no", "yes", "n0"), restart("securityOpts", "n0")],
  },
  {
    name: "no new privileges is said twice, the last time for good",
    head: hand(inputs((i) => (i.securityOpts = ["no-new-privileges=false", "no-new-privileges"]))),
    expect: [restart("securityOpts")],
  },
  {
    name: "no new privileges is written in its other spelling",
    head: hand(inputs((i) => (i.securityOpts = ["no-new-privileges:true"]))),
    expect: [restart("securityOpts")],
  },
  {
    name: "a device of the host is handed in",
    head: hand(inputs((i) => (i.devices = [{ hostPath: "/dev/mem" }]), "n0")),
    expect: [line("weakened", "device /dev/mem", "rwm", "none", "n0"), restart("devices", "n0")],
  },
  {
    name: "processes of the host are seen",
    head: hand(inputs((i) => (i.pidMode = "host"), "n0")),
    expect: [line("weakened", "pid namespace", "host", "its own", "n0"), restart("pidMode", "n0")],
  },
  {
    name: "a server is on the network of the host",
    head: hand(inputs((i) => (i.networkMode = "host"), "n0")),
    expect: [line("weakened", "network mode", "host", "bridge", "n0"), restart("networkMode", "n0")],
  },
  {
    name: "a server is in the docker group",
    head: hand(inputs((i) => (i.groupAdds = ["docker"]), "n0")),
    expect: [line("weakened", "in group docker", "yes", "no", "n0"), restart("groupAdds", "n0")],
  },
  {
    name: "hardening that was missing is there",
    base: hand(
      inputs((i) => {
        i.readOnly = false;
        i.capabilities = {};
      }),
    ),
    head: hand(),
    expect: [
      line("strengthened", "all capabilities dropped", "yes", "no"),
      line("strengthened", "read-only root file system", "yes", "no"),
      restart("capabilities, readOnly"),
    ],
  },
];

export const mounts: readonly Change[] = [
  {
    name: "the engine's socket is mounted",
    head: hand(
      inputs((i) => i.volumes.push({ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }), "n0"),
    ),
    expect: [
      line(
        "weakened",
        "what is mounted on /var/run/docker.sock",
        "/var/run/docker.sock of the host, which is root's",
        "none",
        "n0",
      ),
      line("weakened", "/var/run/docker.sock is writable", "yes", "no", "n0"),
      restart("volumes", "n0"),
    ],
  },
  {
    name: "a folder of the host is mounted read-only",
    head: hand(inputs((i) => i.volumes.push({ hostPath: "/srv/x", containerPath: "/x", readOnly: true }), "n0")),
    expect: [line("weakened", "what is mounted on /x", "/srv/x of the host", "none", "n0"), restart("volumes", "n0")],
  },
  {
    name: "the host's etc is bound through mounts",
    head: hand(inputs((i) => (i.mounts = [{ type: "bind", source: "/etc", target: "/host", readOnly: true }]), "n0")),
    expect: [
      line("weakened", "what is mounted on /host", "/etc of the host, which is root's", "none", "n0"),
      restart("mounts", "n0"),
    ],
  },
  {
    name: "servers can write their own keys",
    head: hand(inputs((i) => Object.assign(i.volumes[1] ?? {}, { readOnly: false }))),
    expect: [line("weakened", "/tls is read-only", "no", "yes"), restart("volumes")],
  },
  {
    name: "the data is no longer on a volume",
    head: hand(inputs((i) => i.volumes.shift(), "n1")),
    expect: [
      line("weakened", "data on a volume of its own", "no", "yes", "n1"),
      line("changed", "what is mounted on /data", "none", "volume orders-n1-data", "n1"),
      restart("volumes", "n1"),
    ],
  },
  {
    name: "the data lies on another volume",
    head: hand(inputs((i) => (first(i.volumes).volumeName = "other"), "n1")),
    expect: [
      line("weakened", "what is mounted on /data", "volume other, not its own", "volume orders-n1-data", "n1"),
      line("weakened", "dataVolume that programs are told fits what is declared", "no", "yes", "n1"),
      restart("volumes", "n1"),
    ],
  },
  {
    name: "two servers use one data volume",
    head: hand(inputs((i) => (first(i.volumes).volumeName = "orders-n0-data"), "n1")),
    expect: [
      line("weakened", "what is mounted on /data", "volume orders-n0-data, not its own", "volume orders-n1-data", "n1"),
      line("weakened", "data volume is used by db-n1 too", "yes", "no", "n0"),
      line("weakened", "data volume is used by db-n0 too", "yes", "no", "n1"),
      line("weakened", "dataVolume that programs are told fits what is declared", "no", "yes", "n1"),
      restart("volumes", "n1"),
    ],
  },
  {
    name: "one more volume can be written",
    head: hand(inputs((i) => i.volumes.push({ volumeName: "scratch", containerPath: "/scratch" }))),
    expect: [
      line("weakened", "what is mounted on /scratch", "volume scratch, not its own", "none"),
      line("weakened", "/scratch is writable", "yes", "no"),
      restart("volumes"),
    ],
  },
  {
    name: "programs can run from a memory file system",
    head: hand(inputs((i) => (i.tmpfs = { "/tmp": "rw,exec" }))),
    expect: [line("weakened", "memory file system on /tmp", "rw,exec", "none"), restart("tmpfs")],
  },
  {
    name: "a file is put into the container",
    head: hand(inputs((i) => (i.uploads = [{ file: "/etc/x", content: "x" }]), "n0")),
    expect: [line("weakened", "file put at /etc/x", "file d730302f", "none", "n0"), restart("uploads", "n0")],
  },
];

export const limits: readonly Change[] = [
  {
    name: "servers get less memory, and less cache with it",
    head: args({ memoryMib: 512 }),
    expect: [
      line("changed", "memory limit", "512 MiB", "1024 MiB"),
      line("changed", "memory and swap together", "512 MiB", "1024 MiB"),
      line("changed", "cache size", "256 MiB", "512 MiB"),
      restart("command, memory, memorySwap"),
    ],
  },
  {
    name: "the memory limit is gone",
    head: hand(inputs((i) => delete i.memory)),
    expect: [line("weakened", "memory limit", "none", "1024 MiB"), restart("memory")],
  },
  {
    name: "swap has no limit",
    head: hand(inputs((i) => (i.memorySwap = -1))),
    expect: [line("weakened", "memory and swap together", "without limit", "1024 MiB"), restart("memorySwap")],
  },
  {
    name: "servers may swap",
    head: args({ limitSwap: false }),
    expect: [line("weakened", "memory and swap together", "without limit", "1024 MiB"), restart("memorySwap")],
  },
  {
    name: "the cache is sized by the host",
    head: hand(inputs((i) => (i.command = i.command?.map((w) => (w === "512" ? "auto" : w))))),
    expect: [line("weakened", "cache size", "by the host's memory", "512 MiB"), restart("command")],
  },
  {
    name: "only the cache changes",
    head: args({ cacheSizeMib: 300 }),
    expect: [line("changed", "cache size", "300 MiB", "512 MiB"), restart("command")],
  },
  {
    name: "servers do not come back by themselves",
    head: hand(inputs((i) => (i.restart = "no"))),
    expect: [line("weakened", "restart policy", "no", "unless-stopped"), restart("restart")],
  },
  {
    name: "logs have no limit",
    head: hand(inputs((i) => delete i.logOpts)),
    expect: [
      line("weakened", "size of logs bounded", "no", "yes"),
      line("unknown", "input logOpts", "none", "value 63e39db5"),
      restart("logOpts"),
    ],
  },
  {
    name: "servers are killed after ten seconds",
    head: hand(inputs((i) => (i.stopTimeout = 10))),
    expect: [line("weakened", "seconds to stop (stopTimeout)", "10", "60"), restart("stopTimeout")],
  },
  {
    name: "a replaced server is killed at once",
    head: hand(inputs((i) => delete i.destroyGraceSeconds)),
    expect: [
      line("weakened", "seconds to stop when replaced (destroyGraceSeconds)", "0", "60"),
      `changed: ${ALL}: destroyGraceSeconds changed in place`,
    ],
  },
  {
    name: "servers have longer to stop than they need",
    head: hand(inputs((i) => (i.stopTimeout = 120))),
    expect: [line("changed", "seconds to stop (stopTimeout)", "120", "60"), restart("stopTimeout")],
  },
  {
    name: "the health check verifies nothing",
    head: hand(
      inputs(
        (i) =>
          (i.healthcheck = {
            ...i.healthcheck,
            tests: (i.healthcheck?.tests ?? []).map((t) => t.replace("-verify_return_error ", "")),
          }),
      ),
    ),
    expect: [
      line("weakened", "health check verifies TLS", "no", "yes"),
      line("unknown", "test of the health check", "test 1c2c47ec", "this project's own"),
      restart("healthcheck"),
    ],
  },
  {
    name: "there is no health check",
    head: hand(inputs((i) => delete i.healthcheck, "n0")),
    expect: [
      line("weakened", "health check", "none", "on (10s 10s 30s 3)", "n0"),
      line("weakened", "health check verifies TLS", "no", "yes", "n0"),
      restart("healthcheck", "n0"),
    ],
  },
  {
    name: "a server starts on whatever data it finds",
    head: hand(inputs((i) => (i.entrypoints = ["rethinkdb"]), "n0")),
    expect: [
      line("weakened", "entry refuses a wrong data volume", "no", "yes", "n0"),
      line("unknown", "first process of the container", "script f1c49e54", "this project's own", "n0"),
      restart("entrypoints", "n0"),
    ],
  },
  {
    name: "the guards cannot find a server by its labels",
    head: hand(inputs((i) => (i.labels = i.labels.filter((l) => l.label !== "pulumi-rethinkdb.identity")), "n0")),
    expect: [line("weakened", "labels by which the guards find it", "no", "yes", "n0"), restart("labels", "n0")],
  },
  {
    name: "a server has one more label",
    head: hand(inputs((i) => i.labels.push({ label: "team", value: "a" }), "n0")),
    expect: [line("weakened", "input labels", "value 2fa2dd40", "none", "n0"), restart("labels", "n0")],
  },
];
