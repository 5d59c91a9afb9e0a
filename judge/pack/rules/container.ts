/** What a server process may do, how long it has to stop, and what it is made from. */
import { values } from "../../../core/render/argv";
import { STOP_SECONDS } from "../../../args/constants";
import { judgeImage } from "../../../args/values/image";
import { isUnknown, list, record, text } from "../../../core/render/previewValues";
import { readSecurityOptions } from "../../model/securityOptions";
import { CONTAINER, isServer, isWebUi, mounts, rethinkdb } from "../reading";
import { perResource, type PolicyResource, type Rule } from "../rule";

const server = (
  check: (resource: PolicyResource, config: Rule["config"]) => string | readonly string[] | undefined,
): Rule["check"] =>
  perResource(CONTAINER, (resource, _stack, config) =>
    isServer(resource) || rethinkdb(resource) !== undefined ? check(resource, config) : undefined,
  );

/** nginx of the web UI holds a key and leads to admin: what is promised of a server's container is of its, too. */
const serverOrWebUi = (
  check: (resource: PolicyResource, config: Rule["config"]) => string | readonly string[] | undefined,
): Rule["check"] =>
  perResource(CONTAINER, (resource, _stack, config) =>
    isServer(resource) || rethinkdb(resource) !== undefined || isWebUi(resource) ? check(resource, config) : undefined,
  );

export const highUid: Rule = {
  name: "high-uid",
  description: "Servers run with a numeric uid that no login has, never as root.",
  level: "mandatory",
  config: { lowest: 2000 },
  check: serverOrWebUi(({ name, inputs }, { lowest = 2000 }) => {
    if (isUnknown(inputs["user"])) return undefined;
    const [user = ""] = text(inputs["user"]).split(":");
    return /^\d+$/.test(user) && Number(user) >= lowest
      ? undefined
      : `${name}: it does not run with a numeric uid of ${String(lowest)} or higher; root is one mistake from root on the host, and a login with its uid reads its keys. Set runAsUid.`;
  }),
};

export const readOnlyRoot: Rule = {
  name: "read-only-root",
  description: "The root file system of a server is read-only.",
  level: "mandatory",
  config: {},
  check: serverOrWebUi(({ name, inputs }) =>
    inputs["readOnly"] === true || isUnknown(inputs["readOnly"])
      ? undefined
      : `${name}: its root file system can be written. Set readOnly.`,
  ),
};

export const noCapabilities: Rule = {
  name: "no-capabilities",
  description: "Every capability is dropped, none added, and nothing is privileged.",
  level: "mandatory",
  config: {},
  check: serverOrWebUi(({ name, inputs }) => {
    const given = inputs["capabilities"];
    if (isUnknown(given)) return undefined;
    const problems: string[] = [];
    const drops = list(record(given)["drops"]).map((drop) => text(drop).toUpperCase());
    if (!drops.includes("ALL")) problems.push(`${name}: it keeps capabilities. Drop ALL of them.`);
    if (list(record(given)["adds"]).length > 0)
      problems.push(`${name}: capabilities are added. Take them out: RethinkDB needs none.`);
    if (inputs["privileged"] === true)
      problems.push(`${name}: it is privileged, which is root on the host. Take privileged out.`);
    return problems;
  }),
};

export const noNewPrivileges: Rule = {
  name: "no-new-privileges",
  description: "No process gains privileges, and no confinement is switched off.",
  level: "mandatory",
  config: {},
  check: serverOrWebUi(({ name, inputs }) => {
    if (isUnknown(inputs["securityOpts"])) return undefined;
    const { noNewPrivileges: gainsNothing, unconfined } = readSecurityOptions(list(inputs["securityOpts"]));
    const problems: string[] = [];
    if (!gainsNothing) {
      problems.push(`${name}: its processes may gain privileges. Add no-new-privileges to securityOpts.`);
    }
    if (unconfined.length > 0) {
      problems.push(`${name}: a confinement is switched off in securityOpts. Take that out.`);
    }
    return problems;
  }),
};

export const noHostNamespaces: Rule = {
  name: "no-host-namespaces",
  description: "Servers see no processes, devices or groups of the host.",
  level: "mandatory",
  config: {},
  check: serverOrWebUi(({ name, inputs }) => {
    const shared = ["pidMode", "ipcMode", "usernsMode", "cgroupnsMode"].filter((key) =>
      /^(host|container:)/.test(text(inputs[key])),
    );
    const given = [...shared, ...["devices", "groupAdds"].filter((key) => list(inputs[key]).length > 0)];
    return given.length === 0
      ? undefined
      : `${name}: ${given.join(" and ")} reach out of the container. Take them out.`;
  }),
};

export const memoryLimit: Rule = {
  name: "memory-limit",
  description: "A server has a memory limit, and a cache that fits into it.",
  level: "mandatory",
  config: {},
  check: serverOrWebUi((resource) => {
    const { name, inputs } = resource;
    const memory = inputs["memory"];
    if (isUnknown(memory)) return undefined;
    if (typeof memory !== "number" || memory <= 0)
      return `${name}: it has no memory limit and takes the host down with it. Set memoryMiB.`;
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown" || argv.subcommand === "proxy") return undefined;
    const [cache] = values(argv, "cache-size");
    if (cache !== undefined && isUnknown(cache)) return undefined;
    const size = cache !== undefined && /^\d+$/.test(cache) ? Number(cache) : Infinity;
    return size < memory
      ? undefined
      : `${name}: its cache is as large as its memory, or sized by the host's. Set --cache-size below memory (cacheSizeMiB).`;
  }),
};

export const timeToStop: Rule = {
  name: "time-to-stop",
  description: "A server has a minute to flush before it is killed, also when it is replaced.",
  level: "mandatory",
  config: { seconds: STOP_SECONDS },
  check: server(({ name, inputs }, { seconds = STOP_SECONDS }) => {
    const short = ["stopTimeout", "destroyGraceSeconds"].filter(
      (key) => !isUnknown(inputs[key]) && Number(inputs[key] ?? 0) < seconds,
    );
    return short.length === 0
      ? undefined
      : `${name}: ${short.join(" and ")} is below ${String(seconds)} seconds, and a server that is killed may not have flushed. Set ${String(seconds)}.`;
  }),
};

export const comesBack: Rule = {
  name: "comes-back",
  description: "A server comes back by itself when it or the engine ended.",
  level: "mandatory",
  config: {},
  check: serverOrWebUi(({ name, inputs }) =>
    isUnknown(inputs["restart"]) || ["unless-stopped", "always"].includes(text(inputs["restart"]))
      ? undefined
      : `${name}: it stays down after a crash or a restart of the engine. Set restart to unless-stopped.`,
  ),
};

export const boundedLogs: Rule = {
  name: "bounded-logs",
  description: "A container's log has a size limit.",
  level: "advisory",
  config: {},
  check: serverOrWebUi(({ name, inputs }) =>
    isUnknown(inputs["logOpts"]) || "max-size" in record(inputs["logOpts"])
      ? undefined
      : `${name}: its log grows without limit until the disk is full. Set logOpts max-size.`,
  ),
};

export const supportedImage: Rule = {
  name: "supported-image",
  description: "The image names RethinkDB 2.4.3 or newer, and no tag that moves to other versions.",
  level: "mandatory",
  config: {},
  check: server(({ name, inputs }) => {
    if (isUnknown(inputs["image"])) return undefined;
    const { error, warning } = judgeImage(text(inputs["image"]));
    return error === undefined && warning === undefined
      ? undefined
      : `${name}: its image is no fixed version of RethinkDB from 2.4.3 on. Use rethinkdb:2.4.4-bookworm-slim, if possible by digest.`;
  }),
};

export const imageByDigest: Rule = {
  name: "image-by-digest",
  description: "The image is pinned by digest: a tag can be moved by its owner.",
  level: "advisory",
  config: {},
  check: serverOrWebUi(({ name, inputs }) =>
    isUnknown(inputs["image"]) || text(inputs["image"]).includes("@sha256:")
      ? undefined
      : `${name}: its image is named by a tag, which its owner can move. Run npm run pin.`,
  ),
};

export const noHostPaths: Rule = {
  name: "no-host-paths",
  description: "A server mounts volumes of its own, no path of the host, and its certificates read-only.",
  level: "mandatory",
  config: {},
  check: serverOrWebUi((resource) => {
    const { name, inputs } = resource;
    const problems: string[] = [];
    if (mounts(inputs).some(({ hostPath }) => text(hostPath) !== "")) {
      problems.push(`${name}: a path of the host is mounted, which is a way out of the container. Use a volume.`);
    }
    if (mounts(inputs).some(({ containerPath, readOnly }) => containerPath === "/tls" && readOnly !== true)) {
      problems.push(`${name}: it can write its own keys, certificates and list of peers. Mount /tls with readOnly.`);
    }
    return problems;
  }),
};
