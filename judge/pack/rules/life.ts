/** What keeps secrets in and data alive: passwords, guards and their order, volumes, the engine. */
import { guardsOf } from "../../../core/programs/all";
import { values } from "../../../core/render/argv";
import { hasUnknown, isUnknown, list, record, SECRET, text } from "../../../core/render/previewValues";
import { COMMAND, CONTAINER, ENGINE, isServer, mounts, rethinkdb, VOLUME } from "../reading";
import { perResource, type PolicyResource, type Rule, type Stack } from "../rule";

export const initialPasswordAuto: Rule = {
  name: "initial-password-auto",
  description:
    "Every server and proxy starts with --initial-password auto: never without one, never with a written one.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource) => {
    const argv = rethinkdb(resource);
    if (argv === undefined || argv === "unknown") return undefined;
    const given = values(argv, "initial-password");
    if (given.length === 0)
      return `${resource.name}: it starts without a password and lets in anyone who comes first. Add --initial-password auto.`;
    return given.every((value) => value === "auto" || isUnknown(value))
      ? undefined
      : `${resource.name}: a password is written on the command line, where docker inspect and ps show it. Write --initial-password auto.`;
  }),
};

const SECRET_NAME = /pass(word|wd|phrase)?|secret|token|private|credential|api_?key/i;

export const noSecretInContainers: Rule = {
  name: "no-secret-in-containers",
  description: "No secret stands in argv, environment, labels or files of a container: docker inspect shows them.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, ({ name, inputs }) => {
    const shown = ["command", "entrypoints", "envs", "labels", "hostname", "healthcheck"].filter((key) =>
      looksSecret(inputs[key]),
    );
    const named = list(inputs["envs"]).some((entry) => SECRET_NAME.test(text(entry).split("=", 1)[0] ?? ""));
    const where = [...new Set([...shown, ...(named ? ["envs"] : [])])];
    return where.length === 0
      ? undefined
      : `${name}: a secret stands in ${where.join(" and ")}, which docker inspect shows. Hand it over on stdin or in a file of a volume.`;
  }),
};

/** A private key, or what the offline run knows to be a secret. */
function looksSecret(value: unknown): boolean {
  const all = JSON.stringify(value ?? null);
  return all.includes(JSON.stringify(SECRET)) || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(all);
}

/** The mark of the web UI's password: an HMAC, cut short, that names it and tells nothing of it. */
function isMark(key: string, value: unknown): boolean {
  return key === "PASSWORD_MARK" && (isUnknown(value) || /^[0-9a-f]{16}$/.test(text(value)));
}

export const noSecretInCommands: Rule = {
  name: "no-secret-in-commands",
  description: "No secret stands in the text or the environment of a Command: its errors print them, ps shows them.",
  level: "mandatory",
  config: {},
  check: perResource(COMMAND, ({ name, inputs }) => {
    const environment = record(inputs["environment"]);
    const where = ["create", "update", "delete", "triggers"].filter((key) => looksSecret(inputs[key]));
    const named = Object.entries(environment).some(
      ([key, value]) =>
        (SECRET_NAME.test(key) && !isMark(key, value)) || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text(value)),
    );
    if (named) where.push("environment");
    return where.length === 0
      ? undefined
      : `${name}: a secret stands in ${where.join(" and ")}. Hand it over on stdin.`;
  }),
};

export const guardsDeclared: Rule = {
  name: "guards-declared",
  description: "Every server has its files prepared, its stops permitted and its membership waited for.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, ({ name }, { resources }) => {
    if (!/-n\d+$/.test(name)) return undefined;
    const missing = guardsOf("server").filter(
      (guard) => !resources.some((r) => r.type === COMMAND && r.name === `${name}-${guard}`),
    );
    return missing.length === 0
      ? undefined
      : `${name}: it has no ${missing.join(" and no ")}, so nothing guards its start, its stops or its leaving. Declare it through RethinkdbCluster.`;
  }),
};

export const oneAtATime: Rule = {
  name: "one-at-a-time",
  description: "A server changes only after its permit, and after the server below it is a member again.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource, stack) => {
    const [, cluster, ordinal] = /^(.*)-n(\d+)$/.exec(resource.name) ?? [];
    if (cluster === undefined) return undefined;
    const waits = waitsFor(resource, stack);
    const first = stack.isApplied === true ? firstOf(cluster, stack) : `${cluster}-n0`;
    const below =
      resource.name === first || (stack.isApplied === true && waitsForOther(resource, cluster, waits))
        ? []
        : [`${cluster}-n${String(Number(ordinal) - 1)}-member`];
    const missing = [`${resource.name}-permit`, ...below].filter((name) => !waits.has(name));
    return missing.length === 0
      ? undefined
      : `${resource.name}: it does not wait for ${missing.join(" and ")}, so servers change side by side. Name it in dependsOn.`;
  }),
};

/** The server that waits for no other one: the lowest of those, and in a sound order the only one. */
function firstOf(cluster: string, stack: Stack): string | undefined {
  const servers = stack.resources.filter(
    ({ type, name }) => type === CONTAINER && memberOf(cluster).test(`${name}-member`),
  );
  return servers
    .filter((server) => !waitsForOther(server, cluster, waitsFor(server, stack)))
    .map(({ name }) => name)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1))[0];
}

function waitsForOther({ name }: PolicyResource, cluster: string, waits: ReadonlySet<string>): boolean {
  return [...waits].some((other) => memberOf(cluster).test(other) && other !== `${name}-member`);
}

function memberOf(cluster: string): RegExp {
  return new RegExp(`^${cluster.replace(/[^\w-]/g, "\\$&")}-n\\d+-member$`);
}

/** Names of everything that a resource depends on, through any chain. */
function waitsFor(resource: PolicyResource, { resources }: Stack): ReadonlySet<string> {
  const byUrn = new Map(resources.map((r) => [r.urn, r]));
  const seen = new Set<string>();
  const stack = [...resource.options.dependencies];
  for (let urn = stack.pop(); urn !== undefined; urn = stack.pop()) {
    const found = byUrn.get(urn);
    if (found === undefined || seen.has(found.name)) continue;
    seen.add(found.name);
    stack.push(...found.options.dependencies);
  }
  return seen;
}

export const ownDataVolume: Rule = {
  name: "own-data-volume",
  description: "A server's data lies on a named volume that no other server uses.",
  level: "mandatory",
  config: {},
  check: perResource(CONTAINER, (resource, { resources }) => {
    if (!isServer(resource) || hasUnknown(resource.inputs["volumes"])) return undefined;
    const data = volumeAt(resource, "/data");
    if (data === "")
      return `${resource.name}: its data lies in the container and dies with it. Mount a named volume on /data.`;
    const others = resources.filter(
      (r) => r !== resource && r.type === CONTAINER && mounts(r.inputs).some(({ volumeName }) => volumeName === data),
    );
    return others.length === 0
      ? undefined
      : `${resource.name}: its data volume is used by ${others.map(({ name }) => name).join(" and ")}, too, and two servers on one volume destroy it. Give each its own.`;
  }),
};

function volumeAt({ inputs }: PolicyResource, path: string): string {
  return text(mounts(inputs).find(({ containerPath }) => containerPath === path)?.["volumeName"]);
}

export const dataOutlivesTheStack: Rule = {
  name: "data-outlives-the-stack",
  description:
    "A data volume is kept when its resource goes. CrossGuard sees protect and not retainOnDelete: judged offline.",
  level: "mandatory",
  config: {},
  check: perResource(VOLUME, ({ name, options }) =>
    /-n\d+-data$/.test(name) && !options.protect && options.retainOnDelete === false
      ? `${name}: the volume is deleted with its data when its resource goes. Set retainOnDelete.`
      : undefined,
  ),
};

export const engineOverSafeWay: Rule = {
  name: "engine-over-a-safe-way",
  description: "A Docker engine is reached over a socket, ssh with a checked host key, or TLS.",
  level: "mandatory",
  config: {},
  check: perResource(ENGINE, ({ name, inputs }) => {
    const tls = inputs["certPath"] !== undefined || inputs["certMaterial"] !== undefined;
    if (/^(tcp|http):/.test(text(inputs["host"])) && !tls) {
      return `${name}: the engine is reached over tcp without TLS, and who controls the engine is root of the cluster. Use ssh:// or TLS.`;
    }
    return /StrictHostKeyChecking[= ](no|off|accept-new)|UserKnownHostsFile[= ]\/dev\/null/i.test(
      JSON.stringify(inputs["sshOpts"] ?? ""),
    )
      ? `${name}: the host key of the engine is not checked. Put it into known_hosts and leave StrictHostKeyChecking alone.`
      : undefined;
  }),
};

export const majority: Rule = {
  name: "majority",
  description: "A cluster has an odd number of servers, three or more: two survive no failure.",
  level: "advisory",
  config: { servers: 3 },
  check: ({ resources }, { servers = 3 }) =>
    resources
      .filter(({ type }) => type === "rethinkdb:index:RethinkdbCluster")
      .flatMap(({ urn, name }) => {
        const count = resources.filter(
          (r) => r.type === CONTAINER && new RegExp(`^${name.replace(/[^\w-]/g, "\\$&")}-n\\d+$`).test(r.name),
        ).length;
        return count >= servers && count % 2 === 1
          ? []
          : [
              {
                urn,
                message: `${name}: it has ${String(count)} servers. Use an odd number, ${String(servers)} or more, so that a majority is left when one fails.`,
              },
            ];
      }),
};
